"""Losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugrad.extend import dtype_of, shape_of

from ..ops import losses as ops

if TYPE_CHECKING:
    from plugrad import Tensor


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
