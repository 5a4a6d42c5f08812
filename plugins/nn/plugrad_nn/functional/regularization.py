"""What is done in training alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plugrad
from plugrad.extend import dtype_of, shape_of
from plugrad.ops import multiply

from ..ops import regularization as ops

if TYPE_CHECKING:
    from plugrad import Tensor

DRAWN_IN = {"float16": "float32", "bfloat16": "float32", "complex64": "float32", "complex128": "float64"}
"""In half precision, random numbers would be too coarse, and some of them 1."""


def dropout(input: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """Each element is 0 with probability ``p``, and divided by ``1 - p`` otherwise.

    The random numbers are of the input's backend: ``plugrad.manual_seed`` seeds them, and a checkpoint draws the
    same ones again.

    :param training: if not, the result is the input itself.
    :raises ValueError: if ``p`` is not between 0 and 1.

    >>> x = plugrad.ones(1000)
    >>> sorted(set(F.dropout(x, 0.75).tolist()))
    [0.0, 4.0]
    >>> F.dropout(x, training=False) is x
    True
    """
    if not 0 <= p <= 1:
        raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
    if not training or p == 0 or 0 in shape_of(input):
        return input
    if p == 1:
        return multiply(input, 0)
    dtype = dtype_of(input)
    drawn = plugrad.rand_like(input, dtype=DRAWN_IN.get(dtype, dtype))
    kept = plugrad.greater_equal(drawn, p)
    mask = kept if isinstance(input, plugrad.Tensor) else kept.array
    return ops.dropout(input, mask, 1 / (1 - p))  # type: ignore[no-any-return]
