"""Keys: integers out of range wrap around, masks are counted on the host, the winner among duplicates is any."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

from .array import here, ndarray
from .device import count

BASIC = frozenset({int, slice, type(None), type(Ellipsis)})
draw = random.Random(0)


def basic(key: Any) -> bool:
    """Does the key make a view?"""
    for part in key if type(key) is tuple else (key,):
        if type(part) not in BASIC and not isinstance(part, np.integer):
            return False
    return True


def lowered(array: ndarray, key: Any) -> tuple[Any, ...]:
    """The key for NumPy; arrays and lists of the host's are transferred, as CuPy does."""
    parts = list(key) if type(key) is tuple else [key]
    for i, part in enumerate(parts):
        if isinstance(part, (list, np.ndarray)):
            count.to_device("an index")
            parts[i] = np.asarray(part) if len(np.shape(part)) or type(part) is np.ndarray else part
            if not parts[i].size:
                parts[i] = parts[i].astype(np.int64)
        elif type(part) is ndarray:
            parts[i] = here(part)
        elif hasattr(part, "__array_ufunc__") and not isinstance(part, np.generic):
            raise IndexError(f"Unsupported type {type(part)}")
    taken = sum(consumed(part) for part in parts)
    axis = 0
    for i, part in enumerate(parts):
        if isinstance(part, np.ndarray):
            if part.dtype.kind == "b":
                if part.ndim:
                    count.to_host("the count of a mask")
            elif part.dtype.kind not in "iu":
                raise IndexError("arrays used as indices must be of integer (or boolean) type")
            else:
                extent = array._raw.shape[axis]
                parts[i] = np.mod(part.astype(np.int64), extent) if extent else part
        axis += array._raw.ndim - taken if part is Ellipsis else consumed(part)
    return tuple(parts)


def consumed(part: Any) -> int:
    """How many axes a part of a key stands for, the ellipsis' own aside."""
    if part is None or part is Ellipsis or isinstance(part, (bool, np.bool)):
        return 0
    return part.ndim if isinstance(part, np.ndarray) and part.dtype.kind == "b" else 1


def assign(array: ndarray, key: Any, value: Any) -> None:
    raw = here(array)
    key = (key if type(key) is tuple else (key,)) if basic(key) else lowered(array, key)
    if type(value) is ndarray:
        value = here(value)
        if np.may_share_memory(raw, value) and not same_place(raw[key], value):
            raise AssertionError("the device would read the memory that it writes: its result is undefined")
    elif isinstance(value, np.ndarray) and value.ndim:
        raise ValueError("non-scalar numpy.ndarray cannot be used for fill")
    elif not isinstance(value, (bool, int, float, complex, np.generic, np.ndarray)):
        raise TypeError(f"Unsupported type {type(value)}")
    value = as_of(value, raw.dtype)
    advanced = [part for part in key if isinstance(part, np.ndarray)]
    if not any(part.dtype.kind in "iu" and part.size > 1 for part in advanced):
        raw[key] = value
        return
    places = np.arange(raw.size).reshape(raw.shape)[key]
    if np.unique(places).size == places.size:
        raw[key] = value
        return
    order = draw.sample(range(places.size), places.size)
    raw.flat[places.ravel()[order]] = np.broadcast_to(value, places.shape).ravel()[order]


def as_of(value: Any, dtype: Any) -> Any:
    """Written values are converted like all others: a complex number loses its imaginary part without a word."""
    if isinstance(value, complex):
        return value if dtype.kind == "c" else value.real
    if isinstance(value, np.ndarray) and value.dtype.kind == "c" and dtype.kind not in "cb":
        return value.real
    return value


def same_place(one: Any, other: Any) -> bool:
    return one.__array_interface__["data"] == other.__array_interface__["data"] and one.strides == other.strides
