"""Samples of activations."""

from __future__ import annotations

from plugrad.testing import Sample, add_samples, normal, signed

from .cases import ALONG, LARGE, REAL, SHAPES

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
