"""CUDA text that distributions carry, CuPy's own text around it, and NVRTC, which compiles both without a device.

``CARRIERS`` lists the modules with CUDA text. A module takes part by what it has:

* ``TYPES``, a dict by dtype, ``CUDA``, a dict by the kernel's name, and ``source(name, dtype)``, the whole text of a
  ``RawKernel``;
* any ``cupy.ElementwiseKernel`` or ``cupy.ReductionKernel`` as a global, compiled for each of the dtypes in the
  module's ``DTYPES``, by default ``FLOATS``.

Another one's kernels are checked by ``texts_of(module)`` and ``compile_by_nvrtc(text)``. What CuPy would put around
an ElementwiseKernel is asked of private names of CuPy's; they are all in ``elementwise`` and ``reduction``, and where
they have moved ``Moved`` says so.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any, NamedTuple

CARRIERS = ("plugrad_fused.cupy_kernels",)
FLOATS = ("float16", "float32", "float64")
ARCHITECTURES = ("80", "90")


class Moved(Exception):
    """A private name of CuPy's is not where it was."""


class Text(NamedTuple):
    name: str
    dtype: str
    cuda: str
    cupy_s_headers: bool = False
    """Whether CuPy's own headers go before it, as they do before the text that CuPy writes."""

    def __str__(self) -> str:
        return f"{self.name}-{self.dtype}"


def carriers() -> list[Any]:
    """The modules of ``CARRIERS`` that are installed."""
    there = [name for name in CARRIERS if importlib.util.find_spec(name.partition(".")[0]) is not None]
    return list(map(importlib.import_module, there))


def texts_of(module: Any) -> list[Text]:
    """Every CUDA text of a module, for every dtype."""
    import cupy

    texts = []
    for name in getattr(module, "CUDA", ()):
        texts += [Text(name, dtype, module.source(name, dtype)) for dtype in module.TYPES]
    for value in vars(module).values():
        if isinstance(value, cupy.ElementwiseKernel):
            make = elementwise
        elif isinstance(value, cupy.ReductionKernel):
            make = reduction
        else:
            continue
        for dtype in getattr(module, "DTYPES", FLOATS):
            dtypes = {p.name: p.dtype or dtype for p in (*value.in_params, *value.out_params)}
            texts.append(Text(value.name, dtype, make(value, dtypes), True))
    return texts


def private() -> Any:
    """The modules of CuPy's that write kernels."""
    try:
        from cupy._core import _carray, _kernel, _reduction, _scalar, core
    except ImportError as error:
        raise Moved(f"CuPy's writer of kernels has moved: {error}") from error
    return _carray, _kernel, _reduction, _scalar, core


NDARRAY, INDEXER, SCALAR = 1, 2, 3
"""CuPy's private kinds of arguments."""


def letters(params: Any, dtypes: Any) -> tuple[Any, ...]:
    """What T, S and the like stand for."""
    import numpy as np

    return tuple({p.ctype: np.dtype(dtypes[p.name]).type for p in params if p.dtype is None}.items())


def arguments(params: Any, dtypes: Any, ndim: int, contiguous: bool, scalars: Any = ()) -> tuple[Any, ...]:
    import cupy
    import numpy as np

    made = []
    for p in params:
        dtype = np.dtype(dtypes[p.name]).type
        if p.name in scalars:
            made.append(private()[1]._ArgInfo(SCALAR, type, dtype, 0, True, True))
        else:
            made.append(private()[1]._ArgInfo(NDARRAY, cupy.ndarray, dtype, ndim, contiguous, True))
    return tuple(made)


def elementwise(kernel: Any, dtypes: Any, ndim: int = 1, contiguous: bool = True, scalars: Any = ()) -> str:
    """The text that CuPy writes for an ElementwiseKernel.

    :param dtypes: by the parameters' names.
    :raises Moved: if CuPy writes it otherwise than 14.2 does.
    """
    carray, writer, _, _, _ = private()
    params = (*kernel.in_params, *kernel.out_params)
    try:
        infos = arguments(params, dtypes, ndim, contiguous, scalars)
        infos += (writer._ArgInfo(INDEXER, carray.Indexer, None, ndim, True, True),)
        return writer._get_elementwise_kernel_code(
            infos, writer._TypeMap(letters(params, dtypes)), kernel.params, kernel.operation, kernel.name,
            kernel.preamble, kernel.kwargs.get("loop_prep", ""), kernel.kwargs.get("after_loop", ""),
        )  # fmt: skip
    except (AttributeError, TypeError) as error:
        raise Moved(f"CuPy writes an ElementwiseKernel otherwise than 14.2 does: {error}") from error


def reduction(kernel: Any, dtypes: Any, ndim: int = 2, ndim_out: int = 1, block: int = 512) -> str:
    """The text that CuPy writes for a ReductionKernel.

    :raises Moved: if CuPy writes it otherwise than 14.2 does.
    """
    import numpy as np

    carray, writer, reductions, scalar, _ = private()
    params = (*kernel.in_params, *kernel.out_params)
    try:
        infos = arguments(kernel.in_params, dtypes, ndim, True) + arguments(kernel.out_params, dtypes, ndim_out, True)
        infos += tuple([writer._ArgInfo(INDEXER, carray.Indexer, None, n, True, True) for n in (ndim, ndim_out)])
        infos += (writer._ArgInfo(SCALAR, type, np.int32, 0, True, True),)
        types = writer._TypeMap((*letters(params, dtypes), ("IndexT", np.int32)))
        made = kernel.reduce_type or scalar.get_typename(np.dtype(dtypes[kernel.out_params[0].name]).type)
        return reductions._ReductionKernel_get_cached_function_code(
            len(kernel.in_params), len(kernel.out_params), kernel._params, infos, types, kernel.name, block, made,
            kernel.identity, kernel.map_expr, kernel.reduce_expr, kernel.post_map_expr, kernel.preamble, kernel.options,
        )  # fmt: skip
    except (AttributeError, TypeError) as error:
        raise Moved(f"CuPy writes a ReductionKernel otherwise than 14.2 does: {error}") from error


def include_options() -> tuple[str, ...]:
    """Where CuPy's headers and CUDA's are, as CuPy tells the compiler."""
    core = private()[4]
    if not hasattr(core, "assemble_cupy_compiler_options"):
        raise Moved("CuPy's options for the compiler have moved: cupy._core.core.assemble_cupy_compiler_options")
    return core.assemble_cupy_compiler_options(())


def compile_by_nvrtc(text: Text, architecture: str = "90") -> bytes:
    """The machine code for ``sm_<architecture>``. No device is asked for.

    :raises SyntaxError: if it does not compile, with the compiler's words.
    """
    from cupy.cuda import nvrtc

    cuda = text.cuda
    if text.cupy_s_headers:
        cuda = "".join(f"#include <{header}>\n" for header in private()[4]._cupy_header_list) + cuda
    options = (*include_options(), "-ftz=true", "--device-as-default-execution-space", f"-arch=sm_{architecture}")
    program = nvrtc.createProgram(cuda, f"{text.name}.cu", (), ())
    try:
        nvrtc.compileProgram(program, options)
        return nvrtc.getCUBIN(program)
    except nvrtc.NVRTCError:
        raise SyntaxError(nvrtc.getProgramLog(program)) from None
    finally:
        nvrtc.destroyProgram(program)
