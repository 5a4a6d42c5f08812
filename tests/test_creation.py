"""Making tensors, their dtypes, and the spellings of PyTorch's tutorials."""

import copy
import pickle

import pytest

import plugrad
from values import assert_close


def test_of_one_value(backend):
    for made, value in ((plugrad.zeros, 0.0), (plugrad.ones, 1.0)):
        assert_close(made((2, 3)), [[value] * 3] * 2)
        assert_close(made(2, 3), [[value] * 3] * 2)
        assert_close(made(2), [value] * 2)
        assert_close(made(()), value)
        assert_close(made([2, 1]), [[value]] * 2)
    assert_close(plugrad.full((2,), 7.5), [7.5, 7.5])
    assert plugrad.full((2,), 7).dtype == plugrad.int64
    assert plugrad.full((2,), True).dtype == plugrad.bool
    assert plugrad.empty((2, 3)).shape == (2, 3)


def test_likes(backend):
    x = plugrad.tensor([[1.0, 2.0]])
    assert_close(plugrad.zeros_like(x), [[0.0, 0.0]])
    assert_close(plugrad.ones_like(x), [[1.0, 1.0]])
    assert_close(plugrad.full_like(x, 3), [[3.0, 3.0]])
    assert plugrad.empty_like(x).shape == (1, 2)
    assert plugrad.ones_like(x, dtype="int64").tolist() == [[1, 1]]
    assert plugrad.zeros_like(x, requires_grad=True).requires_grad


