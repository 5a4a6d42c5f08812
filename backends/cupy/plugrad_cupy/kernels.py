"""Kernels: CuPy's functions by the ops that they run, called by position, and functions where CuPy's do otherwise.

A function of ours takes the namespace first, so that another one can stand in for CuPy. None reads a value back to the
host but ``repeat``, whose counts say how large the result is; and only it and boolean masks in ``index`` and
``scatter_add``, which must be counted, make CuPy wait for the device.
"""

from __future__ import annotations

import operator
from typing import Any

from plugrad.extend import DTypeError, put_together
from plugrad.extend import dtype as dtype_named

from .scatter import scatter_add

NAMES = {
    "add": "add", "subtract": "subtract", "multiply": "multiply", "divide": "true_divide", "remainder": "remainder",
    "floor_divide": "floor_divide", "maximum": "maximum", "minimum": "minimum", "negative": "negative",
    "positive": "positive", "abs": "absolute", "sign": "sign", "square": "square", "sqrt": "sqrt", "exp": "exp",
    "expm1": "expm1", "log": "log", "log1p": "log1p", "sin": "sin", "cos": "cos", "tan": "tan", "tanh": "tanh",
    "conj": "conjugate", "equal": "equal", "not_equal": "not_equal", "less": "less", "less_equal": "less_equal",
    "greater": "greater", "greater_equal": "greater_equal", "bitwise_and": "bitwise_and", "bitwise_or": "bitwise_or",
    "bitwise_xor": "bitwise_xor", "bitwise_invert": "invert", "broadcast_to": "broadcast_to",
    "permute_dims": "transpose", "expand_dims": "expand_dims", "squeeze": "squeeze", "concat": "concatenate",
    "stack": "stack", "log2": "log2", "log10": "log10", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
    "sinh": "sinh", "cosh": "cosh", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "atan2": "arctan2",
    "hypot": "hypot", "logaddexp": "logaddexp", "copysign": "copysign", "nextafter": "nextafter",
    "signbit": "signbit", "isnan": "isnan", "isinf": "isinf", "isfinite": "isfinite", "moveaxis": "moveaxis",
    "roll": "roll", "tile": "tile", "take": "take", "take_along_axis": "take_along_axis", "tril": "tril",
    "triu": "triu",
}  # fmt: skip
"""An op -> the function of CuPy's that takes its arguments in the same order."""


def native(xp: Any, dtype: Any) -> Any:
    return None if dtype is None else xp.dtype(str(dtype_named(dtype)))


# -- elementwise -------------------------------------------------------------------------------------------------


def pow(xp: Any, x1: Any, x2: Any) -> Any:
    if type(x2) is int and x2 < 0 and x1.dtype.kind in "iu":  # CuPy gives 0
        raise ValueError("integers to negative integer powers are not allowed; convert them to a floating dtype")
    out = x1**x2  # the operator takes squares and roots by their own kernels; cupy.power does not
    if out.dtype.kind != "c":
        return out
    return xp.where((x1 == 0) & (x2.real > 0), 0, out)  # CuPy's exp(x2 * log(x1)) is nan at 0


def clip(xp: Any, x: Any, min: Any, max: Any) -> Any:
    """CuPy's own clip has no complex numbers, and takes a bound that is nan for none."""
    if min is None and max is None:
        return x.copy()
    if min is not None:
        x = xp.maximum(x, min)
    return x if max is None else xp.minimum(x, max)


def where(xp: Any, condition: Any, x1: Any, x2: Any) -> Any:
    return xp.where(xp.asarray(condition) if isinstance(condition, (bool, int, float)) else condition, x1, x2)


def astype(xp: Any, x: Any, dtype: Any, copy: bool) -> Any:
    return x.astype(native(xp, dtype), copy=copy)


def real(xp: Any, x: Any) -> Any:
    return x.real


def imag(xp: Any, x: Any) -> Any:
    if x.dtype.kind != "c":
        raise DTypeError(f"imag is not implemented for tensors with non-complex dtypes, and this one is {x.dtype}")
    return x.imag


def set_real(xp: Any, x: Any, value: Any) -> Any:
    out = x.copy()
    out.real[...] = value.real
    return out


def set_imag(xp: Any, x: Any, value: Any) -> Any:
    out = x.copy()
    out.imag[...] = value.real
    return out


def clone(xp: Any, x: Any) -> Any:
    return x.copy()


def reciprocal(xp: Any, x: Any) -> Any:
    return 1 / x  # of integers CuPy's own gives an integer


def rounding(name: str) -> Any:
    """Integers stay integers, which CuPy makes floats of."""
    return lambda xp, x: x.copy() if x.dtype.kind in "iu" else getattr(xp, name)(x)


def zeros_of(xp: Any, x: Any) -> Any:
    return xp.zeros(x.shape, x.dtype)


def logical(name: str) -> Any:
    """CuPy's functions of logic take no complex numbers."""

    def kernel(xp: Any, *arrays: Any) -> Any:
        return getattr(xp, name)(*[x != 0 if xp.iscomplexobj(x) else x for x in arrays])

    return kernel


# -- reductions: a 0-d array comes out, never a number -----------------------------------------------------------------


def sum(xp: Any, x: Any, axis: Any, dtype: Any, keepdims: bool) -> Any:
    return xp.sum(x, axis, native(xp, dtype), None, keepdims)


