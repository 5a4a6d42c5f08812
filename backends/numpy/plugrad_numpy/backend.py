"""The backend: what NumPy's arrays are, and what NumPy does better than the standard's functions."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from plugrad.extend import Backend, NamespaceBackend, put_together

from . import kernels, protocols

ndarray = np.ndarray
SCALARS = tuple(f"numpy.{np.dtype(name).type.__name__}" for name in kernels.DTYPES)

ON_THE_HOST = 1, 3, 11
"""DLPack's kinds of memory that the host reads: its own, and what is pinned for CUDA or ROCm."""

IN_PLACE = {name: k for name, k in kernels.ARRAY.items() if type(k) is np.ufunc} | {"pow": np.power}
del IN_PLACE["maximum"], IN_PLACE["minimum"]  # their result's place is given by keyword alone


class NumPyBackend(NamespaceBackend):
    """NumPy's arrays and scalars. A 0-d tensor holds a scalar, which is ten times as fast to compute with."""

    name = "numpy"
    array_types = ("numpy.ndarray", "numpy.memmap", *SCALARS)
    default_device = "cpu"
    plain = True
    kernels = kernels.ARRAY

    def __init__(self, xp: Any = np) -> None:
        super().__init__(xp)
        self._generator_ = np.random.default_rng()

    def kernel(self, op: str, array_type: type) -> Any:
        if not issubclass(array_type, np.ndarray) and op in kernels.SCALAR:
            return kernels.SCALAR[op]
        return super().kernel(op, array_type)

    # -- what an array is ---------------------------------------------------------------------------------

    def key(self, array: Any) -> Any:
        return self, array.shape, array.dtype

    def device(self, array: Any) -> str:
        return "cpu"

    devices, check_device = Backend.devices, Backend.check_device

    def from_dlpack(self, x: Any, device: Any = None, copy: bool | None = None) -> Any:
        if x.__dlpack_device__()[0] not in ON_THE_HOST:
            raise BufferError(f"NumPy does not reach the memory of a {type(x).__module__}.{type(x).__qualname__}")
        self.check_device(device)
        array = np.from_dlpack(x)
        if copy or not array.flags.writeable:
            if copy is False:
                raise BufferError(f"a {type(x).__qualname__} is exported for reading alone; copy=None makes a copy")
            return array.copy()
        return array

    def native_dtype(self, name: Any) -> Any:
        return np.dtype(str(name))

    def asarray(self, data: Any, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Any:
        array = np.array(data, dtype, copy=copy)
        if array.dtype.name not in kernels.DTYPES:
            raise TypeError(
                f"NumPy makes an array of dtype {array.dtype} of this; plugrad takes {', '.join(kernels.DTYPES)}"
            )
        return array if type(array) is np.ndarray else np.asarray(array)

    def tolist(self, array: Any) -> Any:
        return array.tolist()

    def text(self, array: Any) -> str:
        return np.array2string(
            np.asarray(array), separator=", ", prefix="tensor(", floatmode="maxprec_equal", precision=4
        )

    def copy(self, array: Any) -> Any:
        return array.copy()

    # -- memory -------------------------------------------------------------------------------------------

    def owner(self, array: Any) -> Any:
        if type(array) is not ndarray:
            return None
        while type(base := array.base) is ndarray:
            array = base
        return array

    def held(self, array: Any) -> Any:
        return array[()] if type(array) is np.ndarray and not array.ndim else array

    def aliased(self, array: Any) -> Any:
        return array if isinstance(array, np.ndarray) else np.array(array)

    def update(self, op: Any, array: Any, *operands: Any) -> None:
        ufunc = IN_PLACE.get(op.name)
        if ufunc is not None:
            try:
                ufunc(array, operands[0], array) if len(operands) == 1 else ufunc(array, *operands, array)
                return
            except (TypeError, ValueError):
                pass  # the base class says what does not fit
        elif op.name == "index_put":
            value, indices, key = operands
            array[put_together(key, indices)] = value
            return
        super().update(op, array, *operands)

    accumulate: Any = staticmethod(operator.iadd)  # in place for arrays, a new one for scalars

    # -- what the engine asks for -----------------------------------------------------------------------------

    def scalar(self, spec: Any, number: complex) -> Any:
        if number == 0 or number != number:  # 0.0 and -0.0 are one key of a dict, and nan is none
            return number
        if len(spec.scalars) > 255:
            spec.scalars.clear()
        made = np.array(number, str(spec.dtype))
        spec.scalars[number] = made if spec.shape else made[()]
        return spec.scalars[number]

    def one(self, spec: Any) -> Any:
        return np.ones(spec.shape, str(spec.dtype)) if spec.shape else spec.scalars.get(1) or self.scalar(spec, 1)

    # -- creation -----------------------------------------------------------------------------------------

    def full(self, shape: Any, value: complex, dtype: Any, device: Any = None) -> Any:
        return np.full(shape, value, dtype) if value else np.zeros(shape, dtype)

    def empty(self, shape: Any, dtype: Any, device: Any = None) -> Any:
        return np.empty(shape, dtype)

    def arange(self, start: float, stop: float, step: float, dtype: Any, device: Any = None) -> Any:
        return np.arange(start, stop, step, dtype=dtype)

    def linspace(self, start: float, stop: float, num: int, endpoint: bool, dtype: Any, device: Any = None) -> Any:
        return np.linspace(start, stop, num, endpoint, dtype=dtype)

    def eye(self, rows: int, columns: int, k: int, dtype: Any, device: Any = None) -> Any:
        return np.eye(rows, columns, k, dtype)

    def manual_seed(self, seed: int | None) -> None:
        self._generator_ = np.random.default_rng(seed)

    def rng_state(self) -> Any:
        return self._generator_.bit_generator.state

    def set_rng_state(self, state: Any) -> None:
        self._generator_.bit_generator.state = state

    def uniform(self, shape: Any, dtype: Any, device: Any = None) -> Any:
        return np.asarray(self._generator_.random(shape), dtype)

    def normal(self, shape: Any, dtype: Any, device: Any = None) -> Any:
        return np.asarray(self._generator_.standard_normal(shape), dtype)

    def integers(self, low: int, high: int, shape: Any, dtype: Any, device: Any = None) -> Any:
        return self._generator_.integers(low, high, shape, dtype)

    # -- NumPy's own functions, called on tensors ---------------------------------------------------------------

    def array_ufunc(self, ufunc: Any, method: str, inputs: Any, keywords: Any) -> Any:
        return protocols.ufunc(ufunc, method, inputs, keywords)

    def array_function(self, function: Any, args: Any, keywords: Any) -> Any:
        return protocols.function(function, args, keywords)
