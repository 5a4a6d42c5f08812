"""Kernels for CuPy, in CUDA: one pass over the arrays forward, and one backward for both gradients."""

from __future__ import annotations

from functools import cache

import cupy

TYPES = {
    "float16": ("#include <cuda_fp16.h>\n", "half", "float"),
    "float32": ("", "float", "float"),
    "float64": ("", "double", "double"),
}
"""By dtype: what its type in CUDA needs, that type, and the type to compute in."""

CUDA = {
    "swiglu": """
extern "C" __global__ void swiglu(const T* gate, const T* value, T* out, const long long size) {
    const long long step = (long long)gridDim.x * blockDim.x;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < size; i += step) {
        const Wide x = Wide(gate[i]);
        out[i] = T(x / (1 + exp(-x)) * Wide(value[i]));
    }
}
""",
    "swiglu_backward": """
extern "C" __global__ void swiglu_backward(
    const T* grad, const T* gate, const T* value, T* gate_grad, T* value_grad, const long long size
) {
    const long long step = (long long)gridDim.x * blockDim.x;
    for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < size; i += step) {
        const Wide g = Wide(grad[i]), x = Wide(gate[i]);
        const Wide s = 1 / (1 + exp(-x));
        gate_grad[i] = T(g * Wide(value[i]) * (s + x * s * (1 - s)));
        value_grad[i] = T(g * x * s);
    }
}
""",
}
"""The text of each kernel, for any of the types: ``source`` fills in one."""

THREADS, BLOCKS = 256, 4096


def source(name, dtype):
    """The whole CUDA text of a kernel for a dtype, as NVRTC compiles it."""
    header, element, wide = TYPES[dtype]
    return f"{header}typedef {element} T;\ntypedef {wide} Wide;\n{CUDA[name]}"


@cache
def compiled(name, dtype):
    return cupy.RawKernel(source(name, dtype), name)


def launch(name, arrays, results):
    """Run a kernel on arrays, broadcast, of one dtype.

    :returns: a list of new arrays, as many as ``results``.
    """
    arrays = [cupy.ascontiguousarray(array) for array in cupy.broadcast_arrays(*arrays)]
    made = [cupy.empty(arrays[0].shape, arrays[0].dtype) for _ in range(results)]
    size = arrays[0].size
    if size:
        blocks = min((size + THREADS - 1) // THREADS, BLOCKS)  # each thread goes on in steps of the whole grid
        compiled(name, arrays[0].dtype.name)((blocks,), (THREADS,), (*arrays, *made, size))
    return made


def swiglu(gate, value):
    return launch("swiglu", (gate, value), 1)[0]


def swiglu_backward(grad, gate, value):
    return tuple(launch("swiglu_backward", (grad, gate, value), 2))
