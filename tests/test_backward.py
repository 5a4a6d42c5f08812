"""What ``backward`` and ``grad`` are asked, and what becomes of graph and gradients: also when they fail."""

import sys
import warnings

import pytest

import plugrad
from plugrad.autograd import backward, fast, grad
from plugrad.errors import GraphError, ShapeError
from values import assert_close


@pytest.fixture(params=["fast", "plain"])
def engine(request):
    if request.param == "fast":
        yield "fast"
    else:
        with fast.token:
            yield "plain"


def leaf(values, **keywords):
    return plugrad.tensor(values, requires_grad=True, **keywords)


# -- arguments --------------------------------------------------------------------------------


def test_inputs_as_one_tensor_a_sequence_an_iterator_or_a_dict(backend):
    x, w = leaf(2.0), leaf(3.0)
    y = x * w
    keep = {"retain_graph": True}
    assert grad(y, x, **keep)[0].item() == 3
    assert [g.item() for g in grad(y, (x, w, x), **keep)] == [3, 2, 3]
    assert [g.item() for g in grad(y, iter([w]), **keep)] == [2]
    found = grad(y, {"x": x, "w": w}, **keep)
    assert {name: g.item() for name, g in found.items()} == {"x": 3, "w": 2}
    y.backward(inputs=x, **keep)
    y.backward(inputs=(t for t in [w]), **keep)
    y.backward(inputs={"x": x}, **keep)
    assert x.grad.item() == 6
    assert w.grad.item() == 2


@pytest.mark.parametrize("function", ["backward", "grad"])
def test_empty_inputs_are_an_error(backend, function):
    y = leaf(2.0) * 2
    with pytest.raises(GraphError, match=rf"`inputs` argument to `{function}\(\)` cannot be empty"):
        y.backward(inputs=[]) if function == "backward" else grad(y, [])


def test_several_roots_and_their_gradients(backend, engine):
    x = leaf([1.0, 2.0])
    h = x * x
    backward((h, h.sum()), (plugrad.tensor([1.0, 10.0]), None))
    assert_close(x.grad, [4.0, 44.0])
    y = x * x
    with pytest.raises(GraphError, match="got 2 tensors and 1 gradients"):
        backward([y, y], plugrad.ones(2))
    with pytest.raises(GraphError, match="element 1 of tensors does not require grad"):
        backward([y.sum(), plugrad.tensor(1.0)])


def test_the_old_name_of_the_gradients(backend):
    x = leaf(2.0)
    with pytest.warns(FutureWarning, match="Use `grad_tensors` instead"):
        backward(x * x, grad_variables=plugrad.tensor(2.0))
    assert x.grad.item() == 8


def test_non_leaves_accumulate_too(backend):
    x = leaf(2.0)
    h = x * x
    y = h * 3
    y.backward(inputs=[h, x], retain_graph=True)
    y.backward(inputs=[h], retain_graph=True)
    assert h.grad.item() == 6
    assert x.grad.item() == 12
    y.backward()
    assert h.grad.item() == 9, "it retains its gradient from then on"


