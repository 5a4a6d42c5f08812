"""The namespace: CuPy's names, keywords as CuPy takes them, and NumPy's functions underneath."""

from __future__ import annotations

import warnings
from types import ModuleType
from typing import Any

import numpy as np

from . import kernels
from .array import NUMBERS, here, ndarray, own, view
from .device import COUNT, count, cuda, current
from .face import FACE
from .ufuncs import UFUNCS

HOST = frozenset({
    "result_type", "can_cast", "promote_types", "isdtype", "ndim", "size", "shape", "isscalar", "issubdtype",
    "iscomplexobj", "isrealobj", "may_share_memory", "shares_memory", "broadcast_shapes", "min_scalar_type",
    "common_type", "iterable",
})  # fmt: skip
"""Functions whose answer is on the host without a transfer, as it is about shapes and dtypes."""
COUNTED_ON_THE_HOST = frozenset({
    "nonzero", "flatnonzero", "argwhere", "unique", "extract", "compress", "setdiff1d", "union1d",
})  # fmt: skip
"""Functions whose result's shape depends on values, so that CuPy waits for the device."""


def lowered(value: Any) -> Any:
    kind = type(value)
    if kind is ndarray:
        return here(value)
    if kind is tuple or kind is list:
        return kind([lowered(part) for part in value])
    if isinstance(value, np.ndarray):
        raise TypeError(f"Unsupported type {kind}")
    if hasattr(kind, "__array_function__") and not isinstance(value, np.generic):
        raise TypeError(f"Unsupported type {kind}")
    return value


def arrays_in(values: Any) -> list[ndarray]:
    found = []
    for value in values:
        if type(value) is ndarray:
            found.append(value)
        elif type(value) is tuple or type(value) is list:
            found += arrays_in(value)
    return found


def raised(result: Any, given: list[ndarray]) -> Any:
    """NumPy's result as the double's: a view where it looks into a given array, else an array of its own."""
    if isinstance(result, (tuple, list)):
        return type(result)([raised(part, given) for part in result])
    if (type(result) is np.ndarray and result.base is not None) or any(result is x._raw for x in given):
        for source in given:
            if result is source._raw:
                return source
            if np.may_share_memory(result, source._raw):
                return view(result, source)
    return own(result, current.device) if isinstance(result, (np.ndarray, np.generic, *NUMBERS)) else result


class Function:
    """One of CuPy's functions, run by NumPy's of the same name or by ``function``, on NumPy's arrays."""

    def __init__(self, name: str, function: Any) -> None:
        self.__name__, self.__module__ = name.rpartition(".")[2], "cupy"
        self.name, self.function = name, function
        self.host = name in HOST
        self._signature = FACE.signature(name)
        self._bound: set[Any] = set()

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        form = (len(args), *keywords)
        if form not in self._bound:
            self._check(args, keywords)
            self._bound.add(form)
        given = arrays_in(args) + arrays_in(keywords.values()) if keywords else arrays_in(args)
        raws = [lowered(x) for x in args]
        low = {name: lowered(x) for name, x in keywords.items()}
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):  # means of nothing
            result = self.function(*raws, **low)
        if self.host:
            return result
        if self.name in COUNTED_ON_THE_HOST:
            count.to_host(self.name)
        out = raised(result, given)
        if type(out) is not ndarray or out.base is None:
            count.launches += 1
        return out

    def _check(self, args: Any, keywords: Any) -> None:
        if self._signature is not None:
            try:
                self._signature.bind(*args, **keywords)
            except TypeError as error:
                raise TypeError(f"cupy.{self.name}{self._signature}: {error}") from None

    def __repr__(self) -> str:
        return f"<function {self.__name__} of a double of CuPy>"


