"""The plugin as it is installed, on every backend that is ready here. Values, derivatives and kernels are the kit's."""

import math

import pytest
from plugrad_fused import acceptance, swiglu

import plugrad

np = pytest.importorskip("numpy")


def expected(x, v):
    """silu(x) * v, and its derivatives by x and v."""
    s = 1 / (1 + math.exp(-x))
    return x * s * v, (s + x * s * (1 - s)) * v, x * s


def test_value_and_gradients():
    gate = plugrad.tensor([-2.0, 0.0, 3.0], requires_grad=True)
    value = plugrad.tensor([0.5, -1.0, 2.0], requires_grad=True)
    out = swiglu(gate, value)
    out.sum().backward()
    wanted = zip(*[expected(x, v) for x, v in zip(gate.tolist(), value.tolist(), strict=True)], strict=True)
    for found, numbers in zip((out, gate.grad, value.grad), wanted, strict=True):
        assert found.tolist() == pytest.approx(list(numbers), abs=1e-15)


@pytest.mark.parametrize("number", [2, 2.0])
def test_a_number_is_taken(number):
    assert swiglu(plugrad.tensor([1.0]), number).tolist() == pytest.approx([expected(1.0, 2.0)[0]])


# -- scatter_add, an op of plugrad's own: the gradient of rows that were looked up ----------------------------


def gradient_of_rows(count, width=64, dtype="float64"):
    """The gradient of a table of 10 rows of which ``count`` were looked up, and what it should be."""
    draw = np.random.default_rng(0)
    places, g = draw.integers(-10, 10, count), draw.standard_normal((count, width)).astype(dtype)
    table = plugrad.zeros((10, width), dtype=dtype, requires_grad=True, backend="numpy")
    table[places].backward(plugrad.asarray(g))
    wanted = np.zeros((10, width))
    np.add.at(wanted, places, g.astype("float64"))
    return table.grad, wanted


@pytest.mark.parametrize("dtype, rtol", [("float64", 1e-12), ("float32", 1e-5)])
@pytest.mark.parametrize("count", [3, 1000])
def test_rows_looked_up_several_times_gather_their_gradients(count, dtype, rtol):
    found, wanted = gradient_of_rows(count, dtype=dtype)
    assert found.dtype == dtype
    np.testing.assert_allclose(found.array, wanted, rtol=rtol, atol=100 * rtol)


@pytest.mark.parametrize("count, kernel", [(3, "scatter_add"), (1000, "plugrad_fused.numpy_kernels:scatter_add")])
def test_who_runs(count, kernel):
    with plugrad.trace_kernels() as calls:
        gradient_of_rows(count)
    (call,) = [call for call in calls if call.op == "scatter_add"]
    assert call.kernel.endswith(kernel)
    assert bool(call.declined) == (count == 3)


def test_switched_off():
    with plugrad.plugins.set_kernels_enabled("fused", False), plugrad.trace_kernels() as calls:
        gradient_of_rows(1000)
    assert [call.source for call in calls if call.op == "scatter_add"] == ["backend 'numpy'"]


@pytest.mark.parametrize(
    "x, indices, shape, key, reason",
    [
        (np.ones((3, 64)), [np.zeros(3, int)], (10, 64), 0, "192 elements are too few to gain: it takes 8192 and more"),
        (np.ones((128, 64), "int64"), [np.zeros(128, int)], (10, 64), 0, "it adds float32 and float64, not int64"),
        (np.ones(8192), [np.zeros(8192, int)], (10,), 0, "it adds rows, and these are single elements"),
        (np.ones((64, 128)), [np.ones(64, bool)], (64, 128), 0,
         "it adds where one array of integers indexes the first axis"),
    ],
)  # fmt: skip
def test_reasons_to_decline(x, indices, shape, key, reason):
    from plugrad.extend import Index

    assert acceptance.many_whole_rows(x, tuple(indices), shape, Index(key)) == reason


def test_an_index_out_of_range():
    from plugrad_fused import numpy_kernels

    with pytest.raises(IndexError, match="out of bounds for axis 0 with size 10"):
        numpy_kernels.scatter_add(np.ones((2, 3)), (np.array([0, 10]),), (10, 3), None)


# -- CUDA ----------------------------------------------------------------------------------------------------


def test_what_the_cuda_kernels_take():
    half, single = np.ones(2, "float16"), np.ones(2, "float32")
    assert acceptance.one_float_dtype(single, single) is None
    assert acceptance.one_float_dtype(half, single).endswith("not float16 and float32")
    assert acceptance.one_float_dtype(single, 2.0).endswith("not float and float32")
