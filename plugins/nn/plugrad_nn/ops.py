"""The ops: declarations, derivatives and composites, for every backend at once.

Derivatives are those of PyTorch's ``derivatives.yaml``, written so that they can be differentiated again.
"""

from __future__ import annotations

from typing import Any

from plugrad.extend import op, shape_of
from plugrad.ops import (
    abs,
    any,
    equal,
    exp,
    expand_dims,
    log,
    max,
    maximum,
    mean,
    minimum,
    stack,
    sum,
    where,
    zeros_of,
)

# -- activations ------------------------------------------------------------------------------------------------

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

# -- cross entropy --------------------------------------------------------------------------------------------------


def one_hot(target: Any, classes: int) -> Any:
    """Whether each class is the target: a new last axis. An index outside of the classes hits none."""
    return stack(*[equal(target, c) for c in range(classes)], axis=-1)


def cross_entropy_composite(input: Any, target: Any, reduction: str) -> Any:
    hit = one_hot(target, shape_of(input)[-1])
    losses = -sum(where(hit, log_softmax(input, -1), 0), axis=-1)
    return REDUCTIONS[reduction](where(any(hit, axis=-1), losses, float("nan")))


REDUCTIONS: dict[str, Any] = {"none": lambda losses: losses, "sum": sum, "mean": mean}


def cross_entropy_vjp(g: Any, input: Any, target: Any, input_shape: tuple[int, ...], reduction: str) -> Any:
    """softmax(input) - one_hot(target), times what each sample's loss counts for."""
    if reduction == "none":
        g = expand_dims(g, -1)
    elif reduction == "mean" and len(input_shape) == 2:
        g = g / (input_shape[0] or 1)
    return g * subtract_one_hot(softmax(input, -1), target)


cross_entropy: Any = op(
    "nn.cross_entropy(input, target~, /, reduction)", fresh=True, composite=cross_entropy_composite,
    node_name="NllLossBackward0", vjp={"input": cross_entropy_vjp},
    jvp={"input": lambda t, input, target, reduction: REDUCTIONS[reduction](
        sum(subtract_one_hot(softmax(input, -1), target) * t, axis=-1)
    )},
)  # fmt: skip
subtract_one_hot: Any = op(
    "nn.subtract_one_hot(x, target~, /)", vjp={"x": lambda g: g}, jvp={"x": lambda t: t},
    composite=lambda x, target: where(one_hot(target, shape_of(x)[-1]), x - 1, x),
)  # fmt: skip

ALL: dict[str, Any] = {
    "relu": relu, "relu_backward": relu_backward, "sigmoid": sigmoid, "softmax": softmax, "log_softmax": log_softmax,
    "cross_entropy": cross_entropy, "subtract_one_hot": subtract_one_hot,
}  # fmt: skip
"""Every op by its name after ``nn.``."""
