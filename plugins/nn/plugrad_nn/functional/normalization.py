"""Normalisation: of each channel over a batch, or of each sample over its last axes or groups of its channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugrad import Tensor, no_grad
from plugrad.extend import DTypeError, ShapeError, dtype_of, shape_of
from plugrad.ops import astype, reshape
from plugrad.ops import mean as average

from ..ops import normalization as ops

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

EPSILON = {"float16": 2.0**-10, "bfloat16": 2.0**-7, "float32": 2.0**-23, "float64": 2.0**-52}
"""The distance of 1 and the next number."""


def batch_norm(
    input: Tensor, running_mean: Tensor | None, running_var: Tensor | None, weight: Tensor | None = None,
    bias: Tensor | None = None, training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """``(input - mean) / sqrt(var + eps) * weight + bias``, for each channel.

    In training, mean and variance are the batch's own, and the running ones, if there are any, are moved towards them:
    ``running = (1 - momentum) * running + momentum * own``, in place, the variance with its unbiased estimate.
    Otherwise they are the running ones.

    :param input: of shape (N, C, ...).
    :param running_mean: of shape (C,). No gradient reaches it, nor ``running_var``.
    :param running_var: of shape (C,).
    :param weight: of shape (C,).
    :param bias: of shape (C,).
    :param eps: keeps the divisor from 0.
    :returns: of the input's shape.
    :raises ShapeError: if a shape is another one, or there are no running statistics to use.
    :raises ValueError: if in training a channel has a single value, or one of the running statistics is missing.
    :raises DTypeError: if the dtype is not one of real floats.
    """
    shape = shape_of(input)
    if not training and (running_mean is None or running_var is None):
        missing = "running_mean" if running_mean is None else "running_var"
        raise ShapeError(f"batch_norm: {missing} must be defined in evaluation mode (training=False)")
    if (running_mean is None) != (running_var is None):
        raise ValueError("batch_norm: running_mean and running_var must either both be None or neither be None")
    if len(shape) < 2:
        raise ShapeError(f"batch_norm: expected an input of shape (N, C, ...), but got {shape}")
    _check_real("batch_norm", input)
    axes = (0, *range(2, len(shape)))
    if training and ops.count(shape, axes) == 1 and shape[0]:
        raise ValueError(f"batch_norm: Expected more than 1 value per channel when training, got input size {shape}")
    own = axes if training else None
    return _each_channel("batch_norm", input, running_mean, running_var, weight, bias, own, momentum, eps)


def instance_norm(
    input: Tensor, running_mean: Tensor | None = None, running_var: Tensor | None = None,
    weight: Tensor | None = None, bias: Tensor | None = None, use_input_stats: bool = True, momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """``batch_norm`` of each sample by itself. The running statistics are moved towards the samples' average.

    :param input: of shape (N, C, ...).
    :param running_mean: of shape (C,), as are ``running_var``, ``weight`` and ``bias``.
    :param use_input_stats: whether mean and variance are the sample's own, and not the running ones.
    :returns: of the input's shape.
    :raises ShapeError: if a shape is another one, or there are no running statistics to use.
    :raises ValueError: if a channel of a sample has a single value, or one of the running statistics is missing.
    :raises DTypeError: if the dtype is not one of real floats.
    """
    shape = shape_of(input)
    if (running_mean is None) != (running_var is None):
        raise ValueError("instance_norm: running_mean and running_var must either both be None or neither be None")
    if len(shape) < 2:
        raise ShapeError(f"instance_norm: expected an input of shape (N, C, ...), but got {shape}")
    _check_real("instance_norm", input)
    axes = tuple(range(2, len(shape)))
    if use_input_stats and ops.count(shape, axes) == 1:
        raise ValueError(f"instance_norm: Expected more than 1 spatial element when training, got input size {shape}")
    if not use_input_stats and running_mean is None:
        raise ShapeError(
            "instance_norm: Expected running_mean and running_var to be defined when use_input_stats is false"
        )
    own = axes if use_input_stats else None
    return _each_channel("instance_norm", input, running_mean, running_var, weight, bias, own, momentum, eps)


def layer_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:  # fmt: skip
    """``(input - mean) / sqrt(var + eps) * weight + bias``, mean and variance being over the last axes.

    :param input: of shape ``(..., *normalized_shape)``.
    :param normalized_shape: the extents of these axes.
    :param weight: of shape ``normalized_shape``.
    :param bias: of shape ``normalized_shape``.
    :returns: of the input's shape.
    :raises ShapeError: if a shape is another one.
    :raises TypeError: if ``normalized_shape`` is a number.
    :raises DTypeError: if the dtype is not one of real floats.
    """
    axes, shape = _last_axes("layer_norm", input, normalized_shape, weight=weight, bias=bias)
    out, _, _ = _normalize(input, _shaped(weight, shape), _shaped(bias, shape), axes, eps)
    return out  # type: ignore[no-any-return]


def rms_norm(
    input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """``input / sqrt(mean(input ** 2) + eps) * weight``, the mean being over the last axes.

    :param input: of shape ``(..., *normalized_shape)``.
    :param normalized_shape: the extents of these axes.
    :param weight: of shape ``normalized_shape``.
    :param eps: keeps the divisor from 0; the distance of 1 and the dtype's next number, if it is not given.
    :returns: of the input's shape.
    :raises ShapeError: if a shape is another one.
    :raises TypeError: if ``normalized_shape`` is a number.
    :raises DTypeError: if the dtype is not one of real floats.
    """
    axes, shape = _last_axes("rms_norm", input, normalized_shape, weight=weight)
    eps = EPSILON[str(dtype_of(input))] if eps is None else eps
    (wide, weight), dtype = _widened(input, _shaped(weight, shape)), dtype_of(input)
    out, _ = ops.rms_normalize(wide, weight, axes=axes, eps=eps)
    return out if wide is input else astype(out, dtype)  # type: ignore[no-any-return]


def group_norm(
    input: Tensor, num_groups: int, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """``(input - mean) / sqrt(var + eps) * weight + bias``, for each sample and each group of neighbouring channels.

    :param input: of shape (N, C, ...).
    :param num_groups: into how many groups the channels are dealt out.
    :param weight: of shape (C,).
    :param bias: of shape (C,).
    :returns: of the input's shape.
    :raises ShapeError: if a shape is another one, or C is not divisible by ``num_groups``.
    :raises ValueError: if a group has a single value in the whole batch.
    :raises DTypeError: if the dtype is not one of real floats.
    """
    shape = shape_of(input)
    if len(shape) < 2:
        raise ShapeError(f"group_norm: Expected at least 2 dimensions for input tensor but received {len(shape)}")
    if num_groups < 1 or shape[1] % num_groups:
        raise ShapeError(
            "group_norm: Expected number of channels in input to be divisible by num_groups, but got input of shape "
            f"{list(shape)} and num_groups={num_groups}"
        )
    _check_real("group_norm", input)
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None and shape_of(value) != shape[1:2]:
            raise ShapeError(
                f"group_norm: Expected {name} to be a vector of size equal to the number of channels in input, but got "
                f"{name} of shape {list(shape_of(value))} and input of shape {list(shape)}"
            )
    if shape[0] * ops.count(shape, tuple(range(1, len(shape)))) == num_groups:
        raise ValueError(f"group_norm: Expected more than 1 value per channel when training, got input size {shape}")
    split = (num_groups, shape[1] // num_groups)
    grouped = (1, *split, *(1,) * (len(shape) - 2))
    out, _, _ = _normalize(
        reshape(input, (shape[0], *split, *shape[2:])), _shaped(weight, grouped), _shaped(bias, grouped),
        tuple(range(2, len(shape) + 1)), eps,
    )  # fmt: skip
    return reshape(out, shape)  # type: ignore[no-any-return]


def _each_channel(
    name: str, input: Any, running_mean: Any, running_var: Any, weight: Any, bias: Any, axes: tuple[int, ...] | None,
    momentum: float, eps: float,
) -> Tensor:  # fmt: skip
    """By statistics over the axes, towards which the running ones are moved; without axes, by the running ones."""
    shape = shape_of(input)
    _check_channels(name, shape[1], running_mean=running_mean, running_var=running_var, weight=weight, bias=bias)
    channels = (1, shape[1], *(1,) * (len(shape) - 2))
    weight, bias = _shaped(weight, channels), _shaped(bias, channels)
    if axes is None:
        mean, var = (_shaped(_constant(v), channels) for v in (running_mean, running_var))
        return ops.standardize(input, mean, var, weight, bias, eps=eps)  # type: ignore[no-any-return]
    out, mean, var = _normalize(input, weight, bias, axes, eps)
    if running_mean is not None and shape[0]:
        count = ops.count(shape, axes)
        _move(running_mean, mean, momentum, 1)
        _move(running_var, var, momentum, count / (count - 1))
    return out  # type: ignore[no-any-return]


def _normalize(input: Any, weight: Any, bias: Any, axes: tuple[int, ...], eps: float) -> Any:
    """The result in the input's dtype, and the statistics."""
    wide, weight, bias = _widened(input, weight, bias)
    out, mean, var = ops.normalize(wide, weight, bias, axes=axes, eps=eps)
    return (out if wide is input else astype(out, dtype_of(input))), mean, var


