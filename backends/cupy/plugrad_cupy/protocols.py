"""NumPy's protocols on tensors of CuPy's arrays: which op answers a function, by its name.

``numpy.sin(t)`` comes here, and so does ``array * t``: CuPy hands an operand that it does not know to NumPy's ufunc.
"""

from __future__ import annotations

from typing import Any

import plugrad
from plugrad import ops

UFUNCS: dict[str, Any] = {
    "add": ops.add, "subtract": ops.subtract, "multiply": ops.multiply, "divide": ops.divide, "power": ops.pow,
    "remainder": ops.remainder, "floor_divide": ops.floor_divide, "maximum": ops.maximum, "minimum": ops.minimum,
    "matmul": ops.matmul, "negative": ops.negative, "positive": ops.positive, "absolute": ops.abs, "sign": ops.sign,
    "conjugate": ops.conj, "square": ops.square, "sqrt": ops.sqrt, "exp": ops.exp, "expm1": ops.expm1, "log": ops.log,
    "log1p": ops.log1p, "sin": ops.sin, "cos": ops.cos, "tan": ops.tan, "tanh": ops.tanh, "equal": ops.equal,
    "not_equal": ops.not_equal, "less": ops.less, "less_equal": ops.less_equal, "greater": ops.greater,
    "greater_equal": ops.greater_equal, "logical_and": ops.logical_and, "logical_or": ops.logical_or,
    "logical_xor": ops.logical_xor, "logical_not": ops.logical_not, "bitwise_and": ops.bitwise_and,
    "bitwise_or": ops.bitwise_or, "bitwise_xor": ops.bitwise_xor, "invert": ops.bitwise_invert,
    "reciprocal": ops.reciprocal, "log2": ops.log2,
    "log10": ops.log10, "arcsin": ops.asin, "arccos": ops.acos, "arctan": ops.atan, "sinh": ops.sinh, "cosh": ops.cosh,
    "arcsinh": ops.asinh, "arccosh": ops.acosh, "arctanh": ops.atanh, "arctan2": ops.atan2, "hypot": ops.hypot,
    "logaddexp": ops.logaddexp, "copysign": ops.copysign, "nextafter": ops.nextafter, "signbit": ops.signbit,
    "floor": ops.floor, "ceil": ops.ceil, "rint": ops.round, "trunc": ops.trunc, "isnan": ops.isnan,
    "isinf": ops.isinf, "isfinite": ops.isfinite, "vecdot": ops.vecdot,
}  # fmt: skip
CUPY_CALLS_IT = {"true_divide": "divide", "bitwise_invert": "invert", "pow": "power", "mod": "remainder"}


def all_axes_reversed(a: Any, axes: Any) -> Any:
    return tuple(range(a.ndim))[::-1] if axes is None else tuple(axes)


def axes_of_extent_1(a: Any, axis: Any) -> Any:
    return tuple([i for i, n in enumerate(a.shape) if n == 1]) if axis is None else axis


def flattened(a: Any, axis: Any) -> Any:
    """For functions that take ``axis=None`` for the array in one line."""
    return ops.reshape(a, (-1,)) if axis is None else a


def reduction(op: Any) -> Any:
    return lambda a, axis=None, keepdims=False: op(a, axis=axis, keepdims=keepdims)


