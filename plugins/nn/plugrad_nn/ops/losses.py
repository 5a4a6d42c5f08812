"""Losses."""

from __future__ import annotations

from typing import Any

from plugrad.extend import dtype_of, op, shape_of
from plugrad.ops import (
    abs,
    astype,
    clip,
    divide,
    equal,
    expand_dims,
    log,
    log1p,
    maximum,
    minimum,
    not_equal,
    sum,
    where,
)

from .classes import hits, pick
from .precision import widened
from .softmax import log_softmax, softmax

# -- cross entropy of one sample, or of a batch, with class indices, in one node -------------------------------------


def number_of(valid: Any, beside: Any) -> Any:
    """How many are true, in the dtype of another array."""
    return astype(sum(astype(valid, "int64")), dtype_of(beside))


def cross_entropy_composite(input: Any, target: Any, reduction: str, ignore_index: int) -> Any:
    losses = -pick(log_softmax(input, -1), target, ignore_index)
    if reduction == "none":
        return losses
    total = sum(losses)
    return total if reduction == "sum" else divide(total, number_of(not_equal(target, ignore_index), total))


def counted(x: Any, target: Any, mean: bool, ignore_index: int) -> Any:
    """0 for the samples that are ignored; for the mean, divided by the number of the others."""
    valid = not_equal(target, ignore_index)
    if mean:
        x = x / maximum(number_of(valid, x), 1)
    return where(expand_dims(valid, -1), x, 0)


wide_counted = widened(counted)


def slope_composite(input: Any, target: Any, mean: bool, ignore_index: int) -> Any:
    shares = softmax(input, -1)
    hit = hits(target, shape_of(input)[-1], ignore_index)
    return counted(where(hit, shares - 1, shares), target, mean, ignore_index)


def slope_derivative(t: Any, input: Any, target: Any, mean: bool, ignore_index: int) -> Any:
    """softmax's derivative, which is symmetric."""
    shares, t = softmax(input, -1), wide_counted(t, target, mean, ignore_index)
    return (t - sum(t * shares, axis=-1, keepdims=True)) * shares


def cross_entropy_vjp(g: Any, input: Any, target: Any, reduction: str, ignore_index: int) -> Any:
    slope = cross_entropy_slope(input, target, reduction == "mean", ignore_index)
    return (expand_dims(g, -1) if reduction == "none" else g) * slope


def cross_entropy_jvp(t: Any, input: Any, target: Any, reduction: str, ignore_index: int) -> Any:
    change = cross_entropy_slope(input, target, reduction == "mean", ignore_index) * t
    return sum(change, axis=-1) if reduction == "none" else sum(change)


cross_entropy: Any = op(
    "nn.cross_entropy(input, target~, /, reduction, ignore_index)", fresh=True, node_name="NllLossBackward0",
    composite=widened(cross_entropy_composite), vjp={"input": cross_entropy_vjp}, jvp={"input": cross_entropy_jvp},
)  # fmt: skip

# softmax(input) - one_hot(target): the gradient of each sample's loss, times what it counts for.
cross_entropy_slope: Any = op(
    "nn.cross_entropy_slope(input, target~, /, mean, ignore_index)", fresh=True, composite=widened(slope_composite),
    vjp={"input": lambda g, input, target, mean, ignore_index: slope_derivative(g, input, target, mean, ignore_index)},
    jvp={"input": lambda t, input, target, mean, ignore_index: slope_derivative(t, input, target, mean, ignore_index)},
)  # fmt: skip

# -- elementwise losses ---------------------------------------------------------------------------------------------


def huber_composite(x: Any, delta: float) -> Any:
    size = abs(x)
    quadratic = minimum(size, delta)
    return quadratic * (size - quadratic * 0.5)


huber: Any = op(
    "nn.huber(x, /, delta)", elementwise=True, fresh=True, composite=huber_composite,
    vjp={"x": lambda g, x, delta: g * clip(x, -delta, delta)},
)  # fmt: skip

LEAST = -100
"""PyTorch lets no logarithm be less."""


def floored_log(x: Any) -> Any:
    zero = equal(x, 0)
    return maximum(where(zero, LEAST, log(where(zero, 1, x))), LEAST)


def floored_log_of_rest(x: Any) -> Any:
    """The same of 1 - x."""
    one = equal(x, 1)
    return maximum(where(one, LEAST, log1p(-where(one, 0, x))), LEAST)


binary_cross_entropy: Any = op(
    "nn.binary_cross_entropy(input, target, /)", elementwise=True, fresh=True,
    composite=lambda input, target: (target - 1) * floored_log_of_rest(input) - target * floored_log(input),
    vjp={
        "input": lambda g, input, target: g * ((input - target) / maximum((1 - input) * input, 1e-12)),
        "target": lambda g, input: g * (log1p(-input) - log(input)),
    },
)  # fmt: skip

OPS = (cross_entropy, cross_entropy_slope, huber, binary_cross_entropy)
NUMPY = ("cross_entropy", "cross_entropy_slope", "binary_cross_entropy")
CUPY: dict[str, str] = {}
