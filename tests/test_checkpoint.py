"""``utils.checkpoint``: what backward needs is computed again."""

import gc
import weakref
from contextlib import contextmanager

import pytest

import plugrad
from plugrad import exp, sin
from plugrad.autograd import Function, grad
from plugrad.autograd.graph import save_on_cpu, saved_tensors_hooks
from plugrad.extend import op
from plugrad.utils.checkpoint import (
    CheckpointError,
    checkpoint,
    checkpoint_sequential,
    set_checkpoint_debug_enabled,
    set_checkpoint_early_stop,
)
from values import assert_close


def leaf(values):
    return plugrad.tensor(values, requires_grad=True)


class Counted:
    """A function that counts its runs."""

    def __init__(self, function):
        self.function, self.started, self.ended = function, 0, 0

    def __call__(self, *args, **kwargs):
        self.started += 1
        result = self.function(*args, **kwargs)
        self.ended += 1
        return result


def chain(x):
    return exp(sin(exp(sin(x))))


def gradient(function, x, *args, **kwargs):
    (g,) = grad(function(x, *args, **kwargs).sum(), [x])
    return g


# -- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("use_reentrant", [None, False])
def test_the_gradient_is_the_same_and_the_function_runs_twice(backend, use_reentrant):
    x = leaf([0.5, 1.0])
    counted = Counted(chain)
    y = checkpoint(counted, x, use_reentrant=use_reentrant)
    assert_close(y, chain(x))
    assert counted.started == 1
    y.sum().backward()
    assert counted.started == 2
    assert_close(x.grad, gradient(chain, x))


def test_several_arguments_keywords_and_outputs(backend):
    def function(x, scale, *, y, text="unused"):
        return x * y * scale, {"y": exp(y)}

    x, y = leaf(2.0), leaf(3.0)
    product, rest = checkpoint(function, x, 5, y=y, text="used")
    (product * rest["y"]).backward()
    assert x.grad.item() == pytest.approx(15 * plugrad.exp(y).item())
    assert y.grad.item() == pytest.approx((10 + 30) * plugrad.exp(y).item())


def test_gradients_reach_what_the_function_finds_elsewhere(backend):
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    checkpoint(lambda x: exp(x * w) * w, x).sum().backward()
    expected = grad((exp(x * w) * w).sum(), [x, w])
    assert_close(x.grad, expected[0])
    assert_close(w.grad, expected[1])


def test_with_inputs_create_graph_and_twice(backend):
    x = leaf([0.5, 1.0])
    y = checkpoint(chain, x).sum()
    (g,) = grad(y, [x], create_graph=True)
    (h,) = grad(g.sum(), [x], retain_graph=True)
    plain = grad(grad(chain(x).sum(), [x], create_graph=True)[0].sum(), [x])[0]
    assert_close(h, plain)
    y.backward(inputs=[x], retain_graph=True)
    y.backward()
    assert_close(x.grad, 2 * g)
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_nothing_is_kept_under_no_grad(backend):
    counted = Counted(chain)
    with plugrad.no_grad():
        y = checkpoint(counted, leaf(1.0))
    assert not y.requires_grad
    assert counted.started == 1


def test_the_function_may_be_a_function_of_the_users(backend):
    seen = []

    class Exp(Function):
        @staticmethod
        def forward(ctx, x):
            y = exp(x)
            ctx.save_for_backward(x, y)
            return y

        @staticmethod
        def backward(ctx, g):
            seen.append(ctx.saved_tensors[0])
            return g * ctx.saved_tensors[1]

    x = leaf([1.0, 2.0])
    checkpoint(lambda x: Exp.apply(x) * 2, x).sum().backward()
    assert_close(x.grad, 2 * exp(x))
    assert seen[0] is x


# -- memory -----------------------------------------------------------------------------------------------------------


def alive(references):
    return [r() is not None for r in references]


