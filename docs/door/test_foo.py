"""The plugin as it is installed, on every backend that is ready here."""

import math

import pytest

import plugrad
from plugrad.plugins import plugins
from plugrad.registry.claims import BACKENDS
from plugrad.registry.registration import op_of
from plugrad_foo import sigmoid

FOUND = plugins()
READY = [name for name, backend in BACKENDS.items() if not backend.unavailable()]
VALUES = [-2.0, 0.0, 3.0]


def expected(v):
    s = 1 / (1 + math.exp(-v))
    return s, s * (1 - s), s * (1 - s) * (1 - 2 * s)


def test_it_was_found():
    (plugin,) = [p for p in FOUND if p.name == "foo"]
    assert (plugin.state, plugin.distribution, plugin.value) == ("ready", "plugrad-foo", "plugrad_foo")


@pytest.mark.parametrize("name", READY)
def test_value_and_derivatives(name):
    x = plugrad.tensor(VALUES, requires_grad=True, backend=name)
    y = sigmoid(x)
    (first,) = plugrad.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = plugrad.autograd.grad(first.sum(), x)
    assert y.grad_fn.name() == "SigmoidBackward0"
    for found, wanted in zip((y, first, second), zip(*map(expected, VALUES), strict=True), strict=True):
        assert found.tolist() == pytest.approx(wanted)


@pytest.mark.skipif("numpy" not in READY, reason="needs plugrad-numpy")
def test_numpy_runs_the_kernel_of_scipy():
    from scipy.special import expit

    x = plugrad.tensor(VALUES, backend="numpy")
    sigmoid(x)
    assert op_of(sigmoid).kernels[type(x.array)] is expit
