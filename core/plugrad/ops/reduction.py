"""Reductions beyond the sum."""

from __future__ import annotations

from ..autograd.declare import Function, op
from ..registry.dtype import isdtype
from ..registry.spec import dtype_of, shape_of, size
from .broadcast import axes_of, expand, sum
from .comparison import equal
from .elementwise import abs, astype, conj, real, sqrt, where, zeros_of
from .indexing import getitem
from .shape import concat, inverse, permute_dims, reshape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Shape = tuple[int, ...]
    Axis = int | Shape | None


INF = float("inf")


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


def extremum_jvp(t: Any, x: Any, out: Any, x_shape: Shape, x_dtype: Any, axis: Axis, keepdims: bool) -> Any:
    """The mean over those elements."""
    hit = astype(equal(x, expand(out, x_shape, axis, keepdims)), x_dtype)
    return sum(t * hit, axis=axis, keepdims=keepdims) / sum(hit, axis=axis, keepdims=keepdims)


max: Function = op(
    "max(x, /, *, axis=None, keepdims=False)", vjp={"x": extremum_vjp}, jvp={"x": extremum_jvp}
)
min: Function = op(
    "min(x, /, *, axis=None, keepdims=False)", vjp={"x": extremum_vjp}, jvp={"x": extremum_jvp}
)


def deviations(x: Any, axis: Axis) -> Any:
    return x - mean(x, axis=axis, keepdims=True)


def var_composite(x: Any, axis: Axis, correction: float, keepdims: bool) -> Any:
    shape = shape_of(x)
    off, freedom = deviations(x, axis), count(shape, axis) - correction
    squares = real(conj(off) * off) if isdtype(dtype_of(off), "complex floating") else off * off
    found = mean(squares, axis=axis, keepdims=keepdims)
    return found * (count(shape, axis) / freedom if freedom > 0 else INF) if correction else found


def var_vjp(g: Any, x: Any, x_shape: Shape, axis: Axis, correction: float, keepdims: bool) -> Any:
    off, freedom = deviations(x, axis), count(x_shape, axis) - correction
    if freedom <= 0:
        return expand(g, x_shape, axis, keepdims) * (abs(off) * INF)
    return off * expand(g * (2 / freedom), x_shape, axis, keepdims)


def var_jvp(
    t: Any, x: Any, x_shape: Shape, x_dtype: Any, axis: Axis, correction: float, keepdims: bool
) -> Any:
    off, freedom = deviations(x, axis), count(x_shape, axis) - correction
    along = real(conj(off) * t) if isdtype(x_dtype, "complex floating") else off * t
    return sum(along, axis=axis, keepdims=keepdims) * (2 / freedom if freedom > 0 else INF)


def half_over(g: Any, out: Any) -> Any:
    """g / (2 * out), and 0 where ``out``, a standard deviation, is 0."""
    return where(equal(out, 0), 0, g / where(equal(out, 0), 1, out + out))


def std_vjp(g: Any, x: Any, out: Any, x_shape: Shape, axis: Axis, correction: float, keepdims: bool) -> Any:
    return var_vjp(half_over(g, out), x, x_shape, axis, correction, keepdims)


def std_jvp(
    t: Any, x: Any, out: Any, x_shape: Shape, x_dtype: Any, axis: Axis, correction: float, keepdims: bool
) -> Any:
    return half_over(var_jvp(t, x, x_shape, x_dtype, axis, correction, keepdims), out)


var: Function = op(
    "var(x, /, axis=None, *, correction=0.0, keepdims=False)", holomorphic=False, dtype="real",
    composite=var_composite, vjp={"x": var_vjp}, jvp={"x": var_jvp},
)  # fmt: skip
std: Function = op(
    "std(x, /, axis=None, *, correction=0.0, keepdims=False)", holomorphic=False, dtype="real",
    composite=lambda x, axis, correction, keepdims: sqrt(var(x, axis, correction=correction, keepdims=keepdims)),
    vjp={"x": std_vjp}, jvp={"x": std_jvp},
)  # fmt: skip


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


def others(x: Any, x_shape: Shape, axis: Axis) -> Any:
    """The same for the axes of a reduction, in the shape of ``x``."""
    axes = axes_of(axis, len(x_shape))
    kept = tuple([a for a in range(len(x_shape)) if a not in axes])
    order = kept + axes
    moved = tuple([x_shape[a] for a in order])
    extent = count(x_shape, axis)
    if not extent:
        return x
    found = prod_of_others(reshape(permute_dims(x, order), (*moved[: len(kept)], extent)), extent)
    return permute_dims(reshape(found, moved), inverse(order))


prod: Function = op(
    "prod(x, /, axis=None, *, dtype=None, keepdims=False)",
    vjp={"x": lambda g, x, x_shape, axis, keepdims: expand(g, x_shape, axis, keepdims) * others(x, x_shape, axis)},
    jvp={"x": lambda t, x, x_shape, axis, dtype, keepdims: sum(
        t * others(x, x_shape, axis), axis=axis, dtype=dtype, keepdims=keepdims
    )},
)  # fmt: skip

any: Function = op("any(x, /, axis=None, *, keepdims=False)")
all: Function = op("all(x, /, axis=None, *, keepdims=False)")
argmax: Function = op("argmax(x, /, axis=None, *, keepdims=False)")
argmin: Function = op("argmin(x, /, axis=None, *, keepdims=False)")
