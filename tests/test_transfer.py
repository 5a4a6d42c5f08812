"""Tensors that go to other devices, backends and dtypes, by ``to`` and its like, by ``asarray`` and by DLPack."""

import pytest

import plugrad
from plugrad.errors import BackendError, DTypeError, GraphError
from plugrad.extend import Backend
from plugrad.registry.claims import BACKENDS
from plugrad.registry.place import place_named
from values import assert_close


def leaf(values=((1.0, 2.0), (3.0, 4.0)), **keywords):
    return plugrad.tensor([list(v) if isinstance(v, tuple) else v for v in values], requires_grad=True, **keywords)


@pytest.fixture(params=["tuples", "numpy", "strict", "cupy-double", "cupy", "torch-arrays"])
def other(request, backend):
    """The name of another backend."""
    found = BACKENDS.get(request.param)
    if found is None or found.unavailable() or found is backend:
        pytest.skip(f"{request.param} is not here, or is what the test runs on")
    return request.param


def brought(t, name):
    return plugrad.asarray(t, backend=name)


# -- what to() means --------------------------------------------------------------------------------------------------


def test_what_is_so_already_is_the_tensor_itself(backend):
    t = leaf()
    for same in (t.to(), t.to(None), t.to(t.device), t.to(t.dtype), t.to(t.device, t.dtype), t.to(t), t.to(float)):
        assert same is t
    assert t.to(device=t.device, dtype=t.dtype, non_blocking=True) is t
    assert t.to_device(t.device) is t
    assert plugrad.asarray(t, device=t.device) is t
    assert plugrad.asarray(t, backend=backend.name, copy=False) is t


def test_a_copy_where_one_is_asked_for(backend):
    t = leaf()
    for made in (
        t.to(t.device, copy=True),
        t.to(t.dtype, False, True),
        t.to(t.device, None, False, True),
        t.to(t, False, True),
    ):
        assert made is not t
        assert made.grad_fn.name() == "ToCopyBackward0"
        assert made.device == t.device
        assert_close(made, [[1.0, 2.0], [3.0, 4.0]])


def test_to_another_dtype(backend):
    t = leaf([1.5, -2.5])
    whole = t.to(plugrad.int64)
    assert (whole.dtype, whole.tolist(), whole.requires_grad) == ("int64", [1, -2], False)
    for z in (t.to(plugrad.complex128), t.to(dtype="complex128"), t.to(t.device, plugrad.complex128), t.to(complex)):
        assert z.dtype == "complex128"
        assert z.grad_fn.name() == "ToCopyBackward0"
    assert t.to(whole).dtype == "int64"


def test_a_name_alone_is_a_device(backend):
    t = leaf()
    with pytest.raises(DTypeError, match=r"'float64' is a dtype.*to\(dtype='float64'\)"):
        t.to("float64")
    with pytest.raises(BackendError, match="no backend that can be used here has device 'moon': .*numpy has 'cpu'"):
        t.to("moon")
    with pytest.raises(BackendError, match="has device 'cuda:7'"):
        t.to(7)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda t: t.to("cpu", "cpu"), "'cpu' is no dtype"),
        (lambda t: t.to(t, device="cpu"), "has the device and the dtype of that tensor"),
        (lambda t: t.to("cpu", memory_format=1), "unexpected keyword argument 'memory_format'"),
        (lambda t: t.to("cpu", plugrad.float64, False, True, 1), "got 5 arguments"),
        (lambda t: t.to("cpu", device="cpu"), "two devices"),
        (lambda t: t.to(plugrad.float64, dtype="float64"), "two dtypes"),
        (lambda t: t.to("cpu", plugrad.float64, False, copy=True, other=t), "unexpected keyword argument 'other'"),
    ],
)
def test_wrong_arguments(backend, call, said):
    with pytest.raises(TypeError, match=said):
        call(leaf())


def test_cuda_where_there_is_none(backend, monkeypatch):
    if "cuda:0" in backend.devices():
        pytest.skip("there is one, or a double of one")
    for name, found in [*BACKENDS.items()]:
        if not found.unavailable() and "cuda:0" in found.devices():
            monkeypatch.delitem(BACKENDS, name)
    t = leaf()
    for call in (t.cuda, lambda: t.to("cuda"), lambda: t.cuda(0), lambda: plugrad.zeros(2, device="cuda")):
        with pytest.raises(BackendError, match=r"has device 'cuda(:0)?'"):
            call()
    with pytest.raises(RuntimeError, match="Invalid device, must be cuda device, not 'cpu'"):
        t.cuda("cpu")


