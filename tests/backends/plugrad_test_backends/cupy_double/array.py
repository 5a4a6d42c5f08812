"""The array: NumPy's memory behind CuPy's interface. What is not CuPy's, or reads a value unasked, is refused."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from .device import DEVICES, Memory, count, current
from .face import FACE

NUMBERS = frozenset({bool, int, float, complex})
DTYPES = "?bBhHiIlLqQefdFD"
IMPLICIT = (
    "Implicit conversion to a NumPy array is not allowed. "
    "Please use `.get()` to construct a NumPy array explicitly."
)


class ndarray:
    """As ``cupy.ndarray``."""

    __slots__ = ("__weakref__", "_device", "_memory", "_raw", "base")
    __module__ = "plugrad_test_backends.cupy_double"
    __array_priority__ = 100
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, shape: Any, dtype: Any = float, memptr: Any = None, strides: Any = None, order: str = "C"):
        fill(self, np.empty(shape, dtype, order), current.device)

    # -- what it is ---------------------------------------------------------------------------------------

    dtype = property(lambda self: self._raw.dtype)
    ndim = property(lambda self: self._raw.ndim)
    size = property(lambda self: self._raw.size)
    nbytes = property(lambda self: self._raw.nbytes)
    itemsize = property(lambda self: self._raw.itemsize)
    strides = property(lambda self: self._raw.strides)
    flags = property(lambda self: self._raw.flags)
    device = property(lambda self: DEVICES[self._device])
    T = property(lambda self: view(self._raw.T, self))
    mT = property(lambda self: view(self._raw.mT, self))  # noqa: N815  the standard's name

    @property
    def shape(self) -> tuple[int, ...]:
        return self._raw.shape

    @property
    def real(self) -> Any:
        return view(self._raw.real, self) if self._raw.dtype.kind == "c" else self

    @real.setter
    def real(self, value: Any) -> None:
        self.real[...] = value

    @property
    def imag(self) -> Any:
        if self._raw.dtype.kind == "c":
            return view(self._raw.imag, self)
        return own(np.zeros(self._raw.shape, self._raw.dtype), self._device)

    @imag.setter
    def imag(self, value: Any) -> None:
        self.imag[...] = value

    def __len__(self) -> int:
        return len(self._raw)

    def __iter__(self) -> Any:
        if not self._raw.ndim:
            raise TypeError("iteration over a 0-d array")
        return (self[i] for i in range(len(self._raw)))

    # -- values that leave the device -----------------------------------------------------------------------

    def get(self, stream: Any = None, order: str = "C", out: Any = None, blocking: bool = True) -> Any:
        count.to_host("ndarray.get")
        if out is None:
            return self._raw.copy(order)
        out[...] = self._raw
        return out

    def item(self) -> Any:
        count.to_host("ndarray.item")
        return self._raw.item()

    def tolist(self) -> Any:
        count.to_host("ndarray.tolist")
        return self._raw.tolist()

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise TypeError(IMPLICIT)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        from .functions import double

        own = getattr(double, ufunc.__name__, None) if ufunc.__name__ in FACE else None
        return own(*inputs, **keywords) if method == "__call__" and own is not None else NotImplemented

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        from .functions import double

        name = function.__name__
        return getattr(double, name)(*args, **keywords) if name in FACE else NotImplemented

    # -- copies and writes ------------------------------------------------------------------------------------

    def set(self, arr: Any, stream: Any = None) -> None:
        count.to_device("ndarray.set")
        self._raw[...] = arr

    def copy(self, order: str = "C") -> Any:
        count.launches += 1
        return own(self._raw.copy(order), current.device)

    def astype(self, dtype: Any, order: str = "K", casting: Any = None, subok: Any = None, copy: bool = True) -> Any:
        dtype = np.dtype(dtype)
        if not copy and dtype == self._raw.dtype:
            return self
        count.launches += 1
        return own(converted(here(self), dtype), self._device)

    def fill(self, value: Any) -> None:
        if type(value) is np.ndarray and value.ndim:
            raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
        count.launches += 1
        here(self)[...] = value._raw if type(value) is ndarray else value

    def view(self, dtype: Any = None, type: Any = None) -> Any:
        return view(self._raw.view(self._raw.dtype if dtype is None else dtype), self)

    def __getitem__(self, key: Any) -> Any:
        from .indexing import basic, lowered

        if basic(key):
            key = key if type(key) is tuple else (key,)
            return view(self._raw[key if Ellipsis in key else (*key, ...)], self)
        count.launches += 1
        return own(here(self)[lowered(self, key)], self._device)

    def __setitem__(self, key: Any, value: Any) -> None:
        from .indexing import assign

        count.launches += 1
        assign(self, key, value)

    # -- protocols ----------------------------------------------------------------------------------------------

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, self._device

    def __dlpack__(self, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: Any = None):
        """A capsule that says that the memory is a GPU's, so that nobody else touches it; or a copy for the host."""
        if dl_device == (1, 0):
            return self.get().__dlpack__()
        return on_a_gpu(self._raw.__dlpack__(), self._device)

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    def __reduce__(self) -> Any:
        from .functions import asarray

        return asarray, (self.get(),)


def on_a_gpu(capsule: Any, device: int) -> Any:
    """The capsule of an array of NumPy's, its device changed: a DLTensor has it after the 8 bytes of ``data``."""
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    kind_and_number = ctypes.c_int32 * 2
    kind_and_number.from_address(pointer(capsule, b"dltensor") + 8)[:] = 2, device
    return capsule


def transferred(name: str, convert: Any) -> Any:
    def method(self: Any, *rest: Any) -> Any:
        count.to_host(f"ndarray.{name}")
        return convert(self._raw, *rest)

    method.__name__ = name
    return method


for _convert in (bool, int, float, complex, str, repr, format):
    setattr(ndarray, f"__{_convert.__name__}__", transferred(f"__{_convert.__name__}__", _convert))


def fill(array: ndarray, raw: Any, device: int) -> ndarray:
    if raw.dtype.char not in DTYPES:
        raise ValueError(f"Unsupported dtype {raw.dtype}")
    array._raw, array._device, array.base, array._memory = raw, device, None, Memory(raw.nbytes)
    return array


_new = object.__new__


def own(raw: Any, device: int) -> ndarray:
    """A new array that owns its memory."""
    return fill(_new(ndarray), raw if type(raw) is np.ndarray else np.asarray(raw), device)


def view(raw: Any, source: ndarray) -> ndarray:
    """An array that looks into the memory of another one."""
    made = _new(ndarray)
    made._raw, made._device, made._memory = raw, source._device, None
    made.base = source if source.base is None else source.base
    return made


def here(array: ndarray) -> Any:
    """What is in an array, for work on the current device.

    :raises ValueError: if the array is on another one; the double has no access between peers.
    """
    if array._device != current.device:
        raise ValueError(
            "Array device must be same as the current device: "
            f"array device = {array._device} while current = {current.device}"
        )
    return array._raw



def converted(raw: Any, dtype: Any) -> Any:
    """As the device converts: floats out of an integer's range become the nearest that there is, nan becomes 0."""
    kind = raw.dtype.kind
    with np.errstate(all="ignore"):
        if kind == "c" and dtype.kind not in "cb":
            raw, kind = raw.real, "f"
        out = raw.astype(dtype)
        if kind == "f" and dtype.kind in "iu":
            limits = np.iinfo(dtype)
            out = np.where(raw >= limits.max, dtype.type(limits.max), out)
            out = np.where(raw <= limits.min, dtype.type(limits.min), out)
            out = np.where(np.isnan(raw), dtype.type(0), out)
    return out
