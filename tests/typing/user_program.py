"""What a user's program looks like to mypy --strict: only what is public, and every type as one would expect it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, assert_type

import numpy as np

import plugrad
from plugrad import Tensor
from plugrad.autograd import Function, grad
from plugrad.extend import hookimpl, op
from plugrad.typing import Axes, DTypeLike, TensorLike

Parameters = dict[str, Tensor]


def parameters(inputs: int, hidden: int, dtype: DTypeLike = plugrad.float64) -> Parameters:
    made = {
        "w1": plugrad.randn(inputs, hidden, dtype=dtype) * (2 / inputs) ** 0.5,
        "b1": plugrad.zeros((hidden,), dtype=dtype),
        "w2": plugrad.randn((hidden, 1), dtype=dtype),
    }
    return {name: t.detach().requires_grad_() for name, t in made.items()}


def predicted(p: Parameters, x: TensorLike) -> Tensor:
    hidden = plugrad.tanh(plugrad.matmul(x, p["w1"]) + p["b1"])
    return (hidden @ p["w2"]).reshape(-1)


def mean_square(residual: Tensor, axis: Axes | None = None) -> Tensor:
    return plugrad.square(residual).mean(axis=axis, keepdims=False)


def train(p: Parameters, x: np.ndarray[Any, Any], y: Tensor, steps: int, rate: float = 0.1) -> list[float]:
    losses = []
    for _ in range(steps):
        loss = mean_square(predicted(p, x) - y)
        loss.backward()
        with plugrad.no_grad():
            for t in p.values():
                if t.grad is not None:
                    t -= rate * t.grad
                t.grad = None
        losses.append(float(loss))
    return losses


class Clamped(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return plugrad.clip(x, -1.0, 1.0)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> Tensor:
        x: Tensor = ctx.saved_tensors[0]
        return plugrad.where(abs(x) <= 1, g, 0)


@plugrad.no_grad()
def accuracy(found: Tensor, wanted: Tensor) -> float:
    return plugrad.equal(found, wanted).astype(plugrad.float64).mean().item() * 100.0  # type: ignore[no-any-return]


plugrad_api = 1
double = op("mine.double(x, /)", elementwise=True, linear=True, vjp={"x": lambda g: g + g})


@hookimpl
def plugrad_ops(register: Callable[[Callable[..., Any]], None]) -> None:
    register(double)


def types() -> None:
    t = plugrad.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    array = np.ones((2, 2))
    assert_type(t, Tensor)
    assert_type(plugrad.exp(t), Tensor)
    assert_type(plugrad.exp(array), np.ndarray[tuple[int, int], np.dtype[np.float64]])
    assert_type(plugrad.add(t, 1), Tensor)
    assert_type(plugrad.add(array, t), Tensor)
    assert_type(plugrad.multiply(2.0, t), Tensor)
    assert_type(plugrad.where(t > 0, t, 0.0), Tensor)
    assert_type(plugrad.concat(t, t, axis=1), Tensor)
    assert_type(plugrad.concat([t, t]), Tensor)
    assert_type(2 * t - t / 3 + t**2 @ t, Tensor)
    assert_type(-t, Tensor)
    assert_type(t == t, Tensor)
    assert_type(t[0, ..., None], Tensor)
    assert_type([row.sum() for row in t], list[Tensor])
    assert_type(t.max(axis=(0, 1)), Tensor)
    assert_type(t.shape, tuple[int, ...])
    assert_type(t.dtype, plugrad.DType)
    assert_type(t.requires_grad, bool)
    assert_type(t.grad, Tensor | None)
    assert_type(len(t) + t.ndim + t.size, int)
    assert_type(grad(t.sum(), t)[0], Tensor | None)
    if t.grad_fn is not None:
        assert_type(t.grad_fn.name(), str)
    t.register_hook(lambda g: g * 2)
    t.requires_grad = False
    t[0] = 1.0
    plugrad.FloatTensor(3, 3)
    plugrad.set_default_dtype(np.float32)