def test_cpu_is_the_host(backend):
    t = leaf()
    on_the_host = t.cpu()
    assert on_the_host.device == "cpu"
    assert_close(on_the_host, [[1.0, 2.0], [3.0, 4.0]])
    assert (on_the_host is t) == (t.device == "cpu")
    on_the_host.sum().backward()
    assert_close(t.grad, [[1.0, 1.0], [1.0, 1.0]])


@pytest.mark.only("numpy", "tuples")
def test_no_streams_on_the_host(backend):
    with pytest.raises(BackendError, match="has no streams; leave stream=None"):
        leaf().to_device("cpu", stream=1)


# -- between two backends ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [[[1.0, 2.0], [3.0, 4.0]], 2.5, [True, False], [1, 2, 3], [1j, 2.0], [[]]])
def test_values_and_dtype_arrive(backend, other, values):
    t = plugrad.tensor(values)
    made = brought(t, other)
    assert (made._spec.backend.name, made.shape) == (other, t.shape if other != "tuples" or t.size else made.shape)
    assert made.tolist() == t.tolist()
    if t.size:  # an empty tuple has no dtype of its own
        assert made.dtype == t.dtype
    assert plugrad.tensor(t, backend=other).tolist() == t.tolist()
    assert plugrad.tensor(t.array, backend=other).tolist() == t.tolist()


def test_the_way_back_is_one_node(backend, other):
    x = leaf()
    y = brought(x * 2, other)
    assert y.grad_fn.name() == "ToCopyBackward0"
    assert [fn.name() for fn, _ in y.grad_fn.next_functions] == ["MulBackward0"]
    z = brought(y * y, backend.name)
    (z * x).sum().backward()
    assert x.grad._spec is x._spec
    assert_close(x.grad, [[12.0, 48.0], [108.0, 192.0]])  # of 4 x ** 3


def test_of_one_element(backend, other):
    x = plugrad.tensor(3.0, requires_grad=True)
    y = brought(x * x, other) * 2
    brought(y, backend.name).backward()
    assert (x.grad.tolist(), x.grad._spec.backend) == (12.0, backend)


def test_complex_cotangents_go_back(backend, other):
    x = plugrad.tensor([1 + 2j, 3 - 1j], requires_grad=True)
    y = brought(x, other)
    (y * y).backward(brought(plugrad.tensor([1j, 2.0 + 0j]), other))
    assert_close(x.grad, [4 + 2j, 12 + 4j])


def test_both_engines(backend, other):
    def loss(x):
        y = brought(x, other)
        return brought((y * y).sum() + y.sum(), backend.name) * x.sum()

    x = leaf()
    loss(x).backward()  # the fast one
    (g,) = plugrad.autograd.grad(loss(x), x)  # the plain one
    assert g._spec is x._spec
    assert_close(x.grad, g)


def test_second_order(backend, other):
    x = leaf([1.0, 2.0])
    y = brought(x, other)
    (g,) = plugrad.autograd.grad(brought((y * y * y).sum(), backend.name), x, create_graph=True)
    assert_close(g, [3.0, 12.0])
    assert g._spec is x._spec
    (h,) = plugrad.autograd.grad(g.sum(), x)
    assert_close(h, [6.0, 12.0])


def test_the_loss_may_be_elsewhere(backend, other):
    x = leaf([1.0, 2.0])
    loss = (brought(x, other) * 3).sum()
    loss.backward(retain_graph=True)
    loss.backward(brought(plugrad.tensor(2.0), other))
    assert_close(x.grad, [9.0, 9.0])
    with pytest.raises(BackendError, match="nothing is converted unasked"):
        (brought(x, other) * 3).sum().backward(plugrad.tensor(2.0))


