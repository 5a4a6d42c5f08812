"""What plugrad_cupy uses of CuPy: each name, with the parameters that it may be given.

``test_catalogue`` holds the table against the CuPy that is installed, and ``standin`` refuses whatever is not in it.
"""

from plugrad_cupy.backend import IN_PLACE
from plugrad_cupy.kernels import NAMES

FUNCTIONS = {
    "all": "a, axis=None, out=None, keepdims=False",
    "any": "a, axis=None, out=None, keepdims=False",
    "arange": "start, stop=None, step=1, dtype=None",
    "argmax": "a, axis=None, dtype=None, out=None, keepdims=False",
    "argmin": "a, axis=None, dtype=None, out=None, keepdims=False",
    "argsort": "a, axis=-1, kind=None",
    "array2string": "a, *args, **kwargs",
    "asarray": "a, dtype=None, order=None, *, copy=None, blocking=False",
    "ascontiguousarray": "a, dtype=None",
    "broadcast_to": "array, shape",
    "concatenate": "tup, axis=0, out=None, *, dtype=None, casting='same_kind'",
    "cumprod": "a, axis=None, dtype=None, out=None",
    "cumsum": "a, axis=None, dtype=None, out=None",
    "empty": "shape, dtype=float, order='C'",
    "expand_dims": "a, axis",
    "eye": "N, M=None, k=0, dtype=float, order='C'",
    "flip": "a, axis=None",
    "full": "shape, fill_value, dtype=None, order='C'",
    "iscomplexobj": "x",
    "linspace": "start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0",
    "max": "a, axis=None, out=None, keepdims=False",
    "may_share_memory": "a, b, max_work=None",
    "mean": "a, axis=None, dtype=None, out=None, keepdims=False",
    "min": "a, axis=None, out=None, keepdims=False",
    "moveaxis": "a, source, destination",
    "prod": "a, axis=None, dtype=None, out=None, keepdims=False",
    "repeat": "a, repeats, axis=None",
    "roll": "a, shift, axis=None",
    "sort": "a, axis=-1, kind=None",
    "squeeze": "a, axis=None",
    "stack": "tup, axis=0, out=None, *, dtype=None, casting='same_kind'",
    "sum": "a, axis=None, dtype=None, out=None, keepdims=False",
    "swapaxes": "a, axis1, axis2",
    "take": "a, indices, axis=None, out=None",
    "take_along_axis": "a, indices, axis",
    "tile": "A, reps",
    "transpose": "a, axes=None",
    "tril": "m, k=0",
    "triu": "m, k=0",
    "where": "condition, x=None, y=None",
    "zeros": "shape, dtype=float, order='C'",
}

METHODS = {
    "astype": "dtype, order='K', casting=None, subok=None, copy=True",
    "copy": "order='C'",
    "get": "stream=None, order='C', out=None, blocking=True",
    "reshape": "*shape, order='C', copy=None",
}
ATTRIBUTES = ("base", "device", "dtype", "imag", "ndim", "real", "shape")

LOGIC = ("logical_and", "logical_or", "logical_xor", "logical_not")
ROUNDING = ("floor", "ceil", "rint", "trunc")
NAMED = [name for name in NAMES.values() if name not in FUNCTIONS]
UFUNCS = tuple(dict.fromkeys([*IN_PLACE.values(), *NAMED, *LOGIC, *ROUNDING]))
NO_COMPLEX = (*LOGIC, "remainder", "floor_divide", "logaddexp", "signbit", "floor", "ceil", "trunc")
ADD_AT = ("int32", "int64", "uint32", "uint64", "float16", "float32", "float64")
"""The dtypes of ``cupy.add.at``."""

RUNTIME = ("driverGetVersion", "getDevice", "getDeviceCount")
GENERATOR = {
    "integers": "low, high=None, size=None, dtype=None, endpoint=False",
    "random": "size=None, dtype=None, out=None",
    "standard_normal": "size=None, dtype=None, out=None",
}
