"""Elements taken by their positions, and the positions that sort them."""

from __future__ import annotations

from ..autograd.declare import Function, op
from ..registry.spec import size, spec_of
from ..registry.tensor import Tensor
from .indexing import Index, scatter_add
from .shape import along, reshape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Shape = tuple[int, ...]


def positions(count: int, beside: Any) -> Any:
    """0, 1, ..., count - 1, as an array of the backend and device of another one.

    >>> plugrad.extend.positions(3, plugrad.tensor([0.5]))
    array([0, 1, 2])
    """
    spec = beside._spec if type(beside) is Tensor else spec_of(beside)
    return spec.backend.arange(0, count, 1, spec.backend.native("int64"), spec.device)


def take_vjp(g: Any, indices: Any, x_shape: Shape, axis: int | None) -> Any:
    """Each element is added where it came from, as often as it was taken."""
    if axis is None:
        return reshape(scatter_add(g, indices, shape=(size(x_shape),), key=Index(0)), x_shape)
    return scatter_add(g, indices, shape=x_shape, key=along(axis, len(x_shape), Index(0)))


def take_along_axis_vjp(g: Any, indices: Any, x_shape: Shape, axis: int) -> Any:
    """The same, where each line along the axis has positions of its own."""
    ndim = len(x_shape)
    arrays = []
    for a, extent in enumerate(x_shape):
        shape = tuple([extent if b == a else 1 for b in range(ndim)])
        arrays.append(indices if a == axis % ndim else reshape(positions(extent, indices), shape))
    return scatter_add(g, *arrays, shape=x_shape, key=tuple([Index(a) for a in range(ndim)]))


take: Function = op("take(x, indices~, /, *, axis=None)", linear=True, vjp={"x": take_vjp})
take_along_axis: Function = op(
    "take_along_axis(x, indices~, /, *, axis=-1)", linear=True, node_name="GatherBackward0",
    vjp={"x": take_along_axis_vjp},
)  # fmt: skip


def sort_vjp(g: Any, x: Any, axis: int, descending: bool, stable: bool) -> Any:
    """Each cotangent goes back to where its element was: by the inverse of the permutation."""
    order = argsort(x, axis=axis, descending=descending, stable=stable)
    return take_along_axis(g, argsort(order, axis=axis), axis=axis)


def sort_jvp(t: Any, x: Any, axis: int, descending: bool, stable: bool) -> Any:
    return take_along_axis(t, argsort(x, axis=axis, descending=descending, stable=stable), axis=axis)


argsort: Function = op("argsort(x, /, *, axis=-1, descending=False, stable=True)")
sort: Function = op(
    "sort(x, /, *, axis=-1, descending=False, stable=True)", vjp={"x": sort_vjp}, jvp={"x": sort_jvp}
)