def test_forward_mode(backend, other):
    from plugrad.func import jvp

    def f(x):
        y = brought(x, other)
        return brought(y * y, backend.name) * x

    x, t = plugrad.tensor([1.0, 2.0]), plugrad.tensor([1.0, -1.0])
    out, tangent = jvp(f, (x,), (t,))
    assert_close(out, [1.0, 8.0])
    assert tangent._spec.backend is backend
    assert_close(tangent, [3.0, -12.0])


def test_gradcheck(backend, other):
    from plugrad.autograd import gradcheck, gradgradcheck

    def f(x):
        y = brought(x, other)
        return brought(y * y.sum(), backend.name)

    x = leaf([0.5, -1.5, 2.0])
    assert gradcheck(f, (x,))
    assert gradgradcheck(f, (x,))


def test_hooks_see_each_side(backend, other):
    x = leaf([1.0, 2.0])
    y = brought(x, other)
    seen = []
    x.register_hook(lambda g: seen.append(("x", g._spec.backend.name)))
    y.register_hook(lambda g: seen.append(("y", g._spec.backend.name)) or g * 2)
    y.grad_fn.register_hook(lambda gi, go: seen.append((gi[0]._spec.backend.name, go[0]._spec.backend.name)))
    y.sum().backward()
    assert seen == [("y", other), (backend.name, other), ("x", backend.name)]
    assert_close(x.grad, [2.0, 2.0])


def test_no_grad_records_nothing(backend, other):
    x = leaf()
    with plugrad.no_grad():
        y = brought(x, other)
    assert y.is_leaf
    assert not y.requires_grad


def test_to_like_another(backend, other):
    x = leaf([1.0, 2.0])
    like = plugrad.zeros(1, backend=other)
    assert x.to(like)._spec.backend.name == other
    assert x.to(like).to(x)._spec is x._spec
    narrow = x.to(plugrad.zeros(1, backend=other, dtype="int64"))
    assert (narrow.dtype, narrow.requires_grad, narrow.tolist()) == ("int64", False, [1, 2])


def test_the_copy_is_its_own(backend, other):
    x = plugrad.tensor([1.0, 2.0])
    y = brought(x, other)
    for first, second in ((x, y), (y, x)):
        if first._spec.backend.writable:
            before = second.tolist()
            first += 1
            assert second.tolist() == before
    with pytest.raises(ValueError, match="copy is needed to make .* on .* of"):
        plugrad.asarray(x, backend=other, copy=False)
    with pytest.raises(ValueError, match="copy is needed to bring"):
        plugrad.asarray(x.array, backend=other, copy=False)


def test_a_write_after_the_copy_is_no_matter(backend, other):
    x = leaf([1.0, 2.0])
    y = x * 1
    z = brought(y, other)
    if backend.writable:
        y += 1  # the copy saved nothing of it
    brought(z, backend.name).sum().backward()
    assert_close(x.grad, [1.0, 1.0])


@pytest.mark.writable
def test_a_saved_value_is_watched_there_too(backend):
    other = "strict" if backend.name == "numpy" else "numpy"
    if other not in BACKENDS:
        pytest.skip("array-api-strict is not installed")
    y = brought(leaf([1.0, 2.0]), other)
    z = y * y
    y.detach().zero_()
    with pytest.raises(GraphError, match="modified by an inplace operation"):
        z.sum().backward()


def test_copy_from_elsewhere(backend, other):
    x = plugrad.zeros(2)
    source = plugrad.tensor([1.0, 2.0], backend=other, requires_grad=True)
    x.copy_(source)
    assert_close(x.detach(), [1.0, 2.0])
    (x * x).sum().backward()
    assert source.grad._spec.backend.name == other
    assert source.grad.tolist() == [2.0, 4.0]


def test_nothing_is_converted_unasked(backend, other):
    x, y = plugrad.tensor([1.0]), plugrad.tensor([1.0], backend=other)
    with pytest.raises(BackendError, match=r"Nothing is converted unasked; convert one of them, as by x2\.to\(x1\)"):
        x + y
    if backend.writable:
        with pytest.raises(BackendError, match="copy_ takes values from elsewhere"):
            x += y


