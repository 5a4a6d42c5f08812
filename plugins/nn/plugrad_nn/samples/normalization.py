"""Samples of normalisation."""

from __future__ import annotations

from plugrad.testing import Sample, add_samples, normal, positive

from .cases import REAL

# the input's shape, that of weight and bias, and the axes
_cases = (
    ((2, 2), (1, 2), (0,)),
    ((2, 1, 3), (1, 1, 1), (0, 2)),
    ((2, 3), (1, 3), (1,)),
    ((0, 2), (1, 2), (0,)),
)
for _shape, _affine, _axes in _cases:
    _rest = {"axes": _axes, "eps": 0.1}
    _weight, _bias = normal(_affine, 2), normal(_affine, 3)
    add_samples(
        "nn.normalize",
        Sample((normal(_shape, 1), _weight, _bias), _rest, dtypes=REAL),
        Sample((normal(_shape, 1), None, _bias), _rest, dtypes=REAL),
        Sample((normal(_shape, 1), None, None), _rest, dtypes=REAL),
    )
    add_samples(
        "nn.rms_normalize",
        Sample((normal(_shape, 1), _weight), _rest, dtypes=REAL),
        Sample((normal(_shape, 1), None), _rest, dtypes=REAL),
    )
    _given = normal(_shape, 1), normal(_affine, 4), positive(_affine, 5)
    add_samples(
        "nn.standardize",
        Sample((*_given, _weight, _bias), {"eps": 0.1}, dtypes=REAL),
        Sample((*_given, None, None), {"eps": 0.1}, dtypes=REAL),
    )
