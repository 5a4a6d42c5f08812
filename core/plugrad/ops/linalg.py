"""Linear algebra."""

from __future__ import annotations

from ..autograd.declare import Function, op
from ..errors import ShapeError
from ..registry.spec import shape_of
from .shape import expand_dims, matrix_transpose, squeeze

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def matmul_of_vectors(x1: Any, x2: Any) -> Any:
    """A vector is a matrix of one row or column, which is taken away again."""
    if not shape_of(x1) or not shape_of(x2):
        raise ShapeError(
            "both arguments to matmul need to be at least 1D, but they are "
            f"{len(shape_of(x1))}D and {len(shape_of(x2))}D"
        )
    row, column = len(shape_of(x1)) == 1, len(shape_of(x2)) == 1
    out = matmul(expand_dims(x1, 0) if row else x1, expand_dims(x2, 1) if column else x2)
    if column:
        out = squeeze(out, -1)
    return squeeze(out, -1 if column else -2) if row else out


matmul: Function = op(
    "matmul(x1, x2, /)", batched=2, fresh=True, composite=matmul_of_vectors, node_name="MmBackward0",
    vjp={"x1": lambda g, x2: g @ matrix_transpose(x2), "x2": lambda g, x1: matrix_transpose(x1) @ g},
)  # fmt: skip
