"""CUDA text of ours: NVRTC compiles all of it without a device, and g++ runs it on the CPU.

The first shows that the text is CUDA for the devices named; the second that it computes what it should, float16,
float32, float64 and integers, and (in the tox environment ``asan``) that it stays inside its arrays. Neither shows how
a GPU rounds, orders or times it. Complex numbers are compiled, and not run.
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import pytest

np = pytest.importorskip("numpy", reason="the double has NumPy underneath")
pytest.importorskip("plugrad_cupy", reason="plugrad-cupy is not installed")

from plugrad_test_backends.cupy_double import cuda_text, host_cuda  # noqa: E402
from plugrad_test_backends.cupy_double.cuda_text import Text  # noqa: E402
from plugrad_test_backends.cupy_double.face import installed  # noqa: E402
from plugrad_test_backends.cupy_double.functions import double as xp  # noqa: E402

cupy = installed()
ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "docs/examples/fused/src"))  # its CUDA text alone; it is no plugin here
SEARCHED = "core", "backends", "plugins", "docs/door", "docs/examples"
WORDS = "RawKernel", "RawModule", "ElementwiseKernel", "ReductionKernel", "cupy.fuse", "jit.rawkernel"

needs_cupy = pytest.mark.skipif(cupy is None, reason="CuPy, which writes the text, is not installed")
runs = pytest.mark.skipif(bool(host_cuda.missing()), reason=host_cuda.missing() or "-")


def nvrtc(text, architecture):
    try:
        return cuda_text.compile_by_nvrtc(text, architecture)
    except cuda_text.Moved as moved:
        pytest.skip(str(moved))
    except (ImportError, RuntimeError) as error:
        if "nvrtc" in str(error).lower() and not isinstance(error, SyntaxError):
            pytest.skip(f"NVRTC is not installed (nvidia-cuda-nvrtc, nvidia-cuda-runtime): {error}")
        raise


def ours():
    return [text for module in cuda_text.carriers() for text in cuda_text.texts_of(module)] if cupy else []


def test_every_source_with_cuda_text_is_listed():
    """A kernel that nobody compiles is found by its word."""
    files = [file for folder in SEARCHED for file in (ROOT / folder).rglob("*.py") if "tests" not in file.parts]
    assert files
    with_text = {
        ".".join(file.with_suffix("").parts[-2:]) for file in files
        if any(f"{word}(" in file.read_text(encoding="utf-8") for word in WORDS)
    }  # fmt: skip
    assert with_text <= set(cuda_text.CARRIERS)


@needs_cupy
@pytest.mark.parametrize("architecture", cuda_text.ARCHITECTURES)
@pytest.mark.parametrize("text", ours(), ids=str)
def test_nvrtc_compiles(text, architecture):
    assert nvrtc(text, architecture).startswith(b"\x7fELF")


ELEMENTWISE = "T x, T g, float32 slope", "T y", "y = x > T(0) ? g : T(slope * float(g))", "leaky_relu_backward"
REDUCTION = "T x", "T y", "x * x", "a + b", "y = sqrt(a)", "0", "euclidean_norm"
RAW = """
extern "C" __global__ void rows_added(const float* x, const long long* rows, float* out, int count, int width) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < count * width) atomicAdd(&out[rows[i / width] * width + i % width], x[i]);
}"""
SHARED = """
extern "C" __global__ void block_sum(const double* x, double* out) {
    __shared__ double part[8];
    part[threadIdx.x] = x[blockIdx.x * blockDim.x + threadIdx.x];
    __syncthreads();
    for (int half = blockDim.x / 2; half; half /= 2) {
        if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
        __syncthreads();
    }
    if (!threadIdx.x) out[blockIdx.x] = part[0];
}"""
BEYOND = """
extern "C" __global__ void shifted(const double* x, double* out, int size) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < size) out[i] = x[i + 1];  // one past the end
}"""


@needs_cupy
@pytest.mark.parametrize("dtype", [*cuda_text.FLOATS, "complex64", "complex128"])
@pytest.mark.parametrize("architecture", cuda_text.ARCHITECTURES)
def test_nvrtc_compiles_what_cupy_writes(dtype, architecture):
    module = type("module", (), {})()
    module.DTYPES = [dtype]
    operation = "y = g * x + T(slope)" if "complex" in dtype else ELEMENTWISE[2]
    module.kernel = cupy.ElementwiseKernel(*ELEMENTWISE[:2], operation, ELEMENTWISE[3])
    module.reduction = cupy.ReductionKernel(*REDUCTION)
    try:
        texts = cuda_text.texts_of(module)
    except cuda_text.Moved as moved:
        pytest.skip(str(moved))
    assert [text.name for text in texts] == ["leaky_relu_backward", "euclidean_norm"]
    for text in texts:
        assert nvrtc(text, architecture).startswith(b"\x7fELF")


@needs_cupy
def test_nvrtc_names_the_line_of_what_it_cannot_compile():
    broken = Text("broken", "float32", 'extern "C" __global__ void broken(float* x) {\n    x[0] = nonsense;\n}')
    with pytest.raises(SyntaxError, match=r"broken.cu\(2\).*nonsense"):
        nvrtc(broken, "90")


# -- run on the CPU -----------------------------------------------------------------------------------------------


@runs
def test_a_raw_kernel_runs():
    x, rows, out = xp.asarray(np.ones((3, 5), "float32")), xp.asarray([1, 1, 0]), xp.zeros((2, 5), "float32")
    xp.RawKernel(RAW, "rows_added")((2,), (8,), (x, rows, out, np.int32(3), np.int32(5)))
    assert out.get().tolist() == [[1] * 5, [2] * 5]


@runs
def test_threads_of_a_block_wait_for_one_another():
    x, out = xp.asarray(np.arange(16.0)), xp.zeros(2)
    xp.RawKernel(SHARED, "block_sum")((2,), (8,), (x, out))
    assert out.get().tolist() == [28, 92]


@runs
def test_a_raw_kernel_takes_no_array_of_numpy_s_and_no_complex_numbers():
    kernel = xp.RawKernel(RAW, "rows_added")
    with pytest.raises(TypeError, match="Unsupported type"):
        kernel((1,), (1,), (np.ones(3), 1))
    with pytest.raises(NotImplementedError, match="complex"):
        kernel((1,), (1,), (xp.zeros(3, "complex64"), 1))


@runs
@needs_cupy
@pytest.mark.parametrize("dtype", [*cuda_text.FLOATS, "int32", "int64"])
def test_an_elementwise_kernel_runs(dtype):
    x = np.array([[-3, 2, -1], [1, -2, 3]]).astype(dtype)
    kernel = xp.ElementwiseKernel(*ELEMENTWISE)
    found = kernel(xp.asarray(x).T, xp.asarray(np.full((1, 2), 2, dtype)), 0.5)
    assert found.dtype == dtype
    assert found.get().tolist() == np.where(x.T > 0, 2, 1).tolist()


@runs
@needs_cupy
@pytest.mark.parametrize("dtype", cuda_text.FLOATS)
def test_a_reduction_kernel_runs(dtype):
    x = np.array([[3, 4, 0], [6, 0, 8]]).astype(dtype)
    kernel = xp.ReductionKernel(*REDUCTION)
    assert kernel(xp.asarray(x), axis=1).get().tolist() == [5, 10]
    assert kernel(xp.asarray(x), axis=1, keepdims=True).shape == (2, 1)


@runs
@needs_cupy
def test_a_reduction_of_everything_is_a_0_d_array():
    assert xp.ReductionKernel(*REDUCTION)(xp.asarray([3.0, 4.0])).shape == ()


@pytest.fixture
def fused(monkeypatch):
    """The worked example's CUDA kernels, given the double for CuPy."""
    pytest.importorskip("plugrad_fused", reason="the worked example docs/examples/fused is not installed")
    if cupy is None:
        pytest.skip("CuPy, which the kernels' module imports, is not installed")
    from plugrad_fused import cupy_kernels

    monkeypatch.setattr(cupy_kernels, "cupy", xp)
    cupy_kernels.compiled.cache_clear()
    yield cupy_kernels
    cupy_kernels.compiled.cache_clear()


