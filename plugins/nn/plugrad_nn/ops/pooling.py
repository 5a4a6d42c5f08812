"""Pooling: the maximum and the mean of each window over the last axes. For the parameters see ``windows``."""

from __future__ import annotations

from functools import reduce
from typing import Any

from plugrad.extend import dtype_of, op, shape_of
from plugrad.ops import (
    add,
    astype,
    cumulative_sum,
    equal,
    floor_divide,
    isnan,
    maximum,
    minimum,
    not_equal,
    remainder,
    scatter,
    where,
    zeros_of,
)

from .windows import Extents, Padding, counts, inner, overlapped, pad, padded_extents, parts

# -- the maximum ------------------------------------------------------------------------------------------------


def lowest(x: Any) -> Any:
    """What is not above any number of the dtype of ``x``."""
    dtype = dtype_of(x)
    if dtype.is_floating_point:
        return float("-inf")
    return 0 if dtype.kind == "unsigned integer" else -(2 ** (int(str(dtype)[3:]) - 1))


def surround(x: Any, padding: Padding, value: Any) -> Any:
    """``value`` around the last axes."""
    if not any(low or high for low, high in padding):
        return x
    shape, axes = shape_of(x), len(padding)
    extents = shape[-axes:]
    inside = scatter(zeros_of(x) + 1, shape[:-axes] + padded_extents(extents, padding), inner(extents, padding))
    return where(equal(inside, 0), value, pad(x, padding))


def max_pool_composite(input: Any, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents) -> Any:
    found: Any = parts(surround(input, padding, lowest(input)), kernel, stride, dilation)
    return reduce(maximum, found[1:], found[0] + zeros_of(found[0]))


def max_places_composite(
    input: Any, output: Any, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents
) -> Any:
    places = astype(zeros_of(output), "int64")
    outside = float("nan") if dtype_of(input).is_floating_point else lowest(input)  # nan equals nothing
    found = parts(surround(input, padding, outside), kernel, stride, dilation)
    for place in reversed(range(len(found))):
        places = where(equal(found[place], output), place, places)
    if dtype_of(input).is_floating_point:
        nans = parts(pad(astype(isnan(input), str(dtype_of(input))), padding), kernel, stride, dilation)
        for place, nan in enumerate(nans):
            places = where(not_equal(nan, 0), place, places)
    return places


def take_composite(
    x: Any, places: Any, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents
) -> Any:
    first, *others = parts(pad(x, padding), kernel, stride, dilation)
    out = where(equal(places, 0), first, 0)
    for place, part in enumerate(others, 1):
        out = where(equal(places, place), part, out)
    return out


def put_composite(
    x: Any, places: Any, extents: Extents, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents
) -> Any:
    count = reduce(lambda a, b: a * b, kernel)
    pieces = [where(equal(places, place), x, 0) for place in range(count)]
    return overlapped(pieces, extents, kernel, stride, padding, dilation)


# What is kept is the input, and no positions, so that a forward pass alone finds none.
max_pool: Any = op(
    "nn.max_pool(input, /, kernel, stride, padding, dilation)", composite=max_pool_composite, fresh=True,
    vjp={"input": lambda g, input, out, input_shape, kernel, stride, padding, dilation: window_put(
        g, max_places(input, out, kernel, stride, padding, dilation),
        input_shape[-len(kernel) :], kernel, stride, padding, dilation,
    )},
    jvp={"input": lambda t, input, out, kernel, stride, padding, dilation: window_take(
        t, max_places(input, out, kernel, stride, padding, dilation), kernel, stride, padding, dilation
    )},
    doc="The maximum of each window; nan where one is in it. Padding counts as minus infinity.",
)  # fmt: skip
max_places: Any = op(
    "nn.max_places(input~, output~, /, kernel, stride, padding, dilation)", composite=max_places_composite,
    doc="Where in each window its maximum, ``output``, is: the first such place, the last nan if there is one.",
)
window_take: Any = op(
    "nn.window_take(x, places~, /, kernel, stride, padding, dilation)", linear=True, composite=take_composite,
    fresh=True,
    vjp={"x": lambda g, places, x_shape, kernel, stride, padding, dilation: window_put(
        g, places, x_shape[-len(kernel) :], kernel, stride, padding, dilation
    )},
    doc="Of each window the element at one of its places.",
)  # fmt: skip
window_put: Any = op(
    "nn.window_put(x, places~, /, extents, kernel, stride, padding, dilation)", linear=True, composite=put_composite,
    fresh=True,
    vjp={"x": lambda g, places, kernel, stride, padding, dilation: window_take(
        g, places, kernel, stride, padding, dilation
    )},
    doc="Each element added at one of the places of its window, zeros elsewhere.",
)  # fmt: skip


