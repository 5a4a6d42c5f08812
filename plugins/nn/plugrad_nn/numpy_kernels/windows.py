"""Strided windows: what lies in the padding is passed over, so that no padded copy is made."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from ..ops.windows import Extents, Padding, counts

Key = tuple[Any, ...]


def spans(
    extents: Extents, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents, windows: Extents
) -> Iterator[tuple[tuple[int, ...], Key, Key]]:
    """For each place in the kernel: the key of the elements there, and that of the windows that have them.

    Windows that have padding there are left out.
    """
    axes = []
    for n, k, s, (low, _), d, count in zip(extents, kernel, stride, padding, dilation, windows, strict=True):
        places = []
        for place in range(k):
            start = place * d - low
            first, last = max(0, -(start // s)), min(count, (n - 1 - start) // s + 1)
            source = slice(first * s + start, (last - 1) * s + start + 1, s)
            places.append((place, source, slice(first, last)) if first < last else None)
        axes.append(places)
    for chosen in product(*axes):
        if None not in chosen:
            place, source, target = zip(*chosen, strict=True)
            yield place, (..., *source), (..., *target)


def at(place: tuple[int, ...]) -> Key:
    """The key of what windows have at a place in the kernel."""
    return (..., *place, *(slice(None),) * len(place))


def windows(x: Any, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents) -> Any:
    axes = len(kernel)
    lead, extents = x.shape[:-axes], x.shape[-axes:]
    found = counts(extents, kernel, stride, padding, dilation)
    out = np.zeros((*lead, *kernel, *found), x.dtype)
    for place, source, target in spans(extents, kernel, stride, padding, dilation, found):
        out[at(place)][target] = x[source]
    return out


def overlap_add(x: Any, extents: Extents, stride: Extents, padding: Padding, dilation: Extents) -> Any:
    axes = len(extents)
    kernel, found = x.shape[-2 * axes : -axes], x.shape[-axes:]
    out = np.zeros((*x.shape[: -2 * axes], *extents), x.dtype)
    for place, source, target in spans(extents, kernel, stride, padding, dilation, found):
        out[source] += x[at(place)][target]
    return out
