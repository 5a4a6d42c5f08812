"""Run CUDA text on the CPU: the very text, compiled by g++ behind a header that gives CUDA's words a meaning.

float16, float32, float64 and integers; no complex numbers, no warp intrinsics, no dynamic shared memory. Blocks run one
after another. The threads of a block run one after another, too, unless the text synchronises them: then they are
threads. What is compiled is kept in a folder of the system's temporary files, by a hash of the text.

With ``PLUGRAD_HOST_CUDA_FLAGS=-fsanitize=address`` (the tox environment ``asan``) each access is checked.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

HALF = """
#pragma once
struct half {
    _Float16 value;
    half() = default;
    template <class T> half(T other) : value((_Float16)other) {}
    operator float() const { return (float)value; }
};
typedef half __half;
inline half __float2half(float x) { return half(x); }
inline float __half2float(half x) { return x; }
"""
SHIM = """
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
template <class T> T min(T a, T b) { return b < a ? b : a; }
template <class T> T max(T a, T b) { return a < b ? b : a; }
using std::isnan; using std::isinf; using std::isfinite;
using std::exp; using std::log; using std::sqrt; using std::abs; using std::pow; using std::sin; using std::cos;
using std::tanh; using std::expm1; using std::log1p; using std::erf;
#undef __device__
#undef __host__
#undef __global__
#undef __shared__
#undef __forceinline__
#undef __noinline__
#define __device__
#define __host__
#define __global__
#define __forceinline__
#define __noinline__
#define __constant__ static const
#define __shared__ static
#define __launch_bounds__(...)
struct dim3 { unsigned x, y, z; };
static thread_local dim3 threadIdx, blockIdx;
static dim3 blockDim, gridDim;
static void wait();
inline void __syncthreads() { wait(); }
inline int __popc(unsigned v) { return __builtin_popcount(v); }
inline int __popcll(unsigned long long v) { return __builtin_popcountll(v); }
static char the_atomics;
struct Locked {
    Locked() { while (__atomic_test_and_set(&the_atomics, __ATOMIC_ACQUIRE)) {} }
    ~Locked() { __atomic_clear(&the_atomics, __ATOMIC_RELEASE); }
};
#define ATOMIC(NAME, RESULT) \\
    template <class T, class U> T NAME(T* place, U given) { \\
        Locked locked; \\
        T old = *place, value = T(given); *place = (RESULT); return old; }
ATOMIC(atomicAdd, old + value) ATOMIC(atomicExch, value)
ATOMIC(atomicMax, old < value ? value : old) ATOMIC(atomicMin, value < old ? value : old)
template <class T> T atomicCAS(T* place, T expected, T value) {
    Locked locked;
    T old = *place; if (old == expected) *place = value; return old; }
inline float __fdividef(float a, float b) { return a / b; }
inline float __expf(float a) { return std::exp(a); }
inline float rsqrtf(float a) { return 1 / std::sqrt(a); }
inline float rsqrt(float a) { return 1 / std::sqrt(a); }
inline double rsqrt(double a) { return 1 / std::sqrt(a); }
"""
CUPY_SHIM = """
#include <algorithm>
#include <cassert>
#include <complex>
#include <immintrin.h>
using std::complex; using std::conj; using std::real; using std::imag; using std::arg;
inline unsigned short __float2half_rn(float f) { return _cvtss_sh(f, 0); }
inline float __half2float(unsigned short h) { return _cvtsh_ss(h); }
struct half; unsigned short __half_as_ushort(half); half __ushort_as_half(unsigned short);
#include <cupy/carray.cuh>
"""
CUPY_HALVES = """
unsigned short __half_as_ushort(half h) { unsigned short r; std::memcpy(&r, &h, 2); return r; }
half __ushort_as_half(unsigned short u) { __half_raw r; r.x = u; return half(r); }
"""
"""What CuPy's header of float16 leaves to CUDA's."""
IN_ORDER = """
static void wait() {}
template <class F> void each(unsigned count, F one) { for (unsigned t = 0; t < count; t++) one(t); }
"""
IN_THREADS = """
#include <barrier>
#include <thread>
#include <vector>
static std::barrier<>* the_barrier;
static void wait() { the_barrier->arrive_and_wait(); }
template <class F> void each(unsigned count, F one) {
    std::barrier<> barrier(count); the_barrier = &barrier;
    std::vector<std::thread> all;
    for (unsigned t = 0; t < count; t++) all.emplace_back([=] { one(t); the_barrier->arrive_and_drop(); });
    for (auto& t : all) t.join();
}
"""
LAUNCH = """
template <class... A, size_t... I> void call(void (*kernel)(A...), void** a, std::index_sequence<I...>) {
    kernel(*(std::remove_const_t<A>*)a[I]...); }
