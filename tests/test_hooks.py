"""Hooks of tensors and of nodes: when they run, in which order, and what their results do."""

import gc
import weakref

import pytest

import plugrad
from plugrad.autograd import fast, grad
from plugrad.autograd.hooks import move_retained
from values import assert_close


@pytest.fixture(params=["fast", "plain"])
def engine(request):
    """Backward by the fast engine, and by the one that runs when another run holds the nodes."""
    if request.param == "fast":
        yield "fast"
    else:
        with fast.token:
            yield "plain"


@pytest.fixture
def x(backend):
    return plugrad.tensor(2.0, requires_grad=True)


def values(grads):
    return tuple(None if g is None else g.item() for g in grads)


class Log(list):
    """Hooks that note their name and what they got; a factor replaces the gradient."""

    def tensor(self, name, factor=None):
        def hook(g):
            self.append((name, g.item()))
            return None if factor is None else g * factor

        return hook

    def before(self, name, factor=None):
        def hook(gs):
            self.append((name, values(gs)))
            return None if factor is None else tuple(None if g is None else g * factor for g in gs)

        return hook

    def after(self, name, factor=None):
        def hook(grad_inputs, grad_outputs):
            self.append((name, values(grad_inputs), values(grad_outputs)))
            return None if factor is None else tuple(None if g is None else g * factor for g in grad_inputs)

        return hook


# -- order --------------------------------------------------------------------------------


def test_order_at_a_node(x, engine):
    log = Log()
    h = x * x
    h.grad_fn.register_hook(log.after("after"))
    h.grad_fn.register_prehook(log.before("before", 2))
    h.retain_grad()
    h.register_hook(log.tensor("tensor", 10))
    h.register_hook(log.tensor("tensor again"))
    (h * 3).backward()
    assert log == [("tensor", 3), ("tensor again", 30), ("before", (30,)), ("after", (120, 120), (60,))]
    assert h.grad.item() == 30, "it has seen all hooks of the tensor, and none of the node"
    assert x.grad.item() == 240


def test_order_at_a_leaf(x, engine):
    log = Log()
    y = x * 3
    node = y.grad_fn.next_functions[0][0]
    assert node.name() == "AccumulateGrad"
    x.register_post_accumulate_grad_hook(lambda p: log.append(("accumulated", p is x, p.grad.item())))
    node.register_hook(log.after("after"))
    node.register_prehook(log.before("before", 2))
    x.register_hook(log.tensor("tensor"))
    y.backward(retain_graph=True)
    assert log == [("tensor", 3), ("before", (3,)), ("accumulated", True, 6), ("after", (), (6,))]
    log.clear()
    assert grad(y, x, retain_graph=True)[0].item() == 3
    assert log == [("tensor", 3)]
    log.clear()
    y.backward(inputs=[x])
    assert log == [("tensor", 3), ("before", (3,)), ("accumulated", True, 12), ("after", (), (6,))]


def test_hooks_of_an_input_of_grad(x):
    log = Log()
    h = x * x
    h.register_hook(log.tensor("tensor", 10))
    h.grad_fn.register_prehook(log.before("before"))
    h.grad_fn.register_hook(log.after("after"))
    y = h * 3
    assert values(grad(y, [h], retain_graph=True)) == (30,)
    assert log == [("tensor", 3)], "its node did not run"
    log.clear()
    assert values(grad(y, [h, x])) == (30, 120)
    assert log == [("tensor", 3), ("before", (30,)), ("after", (60, 60), (30,))]


def test_every_node_before_every_leaf(x, engine):
    log = Log()
    w = plugrad.tensor(3.0, requires_grad=True)
    z = x * w
    y = z * x
    for name, t in {"x": x, "w": w, "z": z, "y": y}.items():
        t.register_hook(log.tensor(name))
    (y * w).backward()
    assert log[:2] == [("y", 3), ("z", 6)]
    assert sorted(log[2:]) == [("w", 24), ("x", 36)], "each leaf once, with all of its gradient"


# -- what results do --------------------------------------------------------------------------------


