"""Repeating elements, and arrays as a whole."""

from __future__ import annotations

from ..autograd.declare import Function, op
from ..registry.claims import NUMBERS
from ..registry.spec import size
from .broadcast import sum
from .indexing import Index, scatter_add
from .shape import along, reshape
from .sorting import positions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Shape = tuple[int, ...]


def repeat_vjp(g: Any, repeats: Any, x_shape: Shape, axis: int | None) -> Any:
    """The cotangents of an element's copies, which stand side by side, are summed."""
    shape = (size(x_shape),) if axis is None else x_shape
    axis = (axis or 0) % len(shape)
    if type(repeats) in NUMBERS:
        return reshape(sum(reshape(g, (*shape[: axis + 1], repeats, *shape[axis + 1 :])), axis=axis + 1), x_shape)
    copies = repeat(positions(shape[axis], repeats), repeats)
    return reshape(scatter_add(g, copies, shape=shape, key=along(axis, len(shape), Index(0))), x_shape)


def tile_vjp(g: Any, x_shape: Shape, repetitions: Shape) -> Any:
    ndim = max(len(x_shape), len(repetitions))
    extents = (1,) * (ndim - len(x_shape)) + x_shape
    counts = (1,) * (ndim - len(repetitions)) + tuple(repetitions)
    split = tuple([n for pair in zip(counts, extents, strict=True) for n in pair])
    return reshape(sum(reshape(g, split), axis=tuple(range(0, 2 * ndim, 2))), x_shape)


repeat: Function = op("repeat(x, repeats~, /, *, axis=None)", linear=True, vjp={"x": repeat_vjp})
tile: Function = op(
    "tile(x, /, repetitions)", linear=True, node_name="RepeatBackward0", vjp={"x": tile_vjp}
)
