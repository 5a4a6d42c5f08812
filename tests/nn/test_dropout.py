"""Dropout: how many elements go, what the others become, and that a seed or a checkpoint brings the same ones back."""

import math

import pytest

import plugrad
from plugrad.utils.checkpoint import checkpoint
from plugrad_nn import functional as F
from values import assert_close


def test_what_is_kept_is_scaled(backend):
    plugrad.manual_seed(3)
    x = plugrad.ones(400, requires_grad=True)
    out = F.dropout(x, 0.75)
    values = out.tolist()
    assert set(values) == {0.0, 4.0}
    assert 60 <= values.count(4.0) <= 140  # 100 on average, with a deviation of 9
    out.sum().backward()
    assert x.grad.tolist() == values


def test_a_seed_repeats_it(backend):
    x = plugrad.ones(50)
    plugrad.manual_seed(1)
    first, second = F.dropout(x).tolist(), F.dropout(x).tolist()
    plugrad.manual_seed(1)
    assert F.dropout(x).tolist() == first
    assert first != second


def test_a_checkpoint_drops_the_same_elements_again(backend):
    x = plugrad.ones(60, requires_grad=True)
    out = checkpoint(lambda x: F.dropout(x * 1.0, 0.5) * x, x)
    kept = out.tolist()
    plugrad.rand(5)
    out.sum().backward()
    assert_close(x.grad, [2 * value for value in kept])


@pytest.mark.parametrize("p, training", [(0.5, False), (0, True), (0.0, False)])
def test_nothing_is_dropped(backend, p, training):
    x = plugrad.ones(3, requires_grad=True)
    assert F.dropout(x, p, training) is x


def test_everything_is_dropped(backend):
    x = plugrad.tensor([1.0, -2.0], requires_grad=True)
    out = F.dropout(x, 1)
    out.sum().backward()
    assert_close(out, [0.0, 0.0])
    assert_close(x.grad, [0.0, 0.0])


def test_what_is_dropped_is_zero_whatever_it_was(backend):
    plugrad.manual_seed(0)
    values = F.dropout(plugrad.tensor([math.inf] * 20 + [math.nan] * 20)).tolist()
    assert 0.0 in values[:20]
    assert 0.0 in values[20:]


@pytest.mark.only("numpy", "cupy", "cupy-double", "strict")
@pytest.mark.parametrize("dtype", ["float16", "float32", "complex64", "complex128"])
def test_the_dtype_stays(backend, dtype):
    try:
        x = plugrad.ones(40, dtype=dtype, requires_grad=True)
    except (TypeError, AttributeError) as reason:
        pytest.skip(f"no {dtype} here: {reason}")
    out = F.dropout(x, 0.2)
    assert out.dtype == dtype
    out.sum().real.backward()
    assert x.grad.dtype == dtype
    assert set(out.tolist()) == {0, 1.25}


@pytest.mark.only("numpy")
def test_raw_arrays(backend):
    import numpy as np

    assert type(F.dropout(np.ones(3))) is np.ndarray


def test_higher_order(backend):
    plugrad.manual_seed(2)
    x = plugrad.ones(30, requires_grad=True)
    out = F.dropout(x * x, 0.5)
    (g,) = plugrad.autograd.grad(out.sum(), x, create_graph=True)
    g.sum().backward()
    assert_close(x.grad, [2 * value for value in out.tolist()])
