"""Linear algebra."""

from __future__ import annotations

from ..autograd.declare import Function, op
from ..errors import ShapeError
from ..registry.dtype import isdtype
from ..registry.spec import dtype_of, shape_of, size
from .broadcast import axes_of, sum
from .elementwise import conj
from .shape import expand_dims, matrix_transpose, permute_dims, reshape, squeeze

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
    jvp={"x1": lambda t, x2: t @ x2, "x2": lambda t, x1: x1 @ t},
)  # fmt: skip


def vecdot_composite(x1: Any, x2: Any, axis: int) -> Any:
    return sum((conj(x1) if isdtype(dtype_of(x1), "complex floating") else x1) * x2, axis=axis)


def tensordot_composite(x1: Any, x2: Any, axes: int | tuple[Any, Any]) -> Any:
    """One matrix product: the contracted axes come last in the first, first in the second."""
    shape1, shape2 = shape_of(x1), shape_of(x2)
    if isinstance(axes, int):
        axes1, axes2 = tuple(range(len(shape1) - axes, len(shape1))), tuple(range(axes))
    else:
        axes1, axes2 = (axes_of(tuple(a), len(s)) for a, s in zip(axes, (shape1, shape2), strict=True))
    if [shape1[a] for a in axes1] != [shape2[a] for a in axes2]:
        raise ShapeError(f"tensordot of shapes {shape1} and {shape2}: their axes {axes1} and {axes2} differ in extent")
    kept1 = tuple([a for a in range(len(shape1)) if a not in axes1])
    kept2 = tuple([a for a in range(len(shape2)) if a not in axes2])
    extents1, extents2 = tuple([shape1[a] for a in kept1]), tuple([shape2[a] for a in kept2])
    inner = size(tuple([shape1[a] for a in axes1]))
    first = reshape(permute_dims(x1, kept1 + axes1), (size(extents1), inner))
    second = reshape(permute_dims(x2, axes2 + kept2), (inner, size(extents2)))
    return reshape(matmul(first, second), extents1 + extents2)


vecdot: Function = op("vecdot(x1, x2, /, *, axis=-1)", composite=vecdot_composite)
tensordot: Function = op("tensordot(x1, x2, /, *, axes=2)", composite=tensordot_composite)

tril: Function = op("tril(x, /, *, k=0)", linear=True, vjp={"x": lambda g, k: tril(g, k=k)})
triu: Function = op("triu(x, /, *, k=0)", linear=True, vjp={"x": lambda g, k: triu(g, k=k)})
