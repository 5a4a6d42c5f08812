"""A third party's whole plugin, docs/door, on every backend of the suite."""

import math

import pytest

import plugrad
from plugrad.plugins import plugins
from plugrad.registry.registration import op_of
from values import assert_close

plugrad_foo = pytest.importorskip("plugrad_foo", reason="the distribution in docs/door is not installed")
VALUES = [-2.0, 0.0, 3.0]


def sigmoid(v):
    return 1 / (1 + math.exp(-v))


def test_it_is_found_and_ready(backend):
    (plugin,) = [p for p in plugins() if p.name == "foo"]
    assert (plugin.state, plugin.distribution) == ("ready", "plugrad-foo")


def test_value_gradient_and_second_order(backend):
    x = plugrad.tensor(VALUES, requires_grad=True)
    y = plugrad_foo.sigmoid(x)
    (first,) = plugrad.autograd.grad(y.sum(), x, create_graph=True)
    (second,) = plugrad.autograd.grad(first.sum(), x)
    s = [sigmoid(v) for v in VALUES]
    assert_close(y, s)
    assert_close(first, [v * (1 - v) for v in s])
    assert_close(second, [v * (1 - v) * (1 - 2 * v) for v in s])
    assert y.grad_fn.name() == "SigmoidBackward0"


def test_raw_arrays(backend):
    x = plugrad.tensor(VALUES)
    assert_close(plugrad.asarray(plugrad_foo.sigmoid(x.array)), [sigmoid(v) for v in VALUES])


@pytest.mark.only("numpy")
def test_numpy_runs_the_kernel_of_scipy(backend, monkeypatch):
    import scipy.special

    calls = []
    expit = scipy.special.expit
    monkeypatch.setattr(scipy.special, "expit", lambda x: calls.append(type(x)) or expit(x))
    kernels = op_of(plugrad_foo.sigmoid).kernels
    kernels.clear()
    x = plugrad.tensor(VALUES, requires_grad=True)
    plugrad_foo.sigmoid(x).sum().backward()
    assert calls == [type(x.array)]
    kernels.clear()
