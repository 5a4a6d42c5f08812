"""Samples of softmax and its logarithm."""

from __future__ import annotations

from plugrad.testing import Sample, add_samples, normal

from .cases import ALONG, LARGE, REAL

for _name in ("nn.softmax", "nn.log_softmax"):
    add_samples(
        _name,
        *[Sample((normal(shape, 1),), {"dim": dim}, dtypes=REAL) for shape, dim in ALONG],
        Sample((LARGE,), {"dim": -1}, dtypes=REAL, smooth=False),
    )
