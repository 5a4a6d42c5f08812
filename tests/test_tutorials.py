"""What PyTorch's tutorials on autograd teach, one test for each statement."""

import gc
import sys
import weakref

import pytest

import plugrad
from values import assert_close


@pytest.fixture
def no_collector():
    gc.disable()
    yield
    gc.enable()


def neurons(w1, w2, w3, w4, a):
    b = w1 * a
    c = w2 * a
    d = w3 * b + w4 * c
    return b, c, d, 10 - d


def leaves(*values):
    return [plugrad.tensor(v, requires_grad=True) for v in values]


def test_chain_rule_over_both_paths(backend):
    w1, w2, w3, w4, a = leaves(3.0, 5.0, 7.0, 11.0, 2.0)
    b, c, _, L = neurons(w1, w2, w3, w4, a)
    L.backward()
    assert w4.grad.item() == -c.item() == -10
    assert w3.grad.item() == -b.item() == -6
    assert w2.grad.item() == -w4.item() * a.item() == -22
    assert w1.grad.item() == -w3.item() * a.item() == -14
    assert a.grad.item() == -(w3.item() * w1.item() + w4.item() * w2.item()) == -76


def test_grad_fn(backend):
    w1, w2, w3, w4, a = leaves(3.0, 5.0, 7.0, 11.0, 2.0)
    assert all(t.grad_fn is None and t.is_leaf for t in (w1, w2, w3, w4, a))
    _, _, d, L = neurons(w1, w2, w3, w4, a)
    assert d.grad_fn.name() == "AddBackward0"
    assert L.grad_fn.name() == "SubBackward0"
    assert [n.name() for n, _ in d.grad_fn.next_functions] == ["MulBackward0", "MulBackward0"]
    product, _ = d.grad_fn.next_functions[0]
    (leaf, number), (inner, _) = product.next_functions
    assert (leaf.name(), number, leaf.variable) == ("AccumulateGrad", 0, w3)
    assert inner.name() == "MulBackward0"
    plain = a.detach() * 2
    assert plain.grad_fn is None
    assert plain.is_leaf


def test_requires_grad_is_false_by_default_and_contagious(backend):
    x = plugrad.tensor([1.0, 2.0])
    w = plugrad.tensor([3.0, 4.0], requires_grad=True)
    assert not x.requires_grad
    assert not (x * x).requires_grad
    assert (x * w).requires_grad
    assert ((x * w) + x).requires_grad


def test_frozen_leaves_take_no_part(backend):
    w1, w2, w3, w4, a = leaves(3.0, 5.0, 7.0, 11.0, 2.0)
    w1.requires_grad = False
    a.requires_grad = False
    b, c, _, L = neurons(w1, w2, w3, w4, a)
    assert b.grad_fn is None
    assert c.grad_fn is not None
    L.backward()
    assert w1.grad is None
    assert a.grad is None
    assert (w2.grad.item(), w3.grad.item(), w4.grad.item()) == (-22, -6, -10)


def test_a_frozen_leaf_keeps_its_gradient(backend):
    (w,) = leaves(3.0)
    (w * w).backward()
    w.requires_grad = False
    assert w.grad.item() == 6
    w.requires_grad_()
    (w * w).backward()
    assert w.grad.item() == 12


def test_a_leaf_frozen_after_the_forward_takes_no_gradient(backend):
    w, v = leaves(3.0, 4.0)
    y = w * v
    w.requires_grad = False
    y.backward()
    assert w.grad is None
    assert v.grad.item() == 3


def test_backward_of_a_non_scalar(backend):
    def network():
        w = plugrad.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], requires_grad=True)
        return w, 10 - w * w

    w, L = network()
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for scalar outputs"):
        L.backward()
    assert w.grad is None
    L.backward(plugrad.ones(L.shape))
    other, L = network()
    L.sum().backward()
    assert_close(w.grad, [[-2.0, -4.0, -6.0], [-8.0, -10.0, -12.0], [-14.0, -16.0, -18.0]])
    assert_close(other.grad, w.grad)


