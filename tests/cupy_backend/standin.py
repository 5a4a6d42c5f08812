"""NumPy behind CuPy's names, with CuPy's refusals, so that plugrad_cupy's kernels can run where no GPU is.

It refuses what is not in ``catalogue``, what would read a value back to the host unasked, arrays of NumPy's, and two
devices in one call. Reductions and indexing give 0-d arrays; what CuPy gets wrong (complex powers of 0, means of
float16, assignment to memory that is being read) goes wrong here too. It shows nothing of rounding, order or speed.
"""

import inspect
import warnings
from types import SimpleNamespace

import numpy as np

from cupy_backend import catalogue

DEVICES = 2
current = 0


class Device:
    def __init__(self, number):
        self.id = number

    def __enter__(self):
        global current
        self.before, current = current, self.id

    def __exit__(self, *_):
        global current
        current = self.before


def wrapped(result):
    """An array on the current device."""
    return result.view(ndarray) if type(result) is np.ndarray else np.asarray(result).view(ndarray)


def unwrapped(value):
    if isinstance(value, (tuple, list)):
        return type(value)(map(unwrapped, value))
    if type(value) is np.ndarray:
        raise TypeError(f"Unsupported type {np.ndarray}")
    if type(value) is ndarray:
        if value.device.id != current:
            raise ValueError(f"the array is on device {value.device.id} and the current one is {current}")
        return np.ndarray.view(value, np.ndarray)
    return value


def transfer(name):
    def method(self, *_):
        raise AssertionError(f"{name} reads a value back to the host")

    return method


class ndarray(np.ndarray):
    __module__ = "standin"

    def __array_finalize__(self, source):
        self.home = source.home if type(source) is ndarray else current

    device = property(lambda self: Device(self.home))

    def __array_ufunc__(self, ufunc, method, *inputs, out=(), **keywords):
        if not all(isinstance(x, (np.ndarray, np.generic, bool, int, float, complex)) for x in inputs):
            return NotImplemented
        keywords.update(out=out[0] if out else None)
        return ufunc_called(ufunc, *inputs, **keywords)

    def __array_function__(self, function, *_):
        raise AssertionError(f"numpy.{function.__name__} is called, which CuPy would not take")

    def __getitem__(self, key):
        parts = key if isinstance(key, tuple) else (key,)
        whole = parts if any(p is Ellipsis for p in parts) else (*parts, ...)  # a 0-d array, where NumPy has a scalar
        return np.ndarray.__getitem__(self, tuple(unwrapped(p) for p in whole))

    def __setitem__(self, key, value):
        parts = key if isinstance(key, tuple) else (key,)
        if np.may_share_memory(unwrapped(self), unwrapped(value)):
            raise AssertionError("the device reads the memory that it writes")
        np.ndarray.__setitem__(self, tuple(unwrapped(p) for p in parts), unwrapped(value))

    def get(self):
        return np.array(np.ndarray.view(self, np.ndarray))

    def copy(self):
        return wrapped(unwrapped(self).copy())

    def astype(self, dtype, *, copy=True):
        return self if not copy and self.dtype == dtype else wrapped(unwrapped(self).astype(dtype))


for _name in ("bool", "int", "float", "complex", "index", "array"):
    setattr(ndarray, f"__{_name}__", transfer(_name))
for _name in ("item", "tolist", "sum", "mean", "max", "min", "any", "all", "take"):
    setattr(ndarray, _name, transfer(_name))


def ufunc_called(ufunc, *inputs, out=None):
    with np.errstate(all="ignore"):
        result = ufunc(*map(unwrapped, inputs), out=None if out is None else unwrapped(out))
        if ufunc is np.power and out is None and np.iscomplexobj(result):
            result = np.where(np.equal(unwrapped(inputs[0]), 0) & np.not_equal(unwrapped(inputs[1]), 0), np.nan, result)
    return wrapped(result) if out is None else out


class Ufunc:
    def __init__(self, name):
        self.__name__, self.ufunc = f"cupy_{name}", getattr(np, name)
        self.complex = name not in catalogue.NO_COMPLEX

    def __call__(self, *inputs, out=None):
        if not self.complex and any(np.iscomplexobj(unwrapped(x)) for x in inputs):
            raise TypeError(f"Wrong type of arguments for {self.__name__}")
        return ufunc_called(self.ufunc, *inputs, out=out)

    def at(self, array, key, value):
        if array.dtype.name not in catalogue.ADD_AT:
            raise TypeError(f"cupy.add.at only supports {', '.join(catalogue.ADD_AT)}")
        self.ufunc.at(unwrapped(array), unwrapped(key), unwrapped(value))


def function(name):
    signature = inspect.signature(eval(f"lambda {catalogue.FUNCTIONS[name]}: None", {}))

    def call(*args, **keywords):
        given = signature.bind(*args, **keywords)
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):  # means of nothing
            result = getattr(np, name)(*map(unwrapped, given.args), **given.kwargs)
        if name == "mean" and result.dtype == "float16":
            result = np.divide(np.cumsum(given.args[0].get())[-1], given.args[0].size)  # the sum in float16
        return result if isinstance(result, bool) else wrapped(result)

    return call


def asarray(data, dtype=None, order=None, *, copy=None, blocking=False):
    """Takes NumPy's arrays, and brings an array from another device."""
    if type(data) is ndarray:
        if data.device.id != current and not data.flags.c_contiguous:
            raise NotImplementedError("CuPy cannot copy non-contiguous array between devices.")
        copy = copy or data.device.id != current or None
        if not copy and dtype in (None, data.dtype):
            return data
        data = np.ndarray.view(data, np.ndarray)
    made = np.array(data, dtype, copy=copy)
    if made.dtype.kind not in "biufc":
        raise ValueError(f"Unsupported dtype {made.dtype}")
    return wrapped(made)


class XORWOW:
    def __init__(self, seed):
        self._state = asarray(np.array([seed % 2**63, 0]))


class Generator:
    def __init__(self, bits):
        unwrapped(bits._state)[1] += 1
        self.draw = np.random.default_rng(unwrapped(bits._state))

    def integers(self, low, high, size, dtype):
        return wrapped(self.draw.integers(low, high, size, dtype))

    def random(self, size, dtype):
        return wrapped(self.draw.random(size, dtype))

    def standard_normal(self, size, dtype):
        return wrapped(self.draw.standard_normal(size, dtype))


runtime = SimpleNamespace(driverGetVersion=lambda: 13000, getDevice=lambda: current, getDeviceCount=lambda: DEVICES)
cupy = SimpleNamespace(
    **{name: function(name) for name in catalogue.FUNCTIONS}, **{name: Ufunc(name) for name in catalogue.UFUNCS}
)
cupy.ndarray, cupy.asarray, cupy.dtype, cupy.array2string = ndarray, asarray, np.dtype, np.array2string
cupy.cuda = SimpleNamespace(Device=Device, runtime=runtime)
cupy.random = SimpleNamespace(Generator=Generator, XORWOW=XORWOW)
