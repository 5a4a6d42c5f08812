"""Losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from .reductions import add, greatest


def cross_entropy(input: Any, target: Any, reduction: str) -> Any:
    classes = input.shape[-1]
    if target.size and greatest(target.astype(np.uintp), None) >= classes:  # negative ones have become very large
        wrong = next(t for t in target.flat if not 0 <= t < classes)
        raise IndexError(f"Target {wrong} is out of bounds: there are {classes} classes, from 0 to {classes - 1}")
    below = input - greatest(input, -1, None, None, True)
    chosen = below.take(places(target, classes))
    losses = np.log(add(np.exp(below), -1)) - chosen
    if reduction == "none":
        return losses
    total = add(losses, None)
    return total if reduction == "sum" else total / losses.size if losses.size else total + np.nan


def subtract_one_hot(x: Any, target: Any) -> Any:
    out = x.copy()
    out.reshape(-1)[places(target, x.shape[-1])] -= 1
    return out


def places(target: Any, classes: int) -> Any:
    """Where each sample's class stands in the flattened input; one index is faster than two."""
    return np.arange(0, target.size * classes, classes).reshape(target.shape) + target
