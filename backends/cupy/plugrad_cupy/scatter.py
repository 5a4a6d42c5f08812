"""Adding where indices repeat: by atomics, whose order differs from run to run, or sorted, which gives the same bits.

Both are made of CuPy's functions alone. ``cupy.add.at`` adds by atomics, in the dtypes that CUDA has them for; others
are added in wider ones. The sorted way brings equal places side by side and sums each run of them in a fixed tree, in
log2(n) launches and without a wait for the device. It takes more memory and time.
"""

from __future__ import annotations

from typing import Any

from plugrad.extend import put_together

_deterministic = False


def use_deterministic_algorithms(mode: bool) -> None:
    """Choose how gradients are added where indices repeat, for the whole process, as PyTorch's function of that name.

    :param mode: True for the sorted way, whose results repeat to the bit; False, as at the start, for atomics.
    """
    global _deterministic
    _deterministic = bool(mode)


def are_deterministic_algorithms_enabled() -> bool:
    """Whether ``use_deterministic_algorithms`` chose the sorted way."""
    return _deterministic


def scatter_add(xp: Any, x: Any, indices: Any, shape: Any, key: Any) -> Any:
    """Zeros of ``shape``, to which ``x`` is added at ``key``, its placeholders standing for ``indices``."""
    add = by_sorting if _deterministic else by_atomics
    return add(xp, x, shape, put_together(key, indices))


ADDED_IN = {"bool": "int32", "int8": "int32", "int16": "int32", "uint8": "int32", "uint16": "int32"}
"""cupy.add.at has no small integers: what to add them in, to be cut to size again afterwards."""


def by_atomics(xp: Any, x: Any, shape: Any, key: Any) -> Any:
    out = xp.zeros(shape, ADDED_IN.get(x.dtype.name, x.dtype))
    if x.dtype.kind == "c":  # cupy.add.at has no complex numbers
        xp.add.at(out.real, key, x.real)
        xp.add.at(out.imag, key, x.imag)
    else:
        xp.add.at(out, key, x)
    return out.astype(x.dtype, copy=False)


def by_sorting(xp: Any, x: Any, shape: Any, key: Any) -> Any:
    if isinstance(key, xp.ndarray) and key.dtype.kind in "iu" and shape[0]:  # whole rows, as of an embedding
        count = shape[0]
        places = key.astype("int64").reshape(-1) % count
    else:
        count = 1
        for extent in shape:
            count *= extent
        found = xp.arange(count).reshape(shape)[key]
        x, places = xp.broadcast_to(x, found.shape), found.reshape(-1)
    if not x.size:
        return xp.zeros(shape, x.dtype)
    rows = x.reshape(places.size, -1)
    if x.dtype == "float16":
        rows = rows.astype("float32")
    order = xp.argsort(places)
    places, rows = places[order], rows[order]
    none, step = rows.dtype.type(0), 1
    while step < places.size:  # a scan by doubling: row i holds the sum of the last 2 * step rows of its place up to i
        same = xp.expand_dims(places[step:] == places[:-step], 1)
        more = rows[step:] + xp.where(same, rows[:-step], none)
        rows = xp.concatenate([rows[:step], more], 0)
        step *= 2
    out = xp.zeros((count + 1, rows.shape[1]), x.dtype)
    target = places.copy()
    target[:-1] = xp.where(places[1:] == places[:-1], count, places[:-1])
    out[target] = rows  # the last of each run has its sum; the others go to the row beyond the end
    return out[:count].reshape(shape)
