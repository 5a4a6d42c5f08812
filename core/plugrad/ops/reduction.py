"""Reductions beyond the sum."""

from __future__ import annotations

from ..autograd.declare import Function, op
from .broadcast import axes_of, expand, sum
from .comparison import equal
from .elementwise import astype, zeros_of
from .indexing import getitem
from .shape import concat, permute_dims, reshape, size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Shape = tuple[int, ...]
    Axis = int | Shape | None


def count(shape: Shape, axis: Axis) -> int:
    """How many elements a reduction takes together."""
    return size(shape if axis is None else tuple([shape[a] for a in axes_of(axis, len(shape))]))


mean: Function = op(
    "mean(x, /, axis=None, *, keepdims=False)", linear=True,
    vjp={"x": lambda g, x_shape, axis, keepdims: expand(g / count(x_shape, axis), x_shape, axis, keepdims)},
)  # fmt: skip


def extremum_vjp(g: Any, x: Any, out: Any, x_shape: Shape, x_dtype: Any, axis: Axis, keepdims: bool) -> Any:
    """Shared evenly among the elements that are the extremum; NaN where the extremum is."""
    hit = astype(equal(x, expand(out, x_shape, axis, keepdims)), x_dtype)
    return hit * expand(g / sum(hit, axis=axis, keepdims=keepdims), x_shape, axis, keepdims)


max: Function = op("max(x, /, *, axis=None, keepdims=False)", vjp={"x": extremum_vjp})
min: Function = op("min(x, /, *, axis=None, keepdims=False)", vjp={"x": extremum_vjp})


def prod_of_others(x: Any, extent: int) -> Any:
    """For each element of the last axis, the product of all the others, without a division: right at zeros too.

    The products of all before and of all after it, by doubling: log2(n) multiplications of whole arrays.
    """
    ones = zeros_of(getitem(x, (..., slice(0, 1)))) + 1
    before = concat(ones, getitem(x, (..., slice(0, extent - 1))), axis=-1)
    after = concat(getitem(x, (..., slice(1, extent))), ones, axis=-1)
    step = 1
    while step < extent:
        head, tail = (..., slice(0, step)), (..., slice(extent - step, extent))
        shifted = getitem(before, (..., slice(0, extent - step))) * getitem(before, (..., slice(step, extent)))
        before = concat(getitem(before, head), shifted, axis=-1)
        shifted = getitem(after, (..., slice(0, extent - step))) * getitem(after, (..., slice(step, extent)))
        after = concat(shifted, getitem(after, tail), axis=-1)
        step *= 2
    return before * after


def prod_vjp(g: Any, x: Any, x_shape: Shape, axis: Axis, keepdims: bool) -> Any:
    axes = axes_of(axis, len(x_shape))
    kept = tuple([a for a in range(len(x_shape)) if a not in axes])
    order = kept + axes
    moved = tuple([x_shape[a] for a in order])
    extent = count(x_shape, axis)
    if not extent:
        return expand(g, x_shape, axis, keepdims)
    others = prod_of_others(reshape(permute_dims(x, order), (*moved[: len(kept)], extent)), extent)
    back = tuple(sorted(range(len(order)), key=order.__getitem__))
    return expand(g, x_shape, axis, keepdims) * permute_dims(reshape(others, moved), back)


prod: Function = op("prod(x, /, axis=None, *, dtype=None, keepdims=False)", vjp={"x": prod_vjp})

any: Function = op("any(x, /, axis=None, *, keepdims=False)")
all: Function = op("all(x, /, axis=None, *, keepdims=False)")
argmax: Function = op("argmax(x, /, axis=None, *, keepdims=False)")
argmin: Function = op("argmin(x, /, axis=None, *, keepdims=False)")
