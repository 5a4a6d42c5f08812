"""Pooling: the maximum or the mean of each window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugrad.extend import ShapeError, shape_of
from plugrad.ops import concat, getitem, mean, reshape

from ..ops import pooling as ops
from .windows import at_least, integers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from plugrad import Tensor

    Integers = int | Sequence[int]


def max_pool1d(
    input: Tensor, kernel_size: Integers, stride: Integers | None = None, padding: Integers = 0,
    dilation: Integers = 1, ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The maximum of each window; nan where one is in it. The gradient goes to one element, the first of the largest.

    :param input: of shape (N, C, L) or (C, L).
    :param kernel_size: the number of elements of a window.
    :param stride: the distance of neighbouring windows; that of two that touch, if it is not given.
    :param padding: the number of elements, minus infinity, at both ends: at most half of a window.
    :param dilation: the distance of a window's neighbouring elements.
    :param ceil_mode: whether a window that begins inside may end outside.
    :param return_indices: whether to return, beside the maxima, where in the flattened last axes of the input they are.
    :returns: the maxima, of shape (..., (L + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1), rounded
        down, or up in ``ceil_mode``; with ``return_indices`` a pair.
    :raises ShapeError: if the input has other axes, an argument is out of range, or no window fits.
    """
    return _max_pool("max_pool1d", 1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool2d(
    input: Tensor, kernel_size: Integers, stride: Integers | None = None, padding: Integers = 0,
    dilation: Integers = 1, ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """``max_pool1d`` of two axes: (N, C, H, W) or (C, H, W); arguments are one number, or one for each axis.

    :raises ShapeError: if the input has other axes, an argument is out of range, or no window fits.
    """
    return _max_pool("max_pool2d", 2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(
    input: Tensor, kernel_size: Integers, stride: Integers | None = None, padding: Integers = 0,
    dilation: Integers = 1, ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """``max_pool1d`` of three axes: (N, C, D, H, W) or (C, D, H, W); arguments are one number, or one for each axis.

    :raises ShapeError: if the input has other axes, an argument is out of range, or no window fits.
    """
    return _max_pool("max_pool3d", 3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def avg_pool1d(
    input: Tensor, kernel_size: Integers, stride: Integers | None = None, padding: Integers = 0,
    ceil_mode: bool = False, count_include_pad: bool = True,
) -> Tensor:  # fmt: skip
    """The mean of each window.

    :param input: of shape (N, C, L) or (C, L).
    :param kernel_size: the number of elements of a window.
    :param stride: the distance of neighbouring windows; that of two that touch, if it is not given.
    :param padding: the number of zeros at both ends: at most half of a window.
    :param ceil_mode: whether a window that begins inside may end outside; what is outside of the padding too is not
        counted.
    :param count_include_pad: whether the padding is counted in the mean.
    :returns: of shape (..., (L + 2 * padding - kernel_size) / stride + 1), rounded down, or up in ``ceil_mode``.
    :raises ShapeError: if the input has other axes, an argument is out of range, or no window fits.
    """
    return _avg_pool("avg_pool1d", 1, input, kernel_size, stride, padding, ceil_mode, count_include_pad, None)


def avg_pool2d(
    input: Tensor, kernel_size: Integers, stride: Integers | None = None, padding: Integers = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None,
) -> Tensor:  # fmt: skip
    """``avg_pool1d`` of two axes: (N, C, H, W) or (C, H, W); arguments are one number, or one for each axis.

    :param divisor_override: what a window's sum is divided by, instead of the number of its elements.
    :raises ShapeError: if the input has other axes, an argument is out of range, or no window fits.
    """
    return _avg_pool(
        "avg_pool2d", 2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def avg_pool3d(
    input: Tensor, kernel_size: Integers, stride: Integers | None = None, padding: Integers = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None,
) -> Tensor:  # fmt: skip
    """``avg_pool1d`` of three axes: (N, C, D, H, W) or (C, D, H, W); arguments are one number, or one for each axis.

    :param divisor_override: what a window's sum is divided by, instead of the number of its elements.
    :raises ShapeError: if the input has other axes, an argument is out of range, or no window fits.
    """
    return _avg_pool(
        "avg_pool3d", 3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override
    )


def adaptive_avg_pool1d(input: Tensor, output_size: int | Sequence[int]) -> Tensor:
    """The means of ``output_size`` windows that cover the last axis: from i * n // output_size, rounded down, to
    (i + 1) * n / output_size, rounded up.

    :param input: of shape (N, C, L) or (C, L).
    :returns: of shape (..., output_size).
    :raises ShapeError: if the input has other axes or no element, or a size is negative.
    """
    return _adaptive_avg_pool("adaptive_avg_pool1d", 1, input, output_size)


def adaptive_avg_pool2d(input: Tensor, output_size: int | Sequence[int | None] | None) -> Tensor:
    """``adaptive_avg_pool1d`` of two axes: (N, C, H, W) or (C, H, W).

    :param output_size: one number, or one for each axis; None keeps an axis as it is.
    :raises ShapeError: if the input has other axes or no element, or a size is negative.
    """
    return _adaptive_avg_pool("adaptive_avg_pool2d", 2, input, output_size)


def adaptive_avg_pool3d(input: Tensor, output_size: int | Sequence[int | None] | None) -> Tensor:
    """``adaptive_avg_pool1d`` of three axes: (N, C, D, H, W) or (C, D, H, W).

    :param output_size: one number, or one for each axis; None keeps an axis as it is.
    :raises ShapeError: if the input has other axes or no element, or a size is negative.
    """
    return _adaptive_avg_pool("adaptive_avg_pool3d", 3, input, output_size)


def _max_pool(
    name: str, axes: int, input: Any, kernel_size: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool,
    return_indices: bool,
) -> Any:  # fmt: skip
    kernel, stride, pads, dilation = _windows(
        name, axes, shape_of(input), kernel_size, stride, padding, dilation, ceil_mode
    )
    out = ops.max_pool(input, kernel, stride, pads, dilation)
    if not return_indices:
        return out
    places = ops.max_places(input, out, kernel, stride, pads, dilation)
    return out, ops.flat_positions(places, shape_of(input)[-axes:], kernel, stride, pads, dilation)


def _avg_pool(
    name: str, axes: int, input: Any, kernel_size: Any, stride: Any, padding: Any, ceil_mode: bool,
    count_include_pad: bool, divisor: int | None,
) -> Tensor:  # fmt: skip
    if divisor == 0:
        raise ShapeError(f"{name}: divisor must be not zero")
    kernel, stride, pads, _ = _windows(name, axes, shape_of(input), kernel_size, stride, padding, 1, ceil_mode)
    counted = tuple([(low, low) if count_include_pad else (0, 0) for low, _ in pads])
    return ops.avg_pool(input, kernel, stride, pads, counted, divisor)  # type: ignore[no-any-return]


def _windows(
    name: str, axes: int, shape: tuple[int, ...], kernel_size: Any, stride: Any, padding: Any, dilation: Any,
    ceil_mode: bool,
) -> Any:  # fmt: skip
    """The kernel, the stride, the padding before and after, and the dilation, for each axis."""
    kernel = integers(name, "kernel_size", kernel_size, axes)
    stride = kernel if stride is None or stride == [] else integers(name, "stride", stride, axes)
    pads, dilation = integers(name, "padding", padding, axes), integers(name, "dilation", dilation, axes)
    for argument, values in (("kernel_size", kernel), ("stride", stride), ("dilation", dilation)):
        at_least(name, argument, values, 1)
    at_least(name, "padding", pads, 0)
    _check_axes(name, axes, shape)
    chosen = []
    for n, k, s, p, d in zip(shape[-axes:], kernel, stride, pads, dilation, strict=True):
        reach = d * (k - 1) + 1
        if p > reach // 2:
            raise ShapeError(
                f"{name}: padding should be at most half of effective kernel size, but got padding={p}, "
                f"kernel_size={k} and dilation={d}"
            )
        count = (n + 2 * p - reach + (s - 1 if ceil_mode else 0)) // s + 1
        if ceil_mode and (count - 1) * s >= n + p:  # the last window would begin in the padding
            count -= 1
        if count < 1:
            raise ShapeError(
                f"{name}: Output size is too small: no window of kernel_size={k} and dilation={d} fits into an axis of "
                f"{n} elements and padding={p}, of an input of shape {shape}"
            )
        chosen.append((p, max(p, (count - 1) * s + reach - n - p)))
    return kernel, stride, tuple(chosen), dilation


def _check_axes(name: str, axes: int, shape: tuple[int, ...]) -> None:
    if len(shape) not in (axes + 1, axes + 2) or 0 in shape[-axes - 1 :]:
        raise ShapeError(
            f"{name}: Expected {axes + 1}D or {axes + 2}D (batch mode) tensor with optional 0 dim batch size for "
            f"input, but got:{list(shape)}"
        )


def _adaptive_avg_pool(name: str, axes: int, input: Any, output_size: Any) -> Tensor:
    shape = shape_of(input)
    _check_axes(name, axes, shape)
    given = tuple(output_size) if isinstance(output_size, (tuple, list)) else (output_size,) * axes
    if len(given) != axes:
        raise ShapeError(f"{name}: output_size must be {axes}, but got {output_size!r}")
    lead, extents = shape[:-axes], shape[-axes:]
    sizes = [n if size is None else size.__index__() for size, n in zip(given, extents, strict=True)]
    if min(sizes) < 0:
        raise ShapeError(
            f"{name}: elements of output_size must be greater than or equal to 0 but received {output_size!r}"
        )
    if all(size == 1 for size in sizes):
        return mean(input, axis=tuple(range(-axes, 0)), keepdims=True)  # type: ignore[no-any-return]
    if all(size and n % size == 0 for n, size in zip(extents, sizes, strict=True)):
        split = [part for n, size in zip(extents, sizes, strict=True) for part in (size, n // size)]
        inner = tuple(range(len(lead) + 1, len(lead) + 2 * axes, 2))
        return mean(reshape(input, (*lead, *split)), axis=inner)  # type: ignore[no-any-return]
    for axis, (n, size) in enumerate(zip(extents, sizes, strict=True), len(lead)):
        key = (slice(None),) * axis
        windows = [slice(i * n // size, -((i + 1) * n // -size)) for i in range(size)]
        if not windows:
            input = getitem(input, (*key, slice(0, 0)))
        elif size != n:
            input = concat(*[mean(getitem(input, (*key, w)), axis=axis, keepdims=True) for w in windows], axis=axis)
    return input  # type: ignore[no-any-return]
