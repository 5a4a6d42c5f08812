"""Backward from several threads: no gradient is lost, none is counted twice."""

import sys
import threading
import traceback

import pytest

import plugrad
from plugrad.autograd import fast, grad
from values import assert_close


@pytest.fixture(autouse=True)
def eager_switches():
    """Threads take turns as often as Python can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def run_in_threads(functions):
    """Run each in a thread of its own, all from one start; the exceptions that they raised, or None, in order."""
    start = threading.Barrier(len(functions))
    raised = [None] * len(functions)

    def body(k, function):
        start.wait()
        try:
            function()
        except Exception as error:
            raised[k] = error

    threads = [threading.Thread(target=body, args=(k, f)) for k, f in enumerate(functions)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return raised


def test_separate_graphs_that_share_a_leaf(backend):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)

    def body():
        for _ in range(100):
            (x * 3).sum().backward()

    assert run_in_threads([body] * 16) == [None] * 16
    assert_close(x.grad, [1600 * 3.0] * 2)


def test_hooks_and_post_accumulate_hooks_of_a_shared_leaf(backend):
    x = plugrad.tensor(1.0, requires_grad=True)
    x.register_hook(lambda g: g * 2)
    seen = []
    x.register_post_accumulate_grad_hook(lambda p: seen.append(threading.get_ident()))

    def body():
        for _ in range(20):
            (x * 3).backward()

    assert run_in_threads([body] * 8) == [None] * 8
    assert x.grad.item() == 160 * 6
    assert len(seen) == 160
    assert len(set(seen)) == 8


def long_chain(x):
    for _ in range(20):
        x = plugrad.sin(x) * plugrad.exp(-x)
    return x.sum()


@pytest.mark.parametrize("round_", range(10))
def test_one_unretained_graph(backend, round_):
    x = plugrad.tensor([0.1, 0.2], requires_grad=True)
    (one,) = grad(long_chain(x), x)
    y = long_chain(x)
    raised = run_in_threads([y.backward] * 6)
    assert raised.count(None) == 1
    for error in filter(None, raised):
        assert isinstance(error, plugrad.errors.GraphError)
        assert "retain_graph=True" in str(error)
    assert_close(x.grad, one)


def test_one_unretained_graph_with_hooks_and_a_function(backend):
    class Cube(plugrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 3 * x * x

    x = plugrad.tensor(2.0, requires_grad=True)
    y = Cube.apply(x)
    for hooked in (False, True):
        if hooked:
            y = Cube.apply(x)
            y.register_hook(lambda g: g)
        x.grad = None
        assert run_in_threads([y.backward] * 6).count(None) == 1
        assert x.grad.item() == 12


def test_two_heads_on_one_unretained_trunk(backend):
    x = plugrad.tensor([0.1, 0.2], requires_grad=True)
    trunk = plugrad.exp(plugrad.sin(x))
    (one,) = grad(trunk.sum(), x, retain_graph=True)
    raised = run_in_threads([(trunk + float(k)).sum().backward for k in range(4)])
    assert raised.count(None) == 1
    assert_close(x.grad, one)


def test_one_retained_graph(backend):
    x = plugrad.tensor([0.1, 0.2], requires_grad=True)
    y = long_chain(x)
    (one,) = grad(y, x, retain_graph=True)
    raised = run_in_threads([lambda: y.backward(retain_graph=True)] * 8)
    assert raised == [None] * 8
    assert_close(x.grad, [8 * g for g in one.tolist()])


@pytest.mark.parametrize("engine", ["fast", "plain"])
def test_a_users_traceback_is_kept(backend, engine):
    def a_hook_of_the_user(g):
        raise KeyError("theirs")

    x = plugrad.tensor(1.0, requires_grad=True)
    h = plugrad.exp(x)
    h.register_hook(a_hook_of_the_user)
    if engine == "plain":
        fast.token.acquire()
    try:
        (error,) = run_in_threads([h.backward])
    finally:
        if engine == "plain":
            fast.token.release()
    assert isinstance(error, KeyError)
    assert "a_hook_of_the_user" in [frame.name for frame in traceback.extract_tb(error.__traceback__)]
