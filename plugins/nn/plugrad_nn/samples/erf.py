"""Samples of the error function: on both sides of the border of its approximations, and far out."""

from __future__ import annotations

from plugrad.testing import Sample, add_samples, signed

from .cases import LARGE, REAL, SHAPES

add_samples(
    "nn.erf",
    *[Sample((signed(shape, 1),), dtypes=REAL) for shape in SHAPES],
    Sample(([-0.4, -1e-9, 0.0, 0.3, 0.5, -3.0],), dtypes=REAL),
    Sample((LARGE,), dtypes=REAL, smooth=False),
    Sample(([float("-inf"), float("inf"), float("nan")],), dtypes=REAL, smooth=False),
)
