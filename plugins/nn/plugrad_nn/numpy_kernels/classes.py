"""One element of each line along the axis of classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .reductions import greatest, least


def checked(target: Any, classes: int, ignore_index: int) -> tuple[Any, Any]:
    """The targets, 0 where they are ignored, and where that is: None if nowhere.

    :raises IndexError: for a target that is neither a class nor ignored.
    """
    ignored = None
    if (0 <= ignore_index < classes) or (target.size and greatest(target.astype(np.uintp), None) >= classes):
        ignored = target == ignore_index  # seen as unsigned, negative ones have become very large
        target = np.where(ignored, 0, target)
        wrong = target[(target < 0) | (target >= classes)]
        if wrong.size:
            last = classes - 1
            raise IndexError(f"Target {wrong[0]} is out of bounds: there are {classes} classes, from 0 to {last}")
    return target, ignored


def ignored_in(target: Any, ignore_index: int) -> Any:
    """Where targets, which a forward pass has checked, are ignored: None if nowhere."""
    if ignore_index < 0 and (not target.size or least(target, None) >= 0):
        return None
    return target == ignore_index


def places(target: Any, classes: int) -> Any:
    """Where each sample's class stands in the flattened input; one index is faster than two."""
    return np.arange(0, target.size * classes, classes).reshape(target.shape) + target


def pick(input: Any, target: Any, ignore_index: int) -> Any:
    axis = 1 if input.ndim > 1 else 0
    target, ignored = checked(target, input.shape[axis], ignore_index)
    found = np.take_along_axis(input, np.expand_dims(target, axis), axis).squeeze(axis)
    return found if ignored is None else np.where(ignored, found.dtype.type(0), found)


def place(grad: Any, target: Any, classes: int, ignore_index: int) -> Any:
    axis = 1 if grad.ndim else 0
    ignored = ignored_in(target, ignore_index)
    if ignored is not None:
        target, grad = np.where(ignored, 0, target), np.where(ignored, grad.dtype.type(0), grad)
    out = np.zeros((*grad.shape[:axis], classes, *grad.shape[axis:]), grad.dtype)
    np.put_along_axis(out, np.expand_dims(target, axis), np.expand_dims(grad, axis), axis)
    return out
