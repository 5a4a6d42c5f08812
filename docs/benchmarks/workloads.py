"""The programs that are timed: each written once for all engines, and once by hand in NumPy, forward and backward."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

STEPS = 50  # multiply-adds in a chain
RATE = 0.5
DIGITS = (64, 32, 32, 10)  # layers of a perceptron for the demo's 8x8 pixels, where the engine's own time shows
MNIST = (784, 256, 64, 10)  # and for 28x28 pixels, where matmul begins to rule


@dataclass
class Workload:
    """A program, how it is run, on what, and the bars: at most how much of another engine's time it may take."""

    name: str
    mode: Literal["record", "no_grad", "gradient", "descent"]
    program: Callable
    by_hand: Callable
    leaves: Sequence[Any]
    constants: Sequence[Any] = ()
    cotangent: Any = None
    bars: Mapping[str, float] = field(default_factory=dict)

    def call(self, engine: Any) -> Callable[[], Any]:
        if self.mode == "gradient":
            return engine.gradient(self.program, self.leaves, self.constants, self.cotangent)
        if self.mode == "descent":
            return engine.descent(self.program, self.leaves, self.constants, RATE)
        return engine.forward(self.program, self.leaves, self.constants, record=self.mode == "record")

    def judged(self, results: Sequence[Any]) -> Sequence[Any]:
        """What must agree between engines; of parameters their change, which is small beside them."""
        if self.mode == "descent":
            return [result - leaf for result, leaf in zip(results, self.leaves, strict=True)]
        return results

    def call_by_hand(self) -> Callable[[], Any]:
        arrays = [array.copy() for array in (*self.leaves, *self.constants)]
        return lambda: self.by_hand(*arrays)


# chains


def chain(engine, x, w, b):
    for _ in range(STEPS):
        x = x * w + b
    return x


def chain_forward(x, w, b):
    return [chain(None, x, w, b)]


def chain_gradient(x, w, b):
    inputs = []
    for _ in range(STEPS):
        inputs.append(x)
        x = x * w + b
    g = np.ones_like(x)
    w_grad = np.zeros_like(w)
    b_grad = np.zeros_like(b)
    for x in reversed(inputs):
        b_grad += g
        w_grad += g * x
        g = g * w
    return [g, w_grad, b_grad]


def scalar_chain_gradient(x, w, b):
    inputs = []
    for _ in range(STEPS):
        inputs.append(x)
        x = x * w + b
    g = np.float64(1)
    w_grad = b_grad = np.float64(0)
    for x in reversed(inputs):
        b_grad = b_grad + g
        w_grad = w_grad + g * x
        g = g * w
    return [g, w_grad, b_grad]


# the network of PyTorch's autograd tutorials


def tutorial(engine, a, w1, w2, w3, w4):
    b = w1 * a
    c = w2 * a
    d = w3 * b + w4 * c
    return 10 - d


def tutorial_gradient(a, w1, w2, w3, w4):
    b = w1 * a
    c = w2 * a
    d = w3 * b + w4 * c
    out = 10 - d
    g = -np.ones_like(out)
    b_grad = g * w3
    c_grad = g * w4
    return [b_grad * w1 + c_grad * w2, b_grad * a, c_grad * a, g * b, g * c]


# a perceptron of three layers, squared error: a whole step of gradient descent


def perceptron(engine, w1, b1, w2, b2, w3, b3, x, y):
    h = engine.relu(x @ w1 + b1)
    h = engine.relu(h @ w2 + b2)
    error = h @ w3 + b3 - y
    return (error * error).mean()


def perceptron_descent(w1, b1, w2, b2, w3, b3, x, y):
    h1 = x @ w1
    h1 += b1
    np.maximum(h1, 0, out=h1)
    h2 = h1 @ w2
    h2 += b2
    np.maximum(h2, 0, out=h2)
    error = h2 @ w3
    error += b3
    error -= y
    loss = np.vdot(error, error) / error.size  # noqa: F841 (what a user came for)

    g3 = error
    g3 *= 2 / error.size
    g2 = g3 @ w3.T
    g2 *= h2 > 0
    g1 = g2 @ w2.T
    g1 *= h1 > 0
    w1 -= RATE * (x.T @ g1)
    b1 -= RATE * g1.sum(0)
    w2 -= RATE * (h1.T @ g2)
    b2 -= RATE * g2.sum(0)
    w3 -= RATE * (h2.T @ g3)
    b3 -= RATE * g3.sum(0)
    return [w1, b1, w2, b2, w3, b3]


# four million floats: the array library's time


def elementwise(engine, x):
    return (engine.exp(engine.sin(x)) * x / (x * x + 1)).sum()


def elementwise_gradient(x):
    # d/dx (e x / (x^2 + 1)) = e / (x^2 + 1) * (1 + x cos(x) - 2 x^2 / (x^2 + 1)), where e = exp(sin(x))
    quotient = np.sin(x)
    np.exp(quotient, out=quotient)
    square = x * x
    denominator = square + 1
    quotient /= denominator
    value = np.vdot(quotient, x)  # noqa: F841 (what a user came for)
    square /= denominator
    square *= 2
    g = np.cos(x)
    g *= x
    g += 1
    g -= square
    g *= quotient
    return [g]


def workloads() -> list[Workload]:
    rng = np.random.default_rng(0)

    def uniform(*shape, low=-1.0, high=1.0):
        return rng.uniform(low, high, shape).astype(np.float32)

    x, w, b = uniform(4, 4), uniform(4, 4, low=0.9), uniform(4, 4)
    ones = np.ones((4, 4), np.float32)
    scalars = np.float64(0.5), np.float64(0.95), np.float64(0.1)
    return [
        Workload("chain, forward", "record", chain, chain_forward, (x, w, b), bars={"torch": 0.55}),
        Workload("chain, no_grad", "no_grad", chain, chain_forward, (x, w, b), bars={"torch": 0.62}),
        Workload("chain, gradient", "gradient", chain, chain_gradient, (x, w, b), (), ones, {"torch": 0.45}),
        Workload("0-d chain", "gradient", chain, scalar_chain_gradient, scalars, bars={"torch": 0.30}),
        Workload(
            name="tutorial",
            mode="gradient",
            program=tutorial,
            by_hand=tutorial_gradient,
            leaves=[uniform(3, 3) for _ in range(5)],
            cotangent=np.ones((3, 3), np.float32),
            bars={"torch": 0.35},
        ),
        perceptron_workload(uniform, 8, DIGITS, {"torch": 0.60, "numpy": 2.6}),
        perceptron_workload(uniform, 64, MNIST, {"numpy": 1.35}),
        perceptron_workload(uniform, 512, MNIST, {"numpy": 1.10}),
        Workload("elementwise", "gradient", elementwise, elementwise_gradient, [uniform(4_000_000, low=-3, high=3)]),
    ]


def perceptron_workload(uniform: Callable, batch: int, layers: Sequence[int], bars: Mapping[str, float]) -> Workload:
    parameters = []
    for rows, columns in itertools.pairwise(layers):
        parameters += [uniform(rows, columns) * np.float32(rows**-0.5), np.zeros(columns, np.float32)]
    data = uniform(batch, layers[0]), uniform(batch, layers[-1])
    return Workload(f"perceptron, {batch}", "descent", perceptron, perceptron_descent, parameters, data, bars=bars)