def prod(xp: Any, x: Any, axis: Any, dtype: Any, keepdims: bool) -> Any:
    return xp.prod(x, axis, native(xp, dtype), None, keepdims)


def mean(xp: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    if x.dtype == "float16":  # a sum in float16 would overflow
        return xp.mean(x, axis, "float32", None, keepdims).astype(x.dtype)
    return xp.mean(x, axis, None, None, keepdims)


def max(xp: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    return xp.max(x, axis, None, keepdims)


def min(xp: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    return xp.min(x, axis, None, keepdims)


def any(xp: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    return xp.any(x, axis, None, keepdims)


def all(xp: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    return xp.all(x, axis, None, keepdims)


def argmax(xp: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    return xp.argmax(x, axis, keepdims=keepdims)


def argmin(xp: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    return xp.argmin(x, axis, keepdims=keepdims)


def cumulative(name: str, initial: int) -> Any:
    def kernel(xp: Any, x: Any, axis: Any, dtype: Any, include_initial: bool) -> Any:
        if axis is None and x.ndim != 1:
            raise ValueError(f"an array of {x.ndim} axes needs an axis")
        axis = (axis or 0) % x.ndim
        out = getattr(xp, name)(x, axis, native(xp, dtype))
        if not include_initial:
            return out
        first = xp.full((*x.shape[:axis], 1, *x.shape[axis + 1 :]), initial, out.dtype)
        return xp.concatenate([first, out], axis)

    return kernel


def sum_to(xp: Any, x: Any, shape: Any) -> Any:
    lead = x.ndim - len(shape)
    axes = [*range(lead)]
    for i, extent in enumerate(shape, lead):
        if i < 0 or extent not in (1, x.shape[i]):
            raise ValueError(f"an array of shape {x.shape} does not sum to shape {shape}")
        if extent != x.shape[i]:
            axes.append(i)
    return xp.sum(x, tuple(axes), None, None, True).reshape(shape) if axes else x.copy()


def expand(xp: Any, x: Any, shape: Any, axis: Any, keepdims: bool) -> Any:
    if axis is not None and not keepdims:
        x = xp.expand_dims(x, axis)
    out = xp.empty(shape, x.dtype)
    out[...] = x
    return out


# -- shape, linear algebra and indexing -------------------------------------------------------------------------


def reshape(xp: Any, x: Any, shape: Any) -> Any:
    return x.reshape(shape)


def matrix_transpose(xp: Any, x: Any) -> Any:
    return xp.swapaxes(x, -1, -2)


def flip(xp: Any, x: Any, axis: Any) -> Any:
    return xp.flip(x, axis).copy()


def repeat(xp: Any, x: Any, repeats: Any, axis: Any) -> Any:
    return xp.repeat(x, repeats if type(repeats) is int else repeats.get().tolist(), axis)


def sort(xp: Any, x: Any, axis: Any, descending: bool, stable: bool) -> Any:
    out = xp.sort(x, axis)  # always stable
    return xp.flip(out, axis) if descending else out


def argsort(xp: Any, x: Any, axis: Any, descending: bool, stable: bool) -> Any:
    if not descending:
        return xp.argsort(x, axis)
    order = xp.flip(xp.argsort(xp.flip(x, axis), axis), axis)  # equal elements keep their order
    return x.shape[axis] - 1 - order


def matmul(xp: Any, x1: Any, x2: Any) -> Any:
    return operator.matmul(x1, x2)  # the operator goes to cuBLAS; cupy.matmul first works out a signature


def getitem(xp: Any, x: Any, key: Any) -> Any:
    return x[key]


def scatter(xp: Any, x: Any, shape: Any, key: Any) -> Any:
    out = xp.zeros(shape, x.dtype)
    out[key] = x
    return out


def index(xp: Any, x: Any, indices: Any, key: Any) -> Any:
    return x[put_together(key, indices)]


def setitem(xp: Any, x: Any, value: Any, key: Any) -> Any:
    out = x.copy()
    out[key] = value
    return out


def index_put(xp: Any, x: Any, value: Any, indices: Any, key: Any) -> Any:
    return setitem(xp, x, value, put_together(key, indices))


KERNELS: dict[str, Any] = {
    "pow": pow, "clip": clip, "where": where, "astype": astype, "real": real, "zeros_of": zeros_of,
    "imag": imag, "set_real": set_real, "set_imag": set_imag,
     "clone": clone, "reciprocal": reciprocal, "floor": rounding("floor"), "ceil": rounding("ceil"),
    "round": rounding("rint"), "trunc": rounding("trunc"), "cumulative_sum": cumulative("cumsum", 0),
    "cumulative_prod": cumulative("cumprod", 1), "repeat": repeat, "sort": sort, "argsort": argsort,
    "logical_and": logical("logical_and"), "logical_or": logical("logical_or"), "logical_xor": logical("logical_xor"),
    "logical_not": logical("logical_not"), "sum": sum, "prod": prod, "mean": mean, "max": max, "min": min, "any": any,
    "all": all, "argmax": argmax, "argmin": argmin, "sum_to": sum_to, "expand": expand, "reshape": reshape,
    "matrix_transpose": matrix_transpose, "flip": flip, "matmul": matmul, "getitem": getitem, "scatter": scatter,
    "index": index, "scatter_add": scatter_add, "setitem": setitem, "index_put": index_put,
}  # fmt: skip
