"""Normalisation with few temporaries of the input's size."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops.normalization import constant_along, count
from .reductions import add


def normalize(input: Any, weight: Any, bias: Any, axes: tuple[int, ...], eps: float) -> tuple[Any, Any, Any]:
    n = count(input.shape, axes)
    mean = add(input, axes, None, None, True) / n
    out = input - mean
    var = add(out * out, axes, None, None, True) / n
    scale = 1 / np.sqrt(var + eps)
    if weight is not None and constant_along(axes, weight):
        scale = scale * weight
        out *= scale
    else:
        out *= scale
        if weight is not None:
            out *= weight
    if bias is not None:
        out += bias
    return out, mean, var
