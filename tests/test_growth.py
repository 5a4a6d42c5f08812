"""Memory over time: with the garbage collector off, what is dropped is gone at once, whatever the graph's size."""

import gc
import weakref

import pytest

import plugrad
from plugrad.autograd import grad


@pytest.fixture(autouse=True)
def _no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def counted(step, warm=20, steps=1000):
    """By how many objects that can hold others the program grows in so many steps."""
    for _ in range(warm):
        step()
    before = len(gc.get_objects())
    for _ in range(steps):
        step()
    return len(gc.get_objects()) - before


def leaf(values):
    return plugrad.tensor(values, requires_grad=True)


def test_a_training_loop_does_not_grow(backend):
    w, b = leaf([[0.1, 0.2], [0.3, 0.4]]), leaf([0.0, 0.0])
    x, y = plugrad.tensor([[1.0, 2.0], [3.0, 4.0]]), plugrad.tensor([[1.0, 0.0], [0.0, 1.0]])

    def step():
        error = plugrad.tanh(x @ w + b) - y
        (error * error).mean().backward()
        with plugrad.no_grad():
            for p in (w, b):
                p -= 0.01 * p.grad
                p.grad = None

    assert counted(step) <= 16  # not one in fifty steps: what else the process does counts too


def test_a_loop_with_views_writes_hooks_and_second_order_does_not_grow(backend):
    w = leaf([0.5, -0.5, 0.25])
    buffer = plugrad.zeros(3)

    def step():
        state = plugrad.zeros(3)
        state[0] = w[0] * 2.0
        state[1:].add_(w[1:]).mul_(w[0])
        state.retain_grad()
        state.register_hook(lambda g: g * 1.0)
        loss = (state * state).sum() + plugrad.exp(w.detach()).sum()
        (g,) = grad(loss, w, create_graph=True)
        (g * g).sum().backward()
        w.grad = None
        buffer.copy_(state.detach())

    assert counted(step, steps=300) <= 16  # weak references to what is gone: they go at the next power of two


CHAINS = {
    "ops": lambda y, x: y * x,
    "reshapes, views of views": lambda y, x: y.reshape(1),
    "writes": lambda y, x: y.add_(x),
    "writes into views": lambda y, x: (y[0:1].add_(x), y)[1],
}


@pytest.mark.only("numpy")
@pytest.mark.parametrize("name", CHAINS)
def test_a_dropped_graph_is_freed_at_once_without_recursion(backend, name):
    steps = 1_000_000 if name == "ops" else 30_000
    x = leaf([1.0])
    y = first = x * 1.0
    node, tensor = weakref.ref(first.grad_fn), weakref.ref(first)
    del first
    for _ in range(steps):
        y = CHAINS[name](y, x)
    if name == "reshapes, views of views":
        assert tensor() is not None  # a view keeps its base
    assert node() is not None
    del y
    assert node() is None
    assert tensor() is None
