"""Samples of pooling."""

from __future__ import annotations

from random import Random

from plugrad.testing import Sample, Values, add_samples, normal

from .cases import REAL

NAN = float("nan")
NONE1 = ((0, 0),)

# the shape, kernel, stride, padding, dilation, and the number of windows
_cases = (
    ((1, 4), (2,), (2,), NONE1, (1,), (2,)),
    ((5,), (3,), (2,), ((1, 1),), (1,), (3,)),
    ((2, 5), (2,), (1,), ((1, 2),), (2,), (6,)),
    ((1, 3, 4), (2, 2), (1, 2), ((0, 0), (1, 1)), (1, 1), (2, 3)),
    ((2, 2, 2), (1, 2, 2), (1, 1, 1), ((0, 0),) * 3, (1, 1, 1), (2, 1, 1)),
    ((0, 4), (2,), (2,), NONE1, (1,), (2,)),
)
for _shape, _kernel, _stride, _padding, _dilation, _found in _cases:
    _rest = {"kernel": _kernel, "stride": _stride, "padding": _padding, "dilation": _dilation}
    _windows = (*_shape[: -len(_kernel)], *_found)
    _inside = 2 if _kernel != (3,) else 1  # a place that no window of the sample has in the padding
    _places = Values(_windows, [Random(i).randrange(_inside) for i in range(len(normal(_windows, 1).numbers))])
    _extents = _shape[-len(_kernel) :]
    add_samples("nn.max_pool", Sample((normal(_shape, 1),), _rest, dtypes=REAL))
    if 0 in _shape:
        continue  # a sample's array of no elements is one of floats
    add_samples("nn.window_take", Sample((normal(_shape, 1), _places), _rest))
    add_samples("nn.window_put", Sample((normal(_windows, 1), _places), {"extents": _extents, **_rest}))

_rest = {"kernel": (2,), "stride": (1,), "padding": NONE1, "dilation": (1,)}
_all_padded = {"kernel": (2,), "stride": (2,), "padding": ((1, 1),), "dilation": (1,)}
add_samples("nn.max_pool", Sample(([2.0, 2.0, -1.0, -1.0],), _rest, dtypes=REAL, smooth=False))
add_samples("nn.max_pool", Sample(([3, -1, 2, 5],), _all_padded, dtypes=("int64",)))
add_samples(
    "nn.max_places",
    Sample(([2.0, 2.0, -1.0, 4.0], [2.0, 2.0, 4.0]), _rest, dtypes=REAL),
    Sample(([[-float("inf"), 1.0]], [[-float("inf"), 1.0]]), _all_padded, dtypes=REAL),
    Sample(([NAN, NAN, 1.0], [NAN, NAN]), _rest, dtypes=REAL),
)

_means = (
    ((1, 4), (2,), (2,), NONE1, NONE1, None),
    ((5,), (2,), (2,), ((1, 2),), ((1, 1),), None),
    ((5,), (2,), (2,), ((1, 0),), NONE1, None),
    ((1, 3, 4), (2, 3), (1, 2), ((1, 1), (1, 2)), ((0, 0), (0, 0)), None),
    ((2, 3), (3,), (1,), ((1, 1),), ((1, 1),), 5),
    ((0, 4), (2,), (2,), NONE1, NONE1, None),
)
for _shape, _kernel, _stride, _padding, _counted, _divisor in _means:
    _mean = {"kernel": _kernel, "stride": _stride, "padding": _padding, "counted": _counted, "divisor": _divisor}
    _extents = _shape[-len(_kernel) :]
    _axes = zip(_extents, _kernel, _stride, _padding, strict=True)
    _windows = (*_shape[: -len(_kernel)], *[(n + sum(pads) - k) // s + 1 for n, k, s, pads in _axes])
    add_samples("nn.avg_pool", Sample((normal(_shape, 1),), _mean, dtypes=REAL))
    add_samples("nn.avg_pool_backward", Sample((normal(_windows, 1),), {"extents": _extents, **_mean}, dtypes=REAL))
