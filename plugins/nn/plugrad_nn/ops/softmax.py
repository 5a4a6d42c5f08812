"""softmax and its logarithm. The maximum is taken off first, so that no exponent is positive."""

from __future__ import annotations

from typing import Any

from plugrad.extend import op
from plugrad.ops import exp, log, max, sum

from .precision import wide_sum_along, widened


def softmax_composite(input: Any, dim: int) -> Any:
    powers = exp(input - max(input, axis=dim, keepdims=True))
    return powers / sum(powers, axis=dim, keepdims=True)


def log_softmax_composite(input: Any, dim: int) -> Any:
    below = input - max(input, axis=dim, keepdims=True)
    return below - log(sum(exp(below), axis=dim, keepdims=True))


softmax: Any = op(
    "nn.softmax(input, /, dim)", fresh=True, composite=widened(softmax_composite),
    vjp={"input": lambda g, out, dim: (g - wide_sum_along(g * out, dim)) * out},
    jvp={"input": lambda t, out, dim: (t - wide_sum_along(t * out, dim)) * out},
)  # fmt: skip
log_softmax: Any = op(
    "nn.log_softmax(input, /, dim)", fresh=True, composite=widened(log_softmax_composite),
    vjp={"input": lambda g, out, dim: g - exp(out) * wide_sum_along(g, dim)},
    jvp={"input": lambda t, out, dim: t - wide_sum_along(exp(out) * t, dim)},
)  # fmt: skip

OPS = (softmax, log_softmax)
NUMPY = ("softmax", "log_softmax")
CUPY: dict[str, str] = {}
