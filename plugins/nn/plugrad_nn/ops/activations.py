"""Activations, softmax among them."""

from __future__ import annotations

from typing import Any

from plugrad.extend import op
from plugrad.ops import abs, equal, exp, log, max, maximum, minimum, sum, where, zeros_of

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

# No exponent is positive, so nothing overflows.
sigmoid: Any = op(
    "nn.sigmoid(input, /)", elementwise=True, fresh=True,
    composite=lambda input: exp(minimum(input, 0)) / (exp(-abs(input)) + 1),
    vjp={"input": lambda g, out: g * (out * (1 - out))},
)  # fmt: skip

# -- softmax: the maximum is taken off first, so that no exponent is positive ----------------------------------------


def softmax_composite(input: Any, dim: int) -> Any:
    powers = exp(input - max(input, axis=dim, keepdims=True))
    return powers / sum(powers, axis=dim, keepdims=True)


def log_softmax_composite(input: Any, dim: int) -> Any:
    below = input - max(input, axis=dim, keepdims=True)
    return below - log(sum(exp(below), axis=dim, keepdims=True))


softmax: Any = op(
    "nn.softmax(input, /, dim)", fresh=True, composite=softmax_composite,
    vjp={"input": lambda g, out, dim: (g - sum(g * out, axis=dim, keepdims=True)) * out},
    jvp={"input": lambda t, out, dim: (t - sum(t * out, axis=dim, keepdims=True)) * out},
)  # fmt: skip
log_softmax: Any = op(
    "nn.log_softmax(input, /, dim)", fresh=True, composite=log_softmax_composite,
    vjp={"input": lambda g, out, dim: g - exp(out) * sum(g, axis=dim, keepdims=True)},
    jvp={"input": lambda t, out, dim: t - sum(exp(out) * t, axis=dim, keepdims=True)},
)  # fmt: skip

OPS = (relu, relu_backward, sigmoid, softmax, log_softmax)
NUMPY = ("relu", "relu_backward", "sigmoid", "softmax", "log_softmax")
CUPY: dict[str, str] = {}
