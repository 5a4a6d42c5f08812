"""NumPy's advanced indexing, arrays among slices and all, from what the array API standard has.

The rules are those of "Advanced indexing" in NumPy's user guide: numbers count as arrays; the arrays broadcast; the
result's axes come first unless the arrays stand side by side in the key, then they take the arrays' place.
"""

from __future__ import annotations

from .spec import size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Array = Any
    Shape = tuple[int, ...]


def basic_key(shape: Shape, key: Any) -> tuple[Any, ...]:
    """A key without arrays as the standard wants it: a part for every axis, and no slice beyond it."""
    extents = iter(shape)
    parts = _spelt_out(list(key) if isinstance(key, tuple) else [key], len(shape))
    return tuple([part if part is None else _clipped(part, next(extents, 0)) for part in parts])


def take(backend: Any, x: Array, indices: tuple[Any, ...], key: Any) -> Array:
    """``x[key]``, the key's placeholders standing for ``indices``."""
    xp = backend.xp
    parts = [_Part(part) if _is_basic(part) else part for part in _spelt_out(_unmasked(xp, indices, key), x.ndim)]
    x = backend.kernel_getitem(x, tuple([part.basic for part in parts]))
    advanced = [i for i, part in enumerate(parts) if part.array is not None]
    for i in advanced:
        if parts[i].extent not in (None, x.shape[i]):
            raise IndexError(f"a mask's axis of {parts[i].extent} elements indexes an axis of {x.shape[i]}")
    arrays = _broadcast(xp, [parts[i].array for i in advanced])
    rest = [i for i in range(x.ndim) if i not in advanced]
    extents = [x.shape[i] for i in advanced]
    flat = xp.zeros(arrays[0].shape, dtype=xp.int64, device=x.device)
    for array, extent in zip(arrays, extents, strict=True):
        _check(xp, array, extent)
        array = xp.astype(array, xp.int64)
        flat = flat * extent + xp.where(array < 0, array + extent, array)
    rows = xp.reshape(xp.permute_dims(x, (*advanced, *rest)), (size(tuple(extents)), *[x.shape[i] for i in rest]))
    out = xp.reshape(xp.take(rows, xp.reshape(flat, (-1,)), axis=0), (*flat.shape, *rows.shape[1:]))
    first, ndim = advanced[0], len(flat.shape)
    if advanced != list(range(first, first + len(advanced))):
        return out
    order = (*range(ndim, ndim + first), *range(ndim), *range(ndim + first, out.ndim))
    return xp.permute_dims(out, order)


def add_at(backend: Any, x: Array, indices: tuple[Any, ...], shape: Shape, key: Any) -> Array:
    """Zeros of ``shape``, to which ``x`` is added at ``key``; where indices repeat, all of theirs."""
    xp, count = backend.xp, size(shape)
    places = take(backend, xp.reshape(xp.arange(count, device=x.device), shape), indices, key)
    hits = xp.expand_dims(xp.arange(count, device=x.device), axis=1) == xp.reshape(places, (1, -1))
    added = xp.matmul(xp.astype(hits, x.dtype), xp.reshape(xp.broadcast_to(x, places.shape), (-1, 1)))
    return xp.reshape(added, shape)


def put_at(backend: Any, x: Array, value: Any, indices: tuple[Any, ...], key: Any) -> Array:
    """A copy of ``x`` with ``value``, broadcast, at ``key``; where indices repeat, the last of theirs."""
    xp, count = backend.xp, size(x.shape)
    places = take(backend, xp.reshape(xp.arange(count, device=x.device), x.shape), indices, key)
    values = xp.astype(value, x.dtype) if hasattr(value, "shape") else xp.asarray(value, dtype=x.dtype, device=x.device)
    values = xp.reshape(xp.broadcast_to(values, places.shape), (-1,))
    if 0 in values.shape:
        return xp.asarray(x, copy=True)
    numbers = xp.arange(size(values.shape), device=x.device)
    hits = xp.expand_dims(xp.arange(count, device=x.device), axis=1) == xp.reshape(places, (1, -1))
    last = xp.max(xp.where(hits, numbers, -xp.ones_like(numbers)), axis=1)
    put = xp.take(values, xp.where(last < 0, xp.zeros_like(last), last), axis=0)
    return xp.where(xp.reshape(last >= 0, x.shape), xp.reshape(put, x.shape), x)


class _Part:
    """What a key has for one axis: a number, slice or None, and the array that then indexes what this leaves.

    ``extent`` is what a mask asks of the axis.
    """

    __slots__ = ("array", "basic", "extent")

    def __init__(self, basic: Any, array: Array = None, extent: int | None = None) -> None:
        self.basic, self.array, self.extent = basic, array, extent


def _is_basic(part: Any) -> bool:
    return part is None or isinstance(part, slice)


def _unmasked(xp: Any, indices: tuple[Any, ...], key: Any) -> list[Any]:
    """The key's parts, placeholders filled, and masks and numbers as arrays of integers."""
    parts: list[Any] = []
    for part in key if isinstance(key, tuple) else (key,):
        if _is_basic(part) or part is Ellipsis:
            parts.append(part)
            continue
        array = xp.asarray(indices[part.number] if hasattr(part, "number") else part)
        if not xp.isdtype(array.dtype, "bool"):
            parts.append(_Part(slice(None), array))
        elif not array.ndim:  # True or False: a new axis of one element, taken or not
            parts.append(_Part(None, xp.nonzero(xp.reshape(array, (1,)))[0], 1))
        else:
            parts.extend([_Part(slice(None), i, n) for i, n in zip(xp.nonzero(array), array.shape, strict=True)])
    return parts


def _spelt_out(parts: list[Any], ndim: int) -> list[Any]:
    """The ellipsis, or the end of the key, as a slice for each axis that has no part."""
    if sum(part is Ellipsis for part in parts) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    used = sum(part is not Ellipsis and part is not None and getattr(part, "basic", part) is not None for part in parts)
    where = next((i for i, part in enumerate(parts) if part is Ellipsis), len(parts))
    return [*parts[:where], *[slice(None)] * (ndim - used), *parts[where + 1 :]]


def _clipped(part: Any, extent: int) -> Any:
    """A slice within the axis: the standard knows no bound beyond it."""
    if not isinstance(part, slice):
        return part
    start, stop, step = part.indices(extent)
    if not range(start, stop, step):
        return slice(0, 0)
    return slice(start, None if stop < 0 else stop, step)


def _broadcast(xp: Any, arrays: list[Array]) -> Any:
    try:
        return xp.broadcast_arrays(*arrays)
    except Exception as error:
        shapes = " and ".join(str(array.shape) for array in arrays)
        raise IndexError(f"index arrays of shapes {shapes} do not broadcast") from error


def _check(xp: Any, array: Array, extent: int) -> None:
    if 0 not in array.shape and bool(xp.any((array < -extent) | (array >= extent))):
        raise IndexError(f"an index is out of bounds for an axis with {extent} elements")
