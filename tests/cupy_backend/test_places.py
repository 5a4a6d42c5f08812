"""CuPy's devices, streams and memory, on the double: what runs where, what crosses, and when memory is free again."""

import pytest

import plugrad
from plugrad.errors import BackendError
from plugrad.extend import op
from plugrad.registry.claims import BACKENDS
from plugrad.registry.op import OPS
from values import assert_close

np = pytest.importorskip("numpy", reason="the double has NumPy underneath")
pytest.importorskip("plugrad_cupy", reason="plugrad-cupy is not installed")
pytest.importorskip("plugrad_numpy", reason="the other end of the transfers is plugrad-numpy's")
double = pytest.importorskip("plugrad_test_backends.cupy_double", reason="the double of CuPy is not on the path")

from plugrad_test_backends.cupy_double.device import (  # noqa: E402
    Counters,
    Device,
    Stream,
    count,
    current,
    get_current_stream,
)

NAME = "cupy-double"


@pytest.fixture
def gpu():
    """The double's backend; the device that was current is current again."""
    yield BACKENDS[NAME]
    assert current.device == 0
    assert get_current_stream() is Stream.null


@pytest.fixture
def crossings(monkeypatch):
    """A function that runs another one, and returns what crossed between host and device."""

    def during(run):
        count.reset()
        run()
        return count.crossed

    return during


def leaf(values, device="cuda:0"):
    return plugrad.tensor(values, device=device, backend=NAME, requires_grad=True)


# -- names of devices --------------------------------------------------------------------------------------------------


def test_which_device_is_meant(gpu):
    t = plugrad.tensor([1.0, 2.0])  # NumPy's
    assert gpu.devices() == ("cuda:0", "cuda:1")
    for made, device in (
        (t.to("cuda"), "cuda:0"), (t.cuda(), "cuda:0"), (t.to(0), "cuda:0"), (t.to("cuda:1"), "cuda:1"),
        (t.cuda(1), "cuda:1"), (t.to(Device(1)), "cuda:1"), (t.to_device("cuda:1"), "cuda:1"),
        (plugrad.ones(2, device="cuda:1"), "cuda:1"), (plugrad.asarray(t, device="cuda"), "cuda:0"),
        (plugrad.asarray(t, backend=NAME), "cuda:0"), (plugrad.tensor([1.0], device="cuda:1"), "cuda:1"),
        (plugrad.ones_like(t, device="cuda:1"), "cuda:1"), (plugrad.rand(2, device="cuda:1"), "cuda:1"),
    ):  # fmt: skip
        assert (made.device, made._spec.backend) == (device, gpu)
        assert made.to(device) is made
        assert made.cpu()._spec.backend.name == "numpy"
    with Device(1):
        assert t.to("cuda").device == t.cuda().device == plugrad.asarray(t, backend=NAME).device == "cuda:1"
        assert t.to("cuda:0").device == "cuda:0"
        there = t.to("cuda:1")
        assert there.to("cuda") is there
    assert there.to("cuda").device == "cuda:0"
    for wrong in ("cuda:2", "cuda:x", Device):
        with pytest.raises(BackendError, match="has device|has devices"):
            t.to(wrong)


def test_two_devices_in_one_call(gpu):
    here, there = leaf([1.0]), leaf([1.0], "cuda:1")
    with pytest.raises(BackendError, match=r"on cuda:1.*Nothing is converted unasked.*as by x2.to"):
        here * there
    assert (here * there.to(here)).device == "cuda:0"


# -- the current device ------------------------------------------------------------------------------------------------


def program(x):
    """Formulas that use the arrays' own operators, sums of cotangents, and what broadcasts."""
    y = x * x / (x + 2.0) - x**3
    z = (y @ y) + (y.exp() * x).sum(axis=0)
    return (z * z).mean() + (-y).tanh().sum()


def expected():
    x = plugrad.tensor([[0.5, -0.25], [0.75, 0.1]], requires_grad=True)
    (g,) = plugrad.autograd.grad(program(x), x, create_graph=True)
    (h,) = plugrad.autograd.grad(g.sum(), x)
    return g.tolist(), h.tolist()


