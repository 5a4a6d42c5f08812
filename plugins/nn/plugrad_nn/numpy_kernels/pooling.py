"""Pooling: one pass over the windows' elements for each place in the kernel, and none for padding."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ops.pooling import elements
from ..ops.windows import Extents, Padding, counts
from .windows import spans


def lowest(dtype: Any) -> Any:
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def max_pool(input: Any, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents) -> Any:
    axes = len(kernel)
    extents = input.shape[-axes:]
    found = counts(extents, kernel, stride, padding, dilation)
    out = np.full((*input.shape[:-axes], *found), lowest(input.dtype), input.dtype)
    for _, source, target in spans(extents, kernel, stride, padding, dilation, found):
        seen = out[target]
        np.maximum(seen, input[source], out=seen)
    return out


def max_places(
    input: Any, output: Any, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents
) -> Any:
    extents, found = input.shape[-len(kernel) :], output.shape[-len(kernel) :]
    every = list(spans(extents, kernel, stride, padding, dilation, found))
    out = np.zeros(output.shape, np.int64)
    for place, source, target in reversed(every):
        np.copyto(out[target], np.ravel_multi_index(place, kernel), where=input[source] == output[target])
    if output.dtype.kind == "f" and np.isnan(output).any():
        for place, source, target in every:
            np.copyto(out[target], np.ravel_multi_index(place, kernel), where=np.isnan(input[source]))
    return out


def window_take(
    x: Any, places: Any, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents
) -> Any:
    out = np.zeros(places.shape, x.dtype)
    extents, found = x.shape[-len(kernel) :], places.shape[-len(kernel) :]
    for place, source, target in spans(extents, kernel, stride, padding, dilation, found):
        np.copyto(out[target], x[source], where=places[target] == np.ravel_multi_index(place, kernel))
    return out


def window_put(
    x: Any, places: Any, extents: Extents, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents
) -> Any:
    axes = len(kernel)
    out = np.zeros((*x.shape[:-axes], *extents), x.dtype)
    for place, source, target in spans(extents, kernel, stride, padding, dilation, x.shape[-axes:]):
        into = out[source]
        np.add(into, x[target], out=into, where=places[target] == np.ravel_multi_index(place, kernel))
    return out


def divide(
    total: Any, extents: Extents, kernel: Extents, stride: Extents, padding: Padding, counted: Padding, divisor: Any
) -> Any:
    """In place where the dtype allows it."""
    if divisor is None:
        divisor = 1.0
        for axis, found in enumerate(elements(extents, kernel, stride, padding, counted)):
            one = found[0] if len(set(found)) == 1 else np.array(found).reshape(-1, *(1,) * (len(kernel) - 1 - axis))
            divisor = divisor * one
        if not isinstance(divisor, float):
            divisor = divisor.astype(total.dtype if total.dtype.kind == "f" else np.float64)
    return np.divide(total, divisor, out=total) if total.dtype.kind == "f" else total / divisor


def avg_pool(
    input: Any, kernel: Extents, stride: Extents, padding: Padding, counted: Padding, divisor: Any
) -> Any:
    axes, ones = len(kernel), (1,) * len(kernel)
    extents = input.shape[-axes:]
    found = counts(extents, kernel, stride, padding, ones)
    out = np.zeros((*input.shape[:-axes], *found), input.dtype)
    for _, source, target in spans(extents, kernel, stride, padding, ones, found):
        out[target] += input[source]
    return divide(out, extents, kernel, stride, padding, counted, divisor)


def avg_pool_backward(
    grad: Any, extents: Extents, kernel: Extents, stride: Extents, padding: Padding, counted: Padding, divisor: Any
) -> Any:
    axes, ones = len(kernel), (1,) * len(kernel)
    share = divide(grad.copy(), extents, kernel, stride, padding, counted, divisor)
    out = np.zeros((*grad.shape[:-axes], *extents), share.dtype)
    for _, source, target in spans(extents, kernel, stride, padding, ones, grad.shape[-axes:]):
        out[source] += share[target]
    return out