@runs
@pytest.mark.parametrize("dtype", cuda_text.FLOATS)
def test_the_example_s_kernels_compute_their_formulas(fused, dtype):
    draw = np.random.default_rng(0)
    gate, value, g = (draw.standard_normal((3, 70)).astype(dtype).astype("float64") for _ in range(3))
    arrays = [xp.asarray(a.astype(dtype)) for a in (g, gate, value)]
    s = 1 / (1 + np.exp(-gate))
    wanted = gate * s * value, g * value * (s + gate * s * (1 - s)), g * gate * s
    found = fused.swiglu(*arrays[1:]), *fused.swiglu_backward(*arrays)
    for one, other in zip(found, wanted, strict=True):
        assert one.dtype == dtype
        tolerance = {"float16": 4e-3, "float32": 1e-6, "float64": 1e-14}[dtype]
        np.testing.assert_allclose(one.get(), other, rtol=tolerance, atol=tolerance)


# -- the address sanitizer: tox run -e asan --------------------------------------------------------------------------


def sanitizer():
    """g++'s library of it; empty where there is none."""
    if host_cuda.missing():
        return ""
    asked = subprocess.run(["g++", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    path = asked.stdout.strip()
    return path if os.path.isabs(path) else ""


PLANTED = f"""
import numpy as np
from plugrad_test_backends.cupy_double.functions import double as xp
x, out = xp.asarray(np.arange(300.0)), xp.zeros(300)
xp.RawKernel({BEYOND!r}, "shifted")((3,), (128,), (x, out, np.int32(SIZE)))
print(out.get()[0])
"""


@runs
@pytest.mark.skipif(not sanitizer(), reason="g++ has no address sanitizer here")
@pytest.mark.parametrize("size, found", [(299, False), (300, True)])
def test_a_read_past_the_end_is_found(size, found):
    environment = os.environ | {
        "LD_PRELOAD": sanitizer(), "ASAN_OPTIONS": "detect_leaks=0", "PYTHONMALLOC": "malloc",
        "PLUGRAD_HOST_CUDA_FLAGS": "-fsanitize=address", "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }  # fmt: skip
    code = PLANTED.replace("SIZE", str(size))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    if found:
        assert done.returncode
        assert "heap-buffer-overflow" in done.stderr
        assert "shifted" in done.stderr
    else:
        assert done.stdout == "1.0\n", done.stderr


def test_the_environment_asan_checks_what_it_should():
    if "-fsanitize=address" not in host_cuda.flags():
        pytest.skip("not run by tox -e asan")
    assert hasattr(ctypes.CDLL(None), "__asan_init")
