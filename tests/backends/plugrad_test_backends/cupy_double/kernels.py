"""CuPy's classes of kernels on the double: their CUDA text is run, on the CPU by g++, and not imitated."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import cuda_text, host_cuda
from .array import NUMBERS, here, ndarray, own
from .device import count, current


def checked(x: Any) -> Any:
    if type(x) is not ndarray and type(x) not in NUMBERS and not isinstance(x, np.generic):
        raise TypeError(f"Unsupported type {type(x)}")
    if (x.dtype.kind if hasattr(x, "dtype") else np.asarray(x).dtype.kind) == "c":
        raise NotImplementedError("CUDA text is not run on complex numbers here: CuPy's header of them is the device's")
    return x


class RawKernel:
    """As ``cupy.RawKernel``."""

    def __init__(self, code: str, name: str, options: Any = (), backend: str = "nvrtc", **others: Any) -> None:
        self.code, self.name = code, name

    def __call__(self, grid: Any, block: Any, args: Any, *, shared_mem: int = 0, stream: Any = None) -> None:
        if shared_mem:
            raise NotImplementedError("kernels with dynamic shared memory are not run here")
        raws = []
        for x in map(checked, args):
            pointer = np.array(here(x).ctypes.data) if type(x) is ndarray else np.asarray(x)
            raws.append(pointer)
        count.launches += 1
        host_cuda.run(self.code, self.name, raws, grid, block)


class Written:
    """A kernel whose text CuPy writes."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        import cupy

        self.real = getattr(cupy, type(self).__name__)(*args, **keywords)
        self.name = self.real.name

    def _dtypes(self, inputs: Any) -> dict[str, Any]:
        """The parameters' dtypes: arrays say first what the letters are."""
        letters: dict[str, Any] = {}
        for strong in (True, False):
            for p, x in zip(self.real.in_params, inputs):
                if p.dtype is None and hasattr(x, "dtype") == strong and (strong or p.ctype not in letters):
                    dtype = np.asarray(x).dtype if not strong else x.dtype
                    if letters.setdefault(p.ctype, dtype) != dtype:
                        raise TypeError(f"Type is mismatched. {p.name} {dtype} {letters[p.ctype]}")
        params = (*self.real.in_params, *self.real.out_params)
        return {p.name: np.dtype(p.dtype) if p.dtype is not None else letters[p.ctype] for p in params}


class ElementwiseKernel(Written):
    """As ``cupy.ElementwiseKernel``."""

    def __call__(self, *args: Any, size: int | None = None, **others: Any) -> Any:
        kernel = self.real
        inputs, outs = list(map(checked, args[: len(kernel.in_params)])), list(args[len(kernel.in_params) :])
        dtypes = self._dtypes(inputs)
        raws = {p.name: here(x) for p, x in zip(kernel.in_params, inputs) if type(x) is ndarray}
        scalars = tuple([p.name for p in kernel.in_params if p.name not in raws])
        spread = [raws[p.name].shape for p in kernel.in_params if p.name in raws and not p.raw]
        shape = (size,) if size is not None else np.broadcast_shapes(*spread)
        outs = outs or [own(np.empty(shape, dtypes[p.name]), current.device) for p in kernel.out_params]
        given = []
        for p, x in zip(kernel.in_params, inputs):
            if p.name in scalars:
                given.append(np.asarray(x, dtypes[p.name]))
            else:
                given.append(carray(raws[p.name] if p.raw else np.broadcast_to(raws[p.name], shape)))
        text = cuda_text.elementwise(kernel, dtypes, len(shape), not shape, scalars)
        given += [carray(here(out)) for out in outs]
        count.launches += 1
        host_cuda.run(text, self.name, [*given, indexer(shape)], (2,), (2,), True)
        return outs[0] if len(outs) == 1 else tuple(outs)


class ReductionKernel(Written):
    """As ``cupy.ReductionKernel``."""

    def __call__(self, *args: Any, axis: Any = None, keepdims: bool = False, stream: Any = None) -> Any:
        kernel = self.real
        inputs = list(map(checked, args))
        dtypes = self._dtypes(inputs)
        raws = [here(x) if type(x) is ndarray else np.asarray(x, dtypes[p.name])
                for p, x in zip(kernel.in_params, inputs)]  # fmt: skip
        raws = list(np.broadcast_arrays(*raws))
        ndim, extents = raws[0].ndim, raws[0].shape
        axes = tuple(range(ndim)) if axis is None else tuple(
            [a % ndim for a in (axis if isinstance(axis, tuple) else (axis,))]
        )  # fmt: skip
        kept = tuple([i for i in range(ndim) if i not in axes])
        shape = tuple([extents[i] for i in kept])
        raws = [np.ascontiguousarray(raw.transpose(axes + kept)) for raw in raws]  # CuPy reduces the leading axes
        outs = [np.empty(shape, dtypes[p.name]) for p in kernel.out_params]
        text = cuda_text.reduction(kernel, dtypes, ndim, len(shape), block=4)
        given = [*map(carray, raws + outs), indexer(raws[0].shape), indexer(shape), np.int32(1)]
        count.launches += 1
        host_cuda.run(text, self.name, list(map(np.asarray, given)), (2,), (4,), True)
        if keepdims:
            outs = [out.reshape([1 if i in axes else n for i, n in enumerate(extents)]) for out in outs]
        made = [own(out, current.device) for out in outs]
        return made[0] if len(made) == 1 else tuple(made)


# CuPy's structs, by value: a pointer, the size, extents, strides.


def carray(raw: Any) -> Any:
    return np.array([raw.ctypes.data, raw.size, *raw.shape, *raw.strides], np.int64)


def indexer(shape: Any) -> Any:
    size = 1
    for extent in shape:
        size *= extent
    return np.array([size, *shape, *[0] * len(shape)], np.int64)
