"""NumPy's own functions and operators, called on tensors, and NumPy's scalars and arrays beside them."""

import numpy as np
import pytest

import plugrad
from plugrad_numpy import protocols
from values import assert_close


@pytest.fixture(autouse=True)
def numpy_is_the_default():
    plugrad.set_default_backend("numpy")
    yield
    plugrad.set_default_backend(None)


@pytest.fixture
def x():
    return plugrad.tensor([[0.5, 1.5], [2.0, 3.0]], requires_grad=True)


@pytest.mark.parametrize(
    "function",
    [
        np.sin,
        np.cos,
        np.tan,
        np.tanh,
        np.exp,
        np.expm1,
        np.log,
        np.log1p,
        np.sqrt,
        np.square,
        np.negative,
        np.abs,
        np.sign,
        np.log2,
        np.log10,
        np.arctan,
        np.arcsinh,
        np.sinh,
        np.cosh,
        np.reciprocal,
        np.conjugate,
        np.floor,
        np.rint,
    ],
)
def test_functions_of_one_element(x, function):
    y = function(x)
    assert y.requires_grad
    assert_close(y.detach(), function(x.detach().numpy()).tolist())


@pytest.mark.parametrize(
    "function",
    [np.add, np.subtract, np.multiply, np.divide, np.power, np.maximum, np.minimum, np.matmul, np.arctan2, np.hypot,
     np.logaddexp, np.copysign],
)  # fmt: skip
def test_functions_of_two(x, function):
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    for args in ((x, a), (a, x), (x, x)):
        y = function(*args)
        assert y.requires_grad
        assert_close(
            y.detach(), function(*(t.detach().numpy() if isinstance(t, plugrad.Tensor) else t for t in args)).tolist()
        )


def test_arrays_on_either_side(x):
    a = np.array([[1.0, 2.0], [3.0, 4.0]])
    for y in (a * x, x * a, a @ x, a - x, a / x, a**x, np.float64(2) * x, x * np.float64(2), np.float32(2) * x):
        assert isinstance(y, plugrad.Tensor)
        assert y.requires_grad
    (a * x).sum().backward()
    assert_close(x.grad, a.tolist())


def test_comparisons_of_arrays(x):
    a = np.ones((2, 2))
    assert (a < x).tolist() == [[False, True], [True, True]]
    assert (x == a).tolist() == [[False, False], [False, False]]


@pytest.mark.parametrize(
    "call",
    [
        lambda t: np.sum(t), lambda t: np.sum(t, axis=0), lambda t: np.mean(t, axis=1, keepdims=True),
        lambda t: np.max(t, axis=0), lambda t: np.min(t), lambda t: np.prod(t, axis=0),
        lambda t: np.reshape(t, (4,)), lambda t: np.transpose(t),
        lambda t: np.expand_dims(t, 0), lambda t: np.squeeze(t[None]), lambda t: np.concatenate([t, t], axis=1),
        lambda t: np.stack([t, t]), lambda t: np.flip(t), lambda t: np.where(t > 1, t, 0), lambda t: np.clip(t, 1, 2),
        lambda t: np.broadcast_to(t, (3, 2, 2)), lambda t: np.copy(t), lambda t: np.real(t), lambda t: np.angle(t),
        lambda t: np.round(t), lambda t: np.var(t, axis=0, ddof=1), lambda t: np.std(t), lambda t: np.cumsum(t),
        lambda t: np.cumsum(t, axis=1), lambda t: np.cumprod(t, axis=-1), lambda t: np.sort(t, axis=0),
        lambda t: np.sort(t, axis=None), lambda t: np.moveaxis(t, 0, 1), lambda t: np.roll(t, 1, axis=0),
        lambda t: np.repeat(t, 2), lambda t: np.repeat(t, np.array([1, 2]), axis=0), lambda t: np.tile(t, 2),
        lambda t: np.tile(t, (2, 1)), lambda t: np.take(t, np.array([0, 3])), lambda t: np.tril(t),
        lambda t: np.triu(t, 1), lambda t: np.take_along_axis(t, np.array([[1], [0]]), 1),
        lambda t: np.tensordot(t, t, axes=1), lambda t: np.vecdot(t, t),
    ],
)  # fmt: skip
def test_functions_of_arrays(x, call):
    y = call(x)
    assert y.requires_grad
    assert_close(y.detach(), call(x.detach().numpy()).tolist())


def test_likes_make_tensors(x):
    for made in (np.zeros_like(x), np.ones_like(x), np.empty_like(x), np.full_like(x, 2)):
        assert isinstance(made, plugrad.Tensor)
        assert made.shape == x.shape
    assert (np.shape(x), np.ndim(x), np.size(x)) == ((2, 2), 2, 4)


def test_what_no_op_answers(x):
    with pytest.raises(TypeError, match=r"no op of plugrad answers numpy.cbrt on tensors. Use t.detach"):
        np.cbrt(x)
    with pytest.raises(TypeError, match="numpy.add.reduce"):
        np.add.reduce(x)
    with pytest.raises(TypeError, match="numpy.linalg|numpy.svd|answers"):
        np.linalg.svd(x)
    buffer = np.zeros((2, 2))
    with pytest.raises(TypeError, match="plain ndarray, which cannot hold its gradient"):
        buffer += x
    assert buffer.tolist() == [[0, 0], [0, 0]]


def test_every_ufunc_of_the_table_is_one():
    assert all(isinstance(f, np.ufunc) for f in protocols.UFUNCS)


def test_0d_tensors_hold_scalars_until_memory_is_needed():
    x = plugrad.tensor(2.0)
    assert type(x._array) is np.float64
    a = x.array
    assert isinstance(a, np.ndarray)
    assert x.array is a
    a[...] = 5
    assert x.item() == 5
    assert (x * 2)._spec is plugrad.tensor(1.0)._spec, "scalar and 0-d array share one spec"


def test_a_python_number_never_chooses_the_backend():
    a = np.array([1.0, 2.0])
    assert plugrad.multiply(2.0, 3.0) == 6, "the tuple backend's arrays are numbers too"
    for found in (plugrad.multiply(2.0, a), plugrad.multiply(a, 2.0), plugrad.where(a > 1, 0.0, a), 2.0 * a):
        assert type(found) is np.ndarray
    assert plugrad.multiply(2.0, a).tolist() == [2, 4]


def test_memmap_counts_as_an_array(tmp_path):
    a = np.memmap(tmp_path / "a", np.float64, "w+", shape=(3,))
    x = plugrad.asarray(a)
    x.requires_grad = True
    (x * x + 1).sum().backward()
    assert x.grad.tolist() == [0, 0, 0]


def test_float16_means_are_summed_in_float32():
    x = plugrad.full((4096,), 60.0, dtype="float16")
    assert x.mean().item() == 60


def test_specs_may_be_dropped(monkeypatch):
    from plugrad.registry import spec

    monkeypatch.setattr(spec, "LIMIT", 4)
    total = plugrad.tensor(0.0, requires_grad=True)
    y = total
    for n in range(1, 12):
        y = y + (plugrad.ones(n) * y).mean()
    y.backward()
    assert total.grad.item() == 2**11
    assert len(spec.SPECS) <= 4
