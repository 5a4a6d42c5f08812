"""Losses."""

from __future__ import annotations

from typing import Any

from plugrad.extend import op, shape_of
from plugrad.ops import any, equal, expand_dims, mean, stack, sum, where

from .activations import log_softmax, softmax


def one_hot(target: Any, classes: int) -> Any:
    """Whether each class is the target: a new last axis. An index outside of the classes hits none."""
    return stack(*[equal(target, c) for c in range(classes)], axis=-1)


def cross_entropy_composite(input: Any, target: Any, reduction: str) -> Any:
    hit = one_hot(target, shape_of(input)[-1])
    losses = -sum(where(hit, log_softmax(input, -1), 0), axis=-1)
    return REDUCTIONS[reduction](where(any(hit, axis=-1), losses, float("nan")))


REDUCTIONS: dict[str, Any] = {"none": lambda losses: losses, "sum": sum, "mean": mean}


def cross_entropy_vjp(g: Any, input: Any, target: Any, input_shape: tuple[int, ...], reduction: str) -> Any:
    """softmax(input) - one_hot(target), times what each sample's loss counts for."""
    if reduction == "none":
        g = expand_dims(g, -1)
    elif reduction == "mean" and len(input_shape) == 2:
        g = g / (input_shape[0] or 1)
    return g * subtract_one_hot(softmax(input, -1), target)


cross_entropy: Any = op(
    "nn.cross_entropy(input, target~, /, reduction)", fresh=True, composite=cross_entropy_composite,
    node_name="NllLossBackward0", vjp={"input": cross_entropy_vjp},
    jvp={"input": lambda t, input, target, reduction: REDUCTIONS[reduction](
        sum(subtract_one_hot(softmax(input, -1), target) * t, axis=-1)
    )},
)  # fmt: skip
subtract_one_hot: Any = op(
    "nn.subtract_one_hot(x, target~, /)", vjp={"x": lambda g: g}, jvp={"x": lambda t: t},
    composite=lambda x, target: where(one_hot(target, shape_of(x)[-1]), x - 1, x),
)  # fmt: skip

OPS = (cross_entropy, subtract_one_hot)
NUMPY = ("cross_entropy", "subtract_one_hot")
CUPY: dict[str, str] = {}