def watched(kept):
    """The chain twice, noting weak references to its intermediate arrays."""

    def function(x):
        for _ in range(4):
            x = exp(sin(x))
            kept.append(weakref.ref(x._array))
        return exp(x)

    return function


@pytest.mark.writable
def test_intermediate_arrays_die(backend):
    kept, plain = [], []
    gc.collect()
    gc.disable()
    try:
        y = checkpoint(watched(kept), leaf([0.5, 1.0]))
        z = watched(plain)(leaf([0.5, 1.0]))
        assert alive(kept) == [False] * 4
        assert alive(plain) == [True] * 4, "without a checkpoint they live"
        y.sum().backward()
        assert alive(kept) == [False] * 8
        assert z.requires_grad
    finally:
        gc.enable()


@pytest.mark.writable
def test_inner_arrays_of_nested_checkpoints_die(backend):
    kept = []

    def inner(x):
        y = sin(exp(x))
        kept.append(weakref.ref(y._array))
        return sin(y)

    def outer(x):
        y = exp(checkpoint(inner, exp(x)))
        kept.append(weakref.ref(y._array))
        return checkpoint(inner, y)

    x = leaf([0.5, 1.0])
    gc.collect()
    gc.disable()
    try:
        y = checkpoint(outer, x)
        assert alive(kept) == [False] * 3
        y.sum().backward()
        assert not any(alive(kept))
    finally:
        gc.enable()
    assert_close(x.grad, gradient(lambda x: sin(sin(exp(exp(sin(sin(exp(exp(x)))))))), x))


def test_a_dropped_graph_leaves_nothing(backend):
    gc.collect()
    gc.disable()
    try:
        x = leaf([0.5, 1.0]) * 1
        y = checkpoint(chain, x)
        x += y
        references = [weakref.ref(o) for o in (x, y.grad_fn, *([y._array] if backend.writable else []))]
        del x, y
        assert not any(alive(references))
    finally:
        gc.enable()


# -- how often the function runs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("early_stop", [True, False])
@pytest.mark.parametrize("how", ["argument", "context"])
def test_early_stop(backend, early_stop, how):
    def function(x):
        return exp(sin(x)).sum() + 1  # the last ops save nothing

    counted = Counted(function)
    x = leaf([0.5, 1.0])
    if how == "argument":
        y = checkpoint(counted, x, early_stop=early_stop)
    else:
        with set_checkpoint_early_stop(early_stop):
            y = checkpoint(counted, x, early_stop=not early_stop)
    y.backward()
    assert (counted.started, counted.ended) == (2, 1 if early_stop else 2)
    assert_close(x.grad, gradient(function, x))


def test_the_function_cannot_catch_the_early_stop(backend):
    caught = []

    def function(x):
        try:
            return exp(sin(x)) * 2
        except Exception as error:
            caught.append(error)
            raise

    x = leaf(1.0)
    checkpoint(function, x).backward()
    assert not caught


@pytest.mark.parametrize("early_stop", [True, False])
def test_nested_checkpoints(backend, early_stop):
    first, second, third = Counted(sin), Counted(lambda x: exp(checkpoint(first, sin(x)))), None
    third = Counted(lambda x: checkpoint(second, exp(x)) * x)
    x = leaf([0.5, 1.0])
    with set_checkpoint_early_stop(early_stop):
        checkpoint(third, x).sum().backward()
    assert_close(x.grad, gradient(lambda x: exp(sin(sin(exp(x)))) * x, x))


def test_a_leafs_hook_fires_once(backend):
    fired = []
    x = leaf(1.0)
    x.register_hook(lambda g: fired.append(g.item()))
    checkpoint(lambda x: exp(x) * x, x).backward()
    assert fired == [x.grad.item()]


def test_backward_from_a_hook(backend):
    x, z = leaf(1.0), leaf(2.0)
    inner = checkpoint(chain, z)
    y = checkpoint(chain, x * 1)
    y.register_hook(lambda g: inner.backward())
    y.backward()
    assert x.grad.item() == pytest.approx(gradient(chain, x).item())
    assert z.grad.item() == pytest.approx(gradient(chain, z).item())


