"""The tensor's face: operators, attributes, conversion, text."""

import operator

import pytest

import plugrad
from values import assert_close


@pytest.fixture
def x(backend):
    return plugrad.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def test_attributes(x):
    assert (x.shape, x.ndim, x.size, x.numel(), len(x)) == ((2, 3), 2, 6, 6, 2)
    assert x.dtype == plugrad.float64
    assert isinstance(x.device, str)
    assert not x.requires_grad
    assert x.is_leaf
    assert x.grad is None
    assert x.grad_fn is None
    assert_close(x.T, [[1.0, 4.0], [2.0, 5.0], [3.0, 6.0]])
    assert_close(x.mT, x.T.tolist())
    assert_close(x.reshape(3, 2), [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert_close(x.reshape(-1), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert_close(x.permute(1, 0), x.T.tolist())
    assert x.__array_namespace__() is plugrad


@pytest.mark.parametrize(
    "op", [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv]
)
def test_arithmetic_with_numbers_on_either_side(backend, op):
    x = plugrad.tensor([1.5, 2.0, 4.0])
    for number in (2, 2.5):
        assert_close(op(x, number), [op(v, number) for v in (1.5, 2.0, 4.0)])
        assert_close(op(number, x), [op(number, v) for v in (1.5, 2.0, 4.0)])
    assert_close(op(x, x), [op(v, v) for v in (1.5, 2.0, 4.0)])


def test_comparisons_and_logic(backend):
    x, y = plugrad.tensor([1.0, 2.0, 3.0]), plugrad.tensor([2.0, 2.0, 2.0])
    assert (x < y).tolist() == [True, False, False]
    assert (x <= 2).tolist() == [True, True, False]
    assert (x > 2).tolist() == [False, False, True]
    assert (x == y).tolist() == [False, True, False]
    assert (x != 2).tolist() == [True, False, True]
    assert (x == y).dtype == plugrad.bool
    p, q = x > 1, x < 3
    assert (p & q).tolist() == [False, True, False]
    assert (p | q).tolist() == [True, True, True]
    assert (p ^ q).tolist() == [True, False, True]
    assert (~p).tolist() == [True, False, False]
    assert hash(x) != hash(y), "a tensor hashes by identity"


def test_comparisons_require_no_gradient(backend):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    for result in (x > 1, x == x, plugrad.argmax(x), plugrad.any(x), x.astype("int64")):
        assert not result.requires_grad


def test_signs(backend):
    x = plugrad.tensor([-1.5, 2.0])
    assert_close(-x, [1.5, -2.0])
    assert_close(+x, [-1.5, 2.0])
    assert_close(abs(x), [1.5, 2.0])


@pytest.mark.writable
def test_in_place_operators(backend):
    x = plugrad.tensor([1.0, 2.0, 4.0])
    same = x
    x += 1
    x *= plugrad.tensor([1.0, 2.0, 3.0])
    x -= 0.5
    x /= 2
    assert same is x
    assert_close(x, [0.75, 2.75, 7.25])
    x **= 2
    assert_close(x, [0.5625, 7.5625, 52.5625])
    k = plugrad.tensor([5, 6])
    k //= 2
    k %= 2
    assert k.tolist() == [0, 1]
    p = plugrad.tensor([True, False])
    p |= plugrad.tensor([False, False])
    p ^= plugrad.tensor([True, True])
    p &= plugrad.tensor([True, True])
    assert p.tolist() == [False, True]


@pytest.mark.writable
def test_setitem(backend):
    x = plugrad.zeros((2, 3))
    x[0, 1] = 5.0
    x[1] = plugrad.tensor([1.0, 2.0, 3.0])
    x[:, 2] = 9
    assert_close(x, [[0.0, 5.0, 9.0], [1.0, 2.0, 9.0]])
    y = plugrad.tensor(1.0)
    y[...] = 4.0
    assert y.item() == 4


def test_iteration_and_unpacking(x):
    _, second = x
    assert_close(second, [4.0, 5.0, 6.0])
    assert [row.tolist() for row in x] == x.tolist()


def test_numbers(backend):
    t = plugrad.tensor(2.5, requires_grad=True)
    assert (float(t), int(t), complex(t), bool(t), t.item(), t.tolist()) == (2.5, 2, 2.5 + 0j, True, 2.5, 2.5)
    assert plugrad.tensor([[3.0]]).item() == 3
    assert type(plugrad.tensor([[3]]).item()) is int
    assert range(5)[plugrad.tensor(3)] == 3
    assert f"{t.item():.2f}" == "2.50"


def test_detach(x):
    w = plugrad.tensor([1.0, 2.0], requires_grad=True)
    y = (w * 2).detach()
    assert not y.requires_grad
    assert_close(y, [2.0, 4.0])
    (w * y).sum().backward()
    assert_close(w.grad, [2.0, 4.0])


def test_text(backend):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    assert repr(x).startswith("tensor([1")
    assert "requires_grad=True)" in repr(x)
    assert "grad_fn=<MulBackward0>)" in repr(x * x)
    assert "dtype=plugrad.complex128" in repr(plugrad.tensor([1j]))


@pytest.mark.only("numpy")
def test_text_on_numpy(backend):
    assert repr(plugrad.tensor([1.0, 2.5])) == "tensor([1.0, 2.5])"
    assert repr(plugrad.ones(1, dtype="float32")) == "tensor([1.], dtype=plugrad.float32)"
    assert repr(plugrad.tensor([1, 2])) == "tensor([1, 2])"


def test_keys(x):
    assert_close(x[1], [4.0, 5.0, 6.0])
    assert_close(x[-1, 0], 4.0)
    assert_close(x[:, 1:], [[2.0, 3.0], [5.0, 6.0]])
    assert_close(x[..., ::2], [[1.0, 3.0], [4.0, 6.0]])
    assert_close(x[None, 0], [[1.0, 2.0, 3.0]])
    with pytest.raises(IndexError):
        x[5]
    with pytest.raises(IndexError, match="only integers, slices, ellipsis, None"):
        x["a"]


def test_dlpack(backend):
    if backend.name == "tuples":
        pytest.skip("tuples have no DLPack")
    import numpy as np

    t = plugrad.tensor([1.0, 2.0])
    if t.__dlpack_device__()[0] != 1:  # NumPy takes the host's memory alone, and brings nothing there unasked
        with pytest.raises((BufferError, RuntimeError)):
            np.from_dlpack(t)
        return
    assert np.from_dlpack(t).tolist() == [1.0, 2.0]


def test_graph_of_a_subclass_goes_by_the_ordinary_door(backend):
    class Named(plugrad.Tensor):
        pass

    t = Named()
    plain = plugrad.tensor([1.0, 2.0], requires_grad=True)
    t._array, t._spec, t._node = plain._array, plain._spec, plain._node
    assert isinstance(t, plugrad.Tensor)
    (t * t + plugrad.exp(t) * 0 + 1 * t).sum().backward()
    assert_close(plain.grad, [3.0, 5.0])
