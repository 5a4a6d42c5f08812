"""Which calls the kernels take: each returns None, or the reason why the next kernel, or the composite, should."""

from __future__ import annotations

from plugrad.extend import put_together

FLOATS = ("float16", "float32", "float64")
FEWEST = 8192
"""Elements below which ``numpy.add.at`` is about as fast."""


def one_float_dtype(*arrays):
    """For a CUDA kernel, which is compiled for a single type."""
    dtypes = {str(getattr(array, "dtype", type(array).__name__)) for array in arrays}
    if len(dtypes) == 1 and dtypes <= set(FLOATS):
        return None
    return f"it takes arrays of one dtype of {', '.join(FLOATS)}, not {' and '.join(sorted(dtypes))}"


def many_whole_rows(x, indices, shape, key):
    """For a matrix product, which adds whole rows at the indices of the first axis."""
    index = put_together(key, indices)
    index = index[0] if isinstance(index, tuple) and len(index) == 1 else index
    if index is not indices[0] or index.dtype.kind not in "iu":
        return "it adds where one array of integers indexes the first axis"
    if len(shape) < 2:
        return "it adds rows, and these are single elements"
    if x.dtype.name not in ("float32", "float64"):
        return f"it adds float32 and float64, not {x.dtype}"
    if x.size < FEWEST:
        return f"{x.size} elements are too few to gain: it takes {FEWEST} and more"
    return None
