"""Kernels: functions on NumPy's arrays, called with an op's arguments by position."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from plugrad.extend import DTypeError, put_together
from plugrad.extend import dtype as dtype_named

DTYPES = (
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
)  # fmt: skip


def native(dtype: Any) -> Any:
    return None if dtype is None else np.dtype(str(dtype_named(dtype)))


# -- elementwise -------------------------------------------------------------------------------------------------


def pow(x1: Any, x2: Any) -> Any:
    return x1**x2  # the operator takes x**2 as a square; numpy.power does not


def clone(x: Any) -> Any:
    return x.copy()


def imag(x: Any) -> Any:
    if x.dtype.kind != "c":
        raise DTypeError(f"imag is not implemented for tensors with non-complex dtypes, and this one is {x.dtype}")
    return x.imag


def set_real(x: Any, value: Any) -> Any:
    out = np.array(x)
    out.real = value.real
    return out


def set_imag(x: Any, value: Any) -> Any:
    out = np.array(x)
    out.imag = value.real
    return out


def rounding(ufunc: Any) -> Any:
    """Integers stay integers, which NumPy 2.0 makes floats of."""
    return lambda x: x.copy() if x.dtype.kind in "iu" else ufunc(x)


def reciprocal(x: Any) -> Any:
    return 1 / x  # of integers the ufunc gives an integer


def astype(x: Any, dtype: Any, copy: bool) -> Any:
    return x.astype(native(dtype), copy=copy)


# -- reductions: the ufunc's method costs half of what the function does -----------------------------------------------


def sum(x: Any, axis: Any, dtype: Any, keepdims: bool, reduce: Any = np.add.reduce) -> Any:
    return reduce(x, axis, native(dtype), None, keepdims)


def mean(x: Any, axis: Any, keepdims: bool, reduce: Any = np.add.reduce) -> Any:
    if x.dtype.char not in "fdFD" or not x.size:  # integers become float64, float16 is summed in float32
        return np.mean(x, axis, keepdims=keepdims)
    total = reduce(x, axis, None, None, keepdims)
    return total / (x.size // total.size)


def var(x: Any, axis: Any, correction: Any, keepdims: bool) -> Any:
    return np.var(x, axis, None, None, correction, keepdims)


def std(x: Any, axis: Any, correction: Any, keepdims: bool) -> Any:
    return np.std(x, axis, None, None, correction, keepdims)


def max(x: Any, axis: Any, keepdims: bool, reduce: Any = np.maximum.reduce) -> Any:
    return reduce(x, axis, None, None, keepdims)


def min(x: Any, axis: Any, keepdims: bool, reduce: Any = np.minimum.reduce) -> Any:
    return reduce(x, axis, None, None, keepdims)


def prod(x: Any, axis: Any, dtype: Any, keepdims: bool, reduce: Any = np.multiply.reduce) -> Any:
    return reduce(x, axis, native(dtype), None, keepdims)


def any(x: Any, axis: Any, keepdims: bool, reduce: Any = np.logical_or.reduce) -> Any:
    return reduce(x, axis, None, None, keepdims)


def all(x: Any, axis: Any, keepdims: bool, reduce: Any = np.logical_and.reduce) -> Any:
    return reduce(x, axis, None, None, keepdims)


def argmax(x: Any, axis: Any, keepdims: bool) -> Any:
    return np.argmax(x, axis, keepdims=keepdims)


def argmin(x: Any, axis: Any, keepdims: bool) -> Any:
    return np.argmin(x, axis, keepdims=keepdims)


def sum_to(x: Any, shape: Any) -> Any:
    if x.shape[1:] == shape:  # a bias
        return np.add.reduce(x, 0)
    lead = x.ndim - len(shape)
    ones = tuple([i + lead for i, extent in enumerate(shape) if extent == 1 and x.shape[i + lead] != 1])
    if lead < 0 or [x.shape[i + lead] for i, extent in enumerate(shape) if i + lead not in ones] != [
        e for i, e in enumerate(shape) if i + lead not in ones
    ]:
        raise ValueError(f"an array of shape {x.shape} does not sum to shape {shape}")
    return np.add.reduce(x, (*range(lead), *ones), keepdims=True).reshape(shape)


def expand(x: Any, shape: Any, axis: Any, keepdims: bool) -> Any:
    if axis is None:
        out = np.empty(shape, x.dtype)
        out.fill(x if not keepdims else x.item())
        return out
    if not keepdims:
        x = np.expand_dims(x, axis)
    out = np.empty(shape, x.dtype)
    out[...] = x
    return out


def cumulative(accumulate: Any, initial: int) -> Any:
    def kernel(x: Any, axis: Any, dtype: Any, include_initial: bool) -> Any:
        if axis is None and x.ndim != 1:
            raise ValueError(f"an array of {x.ndim} axes needs an axis")
        axis = axis or 0
        out = accumulate(x, axis, native(dtype))
        return np.insert(out, 0, initial, axis) if include_initial else out

    return kernel


# -- shape and indexing -----------------------------------------------------------------------------------------------


def reshape(x: Any, shape: Any) -> Any:
    return x.reshape(shape)


def flip(x: Any, axis: Any) -> Any:
    return np.flip(x, axis).copy()


def sort(x: Any, axis: Any, descending: bool, stable: bool) -> Any:
    out = np.sort(x, axis, "stable" if stable else None)
    return np.flip(out, axis) if descending else out


def argsort(x: Any, axis: Any, descending: bool, stable: bool) -> Any:
    kind: Any = "stable" if stable else None
    if not descending:
        return np.argsort(x, axis, kind)
    order = np.flip(np.argsort(np.flip(x, axis), axis, kind), axis)  # equal elements keep their order
    return x.shape[axis] - 1 - order


def concat(arrays: Any, axis: Any) -> Any:
    return np.concatenate(arrays, axis)


def scatter(x: Any, shape: Any, key: Any) -> Any:
    out = np.zeros(shape, x.dtype)
    out[key] = x
    return out


def index(x: Any, indices: Any, key: Any) -> Any:
    return x[put_together(key, indices)]


def scatter_add(x: Any, indices: Any, shape: Any, key: Any) -> Any:
    out = np.zeros(shape, x.dtype)
    np.add.at(out, put_together(key, indices), x)
    return out


def setitem(x: Any, value: Any, key: Any) -> Any:
    out = np.array(x)
    out[key] = value
    return out


def index_put(x: Any, value: Any, indices: Any, key: Any) -> Any:
    return setitem(x, value, put_together(key, indices))


ARRAY: dict[str, Any] = {
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.true_divide, "pow": pow,
    "remainder": np.remainder, "floor_divide": np.floor_divide, "maximum": np.maximum, "minimum": np.minimum,
    "clip": lambda x, min, max: np.clip(x, min, max), "where": np.where, "astype": astype,
    "negative": np.negative, "positive": np.positive, "abs": np.absolute, "sign": np.sign, "square": np.square,
    "sqrt": np.sqrt, "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "sin": np.sin, "cos": np.cos,
    "tan": np.tan, "tanh": np.tanh, "conj": np.conjugate, "zeros_of": np.zeros_like,
    "real": operator.attrgetter("real"), "imag": imag, "set_real": set_real, "set_imag": set_imag,
     "clone": clone, "reciprocal": reciprocal, "log2": np.log2,
    "log10": np.log10, "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh,
    "asinh": np.arcsinh, "acosh": np.arccosh, "atanh": np.arctanh, "atan2": np.arctan2, "hypot": np.hypot,
    "logaddexp": np.logaddexp, "copysign": np.copysign, "nextafter": np.nextafter, "signbit": np.signbit,
    "floor": rounding(np.floor), "ceil": rounding(np.ceil), "round": rounding(np.rint), "trunc": rounding(np.trunc),
    "isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite,
    "equal": np.equal, "not_equal": np.not_equal, "less": np.less, "less_equal": np.less_equal,
    "greater": np.greater, "greater_equal": np.greater_equal, "logical_and": np.logical_and,
    "logical_or": np.logical_or, "logical_xor": np.logical_xor, "logical_not": np.logical_not,
    "bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or, "bitwise_xor": np.bitwise_xor,
    "bitwise_invert": np.invert,
    "sum": sum, "mean": mean, "max": max, "min": min, "prod": prod, "any": any, "all": all, "argmax": argmax,
    "argmin": argmin, "sum_to": sum_to, "expand": expand, "var": var, "std": std,
    "cumulative_sum": cumulative(np.cumsum, 0), "cumulative_prod": cumulative(np.cumprod, 1),
    "broadcast_to": np.broadcast_to,
    "matmul": np.matmul, "reshape": reshape, "permute_dims": np.transpose,
    "matrix_transpose": operator.attrgetter("mT"),
    "expand_dims": np.expand_dims, "squeeze": np.squeeze, "flip": flip, "concat": concat, "stack": np.stack,
    "moveaxis": np.moveaxis, "roll": np.roll, "repeat": np.repeat, "tile": np.tile, "take": np.take,
    "take_along_axis": np.take_along_axis, "sort": sort, "argsort": argsort, "tril": np.tril, "triu": np.triu,
    "getitem": operator.getitem, "scatter": scatter, "index": index, "scatter_add": scatter_add,
    "setitem": setitem, "index_put": index_put,
}  # fmt: skip

SCALAR: dict[str, Any] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "pow": operator.pow,
    "negative": operator.neg,
    "remainder": operator.mod,
    "floor_divide": operator.floordiv,
}
"""NumPy's scalars: their operators take a tenth of the time of the ufuncs."""
