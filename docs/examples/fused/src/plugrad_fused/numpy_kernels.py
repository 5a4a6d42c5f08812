"""Kernels for NumPy."""

from __future__ import annotations

import math

import numpy as np
from scipy.sparse import csr_array


def sigmoid(x):
    with np.errstate(over="ignore"):  # 1 / (1 + inf) is right
        out = np.exp(-x)
    out += 1
    return np.reciprocal(out, out if isinstance(out, np.ndarray) else None)


def swiglu(gate, value):
    out = sigmoid(gate)
    out *= gate
    return out * value


def swiglu_backward(grad, gate, value):
    s = sigmoid(gate)
    silu = gate * s
    slope = 1 - s
    slope *= silu
    slope += s
    return grad * value * slope, grad * silu


def scatter_add(x, indices, shape, key):
    """Zeros of ``shape``, to whose rows those of ``x`` are added: a product with a matrix of one 1 in each column."""
    rows, (index,) = shape[0], indices
    index = index.reshape(-1)
    index = np.where(index < 0, index + rows, index)
    if index.min() < 0 or index.max() >= rows:
        raise IndexError(f"an index is out of bounds for axis 0 with size {rows}")
    count, width = index.size, math.prod(shape[1:])
    chosen = csr_array((np.ones(count, x.dtype), index, np.arange(count + 1)), shape=(count, rows))
    return (chosen.T @ x.reshape(count, width)).reshape(shape)
