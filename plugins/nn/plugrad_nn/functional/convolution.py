"""Convolution (in the field's sense: nothing is flipped)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugrad.extend import DTypeError, ShapeError, dtype_of, shape_of
from plugrad.ops import expand_dims, squeeze

from ..ops import convolution as ops
from .windows import at_least, integers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from plugrad import Tensor

    Integers = int | Sequence[int]


def conv1d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Integers = 1, padding: Integers | str = 0,
    dilation: Integers = 1, groups: int = 1,
) -> Tensor:  # fmt: skip
    """The sum of each window's product with each of K weights.

    :param input: of shape (N, C, L), or (C, L) for a single sample.
    :param weight: of shape (K, C / groups, kernel).
    :param bias: of shape (K,); added to what its weight gave.
    :param stride: the distance of neighbouring windows.
    :param padding: the number of zeros at both ends, ``"valid"`` for none, or ``"same"`` for as many as give a result
        of the input's length, the odd one at the end.
    :param dilation: the distance of a window's neighbouring elements.
    :param groups: the channels are dealt out to so many groups, and so are the weights; each sees its own alone.
    :returns: of shape (N, K, (L + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1); without N if the input
        has none.
    :raises ShapeError: if shapes do not fit each other, or a window does not fit into the padded input.
    :raises DTypeError: if dtypes differ.
    """
    return _convolution("conv1d", 1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Integers = 1, padding: Integers | str = 0,
    dilation: Integers = 1, groups: int = 1,
) -> Tensor:  # fmt: skip
    """``conv1d`` of two axes: (N, C, H, W) or (C, H, W), and weights (K, C / groups, height, width).

    ``stride``, ``padding`` and ``dilation`` are one number, or one for each axis.

    :raises ShapeError: if shapes do not fit each other, or a window does not fit into the padded input.
    :raises DTypeError: if dtypes differ.
    """
    return _convolution("conv2d", 2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Tensor, weight: Tensor, bias: Tensor | None = None, stride: Integers = 1, padding: Integers | str = 0,
    dilation: Integers = 1, groups: int = 1,
) -> Tensor:  # fmt: skip
    """``conv1d`` of three axes: (N, C, D, H, W) or (C, D, H, W), and weights (K, C / groups, depth, height, width).

    ``stride``, ``padding`` and ``dilation`` are one number, or one for each axis.

    :raises ShapeError: if shapes do not fit each other, or a window does not fit into the padded input.
    :raises DTypeError: if dtypes differ.
    """
    return _convolution("conv3d", 3, input, weight, bias, stride, padding, dilation, groups)


def _convolution(
    name: str, axes: int, input: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Tensor:
    stride, dilation = integers(name, "stride", stride, axes), integers(name, "dilation", dilation, axes)
    at_least(name, "stride", stride, 1)
    at_least(name, "dilation", dilation, 1)
    shape, kernel = shape_of(input), shape_of(weight)[2:]
    if len(shape) not in (axes + 1, axes + 2):
        raise ShapeError(
            f"Expected {axes + 1}D (unbatched) or {axes + 2}D (batched) input to {name}, but got input of size: "
            f"{list(shape)}"
        )
    _check_weight(name, axes, shape, shape_of(weight), None if bias is None else shape_of(bias), groups)
    _check_dtypes(name, input, weight, bias)
    pads = _padding(name, axes, padding, kernel, stride, dilation)
    extents = tuple([n + low + high for n, (low, high) in zip(shape[-axes:], pads, strict=True)])
    reach = tuple([d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)])
    if any(r > n for r, n in zip(reach, extents, strict=True)) or 0 in shape[-axes:]:
        raise ShapeError(
            f"{name}: Calculated padded input size per channel: {_by(extents)}. Kernel size: {_by(kernel)}"
            + (f", dilated {_by(reach)}" if reach != kernel else "")
            + ". Kernel size can't be greater than actual input size"
        )
    batched = len(shape) == axes + 2
    out = ops.convolution(
        input if batched else expand_dims(input, 0), weight, bias,
        stride=stride, padding=pads, dilation=dilation, groups=groups.__index__(),
    )  # fmt: skip
    return out if batched else squeeze(out, 0)  # type: ignore[no-any-return]


def _check_weight(name: str, axes: int, shape: Any, weight: Any, bias: Any, groups: int) -> None:
    if groups < 1:
        raise ShapeError(f"{name}: non-positive groups is not supported, but got groups={groups}")
    if len(weight) != axes + 2:
        raise ShapeError(
            f"{name}: expected a weight of {axes + 2} dimensions, (out channels, in channels / groups, *kernel), but "
            f"got weight of size {list(weight)}"
        )
    if min(weight[2:]) < 1:
        raise ShapeError(f"{name}: kernel size should be greater than zero, but got weight of size {list(weight)}")
    if weight[0] < groups:
        raise ShapeError(
            f"{name}: Given groups={groups}, expected weight to be at least {groups} at dimension 0, but got weight of "
            f"size {list(weight)} instead"
        )
    if weight[0] % groups:
        raise ShapeError(
            f"{name}: Given groups={groups}, expected weight to be divisible by {groups} at dimension 0, but got "
            f"weight of size {list(weight)} instead"
        )
    channels = shape[-axes - 1]
    if channels != weight[1] * groups:
        raise ShapeError(
            f"{name}: Given groups={groups}, weight of size {list(weight)}, expected input{list(shape)} to have "
            f"{weight[1] * groups} channels, but got {channels} channels instead"
        )
    if bias is not None and bias != weight[:1]:
        raise ShapeError(
            f"{name}: Given weight of size {list(weight)}, expected bias to be 1-dimensional with {weight[0]} "
            f"elements, but got bias of size {list(bias)} instead"
        )


def _check_dtypes(name: str, input: Any, weight: Any, bias: Any) -> None:
    for other, value in (("weight", weight), ("bias", bias)):
        if value is not None and dtype_of(value) != dtype_of(input):
            raise DTypeError(
                f"{name}: Input type ({dtype_of(input)}) and {other} type ({dtype_of(value)}) should be the same"
            )


def _padding(name: str, axes: int, padding: Any, kernel: Any, stride: Any, dilation: Any) -> Any:
    """The numbers of zeros before and after, for each axis."""
    if padding == "valid":
        return ((0, 0),) * axes
    if padding == "same":
        if any(s != 1 for s in stride):
            raise ShapeError(f"{name}: padding='same' is not supported for strided convolutions, and stride={stride}")
        both = [d * (k - 1) for d, k in zip(dilation, kernel, strict=True)]
        return tuple([(n // 2, n - n // 2) for n in both])
    if isinstance(padding, str):
        raise ShapeError(f"{name}: Invalid padding string: {padding!r}; there are 'valid' and 'same'")
    pads = integers(name, "padding", padding, axes)
    if min(pads) < 0:
        raise ShapeError(f"{name}: negative padding is not supported, but got padding={pads}")
    return tuple([(n, n) for n in pads])


def _by(extents: tuple[int, ...]) -> str:
    return f"({' x '.join(map(str, extents))})"
