"""softmax and its logarithm; in half precision, computed in float32."""

from __future__ import annotations

from typing import Any

import numpy as np

from .reductions import add, greatest


def softmax(input: Any, dim: int) -> Any:
    if input.dtype.itemsize == 2:
        return softmax(input.astype(np.float32), dim).astype(input.dtype)
    out = input - greatest(input, dim, None, None, True)
    if not out.ndim:
        return np.exp(out)
    np.exp(out, out)
    out /= add(out, dim, None, None, True)
    return out


def log_softmax(input: Any, dim: int) -> Any:
    if input.dtype.itemsize == 2:
        return log_softmax(input.astype(np.float32), dim).astype(input.dtype)
    out = input - greatest(input, dim, None, None, True)
    out -= np.log(add(np.exp(out), dim, None, None, True))
    return out