def numbered(x: Any, axis: int) -> Any:
    """0, 1, ... along an axis, in the shape of ``x``."""
    return cumulative_sum(zeros_of(x) + 1, axis=axis) - 1


def flat_positions(
    places: Any, extents: Extents, kernel: Extents, stride: Extents, padding: Padding, dilation: Extents
) -> Any:
    """Where in the flattened last axes of the input the chosen elements are."""
    axes, position, left = len(extents), 0, places
    factor = 1
    for axis in reversed(range(axes)):
        start = numbered(places, axis - axes + len(shape_of(places))) * stride[axis] - padding[axis][0]
        position = (start + remainder(left, kernel[axis]) * dilation[axis]) * factor + position
        left = floor_divide(left, kernel[axis])
        factor *= extents[axis]
    return position


# -- the mean ---------------------------------------------------------------------------------------------------


def elements(
    extents: Extents, kernel: Extents, stride: Extents, padding: Padding, counted: Padding
) -> list[list[int]]:
    """For each axis, how many elements each window has, of the input and of the padding that counts."""
    windows = counts(extents, kernel, stride, padding, (1,) * len(kernel))
    axes = []
    for n, k, s, (low, _), (before, after), count in zip(
        extents, kernel, stride, padding, counted, windows, strict=True
    ):
        starts = [i * s - low for i in range(count)]
        axes.append([min(start + k, n + after) - max(start, -before) for start in starts])
    return axes


def shared(
    total: Any, extents: Extents, kernel: Extents, stride: Extents, padding: Padding, counted: Padding, divisor: Any
) -> Any:
    """Sums of windows divided by their elements' number."""
    if divisor is not None:
        return total / divisor
    axes = len(extents)
    constant = 1
    for axis, found in enumerate(elements(extents, kernel, stride, padding, counted)):
        if len(set(found)) == 1:
            constant *= found[0]
        else:
            start = numbered(total, axis - axes + len(shape_of(total))) * stride[axis] - padding[axis][0]
            before, after = counted[axis]
            ends = minimum(start + kernel[axis], extents[axis] + after)
            total = total / (ends - maximum(start, -before))
    return total / constant


def avg_pool_composite(
    input: Any, kernel: Extents, stride: Extents, padding: Padding, counted: Padding, divisor: Any
) -> Any:
    total = reduce(add, parts(pad(input, padding), kernel, stride, (1,) * len(kernel)))
    return shared(total, shape_of(input)[-len(kernel) :], kernel, stride, padding, counted, divisor)


def avg_pool_backward_composite(
    grad: Any, extents: Extents, kernel: Extents, stride: Extents, padding: Padding, counted: Padding, divisor: Any
) -> Any:
    share = shared(grad, extents, kernel, stride, padding, counted, divisor)
    pieces = [share] * reduce(lambda a, b: a * b, kernel)
    return overlapped(pieces, extents, kernel, stride, padding, (1,) * len(kernel))


avg_pool: Any = op(
    "nn.avg_pool(input, /, kernel, stride, padding, counted, divisor)", linear=True, composite=avg_pool_composite,
    fresh=True,
    vjp={"input": lambda g, input_shape, kernel, stride, padding, counted, divisor: avg_pool_backward(
        g, input_shape[-len(kernel) :], kernel, stride, padding, counted, divisor
    )},
    doc="The sum of each window over ``divisor``; if that is None, over the number of the window's elements, of "
    "which padding has as many as ``counted`` says.",
)  # fmt: skip
avg_pool_backward: Any = op(
    "nn.avg_pool_backward(grad, /, extents, kernel, stride, padding, counted, divisor)", linear=True, fresh=True,
    composite=avg_pool_backward_composite,
    vjp={"grad": lambda g, kernel, stride, padding, counted, divisor: avg_pool(
        g, kernel, stride, padding, counted, divisor
    )},
)  # fmt: skip

OPS = (max_pool, max_places, window_take, window_put, avg_pool, avg_pool_backward)
NUMPY = ("max_pool", "max_places", "window_take", "window_put", "avg_pool", "avg_pool_backward")
CUPY: dict[str, str] = {}
