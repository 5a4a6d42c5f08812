"""Cumulative sums and products."""

from __future__ import annotations

from ..autograd.declare import Function, op
from ..registry.spec import shape_of
from .elementwise import zeros_of
from .indexing import getitem
from .shape import along, concat, flip

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def part(x: Any, axis: int, start: int | None, stop: int | None) -> Any:
    return getitem(x, along(axis, len(shape_of(x)), slice(start, stop)))


def cumulative_sum_vjp(g: Any, axis: int | None, include_initial: bool) -> Any:
    """The sum from the other end."""
    axis = axis or 0
    g = part(g, axis, 1, None) if include_initial else g
    return flip(cumulative_sum(flip(g, axis=axis), axis=axis), axis=axis)


cumulative_sum: Function = op(
    "cumulative_sum(x, /, *, axis=None, dtype=None, include_initial=False)", linear=True, node_name="CumsumBackward0",
    vjp={"x": cumulative_sum_vjp},
)  # fmt: skip


def recurrence(a: Any, b: Any, axis: int) -> Any:
    """s[i] = a[i] * s[i - 1] + b[i] from s[-1] = 0, along an axis: by doubling, in log2(n) steps of whole arrays."""
    extent, step = shape_of(b)[axis], 1
    while step < extent:
        tail = part(a, axis, step, None)
        b = concat(part(b, axis, None, step), part(b, axis, step, None) + tail * part(b, axis, None, -step), axis=axis)
        a = concat(part(a, axis, None, step), tail * part(a, axis, None, -step), axis=axis)
        step *= 2
    return b


def products_before(x: Any, axis: int) -> Any:
    """For each element, the product of those before it."""
    ones = zeros_of(part(x, axis, None, 1)) + 1
    return concat(ones, cumulative_prod(part(x, axis, None, -1), axis=axis), axis=axis)


def cumulative_prod_vjp(g: Any, x: Any, axis: int | None, include_initial: bool) -> Any:
    """Without a division, so right at zeros too: what stands before an element, times what g makes of those after it.

    Those are g[i] + x[i + 1] * (g[i + 1] + x[i + 2] * ...).
    """
    axis = axis or 0
    g = part(g, axis, 1, None) if include_initial else g
    x_next = concat(part(x, axis, 1, None), part(x, axis, None, 1), axis=axis)  # the last is not read
    after = flip(recurrence(flip(x_next, axis=axis), flip(g, axis=axis), axis), axis=axis)
    return products_before(x, axis) * after


def cumulative_prod_jvp(t: Any, x: Any, out: Any, axis: int | None, include_initial: bool) -> Any:
    """The product rule, element after element: out'[i] = x[i] * out'[i - 1] + out[i - 1] * t[i]."""
    axis = axis or 0
    made = recurrence(x, products_before(x, axis) * t, axis)
    return concat(zeros_of(part(out, axis, None, 1)), made, axis=axis) if include_initial else made


cumulative_prod: Function = op(
    "cumulative_prod(x, /, *, axis=None, dtype=None, include_initial=False)", node_name="CumprodBackward0",
    vjp={"x": cumulative_prod_vjp}, jvp={"x": cumulative_prod_jvp},
)  # fmt: skip
