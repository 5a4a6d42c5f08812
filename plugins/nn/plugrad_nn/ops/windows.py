"""Strided windows over the last axes: an op and its adjoint, which adds windows where they overlap.

``kernel``, ``stride`` and ``dilation`` have an integer for each of these axes, ``padding`` a pair of the numbers of
zeros before and after. An axis of n elements has ``(n + before + after - dilation * (kernel - 1) - 1) // stride + 1``
windows.
"""

from __future__ import annotations

from itertools import product
from typing import Any

from plugrad.extend import op, shape_of
from plugrad.ops import add, getitem, reshape, scatter, stack

Extents = tuple[int, ...]
Padding = tuple[tuple[int, int], ...]


def counts(extents: Extents, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents) -> Extents:
    """The number of windows along each axis."""
    axes = zip(extents, kernel, stride, padding, dilation, strict=True)
    return tuple([(n + sum(pads) - d * (k - 1) - 1) // s + 1 for n, k, s, pads, d in axes])


def inner(extents: Extents, padding: Padding) -> tuple[Any, ...]:
    """The key of what is not padding."""
    return (..., *[slice(low, low + n) for n, (low, _) in zip(extents, padding, strict=True)])


def padded_extents(extents: Extents, padding: Padding) -> Extents:
    return tuple([low + n + high for n, (low, high) in zip(extents, padding, strict=True)])


def pad(x: Any, padding: Padding) -> Any:
    """Zeros around the last axes."""
    if not any(low or high for low, high in padding):
        return x
    shape, axes = shape_of(x), len(padding)
    extents = padded_extents(shape[-axes:], padding)
    return scatter(x, shape[:-axes] + extents, inner(shape[-axes:], padding))


def keys(kernel: Extents, stride: Extents, dilation: Extents, windows: Extents) -> list[tuple[Any, ...]]:
    """For each place in the kernel, the key of the elements that the windows have there."""
    axes = [
        [slice(d * place, d * place + s * (count - 1) + 1, s) for place in range(k)]
        for k, s, d, count in zip(kernel, stride, dilation, windows, strict=True)
    ]
    return [(..., *key) for key in product(*axes)]


def parts(x: Any, kernel: Extents, stride: Extents, dilation: Extents) -> list[Any]:
    """For each place in the kernel, the elements that the windows have there; x is padded."""
    extents = shape_of(x)[-len(kernel) :]
    found = counts(extents, kernel, stride, ((0, 0),) * len(kernel), dilation)
    return [getitem(x, key) for key in keys(kernel, stride, dilation, found)]


def overlapped(
    pieces: Any, extents: Extents, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents
) -> Any:
    """The reverse of ``parts``: each added where it came from, and the padding taken off."""
    total: Any = None
    for piece, key in zip(pieces, keys(kernel, stride, dilation, shape_of(pieces[0])[-len(kernel) :]), strict=True):
        shape = shape_of(piece)[: -len(kernel)] + padded_extents(extents, padding)
        placed = scatter(piece, shape, key)
        total = placed if total is None else add(total, placed)
    return getitem(total, inner(extents, padding)) if any(low or high for low, high in padding) else total


def windows_composite(x: Any, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents) -> Any:
    lead = shape_of(x)[: -len(kernel)]
    found = parts(pad(x, padding), kernel, stride, dilation)
    return reshape(stack(*found, axis=len(lead)), (*lead, *kernel, *shape_of(found[0])[len(lead) :]))


def overlap_add_composite(x: Any, extents: Extents, stride: Extents, padding: Padding, dilation: Extents) -> Any:
    axes = len(extents)
    kernel = shape_of(x)[-2 * axes : -axes]
    pieces = [getitem(x, (..., *place, *(slice(None),) * axes)) for place in product(*map(range, kernel))]
    return overlapped(pieces, extents, kernel, stride, padding, dilation)


windows: Any = op(
    "nn.windows(x, /, kernel, stride, padding, dilation)", linear=True, fresh=True, composite=windows_composite,
    node_name="Im2ColBackward0",
    vjp={"x": lambda g, x_shape, kernel, stride, padding, dilation: overlap_add(
        g, x_shape[-len(kernel) :], stride, padding, dilation
    )},
    doc="(..., *extents) -> (..., *kernel, *number of windows).",
)  # fmt: skip
overlap_add: Any = op(
    "nn.overlap_add(x, /, extents, stride, padding, dilation)", linear=True, fresh=True,
    composite=overlap_add_composite, node_name="Col2ImBackward0",
    vjp={"x": lambda g, x_shape, extents, stride, padding, dilation: windows(
        g, x_shape[-2 * len(extents) : -len(extents)], stride, padding, dilation
    )},
    doc="(..., *kernel, *number of windows) -> (..., *extents): what windows overlap in is added.",
)  # fmt: skip

OPS = (windows, overlap_add)
NUMPY = ("windows", "overlap_add")
CUPY: dict[str, str] = {}
