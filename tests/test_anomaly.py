"""Anomaly mode, and zero cotangents that stop."""

import warnings

import pytest

import plugrad
from plugrad import autograd
from plugrad.autograd import Function, detect_anomaly, set_detect_anomaly, zero_cotangents_stop
from values import assert_close

pytestmark = [
    pytest.mark.filterwarnings("ignore:Anomaly Detection has been enabled"),
    pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning"),
]


def leaf(values):
    return plugrad.tensor(values, requires_grad=True)


def line_of(text):
    """The number of the first line of this file that has it."""
    with open(__file__, encoding="utf-8") as file:
        return next(number for number, line in enumerate(file, 1) if text in line)


def square_root(x):
    return plugrad.sqrt(x)  # the forward line


def failing(x):
    class Failing(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            raise ZeroDivisionError("mine")

    return Failing.apply(x)  # the Function's line


# -- the switch -----------------------------------------------------------------------------------------------------


def test_it_is_on_inside_of_the_context_alone(backend):
    def state():
        return plugrad.is_anomaly_enabled(), plugrad.is_anomaly_check_nan_enabled()

    assert state() == (False, True)
    with pytest.warns(UserWarning, match="Anomaly Detection has been enabled.*should only be enabled for debugging"):
        manager = detect_anomaly(check_nan=False)
    assert state() == (False, True)
    with manager:
        assert state() == (True, False)
        with set_detect_anomaly(False):
            assert state() == (False, True)
            assert "traceback_" not in (leaf(1.0) * 2).grad_fn.metadata
        assert state() == (True, False)
        assert "traceback_" in (leaf(1.0) * 2).grad_fn.metadata
    assert state() == (False, True)
    assert "traceback_" not in (leaf(1.0) * 2).grad_fn.metadata


def test_set_detect_anomaly_acts_at_once_and_warns_of_nothing(backend):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = set_detect_anomaly(True)
        try:
            assert plugrad.is_anomaly_enabled()
        finally:
            before.__exit__()
    assert not plugrad.is_anomaly_enabled()


def test_no_grad_inside_stays_no_grad(backend):
    x = leaf([1.0, 4.0])
    with detect_anomaly(), plugrad.no_grad():
        assert not (x * 2).requires_grad
        with plugrad.enable_grad():
            assert "traceback_" in (x * 2).grad_fn.metadata


def test_gradients_are_the_same(backend):
    x = leaf([[1.0, 4.0], [0.25, 9.0]])

    def loss():
        y = plugrad.sqrt(x) * x.sum(axis=0) + plugrad.max(x)
        return (y @ y).mean()

    loss().backward()
    expected, x.grad = x.grad, None
    with detect_anomaly():
        loss().backward()
        (g,) = autograd.grad(loss(), x, create_graph=True)
    assert_close(x.grad, expected)
    assert_close(g.detach(), expected)


# -- NaN and infinities ------------------------------------------------------------------------------------------------


def test_a_nan_names_op_line_ranges_and_the_where(backend):
    x = leaf([0.0, 4.0, 2.0])
    with detect_anomaly():
        y = plugrad.where(x > 0, square_root(x), x)  # the where's line
        with pytest.raises(plugrad.errors.GraphError) as caught:
            y.sum().backward()
    message = str(caught.value)
    assert message.startswith("Function 'SqrtBackward0' returned nan values in its 0th output")
    assert f"in the gradient of 'x' (float64 (3,) of {backend.name}) 1 elements are NaN and 0 infinite" in message
    assert "the first is number 0 of 3" in message
    assert f'line {line_of("# the forward line")} of "{__file__}": return plugrad.sqrt(x)' in message
    assert f"x: float64 (3,) of {backend.name}, from 0.0 to 4.0" in message
    assert f'because the where at line {line_of("# the where" + chr(39) + "s line")} of' in message
    assert "sqrt(where(condition, x, 1))" in message
    assert "zero_cotangents_stop()" in message
    assert x.grad is None
    (note,) = [note for note in caught.value.__notes__ if "Error detected in SqrtBackward0" in note]
    called = note.index("test_a_nan_names_op_line_ranges_and_the_where")
    assert called < note.index("in square_root"), "the newest call is the last"


def test_an_infinity_is_found_too(backend):
    x = leaf([0.0, 4.0])
    with detect_anomaly(), pytest.raises(RuntimeError) as caught:
        square_root(x).sum().backward()
    message = str(caught.value)
    assert message.startswith("Function 'SqrtBackward0' returned infinite values in its 0th output")
    assert "0 elements are NaN and 1 infinite" in message
    assert "the derivative of the op is infinite or NaN at these inputs" in message
    with pytest.warns(UserWarning, match="Anomaly"), detect_anomaly(check_nan=False):
        square_root(x).sum().backward()
    assert_close(x.grad, [float("inf"), 0.25])


def test_inputs_that_are_not_finite_are_counted(backend):
    x = leaf([float("nan"), float("inf"), 1.0])
    with detect_anomaly(), pytest.raises(RuntimeError, match="1 of it NaN and 1 infinite"):
        (x * x).sum().backward()


def test_a_zero_cotangent_that_no_where_made(backend):
    x = leaf([0.0, 4.0])
    with detect_anomaly(), pytest.raises(RuntimeError, match="incoming cotangent is 0 there, and 0 times an infinite"):
        (square_root(x) * plugrad.tensor([0.0, 1.0])).sum().backward()


def test_a_cotangent_that_came_in_bad(backend):
    x = leaf([1.0, 4.0])
    with detect_anomaly():
        y = x * 2
        with pytest.raises(RuntimeError, match="cotangent was not finite already: it is what backward was given"):
            y.backward(plugrad.tensor([1.0, float("nan")]))


def test_what_was_recorded_outside_has_no_line(backend):
    x = leaf([0.0, 4.0])
    y = square_root(x)
    with detect_anomaly(), pytest.raises(RuntimeError, match="op sqrt; where that was called is not known") as caught:
        y.sum().backward()
    assert not hasattr(caught.value, "__notes__")


def test_the_input_is_named(backend):
    x, y = leaf([1.0, 2.0]), leaf([1.0, 0.0])
    with detect_anomaly(), pytest.raises(RuntimeError, match=r"in its 1th output: in the gradient of 'x2'"):
        autograd.grad((x / y).sum(), y)


def test_in_second_order_the_chain_of_calls_is_shown(backend):
    x = leaf([0.0, 4.0])
    with detect_anomaly():
        y = (x * plugrad.sqrt(x)).sum()  # the first order
        with set_detect_anomaly(True, check_nan=False):
            (g,) = autograd.grad(y, x, create_graph=True)
        with pytest.raises(RuntimeError) as caught:
            g.sum().backward()
    notes = "\n".join(caught.value.__notes__)
    assert "That call was in the backward of SqrtBackward0. Traceback of forward call that induced it" in notes
    assert f"line {line_of('# the first order')}" in notes


# -- errors of backward ---------------------------------------------------------------------------------------------


def test_any_error_of_backward_has_the_forward_lines(backend):
    x = leaf(1.0)
    with detect_anomaly():
        y, z = failing(x), failing(x)
        with pytest.raises(ZeroDivisionError, match="mine") as caught:
            y.backward()
    assert f'line {line_of("# the Function")}, in failing' in caught.value.__notes__[0]
    assert "Error detected in FailingBackward" in caught.value.__notes__[0]
    with pytest.raises(ZeroDivisionError) as caught:  # of the fast engine, too
        z.backward()
    assert "in failing" in caught.value.__notes__[0]
    with pytest.raises(ZeroDivisionError) as caught:
        failing(x).backward()
    assert not hasattr(caught.value, "__notes__")


def test_an_error_of_a_hook_has_the_forward_lines(backend):
    x = leaf(4.0)
    with detect_anomaly():
        y = square_root(x)
        y.register_hook(lambda g: 1 / 0)
        with pytest.raises(ZeroDivisionError) as caught:
            (y * 2).backward()
    assert "in square_root" in caught.value.__notes__[0]


@pytest.mark.writable
def test_a_saved_value_that_was_written_shows_both_lines(backend):
    x = leaf([1.0, 4.0])
    with detect_anomaly():
        y = x * 1
        z = y * y  # the saving line
        y += 1  # the writing line
        with pytest.raises(RuntimeError) as caught:
            z.sum().backward()
    message = str(caught.value)
    assert f"for its backward at line {line_of('# the saving line')} of" in message
    assert f"wrote into it at line {line_of('# the writing line')} of" in message
    y = x * 1
    z = y * y
    y += 1
    with pytest.raises(RuntimeError, match=r"for its backward, and then add_ wrote into it \(its memory"):
        z.sum().backward()


def test_lines_live_no_longer_than_the_graph(backend):
    import gc
    import weakref

    gc.disable()
    try:
        x = leaf(4.0)
        with detect_anomaly():
            y = square_root(x)
            (g,) = autograd.grad(y * y, x, create_graph=True)
            nodes = [weakref.ref(t.grad_fn) for t in (y, g)]
            del y, g
        assert [node() for node in nodes] == [None, None]
    finally:
        gc.enable()


# -- zero cotangents ------------------------------------------------------------------------------------------------

INACTIVE = {
    "sqrt": lambda x: plugrad.where(x > 0, plugrad.sqrt(x), x),
    "log": lambda x: plugrad.where(x > 0, plugrad.log(x), x),
    "reciprocal": lambda x: plugrad.where(x > 0, 1 / x, x),
    "divide": lambda x: plugrad.where(x > 0, x / (x + x), x),
    "power": lambda x: plugrad.where(x > 0, x**0.5, x),
    "length": lambda x: plugrad.where(x > 0, plugrad.sqrt(x * x + x * x), x),
    "chain": lambda x: plugrad.where(x > 0, plugrad.exp(plugrad.sqrt(plugrad.log(x + 1))), x),
}


@pytest.mark.parametrize("name", INACTIVE)
@pytest.mark.parametrize("create_graph", [False, True])
def test_the_branch_not_taken_adds_nothing(backend, name, create_graph):
    function = INACTIVE[name]
    x = leaf([0.0, 4.0, 0.0, 2.0])
    apart = leaf([4.0, 2.0])
    expected = autograd.grad(function(apart).sum(), apart, create_graph=True)[0]
    y = function(x).sum()
    with zero_cotangents_stop():
        (g,) = autograd.grad(y, x, create_graph=create_graph, retain_graph=True)
        assert_close(g.detach(), [1.0, expected.tolist()[0], 1.0, expected.tolist()[1]])
        if create_graph:
            second = autograd.grad(expected.sum(), apart, allow_unused=True, materialize_grads=True)[0]
            (gg,) = autograd.grad(g.sum(), x, retain_graph=True)
            assert_close(gg, [0.0, second.tolist()[0], 0.0, second.tolist()[1]])
    if name != "chain":
        (outside,) = autograd.grad(y, x)
        assert outside.tolist()[0] != outside.tolist()[0], "outside of the context it is NaN"


def test_broadcasting_is_undone_after_zeros_have_stopped(backend):
    x = leaf([[0.0], [4.0]])
    with zero_cotangents_stop():
        taken = plugrad.tensor([[True, False], [True, True]])
        plugrad.where(taken, x, plugrad.sqrt(x) * plugrad.tensor([1.0, 1.0]))[0, :1].sum().backward()
    assert_close(x.grad, [[1.0], [0.0]])
    y = leaf(0.0)
    with zero_cotangents_stop():
        (plugrad.tensor([0.0, 0.0]) * plugrad.divide(plugrad.tensor([1.0, 2.0]), y)).sum().backward()
    assert_close(y.grad, 0.0)


def test_a_derivative_at_a_zero_of_the_cotangent_is_kept(backend):
    """The second derivative of sin(x)**2 / 2 at 0 is 1, though the cotangent of sin is 0 there."""
    x = leaf(0.0)
    with zero_cotangents_stop():
        (g,) = autograd.grad(plugrad.sin(x) ** 2 / 2, x, create_graph=True)
        (gg,) = autograd.grad(g, x)
    assert_close(g.detach(), 0.0)
    assert_close(gg, 1.0)


def test_an_infinite_derivative_of_a_cotangent_that_is_not_zero_stays(backend):
    x = leaf([0.0, 4.0])
    with zero_cotangents_stop():
        plugrad.sqrt(x).sum().backward()
    assert_close(x.grad, [float("inf"), 0.25])


def test_hooks_and_retained_gradients_see_the_stopped_zeros(backend):
    x = leaf([0.0, 4.0])
    seen = []
    with zero_cotangents_stop():
        y = x * 1
        y.retain_grad()
        root = plugrad.sqrt(y)
        root.grad_fn.register_hook(lambda grads, outputs: seen.append(grads[0].tolist()))
        plugrad.where(x > 0, root, x).sum().backward()
    assert seen == [[0.0, 0.25]]
    assert_close(y.grad, [0.0, 0.25])
    assert_close(x.grad, [1.0, 0.25])


def test_with_anomaly_mode_there_is_nothing_to_find(backend):
    x = leaf([0.0, 4.0])
    with detect_anomaly(), zero_cotangents_stop():
        plugrad.where(x > 0, square_root(x), x).sum().backward()
    assert_close(x.grad, [1.0, 0.25])


def test_it_ends_with_the_block_and_is_of_its_thread(backend):
    from threading import Thread

    x = leaf([0.0, 4.0])
    found = []

    def other():
        found.append(autograd.grad(plugrad.where(x > 0, plugrad.sqrt(x), x).sum(), x)[0].tolist()[0])

    with zero_cotangents_stop():
        thread = Thread(target=other)
        thread.start()
        thread.join()
    other()
    assert [v != v for v in found] == [True, True]


def test_complex_zeros_stop(backend):
    if backend.name == "tuples":
        pytest.skip("has no complex dtype")
    z = leaf([0j, 4 + 0j])
    with zero_cotangents_stop():
        plugrad.real(plugrad.where(plugrad.tensor([False, True]), plugrad.log(z), z)).sum().backward()
    assert_close(z.grad, [1.0 + 0j, 0.25 + 0j])


def test_within_transforms(backend):
    from plugrad import func

    x, v = plugrad.tensor([0.0, 4.0]), plugrad.tensor([1.0, 1.0])

    def function(x):
        return plugrad.where(x > 0, plugrad.sqrt(x), x * x).sum()

    with zero_cotangents_stop():
        assert_close(func.grad(function)(x), [0.0, 0.25])
        g, hv = func.jvp(func.grad(function), (x,), (v,))
        assert_close(g, [0.0, 0.25])
        assert_close(hv, [2.0, -0.03125])
    with detect_anomaly():
        assert_close(func.jvp(func.grad(function), (x + 1,), (v,))[1], [-0.25, -0.25 / 5**1.5])
        with pytest.raises(RuntimeError, match="'SqrtBackward0' returned nan"):
            func.grad(function)(x)
