"""Affine maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugrad.extend import shape_of
from plugrad.ops import add, matmul, matrix_transpose

if TYPE_CHECKING:
    from plugrad import Tensor


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``input @ weight.T + bias``.

    :param input: of shape (..., in_features).
    :param weight: of shape (out_features, in_features), or (in_features,).
    :param bias: of shape (out_features,), or ().
    :returns: of shape (..., out_features); without that axis if the weight has none.
    :raises ShapeError: if the shapes do not fit.

    >>> weight, bias = plugrad.tensor([[1.0, 2.0]]), plugrad.tensor([0.5])
    >>> F.linear(plugrad.tensor([[3.0, 4.0]]), weight, bias).tolist()
    [[11.5]]
    """
    out = matmul(input, matrix_transpose(weight) if len(shape_of(weight)) > 1 else weight)
    return out if bias is None else add(out, bias)