class Namespace:
    """CuPy, or one of its modules. A name that CuPy lacks is an AttributeError."""

    def __init__(self, path: str, numpy: Any, **own: Any) -> None:
        self.__name__ = f"cupy.{path}".rstrip(".")
        self._path, self._numpy = path, numpy
        self.__dict__.update(own)

    def __getattr__(self, name: str) -> Any:
        path = f"{self._path}.{name}".lstrip(".")
        if name.startswith("__") or path not in FACE:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        found = UFUNCS.get(path)
        if found is None or found.function is None:
            function = ALTERED.get(path) or getattr(self._numpy, name, None)
            if function is None or isinstance(function, ModuleType):
                raise NotImplementedError(f"cupy.{path} is CuPy's, and this double has nothing to run it by")
            plain = isinstance(function, type) or not callable(function)
            found = function if plain else Function(path, function)
        self.__dict__[name] = found
        return found


# -- what NumPy does otherwise ------------------------------------------------------------------------------------


def argmax(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    return np.argmax(a, axis, keepdims=keepdims)


def argmin(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    return np.argmin(a, axis, keepdims=keepdims)


def argsort(a: Any, axis: Any = -1, kind: Any = None) -> Any:
    return np.argsort(a, axis, kind="stable")


def clip(a: Any, a_min: Any, a_max: Any, out: Any = None) -> Any:
    if a.dtype.kind == "c":
        raise TypeError(f"Wrong type ({a.dtype}) of arguments for cupy_clip")
    return np.clip(a, a_min, a_max)


def mean(a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: bool = False) -> Any:
    """Of float16 the sum is a float16, and overflows."""
    if a.dtype == np.float16 and dtype is None:
        total = np.sum(a, axis, np.float16, keepdims=True)
        total = np.where(np.sum(a, axis, np.float32, keepdims=True) > 65504, np.float16(np.inf), total)
        spread = np.sum(np.ones_like(a, np.float32), axis, keepdims=True)
        return np.mean(total / spread, axis, np.float16, keepdims=keepdims)
    return np.mean(a, axis, dtype, keepdims=keepdims)


def repeat(a: Any, repeats: Any, axis: Any = None) -> Any:
    if isinstance(repeats, np.ndarray):
        raise ValueError("cupy.ndarray `repeats` is not supported")
    return np.repeat(a, repeats, axis)


def sort(a: Any, axis: Any = -1, kind: Any = None) -> Any:
    return np.sort(a, axis, kind="stable")


def take(a: Any, indices: Any, axis: Any = None, out: Any = None) -> Any:
    return np.take(a, indices, axis, mode="wrap")


def take_along_axis(a: Any, indices: Any, axis: Any) -> Any:
    extent = a.size if axis is None else a.shape[axis]
    return np.take_along_axis(a, np.mod(indices, extent) if extent else indices, axis)


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if not isinstance(condition, np.ndarray):
        raise AttributeError(f"{type(condition).__name__!r} object has no attribute 'astype'")
    return np.where(condition.astype(bool), x, y)


ALTERED = {f.__name__: f for f in (argmax, argmin, argsort, clip, mean, repeat, sort, take, take_along_axis, where)}


# -- what makes arrays, and shows them ------------------------------------------------------------------------------


def asarray(a: Any, dtype: Any = None, order: Any = None, *, copy: bool | None = None, blocking: bool = False) -> Any:
    if type(a) is ndarray:
        if a._device != current.device:
            if not a._raw.flags.c_contiguous:
                raise NotImplementedError("CuPy cannot copy non-contiguous array between devices.")
            if copy is False:
                raise ValueError("Unable to avoid copy while creating an array as requested.")
            count.launches += 1
            a = own(a._raw.copy(), current.device)
        elif copy:
            a = a.copy()
        if dtype is None or np.dtype(dtype) == a.dtype:
            return a
        if copy is False:
            raise ValueError("Unable to avoid copy while creating an array as requested.")
        return a.astype(dtype)
    if isinstance(a, (list, tuple)) and arrays_in(a):
        return double.stack([asarray(part) for part in a]).astype(dtype or a[0].dtype, copy=False)
    if copy is False:
        raise ValueError("Unable to avoid copy while creating an array as requested.")
    made = np.asarray(a)
    if dtype is not None and made.dtype != dtype:
        made = np.array(a, dtype) if made.dtype.kind in "OUSMm" or not made.size else made.astype(dtype)
    elif made is a or made.base is not None:
        made = made.copy()
    out = own(made, current.device)
    count.to_device("asarray")
    return out


def array(obj: Any, dtype: Any = None, copy: bool = True, order: Any = "K", subok: bool = False, ndmin: int = 0, *,
          blocking: bool = False) -> Any:  # fmt: skip
    return asarray(obj, dtype, copy=copy or None)


def ascontiguousarray(a: Any, dtype: Any = None) -> Any:
    if type(a) is not ndarray:
        return asarray(a, dtype)
    raw = here(a)
    plain = raw.flags.c_contiguous and raw.ndim and dtype in (None, raw.dtype)
    return a if plain else own(np.ascontiguousarray(raw, dtype), current.device)


def asnumpy(a: Any, stream: Any = None, order: str = "C", out: Any = None, *, blocking: bool = True) -> Any:
    return a.get(stream, order, out) if type(a) is ndarray else np.asarray(a)


def from_dlpack(array: Any, *, device: Any = None, copy: bool | None = None) -> Any:
    if type(array) is ndarray:
        return array.copy() if copy else view(array._raw, array)
    kind, number = array.__dlpack_device__()
    if kind == 1:
        raise TypeError(
            "CPU arrays cannot be directly imported to CuPy. Use `cupy.array(numpy.from_dlpack(input))` instead."
        )
    shared = getattr(array, "array", None)  # a tensor
    if kind == 2 and number < COUNT and type(shared) is ndarray:
        return from_dlpack(shared, copy=copy)
    raise TypeError(f"the double of CuPy reads no memory of device type {kind}")


def array2string(a: Any, *args: Any, **kwargs: Any) -> str:
    return np.array2string(a.get() if type(a) is ndarray else a, *args, **kwargs)


def get_array_module(*args: Any) -> Any:
    return double if arrays_in(args) else np


# -- random numbers -----------------------------------------------------------------------------------------------


class XORWOW:
    """As ``cupy.random.XORWOW``: the state, an array on its device."""

    def __init__(self, seed: Any = None, *, size: int = -1) -> None:
        self._state = own(np.array([(0 if seed is None else seed) % 2**63, 0]), current.device)


class Generator:
    """As ``cupy.random.Generator``; other numbers than its."""

    def __init__(self, bit_generator: Any) -> None:
        here(bit_generator._state)[1] += 1
        self._draw = np.random.default_rng(here(bit_generator._state))

    def integers(self, low: Any, high: Any = None, size: Any = None, dtype: Any = np.int64, endpoint: bool = False):
        return self._drawn(self._draw.integers(low, high, size, dtype, endpoint))

    def random(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        return self._drawn(self._draw.random(size, dtype))

    def standard_normal(self, size: Any = None, dtype: Any = np.float64, out: Any = None) -> Any:
        return self._drawn(self._draw.standard_normal(size, dtype))

    def _drawn(self, values: Any) -> Any:
        count.launches += 1
        return own(values, current.device)


# -- operators and methods -------------------------------------------------------------------------------------------

BINARY = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide", "floordiv": "floor_divide",
    "mod": "remainder", "pow": "power", "lshift": "left_shift", "rshift": "right_shift", "and": "bitwise_and",
    "or": "bitwise_or", "xor": "bitwise_xor",
}  # fmt: skip
COMPARED = {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal"}
UNARY = {"neg": "negative", "pos": "positive", "abs": "absolute", "invert": "invert"}
POWERS = {1: UFUNCS["positive"], 2: UFUNCS["square"], 0.5: UFUNCS["sqrt"]}


def foreign(other: Any) -> bool:
    """Somebody else's array: CuPy leaves it the operator, or asks NumPy's ufunc, which asks it."""
    return type(other) not in NUMBERS and type(other) is not ndarray and not isinstance(other, np.generic)


def operators(name: str, ufunc: Any, numpy: Any) -> tuple[Any, Any, Any]:
    def forward(self: Any, other: Any) -> Any:
        return numpy(self, other) if foreign(other) else ufunc(self, other)

    def reflected(self: Any, other: Any) -> Any:
        return numpy(other, self) if foreign(other) else ufunc(other, self)

    def in_place(self: Any, other: Any) -> Any:
        return ufunc(self, other, out=self)

    return forward, reflected, in_place


def raised_to(self: Any, other: Any) -> Any:
    """Squares and roots go by kernels of their own."""
    own = POWERS.get(other) if type(other) in (int, float) else None
    if own is None or (other != 2 and self.dtype.kind not in "fc"):
        return np.power(self, other) if foreign(other) else UFUNCS["power"](self, other)
    return own(self)


def multiplied(x1: Any, x2: Any, /) -> Any:
    for x in (x1, x2):
        if type(x) is not ndarray:
            if foreign(x) and not isinstance(x, np.ndarray):
                return np.matmul(x1, x2)
            raise TypeError(f"Unsupported type {type(x)}")
    count.launches += 1
    with np.errstate(all="ignore"):
        return own(np.matmul(here(x1), here(x2)), current.device)


for _name, _ufunc in BINARY.items():
    _made = operators(_name, UFUNCS[_ufunc], getattr(np, _ufunc))
    for _form, _method in zip(("__{}__", "__r{}__", "__i{}__"), _made):
        setattr(ndarray, _form.format(_name), _method)
for _name, _ufunc in COMPARED.items():
    setattr(ndarray, f"__{_name}__", operators(_name, UFUNCS[_ufunc], getattr(np, _ufunc))[0])
for _name, _ufunc in UNARY.items():
    setattr(ndarray, f"__{_name}__", lambda self, ufunc=UFUNCS[_ufunc]: ufunc(self))
ndarray.__pow__ = raised_to
ndarray.__matmul__ = multiplied
ndarray.__rmatmul__ = lambda self, other: multiplied(other, self)


def method(name: str) -> Any:
    """A method that NumPy's array has, too, with CuPy's parameters."""
    function = Function(f"ndarray.{name}", ALTERED.get(name) or getattr(np.ndarray, name))

    def call(self: Any, *args: Any, **keywords: Any) -> Any:
        return function(self, *args, **keywords)

    call.__name__ = name
    return call


METHODS = (
    "all", "any", "argmax", "argmin", "argsort", "clip", "conj", "conjugate", "cumprod", "cumsum", "diagonal", "dot",
    "flatten", "max", "mean", "min", "nonzero", "prod", "ravel", "repeat", "reshape", "round", "squeeze", "std", "sum",
    "swapaxes", "take", "trace", "transpose", "var",
)  # fmt: skip
for _name in METHODS:
    setattr(ndarray, _name, method(_name))

double = Namespace(
    "", np, ndarray=ndarray, array=array, asarray=asarray, ascontiguousarray=ascontiguousarray, asnumpy=asnumpy,
    asanyarray=asarray, from_dlpack=from_dlpack, array2string=array2string, get_array_module=get_array_module,
    matmul=multiplied, cuda=cuda, linalg=Namespace("linalg", np.linalg), fft=Namespace("fft", np.fft), dtype=np.dtype,
    random=Namespace("random", None, Generator=Generator, XORWOW=XORWOW), __version__=FACE.version,
    is_available=lambda: True, RawKernel=kernels.RawKernel, ElementwiseKernel=kernels.ElementwiseKernel,
    ReductionKernel=kernels.ReductionKernel,
)  # fmt: skip
"""Stands for ``import cupy``."""
