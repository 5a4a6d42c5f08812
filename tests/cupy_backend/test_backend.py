"""What plugrad_cupy's kernels and backend do of their own. On a GPU by ``--backend cupy``, elsewhere on the double."""

import math
from types import SimpleNamespace

import pytest

import plugrad

np = pytest.importorskip("numpy", reason="NumPy's values are what the kernels' are compared with")
pytest.importorskip("plugrad_numpy", reason="plugrad-numpy's kernels are what the values are compared with")
pytest.importorskip("plugrad_cupy", reason="plugrad-cupy is not installed")

from plugrad.errors import BackendError  # noqa: E402
from plugrad.registry.backend import Backend  # noqa: E402
from plugrad.registry.op import OPS  # noqa: E402
from plugrad.testing import samples_of  # noqa: E402
from plugrad_cupy import CupyBackend  # noqa: E402
from plugrad_cupy.kernels import KERNELS, NAMES  # noqa: E402

pytestmark = [
    pytest.mark.only("cupy", "cupy-double"),
    pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning"),
]


@pytest.fixture
def gpu(backend):
    return backend


@pytest.fixture
def two_gpus(gpu):
    if gpu.xp.cuda.runtime.getDeviceCount() < 2:
        pytest.skip("there is one GPU")
    return gpu


def test_every_op_has_a_kernel_or_a_composite(gpu):
    ours = {name for name, op in OPS.items() if op.source == "plugrad" and "." not in name and op.composite is None}
    assert ours <= set(KERNELS) | set(NAMES)
    assert set(KERNELS) | set(NAMES) <= set(OPS)
    assert not set(KERNELS) & set(NAMES)


@pytest.mark.parametrize("name", sorted({*KERNELS, *NAMES}))
def test_kernels_give_numpy_s_values(gpu, name):
    for sample in samples_of(name):
        for dtype in sample.dtypes:
            given = sample.arguments(dtype, gpu.name)
            found = OPS[name].function(*given, **sample.parameters)
            own = not OPS[name].view and sample.parameters.get("copy", True) and found.size
            for tensor in given if own else ():
                assert not hasattr(tensor, "array") or gpu.owner(tensor.array) is not gpu.owner(found.array)
            wanted = OPS[name].function(*sample.arguments(dtype, "numpy"), **sample.parameters)
            assert type(found.array) is gpu.xp.ndarray
            assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype)
            np.testing.assert_allclose(found.array.get(), wanted.array, 1e-12, 1e-14)


@pytest.mark.parametrize("name", sorted(n for n in {*KERNELS, *NAMES} if OPS[n].differentiable))
def test_gradients_are_numpy_s(gpu, name):
    for sample in samples_of(name):
        gradients = []
        for backend in (gpu.name, "numpy"):
            arguments = sample.arguments(sample.dtypes[-1], backend, requires_grad=True)
            out = OPS[name].function(*arguments, **sample.parameters)
            if out.requires_grad:
                out.backward(plugrad.ones_like(out))
            gradients.append([a.grad.tolist() for a in arguments if getattr(a, "grad", None) is not None])
        for found, wanted in zip(*gradients, strict=True):
            np.testing.assert_allclose(found, wanted, 1e-10, 1e-12)


def test_what_cupy_does_otherwise(gpu):
    half = plugrad.full((4096,), 100.0, dtype="float16", backend=gpu.name)
    assert half.mean().item() == 100
    assert type(half.sum().array) is gpu.xp.ndarray
    t = plugrad.tensor([1, 2], backend=gpu.name)
    with pytest.raises(ValueError, match="negative integer powers"):
        t**-1
    assert plugrad.logical_not(plugrad.tensor([0j, 1j], backend=gpu.name)).tolist() == [True, False]
    assert (plugrad.tensor([0j], backend=gpu.name) ** 3).tolist() == [0]
    assert math.isnan(plugrad.clip(plugrad.tensor([1.0], backend=gpu.name), math.nan, 2.0).item())


def test_in_place(gpu):
    t = plugrad.tensor([1.0, 2.0, 3.0], backend=gpu.name)
    memory = t.array
    t += 1
    t[1:] = t[:2]
    t[:1] = [7.0]
    t[[1, 2]] *= 2
    assert t.array is memory
    assert t.tolist() == [7, 4, 6]
    whole = plugrad.tensor([1], backend=gpu.name)
    with pytest.raises(TypeError, match="float64 can't be cast"):
        whole += 0.5
    with pytest.raises(TypeError, match="not brought to the GPU unasked"):
        t[:] = np.zeros(3)
    assert gpu.owner(t[1:].array) is gpu.owner(memory) is gpu.owner(t.reshape(3, 1).array)


