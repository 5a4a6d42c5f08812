"""Shapes: the same elements in another arrangement."""

from __future__ import annotations

from ..autograd.declare import Function, op
from .indexing import getitem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Shape = tuple[int, ...]


def inverse(axes: Shape) -> Shape:
    """The permutation that undoes one."""
    count = len(axes)
    return tuple(sorted(range(count), key=lambda i: axes[i] % count))


reshape: Function = op(
    "reshape(x, /, shape)",
    view=True,
    linear=True,
    node_name="ViewBackward0",
    vjp={"x": lambda g, x_shape: reshape(g, x_shape)},
)
permute_dims: Function = op(
    "permute_dims(x, /, axes)", view=True, linear=True, node_name="PermuteBackward0",
    vjp={"x": lambda g, axes: permute_dims(g, inverse(axes))},
)  # fmt: skip
matrix_transpose: Function = op(
    "matrix_transpose(x, /)",
    view=True,
    linear=True,
    node_name="TransposeBackward0",
    vjp={"x": lambda g: matrix_transpose(g)},
)
expand_dims: Function = op(
    "expand_dims(x, /, axis)",
    view=True,
    linear=True,
    node_name="UnsqueezeBackward0",
    vjp={"x": lambda g, x_shape: reshape(g, x_shape)},
)
squeeze: Function = op(
    "squeeze(x, /, axis)",
    view=True,
    linear=True,
    node_name="SqueezeBackward1",
    vjp={"x": lambda g, x_shape: reshape(g, x_shape)},
)
flip: Function = op("flip(x, /, *, axis=None)", linear=True, vjp={"x": lambda g, axis: flip(g, axis=axis)})


def along(axis: int, ndim: int, key: Any) -> tuple[Any, ...]:
    """The key that indexes one axis alone."""
    return (slice(None),) * (axis % ndim) + (key,)


def concat_vjp(g: Any, arrays_shape: tuple[Shape, ...], axis: int | None, needs: tuple[bool, ...]) -> list[Any]:
    parts: list[Any] = []
    start = 0
    for shape, need in zip(arrays_shape, needs, strict=True):
        extent = size(shape) if axis is None else shape[axis]
        where = slice(start, start + extent)
        start += extent
        if not need:
            parts.append(None)
        elif axis is None:
            parts.append(reshape(getitem(g, where), shape))
        else:
            parts.append(getitem(g, along(axis, len(shape), where)))
    return parts


def size(shape: Shape) -> int:
    """The number of elements."""
    count = 1
    for extent in shape:
        count *= extent
    return count


concat: Function = op("concat(*arrays, axis=0)", linear=True, node_name="CatBackward0", vjp={"arrays": concat_vjp})
stack: Function = op(
    "stack(*arrays, axis=0)", linear=True,
    vjp={
        "arrays": lambda g, arrays_shape, axis: [
            getitem(g, along(axis, len(shape) + 1, i)) for i, shape in enumerate(arrays_shape)
        ]
    },
)  # fmt: skip
