"""NumPy's advanced indexing, arrays among slices and all, from what the array API standard has.

The rules are those of "Advanced indexing" in NumPy's user guide: numbers count as arrays; the arrays broadcast; the
result's axes come first unless the arrays stand side by side in the key, then they take the arrays' place.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Array = Any
    Shape = tuple[int, ...]


def take(xp: Any, x: Array, indices: tuple[Any, ...], key: Any) -> Array:
    """``x[key]``, the key's placeholders standing for ``indices``."""
    parts = _expanded(xp, x.ndim, indices, key)
    advanced = [i for i, part in enumerate(parts) if _is_advanced(part)]
    basic = tuple(slice(None) if _is_advanced(part) else part for part in parts)
    x = x[basic]
    arrays = xp.broadcast_arrays(*[xp.asarray(parts[i]) for i in advanced])
    rest = [i for i in range(x.ndim) if i not in advanced]
    extents = [x.shape[i] for i in advanced]
    flat = xp.zeros(arrays[0].shape, dtype=xp.int64)
    for array, extent in zip(arrays, extents, strict=True):
        _check(xp, array, extent)
        array = xp.astype(array, xp.int64)
        flat = flat * extent + xp.where(array < 0, array + extent, array)
    count = 1
    for extent in extents:
        count *= extent
    rows = xp.reshape(xp.permute_dims(x, (*advanced, *rest)), (count, *[x.shape[i] for i in rest]))
    out = xp.reshape(xp.take(rows, xp.reshape(flat, (-1,)), axis=0), (*flat.shape, *rows.shape[1:]))
    first, size = advanced[0], len(flat.shape)
    if advanced != list(range(first, first + len(advanced))):
        return out
    order = (*range(size, size + first), *range(size), *range(size + first, out.ndim))
    return xp.permute_dims(out, order)


def add_at(xp: Any, x: Array, indices: tuple[Any, ...], shape: Shape, key: Any) -> Array:
    """Zeros of ``shape``, to which ``x`` is added at ``key``; where indices repeat, all of theirs."""
    count = 1
    for extent in shape:
        count *= extent
    places = take(xp, xp.reshape(xp.arange(count), shape), indices, key)
    hits = xp.expand_dims(xp.arange(count), axis=1) == xp.reshape(places, (1, -1))
    added = xp.matmul(xp.astype(hits, x.dtype), xp.reshape(xp.broadcast_to(x, places.shape), (-1, 1)))
    return xp.reshape(added, shape)


def _is_advanced(part: Any) -> bool:
    return part is not None and not isinstance(part, slice)


def _expanded(xp: Any, ndim: int, indices: tuple[Any, ...], key: Any) -> list[Any]:
    """A part for each axis: the ellipsis spelt out, masks as arrays of integers, placeholders filled."""
    parts: list[Any] = []
    for part in key if isinstance(key, tuple) else (key,):
        array = indices[part.number] if hasattr(part, "number") else part
        if isinstance(array, list):
            array = xp.asarray(array)
        if hasattr(array, "dtype") and xp.isdtype(array.dtype, "bool"):
            parts.extend(xp.nonzero(array))
        else:
            parts.append(array)
    used = sum(part is not None and part is not Ellipsis for part in parts)
    where = next((i for i, part in enumerate(parts) if part is Ellipsis), len(parts))
    parts[where : where + 1] = [slice(None)] * (ndim - used)
    return parts


def _check(xp: Any, array: Array, extent: int) -> None:
    if array.size and bool(xp.any((array < -extent) | (array >= extent))):
        raise IndexError(f"an index is out of bounds for an axis with {extent} elements")