def test_devices(two_gpus):
    gpu = two_gpus
    there = plugrad.ones(3, device="cuda:1", backend=gpu.name, requires_grad=True)
    here = plugrad.ones(3, device="cuda", backend=gpu.name)
    assert (there.device, here.device, gpu.xp.cuda.Device().id) == ("cuda:1", "cuda:0", 0)
    out = plugrad.exp(there).sum()
    assert out.device == "cuda:1"
    with pytest.raises(BackendError, match="on cuda:1"):
        there + here
    assert plugrad.asarray(there.detach().array, device="cuda:0").device == "cuda:0"
    with gpu.xp.cuda.Device(1):
        out.backward()
        assert plugrad.zeros(1, backend=gpu.name).device == "cuda:1"
    assert there.grad.device == "cuda:1"
    for wrong in ("cpu", "cuda:99", SimpleNamespace(id=99)):
        with pytest.raises(BackendError, match="CuPy's devices are 'cuda'"):
            plugrad.ones(1, device=wrong, backend=gpu.name)


def test_saved_values_wait_on_the_host(two_gpus, monkeypatch):
    gpu = two_gpus
    held = []
    to_host = gpu.to_host
    monkeypatch.setattr(gpu, "to_host", lambda array: held.append(to_host(array)) or held[-1])
    x = plugrad.tensor([1.0, 2.0], backend=gpu.name, device="cuda:1", requires_grad=True)
    with plugrad.autograd.graph.save_on_cpu():
        y = (x * x * 3).sum()
    assert [type(array) for array in held] == [np.ndarray] * 2
    with gpu.xp.cuda.Device(1):
        y.backward()
    assert x.grad.device == "cuda:1"
    assert x.grad.tolist() == [6, 12]


def test_random_numbers_can_be_drawn_again_on_each_device(two_gpus):
    gpu = two_gpus
    def drawn():
        return [gpu.normal((2,), np.dtype("float32"), d).get().tolist() for d in ("cuda:0", "cuda:1")]

    gpu.manual_seed(3)
    first, state = drawn(), gpu.rng_state()
    second = drawn()
    gpu.set_rng_state(state)
    assert drawn() == second != first
    gpu.manual_seed(3)
    assert drawn() == first
    assert gpu.uniform((), np.dtype("float16")).dtype == "float16"
    assert gpu.normal((2,), np.dtype("complex64")).dtype == "complex64"
    assert set(gpu.integers(1, 3, (50,), np.dtype("uint8")).get().tolist()) == {1, 2}


def test_creation_and_text(gpu):
    made = {"backend": gpu.name}
    assert plugrad.arange(0, 2, 0.5, **made).tolist() == [0, 0.5, 1, 1.5]
    assert plugrad.linspace(0, 1, 3, **made).tolist() == [0, 0.5, 1]
    assert plugrad.eye(2, 3, k=1, **made).tolist() == [[0, 1, 0], [0, 0, 1]]
    assert plugrad.empty(2, 0, **made).shape == (2, 0)
    assert repr(plugrad.full((2,), 0.5, **made)) == f"tensor([0.5, 0.5], backend={gpu.name!r})"
    with pytest.raises(TypeError, match="Unsupported dtype"):
        plugrad.tensor(["a"], **made)


def test_protocols(gpu):
    t = plugrad.tensor([1.0, 4.0], backend=gpu.name, requires_grad=True)
    array = gpu.xp.asarray([2.0, 3.0])
    for found in (array * t, t * array, np.multiply(array, t)):
        assert isinstance(found, plugrad.Tensor)
        assert found.tolist() == [2, 12]
    assert np.sum(np.sqrt(t), axis=0).tolist() == 3
    assert gpu.array_ufunc(gpu.xp.true_divide, "__call__", (t, t), {}).tolist() == [1, 1]
    with pytest.raises(TypeError, match=r"no op of plugrad answers numpy\.linalg\.norm"):
        np.linalg.norm(t)
    with pytest.raises(TypeError, match="cannot hold its gradient"):
        np.add(t, t, out=array)


def test_the_base_class_is_not_asked_for_what_costs(gpu):
    for name in ("accumulate", "copy", "owner", "tolist", "uniform", "update"):
        assert getattr(CupyBackend, name) is not getattr(Backend, name)
