"""Samples of what is done in training alone."""

from __future__ import annotations

from plugrad.testing import Sample, add_samples, normal

add_samples(
    "nn.dropout",
    Sample((normal((3,), 1), [True, False, True]), {"scale": 2.0}),
    Sample((normal((2, 2), 1), [[False, False], [True, True]]), {"scale": 1.25}),
)
