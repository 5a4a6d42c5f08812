"""What CuPy does where NumPy does otherwise: ``--backend cupy`` asks the real one, ``cupy-double`` the double.

They are what makes the double worth its name, so a run on a GPU begins with them. So far they ran on the double alone.
"""

import math

import pytest

np = pytest.importorskip("numpy", reason="the double has NumPy underneath")
pytest.importorskip("plugrad_cupy", reason="plugrad-cupy is not installed")

from plugrad_test_backends.cupy_double.device import count  # noqa: E402

pytestmark = pytest.mark.only("cupy", "cupy-double")


@pytest.fixture
def xp(backend):
    return backend.xp


@pytest.fixture
def counted(backend):
    """The counters, which the double alone has."""
    if backend.name != "cupy-double":
        pytest.skip("CuPy counts nothing")
    count.reset()
    return count


# -- names and calls --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["vecdot", "geomspace", "nonsense", "unstack"])
def test_a_name_that_cupy_lacks(xp, name):
    with pytest.raises(AttributeError, match=name):
        getattr(xp, name)


def test_keywords_that_cupy_lacks(xp):
    x = xp.arange(6.0).reshape(2, 3)
    for call in (
        lambda: xp.sum(x, where=x > 2), lambda: xp.zeros(3, device="cpu"), lambda: xp.sort(x, stable=True),
        lambda: xp.clip(x, min=0, max=1), lambda: xp.take(x, x, mode="clip"), lambda: xp.std(x, correction=1),
    ):  # fmt: skip
        with pytest.raises(TypeError):
            call()


def test_methods_that_an_array_lacks(xp):
    x = xp.ones(2)
    for name in ("to_device", "__array_namespace__", "__index__", "__contains__", "tofile_"):
        assert not hasattr(x, name)


def test_dtypes_are_numpy_s(xp):
    assert xp.float32 is np.float32
    assert xp.dtype("f4") == np.dtype("float32")


# -- arrays -----------------------------------------------------------------------------------------------------------


def test_reductions_and_elements_are_0_d_arrays(xp):
    x = xp.arange(6.0)
    for found in (xp.sum(x), x.sum(), x[1], x[1] * 2, xp.argmax(x), x.max()):
        assert type(found) is xp.ndarray
        assert found.shape == ()


def test_numpy_s_arrays_are_refused(xp):
    x, theirs = xp.ones(3), np.ones(3)
    for call in (
        lambda: x + theirs, lambda: theirs + x, lambda: xp.add(x, theirs), lambda: np.asarray(x),
        lambda: xp.concatenate([x, theirs]), lambda: xp.power([1, 2], 2), lambda: x @ theirs, lambda: xp.exp(theirs),
    ):  # fmt: skip
        with pytest.raises(TypeError):
            call()
    with pytest.raises(ValueError, match="non-scalar"):
        x[...] = np.zeros(3)
    assert x.get().tolist() == [1, 1, 1]


def test_text_and_dates_are_refused(xp):
    for data in (["a"], np.array(["2026"], "M8[Y]"), np.array([None])):
        with pytest.raises(ValueError, match="Unsupported dtype"):
            xp.asarray(data)


def test_views_share_memory_and_name_their_owner(xp):
    x = xp.zeros((2, 3))
    for view in (x[1:], x.T, x.reshape(3, 2), x[0][1:], xp.broadcast_to(x, (2, 2, 3)), xp.expand_dims(x, 0)):
        assert view.base is x
        assert xp.may_share_memory(view, x)
    assert x.base is None
    assert x.copy().base is None
    assert x.real is x
    z = xp.zeros(2, "complex64")
    z.imag[...] = 3
    assert z.get().tolist() == [3j, 3j]


# -- dtypes -----------------------------------------------------------------------------------------------------------


def test_python_s_numbers_are_weak_and_numpy_s_are_not(xp):
    x = xp.ones(3, "float32")
    assert (x * 2.5).dtype == (x + 1).dtype == "float32"
    assert (x * np.float64(2)).dtype == "float64"
    assert (xp.arange(3) / 2).dtype == xp.exp(xp.arange(3)).dtype == "float64"
    assert xp.exp(xp.ones(2, "int8")).dtype == "float16"
    assert (x > 0).dtype == "bool"


@pytest.mark.parametrize(
    "name, dtype",
    [("floor", "complex64"), ("logical_and", "complex64"), ("remainder", "complex64"), ("invert", "float32")],
)
def test_dtypes_that_a_ufunc_lacks(xp, name, dtype):
    x = xp.ones(2, dtype)
    with pytest.raises(TypeError, match="Wrong type"):
        getattr(xp, name)(*[x] * getattr(xp, name).nin)


def test_floats_out_of_an_integer_s_range(xp):
    assert xp.asarray([-1.0], "float32").astype("uint32").get().tolist() == [0]
    assert xp.asarray([math.inf, -math.inf]).astype("int32").get().tolist() == [2**31 - 1, -(2**31)]


def test_subnormal_float32_are_flushed(xp):
    assert (xp.asarray([1e-38], "float32") / 10).get().tolist() == [0]
    assert (xp.asarray([1e-38], "float64") / 10).get().tolist() == [1e-39]