def test_numbers_of_numpy_are_numbers(backend):
    numpy = pytest.importorskip("numpy", reason="its functions return them")
    x = leaf([1.0, 4.0])
    assert_close(x / numpy.sqrt(4.0), [0.5, 2.0])
    assert_close(x ** numpy.int64(2), [1.0, 16.0])
    (plugrad.where(x > 2, numpy.float64(7.0), x) * numpy.asarray(2.0)).sum().backward()
    assert_close(x.grad, [2.0, 0.0])
    for i in numpy.arange(2):
        assert (x * 1)[i].grad_fn.name() == "SliceBackward0"  # a view, as of an int
        assert x[i].item() == (1.0, 4.0)[i]
    if backend.name not in ("numpy", "cupy"):
        with pytest.raises(BackendError, match="Nothing is converted unasked"):
            x * numpy.asarray([1.0, 2.0])


def test_numpy_values(backend):
    numpy = pytest.importorskip("numpy", reason="the values are asked for as its arrays")
    if BACKENDS["numpy"].unavailable():
        pytest.skip("plugrad-numpy is not here")
    for values in ([[1.0, 2.0]], 3.0, [True], [1, 2]):
        t = plugrad.tensor(values)
        found = t.numpy()
        assert type(found) is numpy.ndarray
        assert found.dtype.name == t.dtype
        assert found.tolist() == values
        assert numpy.asarray(t).tolist() == values


# -- which backend has a device ----------------------------------------------------------------------------------------


class Moon(Backend):
    """Has devices alone."""

    array_types = ()

    def __init__(self, name, *devices, why=""):
        self.name, self.known, self.why = name, devices, why

    def devices(self):
        return self.known

    def unavailable(self):
        return self.why


def test_the_only_one_that_has_it(backend, monkeypatch):
    moon = Moon("moon", "moon:0", "moon:1")
    monkeypatch.setitem(BACKENDS, "moon", moon)
    place = place_named("moon:1", backend)
    assert (place.backend, place.device) == (moon, "moon:1")
    monkeypatch.setitem(BACKENDS, "other", Moon("other", "moon:1"))
    with pytest.raises(BackendError, match=r"device 'moon:1' is one of moon, other: say which.*backend='moon'"):
        place_named("moon:1", backend)
    assert place_named("moon:1", moon).backend is moon


def test_one_that_is_unavailable_says_why(backend, monkeypatch):
    monkeypatch.setitem(BACKENDS, "moon", Moon("moon", "moon:0", why="it is new moon"))
    with pytest.raises(BackendError, match="has device 'moon:0': .*moon is unavailable here: it is new moon"):
        plugrad.ones(2).to("moon:0")


@pytest.mark.only("strict")
def test_devices_of_one_library(backend):
    t = leaf([1.0, 2.0])
    there = next(d for d in backend.devices() if "device1" in d)
    moved = t.to(there)
    assert (moved.device, moved.grad_fn.name()) == (there, "ToCopyBackward0")
    with pytest.raises(BackendError, match="same backend and device"):
        t + moved
    (moved * moved).sum().backward()
    assert t.grad.device == t.device
    assert_close(t.grad, [2.0, 4.0])
    assert plugrad.zeros(2, device=there).device == there
    assert plugrad.zeros_like(t, device=there).device == there
    assert plugrad.tensor([1.0], device=there).device == there
    with pytest.raises(ValueError, match="copy is needed"):
        plugrad.asarray(t, device=there, copy=False)


def test_creation_goes_where_the_device_is():
    there = plugrad.ones(2, device="cpu", backend="tuples")
    plugrad.set_default_backend("tuples")
    try:
        assert plugrad.ones(2, device="cpu")._spec.backend.name == "tuples"
        assert plugrad.tensor(plugrad.ones(2, backend="numpy"), device="cpu")._spec.backend.name == "numpy"
        assert plugrad.ones_like(there, device="cpu")._spec.backend.name == "tuples"
    finally:
        plugrad.set_default_backend(None)


# -- DLPack ------------------------------------------------------------------------------------------------------------


