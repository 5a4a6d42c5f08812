"""Functions named as in ``torch.nn.functional``, of its arguments and defaults.

Each takes tensors, or arrays of one backend, and returns the same. The dtype of the result, and of a gradient, is the
input's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugrad.extend import dtype_of, shape_of
from plugrad.ops import add, astype, matmul, matrix_transpose

from . import ops

if TYPE_CHECKING:
    from typing import Any

    from plugrad import Tensor

__all__ = ["cross_entropy", "linear", "log_softmax", "relu", "sigmoid", "softmax"]


def relu(input: Tensor) -> Tensor:
    """``max(input, 0)``, of the input's shape. The derivative at 0 is 0."""
    return ops.relu(input)  # type: ignore[no-any-return]


def sigmoid(input: Tensor) -> Tensor:
    """``1 / (1 + exp(-input))``, of the input's shape and without overflow."""
    return ops.sigmoid(input)  # type: ignore[no-any-return]


def softmax(input: Tensor, dim: int | None = None, *, dtype: Any = None) -> Tensor:
    """``exp(input) / sum(exp(input))`` along ``dim``, of the input's shape and without overflow.

    :param dim: the axis whose elements sum to 1. It has to be given.
    :param dtype: the input is converted to it first.
    :raises ValueError: if ``dim`` is not given.
    """
    return ops.softmax(*_prepared("softmax", input, dim, dtype))  # type: ignore[no-any-return]


def log_softmax(input: Tensor, dim: int | None = None, *, dtype: Any = None) -> Tensor:
    """``log(softmax(input, dim))``, more exact than that, of the input's shape.

    :param dim: the axis along which. It has to be given.
    :param dtype: the input is converted to it first.
    :raises ValueError: if ``dim`` is not given.
    """
    return ops.log_softmax(*_prepared("log_softmax", input, dim, dtype))  # type: ignore[no-any-return]


def _prepared(name: str, input: Tensor, dim: int | None, dtype: Any) -> tuple[Tensor, int]:
    if dim is None:
        raise ValueError(
            f"{name}: dim has to be given (PyTorch's implicit choice is deprecated); dim=-1 is the last axis of "
            f"an input of shape {shape_of(input)}"
        )
    return (input if dtype is None else astype(input, dtype)), dim


def cross_entropy(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """``log(sum(exp(input))) - input[target]`` of each sample: the negative log-likelihood of its class.

    :param input: logits, not normalised: of shape (N, C), or (C,) for a single sample.
    :param target: class indices from 0 to C - 1, integers of shape (N,) or ().
    :param reduction: ``"mean"`` or ``"sum"`` of the losses, 0-d; ``"none"``: the losses, of the target's shape.
    :raises ValueError: for other shapes, targets that are no integers (class probabilities), another reduction.
    :raises IndexError: if a target is no class; on a backend without a kernel of its own the loss is nan instead.
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"{reduction!r} is not a valid value for reduction; there are 'mean', 'sum' and 'none'")
    shape, indices = shape_of(input), shape_of(target)
    if len(shape) not in (1, 2) or indices != shape[:-1]:
        raise ValueError(
            "cross_entropy: expected an input of shape (N, C) and a target of shape (N,), or (C,) and (), but got "
            f"{shape} and {indices}"
        )
    if "integer" not in dtype_of(target).kind:
        raise ValueError(f"cross_entropy: the target holds class indices, integers; this one is of {dtype_of(target)}")
    return ops.cross_entropy(input, target, reduction)  # type: ignore[no-any-return]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``input @ weight.T + bias``.

    :param input: of shape (..., in_features).
    :param weight: of shape (out_features, in_features), or (in_features,).
    :param bias: of shape (out_features,), or ().
    :returns: of shape (..., out_features); without that axis if the weight has none.
    :raises ShapeError: if the shapes do not fit.
    """
    out = matmul(input, matrix_transpose(weight) if len(shape_of(weight)) > 1 else weight)
    return out if bias is None else add(out, bias)