@pytest.mark.parametrize(("home", "now"), [("cuda:1", 0), ("cuda:0", 1), ("cuda:1", 1), ("cuda:0", 0)])
def test_backward_runs_where_the_arrays_are(gpu, crossings, home, now):
    g, h = expected()
    x = leaf([[0.5, -0.25], [0.75, 0.1]], home)

    def run():
        with Device(now):
            program(x).backward()
            program(x).backward()  # accumulates
            (plain,) = plugrad.autograd.grad(program(x), x)
            (recorded,) = plugrad.autograd.grad(program(x), x, create_graph=True)
            (second,) = plugrad.autograd.grad(recorded.sum(), x)
            loss = program(x)
            (alone,) = loss.grad_fn(plugrad.ones_like(loss))[:1]
            found.extend((plain, recorded, second, alone))

    found = []
    assert crossings(run) == []
    plain, recorded, second, alone = found
    for made in (x.grad, plain, recorded, second, alone):
        assert made.device == home
        assert made.array.device.id == int(home[-1])
    assert_close(x.grad, [[2 * v for v in row] for row in g])
    assert_close(plain, g)
    assert_close(recorded.detach(), g)
    assert_close(second, h)


def test_a_graph_over_two_devices_and_the_host(gpu, crossings):
    x = leaf([1.0, 2.0])
    w = leaf([3.0, 4.0], "cuda:1")
    host = plugrad.tensor([5.0, 6.0], requires_grad=True)

    def run():
        y = (x * x).to("cuda:1") * w + w
        (y.to("cuda:0") * x).sum().backward()

    assert crossings(run) == []  # from one device to the other, not by the host
    assert (x.grad.device, w.grad.device) == ("cuda:0", "cuda:1")
    assert_close(x.grad, [3 * 3 + 3, 3 * 4 * 4 + 4.0])
    assert_close(w.grad, [1 + 1.0, 8 + 2.0])
    x.grad = w.grad = None

    def by_the_host():
        ((x * 2.0).cpu() * host).to("cuda:1").sum().backward()

    assert crossings(by_the_host) == [
        "ndarray.get to the host", "asarray to the device", "ndarray.get to the host", "asarray to the device",
    ]  # fmt: skip
    assert_close(x.grad, [10.0, 12.0])
    assert host.grad._spec.backend.name == "numpy"
    assert_close(host.grad, [2.0, 4.0])


def test_the_way_back_with_create_graph_and_forward_mode(gpu):
    from plugrad.func import jvp

    def f(x):
        y = x.to("cuda:1")
        return (y * y * y).cpu().to("cuda:0")

    x = leaf([1.0, 2.0])
    (g,) = plugrad.autograd.grad(f(x).sum(), x, create_graph=True)
    (h,) = plugrad.autograd.grad(g.sum(), x)
    assert (g.device, h.device) == ("cuda:0", "cuda:0")
    assert_close(g.detach(), [3.0, 12.0])
    assert_close(h, [6.0, 12.0])
    _, tangent = jvp(f, (x.detach(),), (plugrad.ones_like(x),))
    assert (tangent.device, tangent.tolist()) == ("cuda:0", [3.0, 12.0])


def test_a_hook_runs_where_its_gradient_is(gpu):
    x = leaf([1.0, 2.0], "cuda:1")
    seen = []
    y = x * x
    y.register_hook(lambda g: seen.append(g.array.device.id) or g * 2)
    y.sum().backward()
    assert seen == [1]
    assert_close(x.grad, [4.0, 8.0])


def test_an_error_leaves_the_device_as_it_was(gpu):
    def refuse(g):
        raise ValueError("no")

    x = leaf([1.0], "cuda:1")
    y = x * x
    y.grad_fn.register_prehook(refuse)
    with pytest.raises(ValueError, match="no"):
        (y * y).sum().backward()
    assert current.device == 0


