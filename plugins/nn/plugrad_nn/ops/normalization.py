"""Normalisation by the mean and the variance of the input itself, or by given ones.

``weight`` and ``bias`` may be None; they are of as many axes as the input, and broadcast to its shape.
"""

from __future__ import annotations

from typing import Any

from plugrad.extend import op, shape_of
from plugrad.ops import add, multiply, sqrt, sum, sum_to

Axes = tuple[int, ...]


def count(shape: tuple[int, ...], axes: Axes) -> int:
    """How many elements are normalised together; 1 where there is none, so that nothing is divided by 0."""
    found = 1
    for axis in axes:
        found *= shape[axis]
    return found or 1


def average(x: Any, axes: Axes) -> Any:
    return sum(x, axis=axes, keepdims=True) / count(shape_of(x), axes)


def affine(x: Any, weight: Any, bias: Any) -> Any:
    if weight is not None:
        x = multiply(x, weight)
    return x if bias is None else add(x, bias)


def weighted(x: Any, weight: Any) -> Any:
    return x if weight is None else x * weight


def constant_along(axes: Axes, weight: Any) -> bool:
    """Is the weight the same for all that is normalised together, so that it may be multiplied last?"""
    return weight is None or all(shape_of(weight)[axis] == 1 for axis in axes)


def pulled_back(g: Any, normal: Any, weight: Any, axes: Axes, centred: bool) -> Any:
    """The cotangent of the input times the standard deviation: ``g * weight`` without its parts along ``normal``,
    and along ones if the mean was taken off."""
    if constant_along(axes, weight):
        inner = g - normal * average(g * normal, axes)
        return weighted(inner - average(g, axes) if centred else inner, weight)
    return pulled_back(g * weight, normal, None, axes, centred)


# -- mean and variance --------------------------------------------------------------------------------------------


def normalize_composite(input: Any, weight: Any, bias: Any, axes: Axes, eps: float) -> tuple[Any, Any, Any]:
    mean = average(input, axes)
    off = input - mean
    var = average(off * off, axes)
    return affine(off / sqrt(var + eps), weight, bias), mean, var


def normalize_vjp(
    g_out: Any, g_mean: Any, g_var: Any, input: Any, weight: Any, mean: Any, var: Any, axes: Axes, eps: float
) -> Any:
    """With n elements normalised together, the mean moves by 1/n and the variance by 2 (input - mean) / n."""
    scale, off = 1 / sqrt(var + eps), input - mean
    n = count(shape_of(input), axes)
    own = pulled_back(g_out, off * scale, weight, axes, True) * scale
    return own + (off * (g_var * 2 / n) + g_mean / n)


normalize: Any = op(
    "nn.normalize(input, weight=None, bias=None, /, *, axes, eps) -> out, mean, var", composite=normalize_composite,
    node_name="NativeNormBackward0",
    vjp={
        "input": normalize_vjp,
        "weight": lambda g_out, input, mean, var, weight_shape, eps: sum_to(
            g_out * ((input - mean) / sqrt(var + eps)), weight_shape
        ),
        "bias": lambda g_out, bias_shape: sum_to(g_out, bias_shape),
    },
    doc="(input - mean) / sqrt(var + eps) * weight + bias, and the mean and the variance over the axes, kept.",
)  # fmt: skip

standardize: Any = op(
    "nn.standardize(input, mean, var, weight=None, bias=None, /, *, eps)", elementwise=True,
    fresh=("input", "mean", "var", "weight"), node_name="NativeNormBackward0",
    composite=lambda input, mean, var, weight, bias, eps: affine((input - mean) / sqrt(var + eps), weight, bias),
    vjp={
        "input": lambda g, var, weight, eps: g * weighted(1 / sqrt(var + eps), weight),
        "mean": lambda g, var, weight, eps: g * weighted(-1 / sqrt(var + eps), weight),
        "var": lambda g, input, mean, var, weight, eps: g * weighted((mean - input) / (2 * (var + eps) ** 1.5), weight),
        "weight": lambda g, input, mean, var, eps: g * ((input - mean) / sqrt(var + eps)),
        "bias": lambda g: g,
    },
    doc="(input - mean) / sqrt(var + eps) * weight + bias, of given mean and variance.",
)  # fmt: skip

# -- mean square ----------------------------------------------------------------------------------------------------


def rms_normalize_composite(input: Any, weight: Any, axes: Axes, eps: float) -> tuple[Any, Any]:
    square = average(input * input, axes)
    return affine(input / sqrt(square + eps), weight, None), square


def rms_normalize_vjp(
    g_out: Any, g_square: Any, input: Any, weight: Any, square: Any, axes: Axes, eps: float
) -> Any:
    """The mean square moves by 2 input / n."""
    scale = 1 / sqrt(square + eps)
    own = pulled_back(g_out, input * scale, weight, axes, False) * scale
    return own + input * (g_square * 2 / count(shape_of(input), axes))


rms_normalize: Any = op(
    "nn.rms_normalize(input, weight=None, /, *, axes, eps) -> out, square", composite=rms_normalize_composite,
    node_name="FusedRmsNormBackward0",
    vjp={
        "input": rms_normalize_vjp,
        "weight": lambda g_out, input, square, weight_shape, eps: sum_to(
            g_out * (input / sqrt(square + eps)), weight_shape
        ),
    },
    doc="input / sqrt(square + eps) * weight, and the mean square over the axes, kept.",
)  # fmt: skip

OPS = (normalize, standardize, rms_normalize)
NUMPY = ("normalize",)
CUPY: dict[str, str] = {}
