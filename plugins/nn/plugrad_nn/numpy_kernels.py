"""Kernels for NumPy, where they take less time than the composites or the obvious expressions."""

from __future__ import annotations

from typing import Any

import numpy as np

add: Any = np.add.reduce
greatest: Any = np.maximum.reduce
"""Half the time of ``numpy.sum`` and ``numpy.max``."""

ZERO = {np.dtype(name): np.zeros((), name) for name in "efdbhilqBHILQ"}
"""By dtype: beside an array it costs a ufunc less than a Python number does."""
BITS = {np.dtype("e"): np.dtype("int16"), np.dtype("f"): np.dtype("int32"), np.dtype("d"): np.dtype("int64")}
"""The integers of the same size."""


def relu(input: Any) -> Any:
    try:
        zero = ZERO[input.dtype]
    except KeyError:
        raise TypeError(f"relu is for real numbers, not {input.dtype}") from None
    return np.maximum(input, zero)


def relu_backward(grad: Any, output: Any) -> Any:
    """The bits of ``grad`` times 1 or 0: exact also for inf and nan, and up to twelve times as fast as ``where``."""
    floating = grad.dtype
    if output.size < 1024:  # where it is not
        zero = ZERO[floating]
        return np.where(output != zero, grad, zero)
    bits = BITS[floating]
    kept = (output != ZERO[floating]).astype(bits)
    kept *= grad.view(bits)
    return kept.view(floating)


def sigmoid(input: Any) -> Any:
    if input.dtype.itemsize == 2:
        return sigmoid(input.astype(np.float32)).astype(input.dtype)
    with np.errstate(over="ignore"):  # 1 / (1 + inf) is right
        out = np.exp(-input)
    out += 1
    return np.reciprocal(out, out if out.ndim else None)


def softmax(input: Any, dim: int) -> Any:
    out = input - greatest(input, dim, None, None, True)
    if not out.ndim:
        return np.exp(out)
    np.exp(out, out)
    out /= add(out, dim, None, None, True)
    return out


def log_softmax(input: Any, dim: int) -> Any:
    out = input - greatest(input, dim, None, None, True)
    out -= np.log(add(np.exp(out), dim, None, None, True))
    return out


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