def test_node_hooks_replace(x, engine):
    h = x * x
    h.grad_fn.register_hook(lambda grad_inputs, grad_outputs: (grad_inputs[0] * 10, grad_inputs[1]))
    h.grad_fn.register_hook(lambda grad_inputs, grad_outputs: (grad_inputs[0] + 1, None))
    h.backward()
    assert x.grad.item() == 21


def test_hooks_of_an_op_with_several_outputs(backend, engine):
    class Split(plugrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, g, h):
            return g * 2 + h * 3

    log = Log()
    x = plugrad.tensor(1.0, requires_grad=True)
    a, b = Split.apply(x)
    a.register_hook(log.tensor("a"))
    b.register_hook(log.tensor("b", 10))
    a.grad_fn.register_prehook(log.before("before", 2))
    a.grad_fn.register_hook(log.after("after"))
    assert a.grad_fn is b.grad_fn
    b.retain_grad()
    (b * 5).backward(retain_graph=True)
    assert log == [("b", 5), ("before", (None, 50)), ("after", (300,), (None, 100))]
    assert b.grad.item() == 50
    assert x.grad.item() == 300


BAD = {
    "no tensor": ("s", TypeError, "expected a tensor or None, but hook 'hook' returned 'str'"),
    "shape": (lambda: plugrad.ones(3), RuntimeError, "hook 'hook' has changed the size of value"),
    "dtype": (lambda: plugrad.tensor(1), RuntimeError, "hook 'hook' has changed the type of value"),
}


@pytest.mark.parametrize("kind", ["tensor", "before", "after"])
@pytest.mark.parametrize("bad", BAD)
def test_a_result_that_is_no_gradient(x, engine, kind, bad):
    made, error, message = BAD[bad]
    result = made() if callable(made) else made

    def hook(*args):
        return result if kind == "tensor" else (result,)

    h = plugrad.exp(x)
    register = {"tensor": h, "before": h.grad_fn, "after": h.grad_fn}[kind]
    getattr(register, "register_prehook" if kind == "before" else "register_hook")(hook)
    with pytest.raises(error, match=message):
        h.backward()
    assert x.grad is None


@pytest.mark.parametrize("register", ["register_hook", "register_prehook"])
def test_a_wrong_number_of_results(x, engine, register):
    h = plugrad.exp(x)
    getattr(h.grad_fn, register)(lambda *args: (None, None))
    with pytest.raises(RuntimeError, match=r"incorrect number of values \(got 2, but expected 1\)"):
        h.backward()
    h = plugrad.exp(x)
    getattr(h.grad_fn, register)(lambda *args: [plugrad.tensor(1.0)])
    with pytest.raises(TypeError, match="expected tuple, but hook '<lambda>' returned 'list'"):
        h.backward()


def test_none_is_not_replaced(x, engine):
    h = x * plugrad.tensor(3.0)
    h.grad_fn.register_hook(lambda grad_inputs, grad_outputs: (grad_inputs[0], plugrad.tensor(1.0)))
    with pytest.raises(RuntimeError, match="can't replace a None gradient"):
        h.backward()


def test_a_hook_that_runs_after_accumulation_returns_none(x, engine):
    x.register_post_accumulate_grad_hook(lambda p: p)
    with pytest.raises(TypeError, match="returns None, not Tensor"):
        (x * x).backward()


def test_hooks_record_only_with_create_graph(x):
    seen = []
    h = x * x
    h.register_hook(lambda g: seen.append((g * 2).requires_grad))
    h.grad_fn.register_prehook(lambda gs: seen.append((gs[0] * x).requires_grad))
    h.grad_fn.register_hook(lambda grad_inputs, gs: seen.append((grad_inputs[0] * 2).requires_grad))
    h.backward(retain_graph=True)
    assert seen == [False] * 3
    seen.clear()
    grad(h, x, create_graph=True)
    assert seen == [False, True, True]


