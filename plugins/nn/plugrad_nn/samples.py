"""Samples of the ops, for ``plugrad.testing``."""

from __future__ import annotations

from plugrad.testing import Sample, Values, add_samples, normal, signed

REAL = ("float64",)
LARGE = [[-1000.0, 0.0, 1000.0], [-40.0, 1e-3, 40.0]]
SHAPES = ((4,), (2, 3), (), (0, 2))
ALONG = (((3,), 0), ((2, 3), 0), ((2, 3), -1), ((2, 2, 2), 1), ((0, 3), 1))

add_samples(
    "nn.relu",
    *[Sample((signed(shape, 1),), dtypes=REAL) for shape in SHAPES],
    Sample(([-1.0, 0.0, 2.0, float("nan")],), dtypes=REAL, smooth=False),
    Sample(([-1, 0, 2],), dtypes=("int64",)),
)
add_samples(
    "nn.relu_backward",
    *[Sample((normal(shape, 1), signed(shape, 2)), dtypes=REAL) for shape in SHAPES],
    Sample(([1.0, float("inf"), float("nan"), -2.0], [0.0, 0.0, 0.0, float("nan")]), dtypes=REAL, smooth=False),
)
add_samples(
    "nn.sigmoid",
    *[Sample((normal(shape, 1),), dtypes=REAL) for shape in SHAPES],
    Sample((LARGE,), dtypes=REAL, smooth=False),
)
for _name in ("nn.softmax", "nn.log_softmax"):
    add_samples(
        _name,
        *[Sample((normal(shape, 1),), {"dim": dim}, dtypes=REAL) for shape, dim in ALONG],
        Sample((LARGE,), {"dim": -1}, dtypes=REAL, smooth=False),
    )
_targets = (((3,), Values((), [2])), ((1, 3), [1]), ((2, 3), [2, 0]), ((2, 1), [0, 0]))
for _reduction in ("mean", "sum", "none"):
    add_samples(
        "nn.cross_entropy",
        *[Sample((normal(shape, 1), target), {"reduction": _reduction}, dtypes=REAL) for shape, target in _targets],
        Sample((LARGE, [2, 0]), {"reduction": _reduction}, dtypes=REAL, smooth=False),
    )
add_samples("nn.subtract_one_hot", *[Sample((normal(shape, 1), target), dtypes=REAL) for shape, target in _targets])
