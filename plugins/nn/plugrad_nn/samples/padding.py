"""Samples of padding with a constant."""

from __future__ import annotations

from plugrad.testing import Sample, add_samples, normal

for _shape, _pad in (((3,), (1, 2)), ((2, 3), (0, 1, 2, 0)), ((2, 3), (-1, 2)), ((2, 2, 2), (1, 1, -1, 0)), ((3,), ())):
    for _value in (0, 1.5):
        add_samples("nn.constant_pad", Sample((normal(_shape, 1),), {"pad": _pad, "value": _value}))
