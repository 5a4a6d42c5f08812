"""Elementwise activations."""

from __future__ import annotations

from typing import Any

from plugrad.extend import op
from plugrad.ops import (
    abs,
    clip,
    equal,
    exp,
    expm1,
    greater,
    greater_equal,
    less_equal,
    log1p,
    logical_or,
    maximum,
    minimum,
    tanh,
    where,
    zeros_of,
)

from .erf import erf
from .precision import widened

relu: Any = op(
    "nn.relu(input, /)", elementwise=True, fresh=True, composite=lambda input: maximum(input, zeros_of(input)),
    vjp={"input": lambda g, out: relu_backward(g, out)},
)  # fmt: skip

# A selection, since a product would make nan of an infinite cotangent. Where the output is nan the cotangent passes.
relu_backward: Any = op(
    "nn.relu_backward(grad, output, /)", elementwise=True, fresh=True,
    composite=lambda grad, output: where(equal(output, 0), 0, grad),
    vjp={"grad": lambda g, output: relu_backward(g, output), "output": lambda g: zeros_of(g)},
)  # fmt: skip
leaky_relu: Any = op(
    "nn.leaky_relu(input, /, negative_slope)", elementwise=True, fresh=True,
    composite=lambda input, negative_slope: where(greater(input, 0), input, input * negative_slope),
    vjp={"input": lambda g, input, negative_slope: where(greater(input, 0), g, g * negative_slope)},
)  # fmt: skip

# No exponent is positive, so nothing overflows: here, and in what follows.
elu: Any = op(
    "nn.elu(input, /, alpha)", elementwise=True, fresh=True,
    composite=lambda input, alpha: where(greater(input, 0), input, expm1(minimum(input, 0)) * alpha),
    vjp={"input": lambda g, input, alpha: where(less_equal(input, 0), g * (exp(minimum(input, 0)) * alpha), g)},
)  # fmt: skip
sigmoid: Any = op(
    "nn.sigmoid(input, /)", elementwise=True, fresh=True,
    composite=lambda input: exp(minimum(input, 0)) / (exp(-abs(input)) + 1),
    vjp={"input": lambda g, out: g * (out * (1 - out))},
)  # fmt: skip
logsigmoid: Any = op(
    "nn.logsigmoid(input, /)", elementwise=True, fresh=True, node_name="LogSigmoidBackward0",
    composite=lambda input: minimum(input, 0) - log1p(exp(-abs(input))),
    vjp={"input": lambda g, input: g * sigmoid(-input)},
)  # fmt: skip


def silu_derivative(input: Any) -> Any:
    share = sigmoid(input)
    return share * (input * (1 - share) + 1)


silu: Any = op(
    "nn.silu(input, /)", elementwise=True, fresh=True, composite=lambda input: input * sigmoid(input),
    vjp={"input": lambda g, input: g * silu_derivative(input)},
)  # fmt: skip


def softplus_composite(input: Any, beta: float, threshold: float) -> Any:
    scaled = input * beta
    smooth = maximum(scaled, 0) + log1p(exp(-abs(scaled)))
    return where(greater(scaled, threshold), input, smooth / beta)


def softplus_vjp(g: Any, input: Any, beta: float, threshold: float) -> Any:
    scaled = input * beta
    return where(greater(scaled, threshold), g, g * sigmoid(scaled))


softplus: Any = op(
    "nn.softplus(input, /, beta, threshold)", elementwise=True, fresh=True, composite=softplus_composite,
    vjp={"input": softplus_vjp},
)  # fmt: skip


def hardtanh_vjp(g: Any, input: Any, min_val: float, max_val: float) -> Any:
    """0 at the bounds too, unlike that of ``clip``."""
    return where(logical_or(less_equal(input, min_val), greater_equal(input, max_val)), 0, g)


hardtanh: Any = op(
    "nn.hardtanh(input, /, min_val, max_val)", elementwise=True, fresh=True,
    composite=lambda input, min_val, max_val: clip(input, min_val, max_val), vjp={"input": hardtanh_vjp},
)  # fmt: skip

# -- gelu: x times the normal distribution's function, or its approximation by tanh ---------------------------------

SQRT_HALF, DENSITY_AT_0 = 0.7071067811865476, 0.3989422804014327
SQRT_2_OVER_PI, CUBIC = 0.7978845608028654, 0.044715


def gelu_composite(input: Any, approximate: str) -> Any:
    if approximate == "tanh":
        return input * 0.5 * (tanh((input + input * input * input * CUBIC) * SQRT_2_OVER_PI) + 1)
    return input * 0.5 * (erf(input * SQRT_HALF) + 1)


def gelu_derivative(g: Any, input: Any, approximate: str) -> Any:
    if approximate == "tanh":
        square = input * input
        found = tanh((input + input * square * CUBIC) * SQRT_2_OVER_PI)
        slope = (square * (3 * CUBIC) + 1) * SQRT_2_OVER_PI
        return g * ((found + 1) * 0.5 + input * 0.5 * (1 - found * found) * slope)
    return g * ((erf(input * SQRT_HALF) + 1) * 0.5 + input * (exp(input * input * -0.5) * DENSITY_AT_0))


wide_gelu_derivative = widened(gelu_derivative, 2)
gelu: Any = op(
    "nn.gelu(input, /, approximate)", elementwise=True, fresh=True, composite=widened(gelu_composite),
    vjp={"input": lambda g, input, approximate: wide_gelu_derivative(g, input, approximate)},
)  # fmt: skip

OPS = (
    relu, relu_backward, leaky_relu, elu, sigmoid, logsigmoid, silu, softplus, hardtanh, gelu,
)  # fmt: skip
NUMPY = ("relu", "relu_backward", "sigmoid")
CUPY: dict[str, str] = {}
