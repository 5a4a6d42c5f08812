"""Padding with a constant. ``pad`` is in PyTorch's order: before and after the last axis, the one before it, ..."""

from __future__ import annotations

from typing import Any

from plugrad.extend import op, shape_of
from plugrad.ops import getitem, scatter, setitem, zeros_of

Pad = tuple[int, ...]


def by_axis(pad: Pad, ndim: int) -> list[tuple[int, int]]:
    """(before, after) of each axis, the first axis first."""
    pairs = list(zip(pad[::2], pad[1::2], strict=True))
    return [(0, 0)] * (ndim - len(pairs)) + pairs[::-1]


def constant_pad_composite(input: Any, pad: Pad, value: float) -> Any:
    shape = shape_of(input)
    kept, place, extents = [], [], []
    for extent, (before, after) in zip(shape, by_axis(pad, len(shape)), strict=True):
        kept.append(slice(max(-before, 0), extent + min(after, 0)))
        place.append(slice(max(before, 0), max(before, 0) + extent + min(before, 0) + min(after, 0)))
        extents.append(extent + before + after)
    inner, key = getitem(input, tuple(kept)), tuple(place)
    padded = scatter(inner, tuple(extents), key)
    return padded if value == 0 else setitem(zeros_of(padded) + value, inner, key)


constant_pad: Any = op(
    "nn.constant_pad(input, /, pad, value)", fresh=True, node_name="ConstantPadNdBackward0",
    composite=constant_pad_composite,
    vjp={"input": lambda g, pad: constant_pad(g, tuple([-n for n in pad]), 0)},
    jvp={"input": lambda t, pad: constant_pad(t, pad, 0)},
)  # fmt: skip

OPS = (constant_pad,)
NUMPY: tuple[str, ...] = ()
CUPY: dict[str, str] = {}
