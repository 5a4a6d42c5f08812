"""Losses; in half precision, computed in float32."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops.losses import LEAST
from .classes import checked, ignored_in, places
from .reductions import add, greatest
from .softmax import softmax


def cross_entropy(input: Any, target: Any, reduction: str, ignore_index: int) -> Any:
    if input.dtype.itemsize == 2:
        return cross_entropy(input.astype(np.float32), target, reduction, ignore_index).astype(input.dtype)
    classes = input.shape[-1]
    target, ignored = checked(target, classes, ignore_index)
    below = input - greatest(input, -1, None, None, True)
    chosen = below.take(places(target, classes))
    losses = np.log(add(np.exp(below), -1)) - chosen
    count = losses.size
    if ignored is not None:
        losses = np.where(ignored, losses.dtype.type(0), losses)
        count -= int(np.count_nonzero(ignored))  # a number of NumPy's would make float64 of float32
    if reduction == "none":
        return losses
    total = add(losses, None)
    return total if reduction == "sum" else total / count if count else total + np.nan


def cross_entropy_slope(input: Any, target: Any, mean: bool, ignore_index: int) -> Any:
    if input.dtype.itemsize == 2:
        return cross_entropy_slope(input.astype(np.float32), target, mean, ignore_index).astype(input.dtype)
    out = softmax(input, -1)
    count = target.size
    ignored = ignored_in(target, ignore_index)
    if ignored is not None:
        target = np.where(ignored, 0, target)
        count -= int(np.count_nonzero(ignored))
    out.reshape(-1)[places(target, input.shape[-1])] -= 1
    if ignored is not None:
        out[ignored] = 0
    if mean and count > 1:
        out /= count
    return out


def binary_cross_entropy(input: Any, target: Any) -> Any:
    if input.size and not (input.min() >= 0 and input.max() <= 1):
        raise RuntimeError("all elements of input should be between 0 and 1: probabilities, not logits")
    with np.errstate(divide="ignore"):
        hit, missed = np.log(input), np.log1p(-input)
    return (target - 1) * np.maximum(missed, LEAST) - target * np.maximum(hit, LEAST)