@pytest.mark.parametrize("early_stop", [True, False])
@pytest.mark.parametrize("retain", [True, False])
def test_backward_inside_of_the_function(backend, early_stop, retain):
    def function(x):
        y = sin(x)
        z = exp(y)
        (g,) = grad(z, [x], retain_graph=retain)
        return exp(x) * g + (z if retain else 0)

    x = leaf(0.5)
    checkpoint(function, x, early_stop=early_stop).backward()
    assert x.grad.item() == pytest.approx(gradient(function, x).item())


def test_saved_tensors_may_be_read_twice(backend):
    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0] + g * ctx.saved_tensors[0]

    x = leaf(3.0)
    checkpoint(lambda x: Square.apply(exp(x)), x).backward()
    assert x.grad.item() == pytest.approx(2 * exp(x * 2).item())


def test_with_other_hooks_on_saved_tensors(backend):
    def inside(x):
        with save_on_cpu():
            x = exp(sin(x))
        return sin(x)

    x = leaf([0.5, 1.0])
    checkpoint(inside, x).sum().backward()
    with save_on_cpu():
        y = sin(checkpoint(chain, exp(x)))
    y.sum().backward()
    assert_close(x.grad, gradient(inside, x) + gradient(lambda x: sin(chain(exp(x))), x))
    seen = []
    with saved_tensors_hooks(lambda t: seen.append(t.tolist()) or t, lambda t: t):
        z = checkpoint(chain, x)
    assert seen == [x.tolist()], "the arguments are what the context outside sees"
    z.sum().backward()


# -- the same again ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preserve", [True, False])
def test_random_numbers_are_drawn_again(backend, preserve):
    drawn = []

    def function(x):
        noise = plugrad.rand(3)
        drawn.append(noise.tolist())
        return exp(x * noise)

    plugrad.manual_seed(1)
    x = leaf([0.5, 1.0, 1.5])
    y = checkpoint(function, x, preserve_rng_state=preserve)
    after = plugrad.rand(2).tolist()
    y.sum().backward()
    assert (drawn[0] == drawn[1]) is preserve
    plugrad.manual_seed(1)
    plugrad.rand(3)
    assert plugrad.rand(2).tolist() == after, "what the program draws next is what it would have drawn"


def test_the_generator_goes_on_where_it_was(backend):
    plugrad.manual_seed(1)
    y = checkpoint(lambda x: exp(x * plugrad.rand()), leaf(1.0))
    plugrad.rand(5)
    state = backend.rng_state()
    y.backward()
    follows = plugrad.rand(2).tolist()
    backend.set_rng_state(state)
    assert plugrad.rand(2).tolist() == follows


def changing(*functions):
    """A function that is another one each time."""
    turns = iter(functions)
    return lambda x: next(turns)(x)


@pytest.mark.parametrize(
    "functions, early_stop, message",
    [
        ((lambda x: exp(x), lambda x: x + 1), True, r"different number of tensors.*forward: 1.*recomputation: 0"),
        ((lambda x: exp(x), lambda x: exp(exp(x))), False, r"trying to save more tensors during recomputation"),
        (
            (lambda x: exp(x), lambda x: exp(x[:1])),
            True,
            r"different metadata.*position 0:\nsaved metadata: .*\(2,\).*\nrecomputed metadata: .*\(1,\)",
        ),
    ],
)
def test_another_function_the_second_time(backend, functions, early_stop, message):
    x = leaf([0.5, 1.0])
    y = checkpoint(changing(*functions), x, early_stop=early_stop)
    with pytest.raises(CheckpointError, match=rf"(?s)plugrad.utils.checkpoint: .*{message}.*debug=True") as caught:
        y.sum().backward()
    assert isinstance(caught.value, RuntimeError)
    assert x.grad is None