def test_ranges(backend):
    assert plugrad.arange(4).tolist() == [0, 1, 2, 3]
    assert plugrad.arange(4).dtype == "int64"
    assert_close(plugrad.arange(1, 2, 0.25), [1.0, 1.25, 1.5, 1.75])
    assert plugrad.arange(5, 1, -2).tolist() == [5, 3]
    assert plugrad.arange(3, 1).shape == (0,)
    assert_close(plugrad.linspace(0, 1, 5), [0.0, 0.25, 0.5, 0.75, 1.0])
    assert_close(plugrad.linspace(0, 1, 4, endpoint=False), [0.0, 0.25, 0.5, 0.75])
    assert_close(plugrad.eye(2, 3, k=1), [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert_close(plugrad.eye(2), [[1.0, 0.0], [0.0, 1.0]])
    with pytest.raises(ValueError, match="step must be nonzero"):
        plugrad.arange(0, 3, 0)


def test_random_numbers(backend):
    plugrad.manual_seed(3)
    first = plugrad.randn((3, 3)), plugrad.rand(2, 2), plugrad.randint(5, 9, (20,)), plugrad.randint(3, (2,))
    plugrad.manual_seed(3)
    again = plugrad.randn(3, 3), plugrad.rand((2, 2)), plugrad.randint(5, 9, (20,)), plugrad.randint(3, (2,))
    assert [t.tolist() for t in first] == [t.tolist() for t in again]
    assert all(0 <= v < 1 for row in first[1].tolist() for v in row)
    assert set(first[2].tolist()) <= {5, 6, 7, 8}
    assert set(first[3].tolist()) <= {0, 1, 2}
    assert first[2].dtype == "int64"
    many = plugrad.randn(2000).tolist()
    assert abs(sum(many) / 2000) < 0.1
    assert abs(sum(v * v for v in many) / 2000 - 1) < 0.15
    with pytest.raises(ValueError, match="expected low < high"):
        plugrad.randint(3, 3, (1,))


def test_random_state_can_be_read_and_set(backend):
    plugrad.rand(1)
    state = backend.rng_state()
    first = plugrad.rand(4).tolist()
    backend.set_rng_state(state)
    assert plugrad.rand(4).tolist() == first


def test_spellings_of_tutorials(backend):
    assert plugrad.randn((3, 3), requires_grad=True).requires_grad
    assert plugrad.randn(3, 3).shape == (3, 3)
    assert plugrad.Tensor(3, 5).shape == (3, 5)
    assert_close(plugrad.Tensor([1.0, 2.0]), [1.0, 2.0])
    assert isinstance(plugrad.Tensor(3, 5), plugrad.Tensor)
    assert not isinstance(3.0, plugrad.Tensor)
    w = plugrad.randn(3, 3)
    w.requires_grad = True
    L = 10 - w * w
    L.backward(plugrad.ones(L.shape))
    assert_close(w.grad, (-2 * w.detach()).tolist())
    assert plugrad.DoubleTensor(2, 2).dtype == plugrad.float64
    assert plugrad.LongTensor([1, 2]).dtype == plugrad.int64


@pytest.mark.only("numpy", "strict")
def test_float_tensor(backend):
    x = plugrad.FloatTensor(3, 3)
    assert (x.shape, x.dtype) == ((3, 3), plugrad.float32)
    assert x.requires_grad_().requires_grad


def test_data(backend):
    assert plugrad.tensor([[1, 2], [3, 4]]).dtype == "int64"
    assert plugrad.tensor([True, False]).dtype == "bool"
    assert plugrad.tensor([1 + 2j]).dtype == "complex128"
    assert plugrad.tensor(3).tolist() == 3
    assert plugrad.tensor([1, 2], dtype="float64").tolist() == [1.0, 2.0]
    assert plugrad.tensor([1, 2], dtype=float).dtype == plugrad.float64
    x = plugrad.tensor([1.0], requires_grad=True)
    assert not plugrad.tensor(x * 2).requires_grad


def test_asarray_never_detaches(backend):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    assert plugrad.asarray(y) is y
    assert plugrad.asarray(y, copy=True).requires_grad
    assert plugrad.asarray(y, copy=True) is not y
    there = plugrad.asarray(y, backend="tuples" if backend.name != "tuples" else "numpy")
    assert there.requires_grad
    with pytest.raises(ValueError, match="copy is needed"):
        plugrad.asarray(y, dtype="complex128", copy=False)
    plugrad.asarray(y, copy=True).sum().backward()
    assert_close(x.grad, [2.0, 2.0])


def test_from_one_backend_to_another_when_asked():
    x = plugrad.tensor([[1.0, 2.0]], backend="tuples")
    y = plugrad.asarray(x, backend="numpy")
    assert y.array.tolist() == [[1.0, 2.0]]
    assert plugrad.asarray(y, backend="tuples").tolist() == [[1.0, 2.0]]


@pytest.mark.only("numpy", "strict")
def test_the_default_dtype(backend):
    assert plugrad.get_default_dtype() == "float64"
    plugrad.set_default_dtype(plugrad.float32)
    assert plugrad.get_default_dtype() is plugrad.float32
    for made in (plugrad.tensor([1.0]), plugrad.zeros(2), plugrad.randn(2), plugrad.linspace(0, 1, 2), plugrad.eye(2)):
        assert made.dtype == "float32"
    assert plugrad.tensor([1j]).dtype == "complex64"
    with pytest.raises(TypeError, match="only a real floating dtype"):
        plugrad.set_default_dtype("int64")
    assert plugrad.get_default_dtype() is plugrad.float32


@pytest.mark.only("numpy")
def test_an_array_keeps_its_dtype_and_memory(backend):
    import numpy as np

    a = np.arange(3, dtype=np.float32)
    assert plugrad.asarray(a).array is a
    assert plugrad.tensor(a).array is not a
    assert plugrad.tensor(a).dtype == "float32"
    assert plugrad.asarray(a, dtype="float64").dtype == "float64"
    with pytest.raises(ValueError, match="copy"):
        plugrad.asarray(a, dtype="float64", copy=False)


def test_dtypes_are_neutral_names():
    import numpy as np

    assert plugrad.float32 == "float32" == np.dtype("float32") == plugrad.float32 == np.float32
    assert np.dtype("float32") == plugrad.float32
    assert plugrad.float32 != np.dtype("float64")
    assert plugrad.float32 != "float64"
    assert repr(plugrad.float32) == "plugrad.float32"
    assert np.zeros(2, plugrad.float32).dtype == plugrad.float32
    assert pickle.loads(pickle.dumps(plugrad.float32)) is plugrad.float32
    assert copy.deepcopy(plugrad.float32) is plugrad.float32
    assert plugrad.float64.is_floating_point
    assert plugrad.complex64.is_complex
    assert len({plugrad.float32, "float32"}) == 1
    assert plugrad.isdtype(plugrad.float32, "real floating")
    assert plugrad.isdtype("int8", ("bool", "integral"))
    assert not plugrad.isdtype(plugrad.bool, "numeric")
    assert plugrad.isdtype(plugrad.int8, plugrad.int8)
    with pytest.raises(TypeError, match="no kind of dtypes"):
        plugrad.isdtype(plugrad.int8, "whole")


def test_wrong_shapes(backend):
    for shape in (-1, (2, -1), (2.5,), "23"):
        with pytest.raises(ValueError, match="zeros: a shape has non-negative integers"):
            plugrad.zeros(shape)
