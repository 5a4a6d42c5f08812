"""Samples of losses."""

from __future__ import annotations

from plugrad.testing import Sample, Values, add_samples, normal

from .cases import LARGE, REAL

_targets = (((3,), Values((), [2])), ((1, 3), [1]), ((2, 3), [2, 0]), ((2, 1), [0, 0]))
for _reduction in ("mean", "sum", "none"):
    add_samples(
        "nn.cross_entropy",
        *[Sample((normal(shape, 1), target), {"reduction": _reduction}, dtypes=REAL) for shape, target in _targets],
        Sample((LARGE, [2, 0]), {"reduction": _reduction}, dtypes=REAL, smooth=False),
    )
add_samples("nn.subtract_one_hot", *[Sample((normal(shape, 1), target), dtypes=REAL) for shape, target in _targets])