def test_second_backward(backend):
    (x,) = leaves(3.0)
    y = plugrad.exp(x) * x
    y.backward()
    with pytest.raises(RuntimeError, match=r"MulBackward0 \(op multiply\) were freed.*retain_graph=True"):
        y.backward()
    first = x.grad.item()
    y = plugrad.exp(x) * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == pytest.approx(3 * first)


def test_a_graph_that_saved_nothing_runs_again(backend):
    (x,) = leaves(3.0)
    y = x + x
    y.backward()
    y.backward()
    assert x.grad.item() == 4


@pytest.mark.only("numpy", "strict")
def test_saved_values_are_gone_after_backward(backend, no_collector):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    for _ in range(2):
        hidden = plugrad.exp(x)
        y = plugrad.sin(hidden).sum()
        saved = weakref.ref(hidden.array)
        del hidden
        assert saved() is not None
        y.backward()
        assert saved() is None, "the next forward makes new values and shares the leaves"
    assert y.grad_fn.next_functions[0][0].name() == "SinBackward0"


@pytest.mark.only("numpy", "strict")
def test_no_grad_records_and_saves_nothing(backend, no_collector):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    with plugrad.no_grad():
        hidden = plugrad.exp(x)
        saved = weakref.ref(hidden.array)
        y = plugrad.sin(hidden)
    del hidden
    assert saved() is None
    assert y.grad_fn is None
    assert not y.requires_grad


def test_no_grad_results_require_no_gradient(backend):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    with plugrad.no_grad():
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad


@pytest.mark.parametrize("limit", [1.0, 10.0, 1000.0])
def test_the_graph_is_dynamic(backend, limit):
    (x,) = leaves(1.5)
    y, count = x, 1
    while y.item() < limit:
        y = y * x
        count += 1
    y.backward()
    assert x.grad.item() == pytest.approx(count * 1.5 ** (count - 1))


def test_training_by_hand(backend):
    x = plugrad.tensor([[0.0], [1.0], [2.0], [3.0]])
    y = plugrad.tensor([[1.0], [3.0], [5.0], [7.0]])
    w = plugrad.tensor([[0.0]], requires_grad=True)
    b = plugrad.tensor([0.0], requires_grad=True)
    for _ in range(200):
        loss = ((x @ w + b - y) ** 2).mean()
        w.grad = b.grad = None
        loss.backward()
        with plugrad.no_grad():
            new_w, new_b = w - 0.1 * w.grad, b - 0.1 * b.grad
        w, b = new_w.requires_grad_(), new_b.requires_grad_()
    assert w.item() == pytest.approx(2, abs=1e-2)
    assert b.item() == pytest.approx(1, abs=1e-2)


@pytest.mark.writable
def test_training_in_place(backend):
    x = plugrad.tensor([[0.0], [1.0], [2.0], [3.0]])
    y = plugrad.tensor([[1.0], [3.0], [5.0], [7.0]])
    w = plugrad.tensor([[0.0]], requires_grad=True)
    b = plugrad.tensor(0.0, requires_grad=True)
    for _ in range(200):
        loss = ((x @ w + b - y) ** 2).mean()
        loss.backward()
        with plugrad.no_grad():
            for p in (w, b):
                p -= 0.1 * p.grad
                p.grad.zero_()
    assert w.item() == pytest.approx(2, abs=1e-2)
    assert b.item() == pytest.approx(1, abs=1e-2)


def test_152_layers_with_branches(backend):
    (x,) = leaves(1.0)
    h = x
    for _ in range(152):
        h = h + 0.01 * plugrad.sin(h)
    h.backward()
    value, slope = 1.0, 1.0
    import math

    for _ in range(152):
        slope *= 1 + 0.01 * math.cos(value)
        value += 0.01 * math.sin(value)
    assert x.grad.item() == pytest.approx(slope)


def test_a_million_ops(backend):
    if backend.name != "numpy":
        pytest.skip("the depth is the core's affair: one backend shows it, the others take minutes")
    (x,) = leaves(1.0)
    y = x
    for _ in range(1_000_000):
        y = y + x
    y.backward()
    assert x.grad.item() == 1_000_001
    limit = sys.getrecursionlimit()
    last = weakref.ref(y.grad_fn)
    del y
    assert last() is None
    assert sys.getrecursionlimit() == limit
