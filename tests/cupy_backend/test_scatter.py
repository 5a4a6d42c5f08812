"""Adding where indices repeat, both ways, in every dtype; the sorted way gives the same bits again."""

import pytest

import plugrad

np = pytest.importorskip("numpy", reason="the values are compared with NumPy's")
plugrad_cupy = pytest.importorskip("plugrad_cupy", reason="plugrad-cupy is not installed")

pytestmark = pytest.mark.only("cupy", "cupy-double")

DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
    "complex64", "complex128",
]  # fmt: skip
EXACT = 2.0**-9  # a power of two, so that sums in any order are the same


@pytest.fixture(params=["atomics", "sorted"])
def way(request):
    plugrad_cupy.use_deterministic_algorithms(request.param == "sorted")
    yield request.param
    plugrad_cupy.use_deterministic_algorithms(False)


def keys(xp):
    """Keys into an array of shape (5, 4), made by ``xp``."""
    array = xp.asarray
    return {
        "rows": array([0, 3, 0, 0, -2, 3]),
        "one row": array(4),
        "no rows": array(np.zeros(0, "int64")),
        "a table of rows": array([[1, 1], [1, 0]]),
        "columns": (slice(None), array([2, 2, 0])),
        "places": (array([0, 0, 4, 0]), array([1, 1, 3, 1])),
        "apart": (array([[1], [1]]), None, array([0, 0, 2])),
        "a mask": array(np.arange(20).reshape(5, 4) % 3 == 0),
        "a mask of rows": array([True, False, True, False, False]),
    }


@pytest.mark.parametrize("name", keys(np))
@pytest.mark.parametrize("dtype", DTYPES)
def test_values(backend, way, dtype, name):
    xp, places, key = backend.xp, keys(np)[name], keys(backend.xp)[name]
    wanted = np.zeros((5, 4), dtype)
    values = (np.arange(1, 1 + wanted[places].size).reshape(wanted[places].shape) * EXACT * 512).astype(dtype)
    np.add.at(wanted, places, values)
    add = plugrad_cupy.scatter.by_sorting if way == "sorted" else plugrad_cupy.scatter.by_atomics
    found = add(xp, xp.asarray(values), (5, 4), key)
    assert found.dtype == dtype
    assert found.get().tolist() == wanted.tolist()


def test_gradient_of_rows_that_repeat(backend, way):
    table = plugrad.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], requires_grad=True)
    rows = table[plugrad.tensor([2, 0, 2, 2])]
    (rows * plugrad.tensor([[1.0], [2.0], [3.0], [4.0]])).sum().backward()
    assert table.grad.tolist() == [[2, 2], [0, 0], [8, 8]]


def test_the_sorted_way_gives_the_same_bits_again(backend):
    xp, draw = backend.xp, np.random.default_rng(0)
    values, rows = xp.asarray(draw.standard_normal((1000, 3), "float32")), xp.asarray(draw.integers(0, 7, 1000))
    first, second = (plugrad_cupy.scatter.by_sorting(xp, values, (7, 3), rows).get() for _ in range(2))
    assert first.tobytes() == second.tobytes()
    wanted = np.zeros((7, 3))
    np.add.at(wanted, rows.get(), values.get().astype("float64"))
    np.testing.assert_allclose(first, wanted, rtol=1e-5, atol=1e-5)


def test_no_neighbour_s_nan_or_infinity_gets_into_a_sum(backend):
    xp = backend.xp
    values = xp.asarray([np.nan, 1.0, np.inf, 2.0, 3.0])
    found = plugrad_cupy.scatter.by_sorting(xp, values, (4,), xp.asarray([0, 1, 2, 1, 3])).get()
    assert np.isnan(found[0])
    assert found[1:].tolist() == [3, np.inf, 3]


def test_float16_is_summed_in_float32_and_rounded_once(backend):
    xp = backend.xp
    values, places = xp.asarray(np.array([2048, *[1] * 100], "float16")), xp.asarray(np.zeros(101, "int64"))
    assert plugrad_cupy.scatter.by_sorting(xp, values, (1,), places).get().tolist() == [2148]


def test_the_switch(backend):
    assert not plugrad_cupy.are_deterministic_algorithms_enabled()
    plugrad_cupy.use_deterministic_algorithms(True)
    assert plugrad_cupy.are_deterministic_algorithms_enabled()
    plugrad_cupy.use_deterministic_algorithms(False)
