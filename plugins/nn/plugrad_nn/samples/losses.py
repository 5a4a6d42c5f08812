"""Samples of losses."""

from __future__ import annotations

from plugrad.testing import Sample, Values, add_samples, normal, signed

from .cases import LARGE, REAL, SHAPES
from .classes import IGNORING, TARGETS

for _reduction in ("mean", "sum", "none"):
    for _shape, _target in (*TARGETS[:-1], IGNORING[1]):
        _parameters = {"reduction": _reduction, "ignore_index": -100}
        add_samples("nn.cross_entropy", Sample((normal(_shape, 1), _target), _parameters, dtypes=REAL))
    add_samples("nn.cross_entropy", Sample((LARGE, [2, 0]), _parameters, dtypes=REAL, smooth=False))
    _parameters = {"reduction": _reduction, "ignore_index": 0}
    add_samples("nn.cross_entropy", Sample((normal((3, 3), 1), [1, 2, 0]), _parameters, dtypes=REAL))
for _mean in (True, False):
    for _shape, _target in (*TARGETS[:-1], *IGNORING[:2]):
        _parameters = {"mean": _mean, "ignore_index": -100}
        add_samples("nn.cross_entropy_slope", Sample((normal(_shape, 1), _target), _parameters, dtypes=REAL))
    _parameters = {"mean": _mean, "ignore_index": 1}
    add_samples("nn.cross_entropy_slope", Sample((normal((3, 3), 1), [1, 2, 0]), _parameters, dtypes=REAL))
add_samples(
    "nn.huber",
    *[Sample((signed(shape, 1),), {"delta": 1.1}, dtypes=REAL) for shape in SHAPES],
    Sample(([0.0, 0.5, 1000.0, float("nan")],), {"delta": 0.5}, dtypes=REAL, smooth=False),
)
add_samples(
    "nn.binary_cross_entropy",
    Sample(([0.1, 0.5, 0.9], [0.0, 0.25, 1.0]), dtypes=REAL),
    Sample(([[0.2, 0.7], [0.4, 0.6]], [[1.0, 1.0], [0.0, 0.5]]), dtypes=REAL),
    Sample((Values((), [0.3]), Values((), [0.6])), dtypes=REAL),
    Sample(([0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0]), dtypes=REAL, smooth=False),
)