def test_what_is_off_the_path_does_not_run_and_is_not_freed(backend):
    class Never(plugrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 1

        @staticmethod
        def backward(ctx, g):
            raise AssertionError("it ran")

    x, w = leaf(2.0), leaf(3.0)
    h = Never.apply(x)
    y = h * w
    grad(y, [w], retain_graph=True)
    grad(y, [h], retain_graph=True)
    grad(y, [h])
    with pytest.raises(AssertionError, match="it ran"):
        grad(h, x)


def test_unused_and_materialized(backend):
    x, w = leaf(2.0), leaf([1.0, 2.0])
    y = x * x
    with pytest.raises(RuntimeError, match="not have been used in the graph"):
        grad(y, [x, w], retain_graph=True)
    assert grad(y, [w], retain_graph=True, allow_unused=True) == (None,)
    assert_close(grad(y, [w], materialize_grads=True)[0], [0.0, 0.0])
    with pytest.raises(ValueError, match="Expected allow_unused to be True or not passed"):
        grad(y, [w], allow_unused=False, materialize_grads=True)


# -- batches of gradients --------------------------------------------------------------------------------


def test_batched_gradients(backend):
    x, w = leaf([1.0, 2.0]), leaf(3.0)
    y = x * x * w
    rows = plugrad.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    gx, gw = grad(y, [x, w], rows, is_grads_batched=True, retain_graph=True)
    assert_close(gx, [[6.0, 0.0], [0.0, 12.0], [6.0, 12.0]])
    assert_close(gw, [1.0, 4.0, 5.0])
    (again,) = grad([y, y.sum()], [x], [rows, plugrad.tensor([0.0, 0.0, 1.0])], is_grads_batched=True)
    assert_close(again, [[6.0, 0.0], [0.0, 12.0], [12.0, 24.0]])
    with pytest.raises(RuntimeError, match="second time"):
        grad(y, x, rows, is_grads_batched=True)


def test_batched_gradients_that_are_differentiated(backend):
    x = leaf([1.0, 2.0])
    (rows,) = grad(x * x * x, x, plugrad.eye(2), is_grads_batched=True, create_graph=True)
    assert_close(grad(rows.sum(), x)[0], [6.0, 12.0])


def test_batched_gradients_of_an_unused_input(backend):
    x, w = leaf([1.0, 2.0]), leaf(3.0)
    options = {"is_grads_batched": True, "retain_graph": True}
    y = x * x
    assert grad(y, [w], plugrad.eye(2), allow_unused=True, **options) == (None,)
    assert_close(grad(y, [w], plugrad.eye(2), materialize_grads=True, **options)[0], [0.0, 0.0])


def test_batches_that_do_not_fit(backend):
    x = leaf([1.0, 2.0])
    y = x * x
    with pytest.raises(ShapeError, match=r"If `is_grads_batched=True`.*grad_output\[0\] has a shape of \(3, 3\)"):
        grad(y, x, plugrad.ones((3, 3)), is_grads_batched=True)
    with pytest.raises(ValueError, match="same first extent"):
        grad([y, y], x, [plugrad.ones((3, 2)), plugrad.ones((2, 2))], is_grads_batched=True)
    with pytest.raises(GraphError, match="pass grad_outputs"):
        grad(y, x, is_grads_batched=True)


# -- .grad --------------------------------------------------------------------------------


def test_the_gradient_of_a_non_leaf_warns(backend):
    x = leaf(2.0)
    h = x * x
    with pytest.warns(UserWarning, match=r"not a leaf Tensor is being accessed.*use .retain_grad\(\).*MulBackward0"):
        assert h.grad is None
    h.retain_grad()
    assert h.grad is None, "no warning any more"
    k = x * x
    k.grad = plugrad.tensor(5.0)
    assert k.grad.item() == 5
    k.backward()
    assert k.grad.item() == 5, "it does not retain"
    k.grad = None
    assert x.grad.item() == 4


@pytest.mark.writable
def test_gradients_share_no_memory_with_create_graph(backend):
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    g = plugrad.tensor([1.0, 1.0])
    with pytest.warns(UserWarning, match="reference cycle"):
        (x + y).backward(g, create_graph=True)
    assert x.grad is not y.grad
    with plugrad.no_grad():
        x.grad.mul_(5)
    assert_close(y.grad, [1.0, 1.0])
    assert_close(g, [1.0, 1.0])
    x.grad = y.grad = None


def test_create_graph_warns_in_backward_alone(backend):
    x = leaf(3.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        grad(x * x, x, create_graph=True)
    with pytest.warns(UserWarning, match=r"Using backward\(\) with create_graph=True will create a reference cycle"):
        (x * x).backward(create_graph=True)
    x.grad = None


@pytest.mark.parametrize("materialize", [True, False])
def test_a_none_gradient_stays_undefined(backend, engine, materialize):
    class Nothing(plugrad.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.set_materialize_grads(materialize)
            return x * y

        @staticmethod
        def backward(ctx, g):
            return None, g

    x, y, seen = leaf(2.0), leaf(3.0), []
    h = x * 1
    h.register_hook(seen.append)
    h.retain_grad()
    x.register_hook(seen.append)
    x.register_post_accumulate_grad_hook(seen.append)
    Nothing.apply(h, y).backward()
    assert x.grad is None
    assert h.grad is None
    assert y.grad.item() == 1
    assert seen == []


# -- graphs that are freed, shared, failed ------------------------------------------------------------


def test_a_shared_subgraph(backend, engine):
    x = leaf([1.0, 2.0])
    trunk = plugrad.exp(x)
    trunk.sum().backward(retain_graph=True)
    (trunk * 1).sum().backward()
    with pytest.raises(RuntimeError, match="ExpBackward0.*retain_graph=True"):
        (trunk * 1).sum().backward()
    linear = x + 1
    linear.sum().backward()
    linear.sum().backward()
    assert_close(x.grad, [2 * v + 2 for v in trunk.tolist()])


class Fails(plugrad.autograd.Function):
    armed = True

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * 1

    @staticmethod
    def backward(ctx, g):
        if Fails.armed:
            raise ZeroDivisionError("theirs")
        return g * (ctx.saved_tensors[0] * 0 + 1)


def test_the_node_that_failed_is_whole(backend, engine):
    x = leaf(2.0)
    y = Fails.apply(plugrad.exp(x)) + 1
    Fails.armed = True
    with pytest.raises(ZeroDivisionError):
        y.backward()
    assert x.grad is None
    Fails.armed = False
    y.backward()
    assert x.grad.item() == pytest.approx(7.38905609893065)


@pytest.mark.parametrize("kind", ["register_hook", "register_prehook", "tensor"])
def test_a_node_whose_hook_failed_is_whole(backend, engine, kind):
    x = leaf(2.0)
    h = plugrad.exp(x)
    handle = h.register_hook(lambda g: 1 / 0) if kind == "tensor" else getattr(h.grad_fn, kind)(lambda *gs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        h.backward()
    handle.remove()
    h.backward()
    assert x.grad.item() == h.item()


def test_each_node_is_whole_or_freed_after_a_failure(backend, engine):
    """The formula of an op itself fails: a cotangent from a hook of a Function has no such method."""
    x = leaf([1.0, 2.0])
    first = plugrad.exp(x)
    second = Fails.apply(first)
    third = plugrad.sin(second)
    Fails.armed = True
    with pytest.raises(ZeroDivisionError):
        third.sum().backward()
    Fails.armed = False
    with pytest.raises(RuntimeError, match="SinBackward0.*freed"):
        third.sum().backward()
    second.sum().backward()
    assert_close(x.grad, first.tolist())


def test_a_hook_that_fails_after_accumulation(backend, engine):
    x, w = leaf(2.0), leaf(3.0)
    handles = [t.register_post_accumulate_grad_hook(lambda p: 1 / 0) for t in (x, w)]
    with pytest.raises(ZeroDivisionError):
        (x * w).backward()
    assert (x.grad.item(), w.grad.item()) == (3, 2), "all gradients are written before"
    for handle in handles:
        handle.remove()
    (x * w).backward()
    assert (x.grad.item(), w.grad.item()) == (6, 4)


def test_a_gradient_that_cannot_be_accumulated(backend, engine, monkeypatch):
    """What fails at one leaf leaves nothing pending at the others."""
    x, w, v = leaf([1.0, 2.0]), leaf([3.0, 4.0]), leaf([5.0, 6.0])
    for t in (x, w, v):
        t.grad = plugrad.ones(2)

    def accumulate(total, more):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(type(backend), "accumulate", lambda self, total, more: accumulate(total, more))
        with pytest.raises(MemoryError):
            (x * w + v).sum().backward()
    for t in (x, w, v):
        t.grad = None
    (x * w + v).sum().backward()
    assert_close(x.grad, [3.0, 4.0])
    assert_close(v.grad, [1.0, 1.0])


def test_a_frozen_leaf_calls_no_hook_that_waits_for_its_gradient(backend, engine):
    x, w, seen = leaf(2.0), leaf(3.0), []
    x.register_post_accumulate_grad_hook(seen.append)
    y = x * w
    x.requires_grad_(False)
    y.backward()
    assert seen == []
    assert x.grad is None


@pytest.mark.only("numpy")
def test_an_array_is_a_gradient_too(backend, engine):
    x = leaf([1.0, 2.0])
    (x * x).backward(plugrad.tensor([1.0, 10.0]).array)
    assert_close(x.grad, [2.0, 40.0])


def test_an_interrupt_is_an_exception_too(backend, engine):
    def interrupt(g):
        raise KeyboardInterrupt

    x = leaf(2.0)
    h = plugrad.exp(x)
    handle = h.register_hook(interrupt)
    with pytest.raises(KeyboardInterrupt):
        h.backward()
    handle.remove()
    h.backward()
    assert x.grad.item() == h.item()


# -- backward inside backward --------------------------------------------------------------------------------


class Reenter(plugrad.autograd.Function):
    """Differentiates a graph of its own, ``depth`` levels down."""

    @staticmethod
    def forward(ctx, x, depth):
        ctx.depth = depth
        return x * 1

    @staticmethod
    def backward(ctx, g):
        if ctx.depth:
            with plugrad.enable_grad():
                y = leaf(1.0)
                Reenter.apply(y, ctx.depth - 1).backward()
            return y.grad + g, None
        return g, None


def test_a_hundred_levels(backend, engine):
    x = leaf(1.0)
    Reenter.apply(x, 90).backward()
    assert x.grad.item() == 91


def test_hundreds_of_levels_with_a_higher_limit(backend, engine):
    x = leaf(1.0)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(10 * limit)
    try:
        Reenter.apply(x, 500).backward()
    finally:
        sys.setrecursionlimit(limit)
    assert x.grad.item() == 501


def test_too_many_levels_are_pythons_recursion_error(backend):
    x = leaf(1.0)
    with pytest.raises(RecursionError):
        Reenter.apply(x, sys.getrecursionlimit()).backward()
    assert x.grad is None
    assert not fast.token.locked()
    Reenter.apply(x, 1).backward()
    assert x.grad.item() == 2


def test_backward_inside_a_hook(backend, engine):
    x = leaf(2.0)
    w = leaf(5.0)
    h = x * x

    def hook(g):
        with plugrad.enable_grad():
            (w * w).backward()
        return g * w.grad.detach()

    h.register_hook(hook)
    x.register_post_accumulate_grad_hook(lambda p: hook(p.grad) and None)
    h.backward()
    assert x.grad.item() == 4 * 10
    assert w.grad.item() == 20


def test_backward_through_the_same_leaf_inside_a_hook(backend, engine):
    x = leaf(2.0)
    h = x * x

    @plugrad.enable_grad()
    def hook(g):
        (x * 3).backward()

    h.register_hook(hook)
    h.backward()
    assert x.grad.item() == 3 + 4


def test_a_recorded_gradient_is_no_view(backend):
    x, w = leaf([1.0, 2.0]), leaf([[3.0], [4.0]])
    (g,) = grad(x.reshape((2, 1)), x, w, create_graph=True)
    g.mul_(2.0)
    assert_close(g.detach(), [6.0, 8.0])
    assert_close(w.detach(), [[3.0], [4.0]])
    g.detach_()
