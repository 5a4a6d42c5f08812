"""NumPy's protocols: which op answers a function of NumPy's that is called on a tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

import plugrad

UFUNCS: dict[Any, Any] = {
    getattr(np, name): getattr(plugrad, op)
    for name, op in {
        "add": "add", "subtract": "subtract", "multiply": "multiply", "true_divide": "divide", "power": "pow",
        "remainder": "remainder", "floor_divide": "floor_divide", "maximum": "maximum", "minimum": "minimum",
        "matmul": "matmul", "negative": "negative", "positive": "positive", "absolute": "abs", "sign": "sign",
        "square": "square", "sqrt": "sqrt", "exp": "exp", "expm1": "expm1", "log": "log", "log1p": "log1p",
        "sin": "sin", "cos": "cos", "tan": "tan", "tanh": "tanh", "equal": "equal", "not_equal": "not_equal",
        "less": "less", "less_equal": "less_equal", "greater": "greater", "greater_equal": "greater_equal",
        "logical_and": "logical_and", "logical_or": "logical_or", "logical_xor": "logical_xor",
        "logical_not": "logical_not", "bitwise_and": "bitwise_and", "bitwise_or": "bitwise_or",
        "bitwise_xor": "bitwise_xor", "invert": "bitwise_invert", "conjugate": "conj",
        "reciprocal": "reciprocal", "log2": "log2", "log10": "log10",
        "arcsin": "asin", "arccos": "acos", "arctan": "atan", "sinh": "sinh", "cosh": "cosh", "arcsinh": "asinh",
        "arccosh": "acosh", "arctanh": "atanh", "arctan2": "atan2", "hypot": "hypot", "logaddexp": "logaddexp",
        "copysign": "copysign", "nextafter": "nextafter", "signbit": "signbit", "floor": "floor", "ceil": "ceil",
        "rint": "round", "trunc": "trunc", "isnan": "isnan", "isinf": "isinf", "isfinite": "isfinite",
        "vecdot": "vecdot",
    }.items()
}  # fmt: skip



def flattened(a: Any, axis: Any) -> Any:
    """For functions that take ``axis=None`` for the array in one line."""
    return plugrad.reshape(a, (-1,)) if axis is None else a


FUNCTIONS: dict[Any, Any] = {
    np.sum: lambda a, axis=None, keepdims=False: plugrad.sum(a, axis=axis, keepdims=keepdims),
    np.mean: lambda a, axis=None, keepdims=False: plugrad.mean(a, axis=axis, keepdims=keepdims),
    np.max: lambda a, axis=None, keepdims=False: plugrad.max(a, axis=axis, keepdims=keepdims),
    np.min: lambda a, axis=None, keepdims=False: plugrad.min(a, axis=axis, keepdims=keepdims),
    np.prod: lambda a, axis=None, keepdims=False: plugrad.prod(a, axis=axis, keepdims=keepdims),
    np.any: lambda a, axis=None, keepdims=False: plugrad.any(a, axis=axis, keepdims=keepdims),
    np.all: lambda a, axis=None, keepdims=False: plugrad.all(a, axis=axis, keepdims=keepdims),
    np.argmax: lambda a, axis=None, keepdims=False: plugrad.argmax(a, axis=axis, keepdims=keepdims),
    np.argmin: lambda a, axis=None, keepdims=False: plugrad.argmin(a, axis=axis, keepdims=keepdims),
    np.reshape: lambda a, shape: plugrad.reshape(a, shape),
    np.transpose: lambda a, axes=None: plugrad.permute_dims(
        a, tuple(range(a.ndim))[::-1] if axes is None else tuple(axes)
    ),
    np.expand_dims: lambda a, axis: plugrad.expand_dims(a, axis),
    np.squeeze: lambda a, axis=None: plugrad.squeeze(
        a, tuple(i for i, n in enumerate(a.shape) if n == 1) if axis is None else axis
    ),
    np.broadcast_to: lambda array, shape: plugrad.broadcast_to(array, shape),
    np.concatenate: lambda arrays, axis=0: plugrad.concat(arrays, axis=axis),
    np.stack: lambda arrays, axis=0: plugrad.stack(arrays, axis=axis),
    np.flip: lambda m, axis=None: plugrad.flip(m, axis=axis),
    np.where: lambda condition, x, y: plugrad.where(condition, x, y),
    np.clip: lambda a, a_min=None, a_max=None: plugrad.clip(a, a_min, a_max),
    np.copy: lambda a: plugrad.clone(a),
    np.real: lambda val: plugrad.real(val),
    np.imag: lambda val: plugrad.imag(val),
    np.angle: lambda z: plugrad.angle(z),
    np.round: lambda a: plugrad.round(a),
    np.around: lambda a: plugrad.round(a),
    np.var: lambda a, axis=None, ddof=0, keepdims=False: plugrad.var(a, axis, correction=ddof, keepdims=keepdims),
    np.std: lambda a, axis=None, ddof=0, keepdims=False: plugrad.std(a, axis, correction=ddof, keepdims=keepdims),
    np.cumsum: lambda a, axis=None, dtype=None: plugrad.cumulative_sum(flattened(a, axis), axis=axis or 0, dtype=dtype),
    np.cumprod: lambda a, axis=None, dtype=None: plugrad.cumulative_prod(
        flattened(a, axis), axis=axis or 0, dtype=dtype
    ),
    np.sort: lambda a, axis=-1: plugrad.sort(flattened(a, axis), axis=axis or 0),
    np.argsort: lambda a, axis=-1: plugrad.argsort(flattened(a, axis), axis=axis or 0),
    np.moveaxis: lambda a, source, destination: plugrad.moveaxis(a, source, destination),
    np.roll: lambda a, shift, axis=None: plugrad.roll(a, shift, axis=axis),
    np.repeat: lambda a, repeats, axis=None: plugrad.repeat(a, repeats, axis=axis),
    np.tile: lambda A, reps: plugrad.tile(A, (reps,) if isinstance(reps, int) else tuple(reps)),
    np.take: lambda a, indices, axis=None: plugrad.take(a, indices, axis=axis),
    np.take_along_axis: lambda arr, indices, axis=-1: plugrad.take_along_axis(arr, indices, axis=axis),
    np.tril: lambda m, k=0: plugrad.tril(m, k=k),
    np.triu: lambda m, k=0: plugrad.triu(m, k=k),
    np.tensordot: lambda a, b, axes=2: plugrad.tensordot(a, b, axes=axes),
    np.zeros_like: lambda a, dtype=None, *, shape=None: _like(plugrad.zeros, a, dtype, shape),
    np.ones_like: lambda a, dtype=None, *, shape=None: _like(plugrad.ones, a, dtype, shape),
    np.empty_like: lambda a, dtype=None, *, shape=None: _like(plugrad.empty, a, dtype, shape),
    np.full_like: lambda a, fill_value, dtype=None, *, shape=None: plugrad.full(
        a.shape if shape is None else shape, fill_value, dtype=dtype or a.dtype, backend="numpy"
    ),
    # with like=t, which NumPy takes away
    np.zeros: lambda shape, dtype=None: plugrad.zeros(shape, dtype=dtype, backend="numpy"),
    np.ones: lambda shape, dtype=None: plugrad.ones(shape, dtype=dtype, backend="numpy"),
    np.empty: lambda shape, dtype=None: plugrad.empty(shape, dtype=dtype, backend="numpy"),
    np.full: lambda shape, fill_value, dtype=None, order="C", device=None: plugrad.full(
        shape, fill_value, dtype=dtype, backend="numpy"
    ),
    np.asarray: lambda a, dtype=None: plugrad.asarray(a, dtype=dtype, backend="numpy"),
    np.shape: lambda a: a.shape,
    np.ndim: lambda a: a.ndim,
    np.size: lambda a: a.size,
}


def _like(make: Any, a: Any, dtype: Any, shape: Any) -> Any:
    return make(a.shape if shape is None else shape, dtype=dtype or a.dtype, backend="numpy")


def ufunc(ufunc: Any, method: str, inputs: Any, keywords: Any) -> Any:
    """
    :raises TypeError: if no op answers the call.
    """
    op = UFUNCS.get(ufunc)
    if "out" in keywords:
        raise TypeError(
            f"numpy.{ufunc.__name__} would write a tensor into a plain ndarray, which cannot hold its gradient. "
            "Use a tensor on the left, or the out-of-place form"
        )
    if op is None or method != "__call__" or keywords:
        call = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        given = f" with {', '.join(keywords)}" if keywords else ""
        raise TypeError(
            f"no op of plugrad answers numpy.{call}{given} on tensors. Use t.detach().numpy() to leave the graph"
        )
    return op(*inputs)


def function(function: Any, args: Any, keywords: Any) -> Any:
    """
    :raises TypeError: if no op answers the call.
    """
    answer = FUNCTIONS.get(function)
    if answer is None:
        raise TypeError(
            f"no op of plugrad answers numpy.{function.__name__} on tensors. Use t.detach().numpy() to leave the graph"
        )
    return answer(*args, **keywords)
