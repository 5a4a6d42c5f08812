"""Shapes: the same elements in another arrangement."""

from __future__ import annotations

from ..autograd.declare import Function, op
from ..autograd.views import SEVERAL
from ..registry.spec import shape_of, size
from ..registry.tensor import Tensor
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


def moveaxis_composite(x: Any, source: int | Shape, destination: int | Shape) -> Any:
    ndim = len(shape_of(x))
    here = [a % ndim for a in (source if isinstance(source, tuple) else (source,))]
    there = [a % ndim for a in (destination if isinstance(destination, tuple) else (destination,))]
    order = [a for a in range(ndim) if a not in here]
    for to, axis in sorted(zip(there, here, strict=True)):
        order.insert(to, axis)
    return permute_dims(x, tuple(order))


moveaxis: Function = op(
    "moveaxis(x, /, source, destination)", view=True, linear=True, composite=moveaxis_composite,
    node_name="PermuteBackward0", vjp={"x": lambda g, source, destination: moveaxis(g, destination, source)},
)  # fmt: skip
flip: Function = op("flip(x, /, *, axis=None)", linear=True, vjp={"x": lambda g, axis: flip(g, axis=axis)})
roll: Function = op(
    "roll(x, /, shift, *, axis=None)", linear=True,
    vjp={"x": lambda g, shift, axis: roll(
        g, tuple([-s for s in shift]) if isinstance(shift, tuple) else -shift, axis=axis
    )},
)  # fmt: skip


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


concat: Function = op("concat(*arrays, axis=0)", linear=True, node_name="CatBackward0", vjp={"arrays": concat_vjp})
stack: Function = op(
    "stack(*arrays, axis=0)", linear=True,
    vjp={
        "arrays": lambda g, arrays_shape, axis: [
            getitem(g, along(axis, len(shape) + 1, i)) for i, shape in enumerate(arrays_shape)
        ]
    },
)  # fmt: skip


def unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
    """The parts of ``x`` along an axis, without it: views into which no write is recorded. It undoes ``stack``.

    :returns: a tuple, of as many parts as the axis is long.
    :raises IndexError: if there is no such axis.

    >>> plugrad.unstack(plugrad.tensor([[1., 2.], [3., 4.]]), axis=1)
    (tensor([1., 3.]), tensor([2., 4.]))
    """
    shape = shape_of(x)
    parts = tuple([getitem(x, along(axis, len(shape), i)) for i in range(shape[axis])])
    for part in parts:
        ties = part._ties if isinstance(part, Tensor) else None
        if ties is not None:
            ties.refusal = ties.refusal or SEVERAL
    return parts