def test_composites_and_kernels_of_plugins_run_there_too(gpu, monkeypatch):
    ran = []
    thrice = op(
        "place.thrice(x, /)", elementwise=True, composite=lambda x: ran.append(current.device) or x + x + x,
        vjp={"x": lambda g: g * 3.0},
    )  # fmt: skip
    x = leaf([1.0, 2.0], "cuda:1")
    thrice(x).sum().backward()
    assert ran == [1]
    assert_close(x.grad, [3.0, 3.0])
    assert thrice(x.detach().array).device.id == 1
    assert "place.thrice" not in OPS


def test_a_device_that_was_chosen_for_good_stays_chosen(gpu):
    x, there = leaf([1.0, 2.0]), leaf([1.0, 2.0], "cuda:1")
    Device(1).use()
    try:
        (x * x + there.to("cuda:0")).sum().backward()
        plugrad.get_rng_state(backend=NAME)
        assert current.device == 1
    finally:
        Device(0).use()
    assert (x.grad.device, there.grad.device) == ("cuda:0", "cuda:1")


def test_a_backward_on_the_current_device_is_fast_and_any_other_is_plain(gpu, monkeypatch):
    from plugrad.autograd import engine, fast

    ran = []
    for module in (engine, fast):
        run = module.run
        monkeypatch.setattr(module, "run", lambda *a, run=run, name=module.__name__: ran.append(name) or run(*a))
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    with Device(1):
        (x * x).sum().backward()
    leaf([1.0], "cuda:1")
    plugrad.tensor(1.0, requires_grad=True).backward()
    assert ran == ["plugrad.autograd.fast", "plugrad.autograd.engine", "plugrad.autograd.engine"]
    assert x.grad.device == "cuda:0"


def test_the_fast_engine_is_left_only_where_it_must_be():
    backend = double.CupyDouble()
    assert not backend.strays()
    backend.device(leaf([1.0]).array)
    assert not backend.strays()
    with Device(1):
        assert backend.strays()  # what is on the first device
        backend.device(leaf([1.0], "cuda:1").array)
    assert backend.strays()
    assert backend.current("cuda:0") is None
    with backend.current("cuda:1"):
        assert current.device == 1
        assert backend.current("cuda:1") is None


# -- streams -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def launched(monkeypatch):
    """On which device and stream each launch was, in order."""
    where = []

    class Watching(Counters):
        @property
        def launches(self):
            return self.__dict__["n"]

        @launches.setter
        def launches(self, n):
            if n:
                where.append((current.device, get_current_stream()))
            self.__dict__["n"] = n

    monkeypatch.setattr(count, "__class__", Watching)
    count.launches = 0
    yield where
    count.__dict__.pop("n")


def test_forward_and_backward_are_on_the_current_stream(gpu, launched):
    x = leaf([[0.5, -0.25], [0.75, 0.1]])
    stream = Stream(non_blocking=True)
    with stream:
        launched.clear()
        program(x).backward()
    assert {s for _, s in launched} == {stream}
    launched.clear()
    program(x).backward()
    assert {s for _, s in launched} == {Stream.null}


def test_each_device_has_a_current_stream(gpu, launched):
    with Device(1):
        there = Stream()
        there.use()
    try:
        x = leaf([1.0, 2.0])
        launched.clear()
        ((x * x).to("cuda:1") * 3.0).sum().backward()
        assert {d for d, _ in launched} == {0, 1}
        assert {s for d, s in launched if d == 1} == {there}
        assert {s for d, s in launched if d == 0} == {Stream.null}
    finally:
        with Device(1):
            Stream.null.use()
    assert_close(x.grad, [6.0, 12.0])


def test_to_device_on_a_stream(gpu, launched):
    used = []

    class Foreign:
        def __cuda_stream__(self):
            return 0, 4711

    x = leaf([1.0, 2.0])
    mine = Stream()
    for given, found in ((mine, lambda s: s is mine), (1, lambda s: s is Stream.null), (2, lambda s: s is Stream.ptds),
                         (4712, lambda s: s.ptr == 4712), (Foreign(), lambda s: s.ptr == 4711)):  # fmt: skip
        launched.clear()
        with gpu.stream(given):
            used.append(get_current_stream())
        assert found(used[-1])
    launched.clear()
    assert x.to_device("cpu", stream=mine).tolist() == [1.0, 2.0]
    assert plugrad.tensor([1.0]).to_device("cuda", stream=mine).tolist() == [1.0]
    for wrong in (0, -1, "one"):
        with pytest.raises(BackendError, match="is none|is no stream"):
            x.to_device("cpu", stream=wrong)