@pytest.mark.only("numpy", "strict")
def test_dlpack_of_numpy(backend):
    numpy = pytest.importorskip("numpy", reason="its arrays are taken and made")
    given = numpy.asarray([1.0, 2.0])
    t = plugrad.from_dlpack(given)
    assert t._spec.backend is backend
    given[0] = 5.0
    assert t.tolist() == [5.0, 2.0]  # the same memory
    assert plugrad.from_dlpack(given, copy=True).tolist() == [5.0, 2.0]
    assert numpy.from_dlpack(t).tolist() == [5.0, 2.0]
    assert t.__dlpack_device__() == (1, 0)
    assert plugrad.from_dlpack(t).tolist() == [5.0, 2.0]
    if backend.name == "numpy":
        copied = plugrad.from_dlpack(given, copy=True)
        given[0] = 7.0
        assert copied.tolist() == [5.0, 2.0]
        assert numpy.shares_memory(numpy.from_dlpack(t), given)
        assert type(plugrad.from_dlpack(numpy.asarray(2.0))._array) is numpy.float64


@pytest.mark.only("numpy", "strict")
def test_dlpack_with_torch(backend):
    torch = pytest.importorskip("torch", reason="its tensors are taken and made")
    given = torch.tensor([[1.0, 2.0]], dtype=torch.float64)
    t = plugrad.from_dlpack(given).requires_grad_()
    (t * t).sum().backward()
    assert torch.from_dlpack(t.grad).tolist() == [[2.0, 4.0]]
    assert torch.from_dlpack(t.detach()).dtype == torch.float64
    with pytest.raises(BufferError, match=r"Can't export tensors that require gradient, use tensor.detach\(\)"):
        torch.from_dlpack(t)
    with pytest.raises(BufferError, match="require gradient"):
        plugrad.from_dlpack(given.requires_grad_())


@pytest.mark.only("tuples")
def test_a_backend_without_dlpack(backend):
    numpy = pytest.importorskip("numpy", reason="its arrays are taken")
    t = plugrad.from_dlpack(numpy.asarray([1.0, 2.0]))  # by the backend that can
    assert t._spec.backend.name == "numpy"
    with pytest.raises(BackendError, match="backend 'tuples' takes no arrays by DLPack"):
        plugrad.from_dlpack(numpy.asarray([1.0]), backend="tuples")
    for call in (lambda x: x.__dlpack__(), lambda x: x.__dlpack_device__()):
        with pytest.raises(BufferError, match="backend 'tuples' are not exported by DLPack"):
            call(plugrad.tensor([1.0]))
    with pytest.raises(TypeError, match="from_dlpack takes what has __dlpack__, not a builtins.list"):
        plugrad.from_dlpack([1.0])


class Elsewhere:
    """Exports memory of a device that nobody here reaches."""

    def __init__(self, kind):
        self.kind = kind

    def __dlpack_device__(self):
        return self.kind, 3

    def __dlpack__(self, **keywords):
        raise AssertionError("nobody can take it")


def test_memory_that_nobody_reaches():
    for kind, said in ((2, "memory of cuda:3 by DLPack"), (8, "memory of DLPack's kind 8 by DLPack")):
        with pytest.raises(BackendError, match=f"{said}: .*numpy has 'cpu'"):
            plugrad.from_dlpack(Elsewhere(kind))
    with pytest.raises(BufferError, match="NumPy does not reach the memory"):
        plugrad.from_dlpack(Elsewhere(2), backend="numpy")


class Recorder:
    """Says with what its memory was asked for."""

    shape, dtype = (), "float64"

    def __dlpack_device__(self):
        return 1, 0

    def __dlpack__(self, **keywords):
        self.asked = keywords
        raise BufferError("asked")


@pytest.mark.only("numpy")
def test_the_protocol_s_keywords_are_passed_on(backend):
    numpy = pytest.importorskip("numpy", reason="its arrays are exported")
    t = plugrad.tensor([1.0, 2.0])
    assert "dltensor_versioned" in repr(t.__dlpack__(max_version=(1, 0), dl_device=(1, 0), copy=True, stream=None))
    with pytest.raises(BufferError):
        t.__dlpack__(max_version=(1, 0), dl_device=(2, 0))
    with pytest.raises(BufferError, match="asked"):
        plugrad.from_dlpack(Recorder())
    frozen = numpy.asarray([1.0])
    frozen.flags.writeable = False
    assert plugrad.from_dlpack(frozen).array.flags.writeable  # in memory of its own
    with pytest.raises(BufferError, match="for reading alone"):
        plugrad.from_dlpack(frozen, copy=False)