template <class... A> void call(void (*kernel)(A...), void** a) { call(kernel, a, std::index_sequence_for<A...>()); }
extern "C" void launch(void** a, const unsigned* sizes) {
    gridDim = {sizes[0], sizes[1], sizes[2]}; blockDim = {sizes[3], sizes[4], sizes[5]};
    for (unsigned z = 0; z < gridDim.z; z++) for (unsigned y = 0; y < gridDim.y; y++)
    for (unsigned x = 0; x < gridDim.x; x++)
        each(blockDim.x * blockDim.y * blockDim.z, [=](unsigned t) {
            blockIdx = {x, y, z};
            threadIdx = {t % blockDim.x, t / blockDim.x % blockDim.y, t / blockDim.x / blockDim.y};
            call(KERNEL, a); });
}
"""


def missing() -> str:
    """Why CUDA text cannot be run here; empty if it can."""
    return "" if shutil.which("g++") else "CUDA text is run on the CPU by g++, which is not installed"


def flags() -> list[str]:
    return os.environ.get("PLUGRAD_HOST_CUDA_FLAGS", "").split()


@cache
def compiled(cuda: str, name: str, cupy_s_headers: bool = False) -> Any:
    """The kernel as a function of pointers to its arguments and of the six extents of grid and block.

    :raises SyntaxError: if g++ does not compile it, with its words.
    """
    parts = [SHIM, CUPY_SHIM if cupy_s_headers else "", cuda]
    if "float16.cuh" in cuda:
        parts.append(CUPY_HALVES)
    parts += [IN_THREADS if "__syncthreads" in cuda else IN_ORDER, LAUNCH.replace("KERNEL", name)]
    text = "\n".join(parts)
    folder = Path(tempfile.gettempdir()) / f"plugrad-host-cuda-{os.getuid() if hasattr(os, 'getuid') else 0}"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "cuda_fp16.h").write_text(HALF, encoding="utf-8")
    options = ["-std=c++20", "-O0", "-g1", "-w", "-shared", "-fPIC", "-pthread", "-mf16c", "-fpermissive", *flags()]
    digest = hashlib.sha256("\0".join([HALF, text, *options]).encode()).hexdigest()[:20]
    library = folder / f"{digest}.so"
    if not library.exists():
        with tempfile.TemporaryDirectory(dir=folder) as own:
            written, made = Path(own) / f"{name}.cpp", Path(own) / "made.so"
            written.write_text(text, encoding="utf-8")
            found = [f"-I{folder}"]
            if cupy_s_headers:
                from .cuda_text import include_options

                found = [option for option in include_options() if option.startswith("-I")]
            done = subprocess.run(
                ["g++", *options, *found, str(written), "-o", str(made)], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise SyntaxError(f"g++ does not compile {name}:\n{done.stderr[:4000]}")
            made.replace(library)
    return ctypes.CDLL(str(library)).launch


def run(cuda: str, name: str, arguments: Any, grid: Any = (1,), block: Any = (1,), cupy_s_headers: bool = False):
    """Launch a kernel.

    :param arguments: NumPy arrays, each the bytes of one argument.
    """
    pointers = (ctypes.c_void_p * len(arguments))(*[a.ctypes.data for a in arguments])
    extents = (ctypes.c_uint * 6)(*(*grid, 1, 1)[:3], *(*block, 1, 1)[:3])
    compiled(cuda, name, cupy_s_headers)(pointers, extents)