def test_the_check_can_be_left_out(backend):
    y = checkpoint(changing(exp, lambda x: exp(x * 2)), leaf([0.5]), determinism_check="none")
    y.sum().backward()
    y = checkpoint(changing(exp, lambda x: exp(x[:1])), leaf([0.5, 1.0]), determinism_check="none")
    y.sum().backward()
    with pytest.raises(ValueError, match=r"should be one of \['default', 'none'\], but got strict"):
        checkpoint(exp, leaf(0.5), determinism_check="strict")


@pytest.mark.parametrize("how", ["argument", "context"])
def test_debug_tells_the_ops_of_both_runs(backend, how):
    changed = changing(lambda x: exp(sin(x)), sin)
    if how == "argument":
        y = checkpoint(changed, leaf([0.5]), debug=True)
    else:
        with set_checkpoint_debug_enabled(True):
            y = checkpoint(changed, leaf([0.5]))
    with pytest.raises(CheckpointError) as caught:
        y.sum().backward()
    before, after = str(caught.value).split("Operations executed during recomputation")
    assert "SinBackward0, line" in before
    assert "ExpBackward0, line" in before
    assert 'test_checkpoint.py": changed = changing(lambda x: exp(sin(x)), sin)' in before
    assert "SinBackward0, line" in after
    assert "ExpBackward0" not in after


def test_arguments_that_were_written_are_found_out(backend):
    x = leaf([0.5, 1.0]) * 1
    y = checkpoint(chain, x)
    if backend.writable:
        with plugrad.no_grad():
            x *= 2
        with pytest.raises(RuntimeError, match=r"modified by an inplace operation.*CheckpointArguments"):
            y.sum().backward()


def test_the_first_call_of_an_op_saves_what_later_ones_do(backend):
    product = op(
        "test.product(x1, x2, /)",
        elementwise=True,
        composite=lambda x1, x2: x1 * x2,
        vjp={"x1": lambda g, x2: g * x2, "x2": lambda g, x1: g * x1},
    )
    x, two = leaf(3.0), plugrad.tensor(2.0)
    checkpoint(lambda x: product(product(x, two), 5.0), x).backward()
    assert x.grad.item() == 10


def test_contexts_for_both_runs(backend):
    entered = []

    @contextmanager
    def context(name):
        entered.append(name)
        yield

    def contexts():
        return context("first"), context("second")

    y = checkpoint(chain, leaf(1.0), context_fn=contexts)
    assert entered == ["first"]
    y.backward()
    assert entered == ["first", "second"]


def test_misuse(backend):
    x = leaf(1.0)
    with pytest.raises(ValueError, match="use_reentrant=True is PyTorch's older variant.*use_reentrant=False"):
        checkpoint(exp, x, use_reentrant=True)
    with pytest.raises(ZeroDivisionError):
        checkpoint(lambda x: 1 / 0, x)

    @contextmanager
    def suppressing():
        try:
            yield
        except ZeroDivisionError:
            pass

    with pytest.raises(RuntimeError, match="context_fn suppressed an exception"):
        checkpoint(lambda x: 1 / 0, x, context_fn=lambda: (suppressing(), suppressing()))
    assert exp(x).grad_fn.name() == "ExpBackward0"


# -- checkpoint_sequential --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "segments, runs", [(1, [1, 1, 1, 1, 1]), (2, [2, 2, 1, 1, 1]), (3, [2, 2, 1, 1, 1]), (5, [2, 2, 2, 2, 1])]
)
def test_a_sequence_in_segments(backend, segments, runs):
    functions = [Counted(f) for f in (exp, sin, exp, sin, exp)]
    x = leaf([0.1, 0.2])
    checkpoint_sequential(functions, segments, x, use_reentrant=False).sum().backward()
    assert [f.started for f in functions] == runs
    assert_close(x.grad, gradient(lambda x: exp(sin(exp(sin(exp(x))))), x))


def test_more_segments_than_functions(backend):
    with pytest.raises(ValueError, match="2 functions cannot be cut into 3 segments"):
        checkpoint_sequential([exp, sin], 3, leaf(1.0))