def test_hooks_are_differentiated(x):
    h = x * x
    h.register_hook(lambda g: g * x)
    (g,) = grad(h, x, create_graph=True)
    assert g.item() == 8
    assert grad(g, x)[0].item() == 8


# -- a hook's life ---------------------------------------------------------------------------------------------------


def test_removal(x, engine):
    log = Log()
    y = x * 3
    hook = log.tensor("hook")
    first, second = x.register_hook(hook), x.register_hook(hook)
    y.backward(retain_graph=True)
    first.remove()
    first.remove()
    y.backward(retain_graph=True)
    second.remove()
    y.backward(retain_graph=True)
    assert log == [("hook", 3)] * 3
    with x.register_hook(hook):
        y.backward(retain_graph=True)
    y.backward()
    assert log == [("hook", 3)] * 4


def test_a_hook_that_removes_itself(x, engine):
    log = []
    handles = []

    def once(g):
        log.append(g.item())
        handles[0].remove()

    handles.append(x.register_hook(once))
    (x * x).backward()
    (x * x).backward()
    assert log == [4]


def test_a_hook_of_its_own_node_is_collected(x):
    h = x * x
    h.register_hook(lambda g, node=h.grad_fn: None)
    node = weakref.ref(h.grad_fn)
    del h
    gc.collect()
    assert node() is None


def test_a_handle_keeps_nothing_alive(x):
    h = x * x

    def hook(g):
        return None

    alive = weakref.ref(hook)
    handle = h.register_hook(hook)
    del h, hook
    assert alive() is None
    handle.remove()


def test_hooks_outlive_the_saved_values(x, engine):
    log = Log()
    h = x * x
    h.register_hook(log.tensor("hook"))
    h.backward()
    with pytest.raises(RuntimeError, match="second time"):
        h.backward()
    assert log == [("hook", 1), ("hook", 1)]


def test_who_takes_no_hook(backend):
    with pytest.raises(RuntimeError, match="cannot register a hook on a tensor that doesn't require gradient"):
        plugrad.tensor(1.0).register_hook(lambda g: None)
    with pytest.raises(RuntimeError, match="cannot register a hook on a tensor that doesn't require gradient"):
        plugrad.tensor(1.0).register_post_accumulate_grad_hook(lambda p: None)
    h = plugrad.tensor(1.0, requires_grad=True) * 2
    with pytest.raises(RuntimeError, match=r"cannot be registered on non-leaf tensors.*MulBackward0"):
        h.register_post_accumulate_grad_hook(lambda p: None)


# -- metadata and kept gradients --------------------------------------------------------------------------------


def test_metadata(x, engine):
    h = x * x
    h.grad_fn.metadata["line"] = 7
    h.backward()
    assert h.grad_fn.metadata == {"line": 7}
    assert x.grad.item() == 4
    assert (x * x).grad_fn.metadata == {}


def test_retained_gradients(x, engine):
    h = x * x
    assert not h.retains_grad
    h.retain_grad()
    h.retain_grad()
    x.retain_grad()
    assert h.retains_grad
    assert not x.retains_grad
    y = h * 3
    y.backward(retain_graph=True)
    y.backward()
    assert h.grad.item() == 6
    with pytest.raises(RuntimeError, match="can't retain_grad on Tensor that has requires_grad=False"):
        plugrad.tensor(1.0).retain_grad()


def test_a_kept_gradient_moves_to_a_newer_node(x, engine):
    h = x * x
    h.retain_grad()
    log = Log()
    h.register_hook(log.tensor("stays"))
    newer = h * 3
    move_retained(h.grad_fn, newer.grad_fn)
    (newer * 5).backward()
    assert log == [("stays", 15)]
    assert newer.grad.item() == 5
    assert not h.retains_grad


@pytest.mark.writable
def test_a_kept_gradient_is_memory_of_its_own(backend, engine):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    h = x * 2
    kept = plugrad.tensor([5.0, 5.0])
    h.register_hook(lambda g: kept)
    h.retain_grad()
    h.sum().backward()
    kept[0] = 9.0
    assert_close(h.grad, [5.0, 5.0])