def _widened(input: Any, *others: Any) -> list[Any]:
    """In half precision sums would be too coarse, and squares overflow: it is computed in single precision."""
    if str(dtype_of(input)) not in ("float16", "bfloat16"):
        return [input, *others]
    return [None if x is None else astype(x, "float32") for x in (input, *others)]


def _shaped(value: Any, shape: tuple[int, ...]) -> Any:
    return None if value is None else reshape(value, shape)


def _constant(x: Any) -> Any:
    return x.detach() if isinstance(x, Tensor) else x


def _move(running: Any, own: Any, momentum: float, factor: float) -> None:
    """Towards a channel's own statistics, or their average over the samples; in place."""
    with no_grad():
        shape = shape_of(own)
        own = average(own, axis=(0, *range(2, len(shape))))
        moved = running * (1 - momentum) + own * (momentum * factor)
        running[...] = astype(moved, dtype_of(running))


def _check_real(name: str, input: Any) -> None:
    if not dtype_of(input).is_floating_point:
        raise DTypeError(f"{name}: expected an input of real floats, but got {dtype_of(input)}")


def _check_channels(name: str, channels: int, **values: Any) -> None:
    for argument, value in values.items():
        if value is not None and shape_of(value) != (channels,):
            raise ShapeError(f"{name}: {argument} should contain {channels} elements, but has shape {shape_of(value)}")


def _last_axes(name: str, input: Any, normalized_shape: Any, **values: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Those that are normalised over, and the shape of weight and bias beside the input."""
    if not isinstance(normalized_shape, (tuple, list)):
        raise TypeError(f"{name}: normalized_shape must be a tuple of ints, not {type(normalized_shape).__name__}")
    wanted, shape = tuple(normalized_shape), shape_of(input)
    if not wanted:
        raise ShapeError(f"{name}: Expected normalized_shape to be at least 1-dimensional, but got {normalized_shape}")
    if shape[-len(wanted) :] != wanted:
        raise ShapeError(
            f"{name}: Given normalized_shape={list(wanted)}, expected input with shape "
            f"[*, {', '.join(map(str, wanted))}], but got input of size {list(shape)}"
        )
    for argument, value in values.items():
        if value is not None and shape_of(value) != wanted:
            raise ShapeError(
                f"{name}: Expected {argument} to be of same shape as normalized_shape, but got {argument} of shape "
                f"{list(shape_of(value))} and normalized_shape = {list(wanted)}"
            )
    _check_real(name, input)
    lead = len(shape) - len(wanted)
    return tuple(range(lead, len(shape))), (*(1,) * lead, *wanted)