def test_complex_powers_at_zero(xp):
    assert np.isnan((xp.zeros(1, "complex128") ** 3).get()).all()
    assert (xp.zeros(1, "complex128") ** 2).get().tolist() == [0]


def test_integers_to_negative_powers(xp):
    found = xp.power(xp.asarray([0, 1, -1, 2]), xp.asarray([-1, -1, -3, -2]))
    assert found.get()[1:].tolist() == [1, -1, 0]


def test_in_place_keeps_the_array_s_dtype(xp):
    whole = xp.ones(2, "int64")
    with pytest.raises(TypeError, match="same_kind"):
        whole += 0.5
    with pytest.raises(ValueError, match="[Oo]ut shape|broadcast"):
        whole += xp.ones((3, 2), "int64")
    out = xp.empty(2, "int64")
    assert xp.add(whole, whole, out=out) is out
    assert out.get().tolist() == [2, 2]


# -- indices ----------------------------------------------------------------------------------------------------------


def test_indices_out_of_range_wrap(xp):
    x = xp.arange(3.0)
    assert x[xp.asarray([1, 3, -4])].get().tolist() == [1, 0, 2]
    assert xp.take(x, xp.asarray([4])).get().tolist() == [1]


def test_some_value_wins_where_indices_repeat(xp):
    x, places = xp.zeros(2), xp.arange(1000) % 2
    x[places] = xp.arange(1000.0)
    even, odd = x.get().tolist()
    assert even % 2 == 0
    assert odd % 2 == 1


def test_add_at(xp):
    for dtype in ("int32", "int64", "uint32", "uint64", "float16", "float32", "float64"):
        x = xp.zeros(3, dtype)
        xp.add.at(x, xp.asarray([0, 2, 2]), xp.ones(3, dtype))
        assert x.get().tolist() == [1, 0, 2]
    for dtype in ("bool", "int8", "int16", "uint8", "uint16", "complex64", "complex128"):
        with pytest.raises(TypeError):
            xp.add.at(xp.zeros(3, dtype), xp.asarray([0]), xp.ones(1, dtype))


def test_argsort_keeps_the_order_of_equals(xp):
    order = xp.argsort(xp.asarray([1, 0] * 50)).get().tolist()
    assert order == [*range(1, 100, 2), *range(0, 100, 2)]


# -- devices and streams ----------------------------------------------------------------------------------------------


def test_the_current_device_is_where_arrays_are_made(xp):
    if xp.cuda.runtime.getDeviceCount() < 2:
        pytest.skip("there is one GPU")
    with xp.cuda.Device(1):
        there = xp.ones(3)
        assert xp.cuda.runtime.getDevice() == 1
    assert (there.device.id, xp.ones(1).device.id) == (1, 0)
    assert xp.asarray(there).device.id == 0


def test_arrays_of_two_devices_are_refused(xp, counted):
    """The double's devices have no access to one another; real ones may have, and CuPy then warns of its cost."""
    with xp.cuda.Device(1):
        there = xp.ones(3)
    with pytest.raises(ValueError, match="device"):
        there + xp.ones(3)


def test_the_current_stream(xp):
    stream = xp.cuda.Stream()
    with stream:
        assert xp.cuda.get_current_stream().ptr == stream.ptr
    assert xp.cuda.get_current_stream().ptr == xp.cuda.Stream.null.ptr


def test_no_host_library_takes_the_memory(xp):
    x = xp.ones(2)
    assert x.__dlpack_device__()[0] == 2
    with pytest.raises((BufferError, RuntimeError)):
        np.from_dlpack(x)
    with pytest.raises((TypeError, BufferError), match="CPU"):
        xp.from_dlpack(np.ones(2))
    shared = xp.from_dlpack(x)
    shared += 1
    assert x.get().tolist() == [2, 2]


# -- the double's counters --------------------------------------------------------------------------------------------


def test_launches_and_transfers_are_counted(xp, counted):
    x = xp.asarray(np.ones((2, 3), "float32"))
    assert counted.crossed == ["asarray to the device"]
    counted.reset()
    z = xp.exp(x) * 2 + x.T.reshape(2, 3)
    assert (counted.launches, counted.d2h, counted.h2d) == (4, 0, 0)  # the reshaping copies
    for read in (lambda: float(z.sum()), lambda: bool(z[0, 0]), lambda: z.tolist(), lambda: z.get(), lambda: repr(z)):
        counted.reset()
        read()
        assert counted.d2h == 1
    counted.reset()
    z[z > 0]
    assert counted.crossed == ["the count of a mask to the host"]
    counted.reset()
    z[[0, 1]]
    assert counted.crossed == ["an index to the device"]


def test_live_bytes(xp, counted):
    before = counted.live_bytes
    x = xp.zeros(1000)
    view = x[10:]
    assert counted.live_bytes == before + 8000
    del x
    assert counted.live_bytes == before + 8000
    del view
    assert counted.live_bytes == before


def test_overlapping_assignment_is_caught(xp, counted):
    x = xp.arange(4.0)
    with pytest.raises(AssertionError, match="reads? the memory"):
        x[1:] = x[:-1]
    x[...] = x
    assert x.get().tolist() == [0, 1, 2, 3]
