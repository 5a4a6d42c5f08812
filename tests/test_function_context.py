"""The ``ctx`` of a Function: what it saves and marks, and how long it lives."""

import gc
import weakref

import pytest

import plugrad
from plugrad.autograd import Function, grad
from plugrad.autograd.function import FunctionCtx


def leaf(values):
    return plugrad.tensor(values, requires_grad=True)


def function(forward, backward=None):
    """A Function of two functions. By default its backward hands on the first gradient."""
    return type(
        "Made",
        (Function,),
        {"forward": staticmethod(forward), "backward": staticmethod(backward or (lambda ctx, *gs: gs[0]))},
    )


# -- saved tensors ----------------------------------------------------------------------------------------------------


def test_what_was_saved_comes_back_as_it_was(backend):
    seen, made = [], []

    def forward(ctx, x, k):
        inner, y = x * 3, x * 2
        made.extend([inner, y])
        ctx.save_for_backward(x, None, inner, y)
        assert ctx.saved_tensors == ()
        return y

    def backward(ctx, g):
        seen.extend(ctx.saved_tensors)
        return g * 2, None

    x = leaf(1.0) * 1
    y = function(forward, backward).apply(x, 2)
    y.backward()
    assert seen[0] is x
    assert seen[1] is None
    assert seen[2] is made[0]
    assert not seen[2].requires_grad
    assert seen[3] is y


@pytest.mark.parametrize("saved, second", [("x", 12.0), ("output", 12.0), ("intermediate", None)])
def test_what_second_derivatives_flow_through(backend, saved, second):
    """x * x * x, whose first derivative is 3 * x * x, is 3 * output / x, is 3 * intermediate."""

    def forward(ctx, x):
        square = x * x
        cube = square * x
        ctx.save_for_backward(*{"x": (x,), "output": (x, cube), "intermediate": (square,)}[saved])
        return cube

    def backward(ctx, g):
        first = ctx.saved_tensors[0]
        return g * {
            "x": lambda: 3 * first * first,
            "output": lambda: 3 * ctx.saved_tensors[1] / first,
            "intermediate": lambda: 3 * first,
        }[saved]()

    x = leaf(2.0)
    (g,) = grad(function(forward, backward).apply(x), [x], create_graph=True)
    assert g.item() == 12
    if second is None:
        assert not g.requires_grad
    else:
        assert grad(g, [x])[0].item() == pytest.approx(second)


def test_after_backward_the_context_lives_and_its_saved_tensors_do_not(backend):
    kept = []

    def forward(ctx, x):
        kept.append(ctx)
        ctx.note, ctx.outputs, ctx.context = "mine", "mine too", 3
        ctx.save_for_backward(x)
        return x * 2, x * 3

    y, _ = function(forward).apply(leaf(1.0))
    assert kept[0].saved_tensors[0].item() == 1
    y.backward(retain_graph=True)
    assert kept[0].saved_tensors[0].item() == 1
    y.backward()
    assert isinstance(kept[0], FunctionCtx)
    assert (kept[0].note, kept[0].outputs, kept[0].context) == ("mine", "mine too", 3)
    assert kept[0].needs_input_grad == (True,)
    with pytest.raises(RuntimeError, match="second time.*those of MadeBackward.*retain_graph=True"):
        kept[0].saved_tensors


def test_a_backward_that_reads_nothing_saved_runs_again(backend):
    x = leaf(1.0)
    y = function(lambda ctx, x: (ctx.save_for_backward(x), x * 1)[1]).apply(x)
    y.backward()
    y.backward()
    assert x.grad.item() == 2


def test_nothing_refers_in_a_circle(backend):
    def forward(ctx, x):
        y, z = x * 2, x * 3
        ctx.save_for_backward(x, y, z)
        return y, z, x

    gc.collect()
    gc.disable()
    try:
        x = leaf(1.0) * 1
        y, z, w = function(forward).apply(x)
        (g,) = grad(y + z + w, [x], create_graph=True)
        dead = [weakref.ref(o) for o in (x, y, z, w, y.grad_fn, x.grad_fn)]
        del x, y, z, w, g
        assert [d() for d in dead] == [None] * 6
    finally:
        gc.enable()


def test_a_context_that_outlives_its_graph(backend):
    kept = []
    y = function(lambda ctx, x: (kept.append(ctx), y := x * 2, ctx.save_for_backward(x, y))[1]).apply(leaf(3.0))
    node = weakref.ref(y.grad_fn)
    del y
    assert node() is None
    assert [t.item() for t in kept[0].saved_tensors] == [3, 6]


@pytest.mark.parametrize("method", ["save_for_backward", "save_for_forward", "mark_dirty", "mark_non_differentiable"])
def test_only_tensors_are_saved_and_marked(backend, method):
    with pytest.raises(TypeError, match=f"{method} can only take .* argument 1 is of type str.*ctx.name = value"):
        function(lambda ctx, x: getattr(ctx, method)(x, "x")).apply(leaf(1.0))
    ctx = FunctionCtx()
    if method.startswith("save"):
        getattr(ctx, method)(None)
    else:
        with pytest.raises(TypeError, match="NoneType"):
            getattr(ctx, method)(None)


@pytest.mark.writable
def test_saved_tensors_are_checked_whenever_they_are_read(backend):
    kept = []
    x = leaf([1.0, 2.0])
    y = function(lambda ctx, x: (kept.append(ctx), ctx.save_for_backward(x), x * 1)[2]).apply(x)
    with plugrad.no_grad():
        x += 1.0
    with pytest.raises(RuntimeError, match=r"MadeBackward.*saved 'saved_tensors\[0\]'.*add_ wrote"):
        kept[0].saved_tensors
    assert y.requires_grad


def test_saved_tensors_that_are_let_go_when_read(backend):
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        with pytest.raises(RuntimeError, match="MadeBackward .* the first access.*clear_saved_tensors_on_access"):
            print(ctx.saved_tensors)
        return g * x

    made = function(lambda ctx, x: (ctx.save_for_backward(x), x * x)[1], backward)
    made.clear_saved_tensors_on_access = True
    x = leaf(3.0)
    y = made.apply(x)
    y.backward(retain_graph=True)
    assert x.grad.item() == 3
    with pytest.raises(RuntimeError, match="clear_saved_tensors_on_access"):
        y.backward()


def test_cotangents_in_a_box(backend):
    def backward(ctx, grads):
        h = grads.pop()
        return 2 * grads.pop() + 3 * h

    made = function(lambda ctx, x: (x * 2, x * 3), backward)
    made.boxed_grads_call = True
    x = leaf(1.0)
    y, z = made.apply(x)
    (y + z).backward()
    assert x.grad.item() == 5


@pytest.mark.filterwarnings("ignore:Anomaly Detection has been enabled")
def test_anomaly_mode_knows_a_functions_arguments(backend):
    with plugrad.autograd.detect_anomaly():
        y = function(lambda ctx, x, k: x * k, lambda ctx, g: (g * float("nan"), None)).apply(leaf([1.0, 2.0]), 3)
        with pytest.raises(RuntimeError, match=r"(?s)MadeBackward.*argument 0: float64 \(2,\) .*from 1.0 to 2.0"):
            y.sum().backward()