FUNCTIONS: dict[str, Any] = {
    "sum": reduction(ops.sum), "mean": reduction(ops.mean), "max": reduction(ops.max), "min": reduction(ops.min),
    "prod": reduction(ops.prod), "any": reduction(ops.any), "all": reduction(ops.all),
    "argmax": reduction(ops.argmax), "argmin": reduction(ops.argmin),
    "reshape": lambda a, shape: ops.reshape(a, shape),
    "transpose": lambda a, axes=None: ops.permute_dims(a, all_axes_reversed(a, axes)),
    "expand_dims": lambda a, axis: ops.expand_dims(a, axis),
    "squeeze": lambda a, axis=None: ops.squeeze(a, axes_of_extent_1(a, axis)),
    "broadcast_to": lambda array, shape: ops.broadcast_to(array, shape),
    "concatenate": lambda arrays, axis=0: ops.concat(arrays, axis=axis),
    "stack": lambda arrays, axis=0: ops.stack(arrays, axis=axis),
    "flip": lambda m, axis=None: ops.flip(m, axis=axis),
    "where": lambda condition, x, y: ops.where(condition, x, y),
    "clip": lambda a, a_min=None, a_max=None: ops.clip(a, a_min, a_max),
    "copy": lambda a: ops.clone(a),
    "real": lambda val: ops.real(val),
    "imag": lambda val: ops.imag(val),
    "angle": lambda z: ops.angle(z),
    "round": lambda a: ops.round(a),
    "around": lambda a: ops.round(a),
    "var": lambda a, axis=None, ddof=0, keepdims=False: ops.var(a, axis, correction=ddof, keepdims=keepdims),
    "std": lambda a, axis=None, ddof=0, keepdims=False: ops.std(a, axis, correction=ddof, keepdims=keepdims),
    "cumsum": lambda a, axis=None, dtype=None: ops.cumulative_sum(flattened(a, axis), axis=axis or 0, dtype=dtype),
    "cumprod": lambda a, axis=None, dtype=None: ops.cumulative_prod(flattened(a, axis), axis=axis or 0, dtype=dtype),
    "sort": lambda a, axis=-1: ops.sort(flattened(a, axis), axis=axis or 0),
    "argsort": lambda a, axis=-1: ops.argsort(flattened(a, axis), axis=axis or 0),
    "moveaxis": lambda a, source, destination: ops.moveaxis(a, source, destination),
    "roll": lambda a, shift, axis=None: ops.roll(a, shift, axis=axis),
    "repeat": lambda a, repeats, axis=None: ops.repeat(a, repeats, axis=axis),
    "tile": lambda A, reps: ops.tile(A, (reps,) if isinstance(reps, int) else tuple(reps)),
    "take": lambda a, indices, axis=None: ops.take(a, indices, axis=axis),
    "take_along_axis": lambda arr, indices, axis=-1: ops.take_along_axis(arr, indices, axis=axis),
    "tril": lambda m, k=0: ops.tril(m, k=k),
    "triu": lambda m, k=0: ops.triu(m, k=k),
    "tensordot": lambda a, b, axes=2: ops.tensordot(a, b, axes=axes),
    "zeros_like": lambda a, dtype=None: plugrad.zeros_like(a, dtype=dtype),
    "ones_like": lambda a, dtype=None: plugrad.ones_like(a, dtype=dtype),
    "empty_like": lambda a, dtype=None: plugrad.empty_like(a, dtype=dtype),
    "full_like": lambda a, fill_value, dtype=None: plugrad.full_like(a, fill_value, dtype=dtype),
    "shape": lambda a: a.shape,
    "ndim": lambda a: a.ndim,
    "size": lambda a: a.size,
}  # fmt: skip


def ufunc(ufunc: Any, method: str, inputs: Any, keywords: Any) -> Any:
    """
    :raises TypeError: if no op answers the call.
    """
    name = ufunc.__name__.removeprefix("cupy_")
    if "out" in keywords:
        raise TypeError(
            f"{name} would write a tensor into a plain array, which cannot hold its gradient. "
            "Use a tensor on the left, or the out-of-place form"
        )
    op = UFUNCS.get(CUPY_CALLS_IT.get(name, name))
    if op is None or method != "__call__" or keywords:
        call = name if method == "__call__" else f"{name}.{method}"
        given = f" with {', '.join(keywords)}" if keywords else ""
        raise TypeError(f"no op of plugrad answers {call}{given} on tensors. Use t.detach().array to leave the graph")
    return op(*inputs)


def function(function: Any, args: Any, keywords: Any) -> Any:
    """
    :raises TypeError: if no op answers the call.
    """
    name, module = function.__name__, function.__module__ or ""
    answer = FUNCTIONS.get(name) if "." not in module else None  # numpy.linalg has functions of the same names
    if answer is None:
        raise TypeError(f"no op of plugrad answers {module}.{name} on tensors. Use t.detach().array to leave the graph")
    return answer(*args, **keywords)