# -- memory ------------------------------------------------------------------------------------------------------------


def test_saved_values_are_freed_as_backward_goes(gpu):
    x = leaf([1.0] * 1000)
    held, y = [], x
    for _ in range(5):
        y = y * y
        y.grad_fn.register_prehook(lambda gs: held.append(count.live_bytes))
    loss = y.sum()
    del y
    before = count.live_bytes
    loss.backward()
    assert held == sorted(held, reverse=True)
    assert held[0] - held[-1] >= 2 * 8000
    del loss
    assert count.live_bytes <= before - 4 * 8000 + 8000 + 100  # x.grad, and what is 0-d
    assert x.grad.tolist()[:2] == [32.0, 32.0]


def test_a_copy_for_the_host_leaves_nothing_on_the_device(gpu):
    x = leaf([1.0] * 1000)
    before = count.live_bytes
    y = x.cpu()
    assert count.live_bytes == before
    y.sum().backward()
    assert count.live_bytes == before + 8000  # x.grad
    assert x.numpy(force=True).shape == (1000,)
    assert count.live_bytes == before + 8000


# -- DLPack ------------------------------------------------------------------------------------------------------------


def test_memory_of_a_gpu_is_shared(gpu, crossings):
    x = plugrad.tensor([1.0, 2.0], backend=NAME, device="cuda:1")
    assert x.__dlpack_device__() == (2, 1)
    made = []
    assert crossings(lambda: made.append(plugrad.from_dlpack(x.array))) == []
    (t,) = made
    assert (t.device, t._spec.backend) == ("cuda:1", gpu)
    t += 1.0
    assert x.tolist() == [2.0, 3.0]
    copied = plugrad.from_dlpack(x.array, copy=True)
    moved = plugrad.from_dlpack(x.array, device="cuda:0")
    t += 1.0
    assert (copied.tolist(), moved.tolist(), moved.device) == ([2.0, 3.0], [2.0, 3.0], "cuda:0")


def test_memory_of_the_host_is_copied(gpu):
    given = np.asarray([1.0, 2.0])
    for t in (plugrad.from_dlpack(given, backend=NAME), plugrad.from_dlpack(given, device="cuda")):
        assert (t.device, t.tolist()) == ("cuda:0", [1.0, 2.0])
    assert plugrad.from_dlpack(given, device="cuda:1").device == "cuda:1"
    with pytest.raises(BufferError, match="the memory is the host's, and copy=False"):
        plugrad.from_dlpack(given, device="cuda", copy=False)
    with pytest.raises(BufferError, match="NumPy does not reach the memory"):
        plugrad.from_dlpack(plugrad.ones(1, device="cuda"), backend="numpy")


def test_torch_tensors(gpu):
    torch = pytest.importorskip("torch", reason="its tensors are taken")
    t = plugrad.from_dlpack(torch.tensor([1.0, 2.0]), device="cuda")
    assert (t.dtype, t.tolist()) == ("float32", [1.0, 2.0])


# -- random numbers ----------------------------------------------------------------------------------------------------


def drawn(device):
    return plugrad.rand(3, device=device).tolist()


def test_each_device_has_a_state_of_its_own(gpu):
    plugrad.manual_seed(5)
    first = drawn("cuda:0")
    assert drawn("cuda:1") == first  # the same seed, as in PyTorch
    state = plugrad.get_rng_state(backend=NAME)
    here, there = drawn("cuda:0"), drawn("cuda:1")
    assert here == there != first
    drawn("cuda:0")
    plugrad.set_rng_state(state, backend=NAME)
    assert drawn("cuda:1") == there
    assert drawn("cuda:0") == here
    plugrad.set_rng_state(state, backend=NAME)  # the state that is held is none that was drawn from
    assert drawn("cuda:0") == here
