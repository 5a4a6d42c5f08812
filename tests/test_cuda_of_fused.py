"""The CUDA text of docs/examples/fused without a GPU: compiled by NVRTC, and run on the CPU, compiled by g++.

It shows that the text is right and what it computes. The launch on a GPU, and its speed, only a GPU shows.
"""

import ctypes
import importlib.metadata
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from plugrad.registry.registration import op_of

np = pytest.importorskip("numpy")
pytest.importorskip("cupy", reason="CuPy is not installed")
sys.path.append(str(Path(__file__).parents[1] / "docs" / "examples" / "fused" / "src"))  # it need not be installed

from plugrad_fused import cupy_kernels, ops  # noqa: E402

from plugrad_test_backends.cupy_double.cuda_text import Text, compile_by_nvrtc  # noqa: E402

NAMES, DTYPES = list(cupy_kernels.CUDA), list(cupy_kernels.TYPES)
TOLERANCE = {"float16": 2e-3, "float32": 2e-6, "float64": 1e-14}

ON_THE_CPU = """
#include <cmath>
using std::exp;
struct Three { unsigned x; };
static Three blockIdx, threadIdx, blockDim, gridDim;
#define __global__
"""
HALF = """
struct half {
    _Float16 value;
    half() = default;
    explicit half(float number) : value(number) {}
    explicit operator float() const { return float(value); }
};
"""
"""What cuda_fp16.h has of ``half`` that the kernels use."""


def headers():
    """CUDA's headers, of a pip wheel, are needed for float16."""
    try:
        files = importlib.metadata.files("nvidia-cuda-runtime") or ()
    except importlib.metadata.PackageNotFoundError:
        files = ()
    if not any(file.name == "cuda_fp16.h" for file in files):
        pytest.skip("CUDA's headers are not installed: pip install nvidia-cuda-runtime")


@pytest.mark.parametrize("arch", ["80", "90"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_nvrtc_compiles_it(name, dtype, arch):
    from cupy.cuda import nvrtc

    try:
        nvrtc.getVersion()
    except RuntimeError as error:
        pytest.skip(f"NVRTC is not installed: pip install nvidia-cuda-nvrtc ({error})")
    headers()
    assert name.encode() in compile_by_nvrtc(Text(name, dtype, cupy_kernels.source(name, dtype)), arch)


class OnTheCPU:
    """As much of CuPy's face as the kernels use, with NumPy's arrays; a launch runs the text, thread after thread."""

    def __init__(self, folder):
        self.folder = folder
        self.launches = []
        self.ascontiguousarray, self.broadcast_arrays, self.empty = np.ascontiguousarray, np.broadcast_arrays, np.empty

    def RawKernel(self, text, name):
        text = text.replace("#include <cuda_fp16.h>\n", HALF)
        signature = text[text.index(f"void {name}(") + len(f"void {name}(") :].partition(")")[0]
        parameters = [parameter.split()[-1] for parameter in signature.replace("\n", " ").split(",")]
        passed = ", ".join(f"*({'T*' if p != 'size' else 'long long'}*)given[{i}]" for i, p in enumerate(parameters))
        run = f"""
extern "C" void run(unsigned blocks, unsigned threads, void** given) {{
    gridDim.x = blocks; blockDim.x = threads;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++)
        for (threadIdx.x = 0; threadIdx.x < threads; threadIdx.x++) {name}({passed});
}}
"""
        place = self.folder / f"{name}{len(list(self.folder.iterdir()))}"
        place.with_suffix(".cpp").write_text(ON_THE_CPU + text + run, encoding="utf-8")
        made = place.with_suffix(".so")
        command = ["g++", "-std=c++20", "-O1", "-shared", "-fPIC", place.with_suffix(".cpp"), "-o", made]
        subprocess.run(command, check=True, capture_output=True, text=True)
        function = ctypes.CDLL(str(made)).run

        def launch(grid, block, arguments):
            self.launches.append((name, grid, block))
            held = [ctypes.c_void_p(a.ctypes.data) if hasattr(a, "ctypes") else ctypes.c_longlong(a) for a in arguments]
            given = (ctypes.c_void_p * len(held))(*[ctypes.addressof(value) for value in held])
            function(*grid, *block, given)

        return launch


@pytest.fixture
def cpu(tmp_path, monkeypatch):
    if shutil.which("g++") is None:
        pytest.skip("there is no g++")
    found = OnTheCPU(tmp_path)
    monkeypatch.setattr(cupy_kernels, "cupy", found)
    cupy_kernels.compiled.cache_clear()
    yield found
    cupy_kernels.compiled.cache_clear()


COMPOSITES = {"swiglu": ops.swiglu, "swiglu_backward": ops.swiglu_backward}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_it_computes_what_the_composite_does(name, dtype, cpu):
    draw = np.random.default_rng(0)
    shapes = [(7, 1), (1, 5)] if name == "swiglu" else [(7, 5), (7, 1), (5,)]
    arrays = [draw.standard_normal(shape).astype(dtype) for shape in shapes]
    found = getattr(cupy_kernels, name)(*arrays)
    wanted = op_of(COMPOSITES[name]).composite(*[array.astype("float64") for array in arrays])
    for one, other in zip(*[out if isinstance(out, tuple) else (out,) for out in (found, wanted)], strict=True):
        assert one.dtype == dtype
        np.testing.assert_allclose(one, other, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    assert len(cpu.launches) == 1


def test_one_launch_reaches_every_element(cpu, monkeypatch):
    monkeypatch.setattr(cupy_kernels, "BLOCKS", 2)  # so that each thread has several
    gate, value = np.linspace(-50, 50, 5000), np.ones(5000)
    found = cupy_kernels.swiglu(gate, value)
    np.testing.assert_allclose(found, gate / (1 + np.exp(-gate)), rtol=1e-13)
    assert cpu.launches == [("swiglu", (2,), (cupy_kernels.THREADS,))]


def test_nothing_is_launched_for_nothing(cpu):
    assert cupy_kernels.swiglu(np.ones((0, 3)), np.ones(3)).shape == (0, 3)
    assert cpu.launches == []
