"""The samples: every op has some, a plugin can add its own, and what central differences find they say."""

import pytest

import plugrad
from plugrad.extend import op
from plugrad.registry.op import OPS
from plugrad.testing import (
    CannotHold,
    GradcheckError,
    Sample,
    Values,
    add_samples,
    check_gradients,
    gradient_of,
    samples,
    samples_of,
)
from plugrad.testing.conformance.samples import samples as check
from plugrad.testing.numerical import cotangent_for, tensors_of

CORE = sorted(name for name in OPS if OPS[name].source == "plugrad")


@pytest.mark.parametrize("name", CORE)
def test_every_op_has_samples_that_say_something(name):
    assert len(samples_of(name)) >= 2
    check(OPS[name])


def test_a_plugin_adds_samples_and_an_op_without_any_is_named(monkeypatch):
    monkeypatch.setattr(samples, "SAMPLES", dict(samples.SAMPLES))
    with pytest.raises(LookupError, match=r"'foo\.cube' has no samples.*add_samples"):
        samples_of("foo.cube")
    added = Sample([[0.5, -1.0]])
    add_samples("foo.cube", added)
    assert samples_of("foo.cube") == (added,)


def test_values(backend):
    nothing = Values((2, 0))
    assert nothing.tensor("float64").shape == (2, 0)
    assert Values((2,), [1, 2]).tensor("float64", requires_grad=True).dtype == plugrad.int64
    z = Values((2,), [1.5, 0.0]).tensor("complex128", requires_grad=True)
    assert z.requires_grad
    assert z.tolist()[0].real == 1.5
    assert z.tolist()[0].imag != 0
    assert z.tolist()[1] == 0


@pytest.mark.only("tuples")
def test_what_a_backend_cannot_hold_is_said(backend):
    with pytest.raises(CannotHold, match="float32"):
        Values((2,), [1.0, 2.0]).tensor("float32")
    with pytest.raises(CannotHold, match=r"\(0, 3\)"):
        Values((0, 3)).tensor("float64")


def leaf(data):
    return plugrad.tensor(data, requires_grad=True)


@pytest.mark.parametrize(
    "function, inputs",
    [
        (lambda x, y: (x * y, plugrad.sin(x)), ([1.0, 2.0], [3.0, -1.0])),
        (lambda x: plugrad.abs(x) * x, ([1 + 2j, -0.5j],)),
        (lambda x: x * 3 if x.tolist() else None, (2.0,)),
    ],
)
def test_right_derivatives_pass(backend, function, inputs):
    leaves = [leaf(x) for x in inputs]
    check_gradients(function, leaves, rtol=1e-6)
    cotangents = [cotangent_for(out, 1, True) for out in tensors_of(function(*leaves))]
    check_gradients(gradient_of(function, len(leaves)), [*leaves, *cotangents], rtol=1e-6)


wrong = op("wrong(x, /)", elementwise=True, composite=lambda x: x * x * x, vjp={"x": lambda g, x: g * (x * x)})


def test_a_wrong_derivative_is_told_with_its_place_and_both_values(backend):
    x = leaf([[1.0, 0.0], [0.0, 2.0]])
    with pytest.raises(GradcheckError, match=r"cube: .* input 0, float64 \(2, 2\), at \(0, 0\) is .* by the engine"):
        check_gradients(wrong, [x], what="cube")


def test_a_dependence_that_the_graph_misses_is_found(backend):
    x = leaf([1.0, 2.0])
    with pytest.raises(GradcheckError, match=r"is 0\.0 by the engine"):
        check_gradients(lambda x: x.detach() * 2, [x])


def cut_off(x):
    return x.detach() if isinstance(x, plugrad.Tensor) else x


def test_a_wrong_second_order_is_found(backend):
    cut = op("cut(x, /)", elementwise=True, composite=lambda x: x * x, vjp={"x": lambda g, x: g * 2 * cut_off(x)})
    x = leaf([1.5])
    check_gradients(cut, [x])
    with pytest.raises(GradcheckError):
        check_gradients(gradient_of(cut, 1), [x, leaf([1.0])])
