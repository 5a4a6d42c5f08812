"""Real and complex tensors in one program, powers at zero, zero-size broadcasts and repeated indices."""

import pytest

import plugrad
from plugrad.autograd import gradcheck
from values import assert_close


def written(xp, x, z):
    out = xp.zeros(2, dtype=z.dtype)
    out.copy_(x)
    return out * z


def assigned(xp, x, z):
    out = xp.zeros(2, dtype=z.dtype)
    out[0] = x[1]
    return out * z + x


def of_two_kinds(xp, x, z):
    kept = z * 1
    kept[1] = x[0] * x[1]
    return kept * kept


MIXED = {
    "add": lambda xp, x, z: x + z,
    "subtract": lambda xp, x, z: z - x,
    "multiply": lambda xp, x, z: x * z,
    "divide": lambda xp, x, z: x / z,
    "divide by real": lambda xp, x, z: z / x,
    "power": lambda xp, x, z: z**x,
    "power of real": lambda xp, x, z: x**z,
    "stack": lambda xp, x, z: xp.stack([x, z]),
    "copy_": written,
    "setitem": assigned,
    "setitem on a product": of_two_kinds,
    "real part": lambda xp, x, z: xp.real(z) * x,
    "abs": lambda xp, x, z: xp.abs(z * x),
    "a complex number": lambda xp, x, z: x * 2j + z,
    "broadcast": lambda xp, x, z: x[:1] * z,
}
"""Functions of a real and a complex vector."""


@pytest.fixture
def inputs(backend):
    if backend.name == "tuples":
        pytest.skip("has no complex dtype")
    return [plugrad.tensor(v, requires_grad=True) for v in ([1.5, 2.0], [1 + 2j, 3 - 1j])]


@pytest.mark.parametrize("name", MIXED)
def test_real_gradients_stay_real(inputs, name):
    def function(x, z):
        return MIXED[name](plugrad, x, z)

    assert gradcheck(function, inputs)
    out = function(*inputs)
    loss = out.sum() if not out.is_complex() else plugrad.real(out).sum()
    loss.backward()
    assert [str(t.grad.dtype) for t in inputs] == ["float64", "complex128"]


def test_conversion_to_complex_and_back(inputs):
    x, _ = inputs
    plugrad.real(x.astype("complex128") * 2j * 1j).sum().backward()
    assert x.grad.dtype == "float64"
    assert_close(x.grad, [-2.0, -2.0])


def test_powers_of_zero_at_zero(backend):
    for exponent in (0, 0.0, plugrad.tensor(0.0), plugrad.tensor([0.0, 0.0], requires_grad=True)):
        x = plugrad.tensor([0.0, 2.0], requires_grad=True)
        y = x**exponent
        assert_close(y.detach(), [1.0, 1.0])
        y.sum().backward()
        assert_close(x.grad, [0.0, 0.0])
    assert_close(exponent.grad, [0.0, 0.6931471805599453])


def test_zero_size_broadcasts(backend):
    if backend.name == "tuples":
        pytest.skip("has no empty arrays")
    x = plugrad.tensor([[1.0], [2.0]], requires_grad=True)
    y = plugrad.zeros((1, 0), requires_grad=True)
    out = x * y + plugrad.exp(x)
    assert out.shape == (2, 0)
    out.sum().backward()
    assert_close(x.grad, [[0.0], [0.0]])
    assert y.grad.shape == (1, 0)


@pytest.mark.parametrize("key", [[0, 0, 1], [[0, 1], [0, 0]]])
def test_repeated_indices_accumulate(backend, key):
    if backend.name == "tuples":
        pytest.skip("has no arrays of indices")
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    indices = plugrad.tensor(key)
    x[indices].sum().backward()
    count = [sum(row.count(i) if isinstance(row, list) else row == i for row in key) for i in (0, 1)]
    assert_close(x.grad, [float(n) for n in count])
    y = plugrad.zeros(2, requires_grad=True)
    (g,) = plugrad.autograd.grad((x[indices] * y[indices]).sum(), y)
    assert_close(g, [n * v for n, v in zip(count, (1.0, 2.0), strict=True)])
