"""Samples of strided windows."""

from __future__ import annotations

from plugrad.testing import Sample, add_samples, normal

NONE1, NONE2 = ((0, 0),), ((0, 0), (0, 0))

_windows = (
    ((1, 5), (3,), (1,), NONE1, (1,)),
    ((6,), (2,), (2,), ((1, 2),), (2,)),
    ((2, 3, 4), (2, 2), (1, 2), ((1, 0), (0, 1)), (1, 1)),
    ((0, 2, 4), (2,), (1,), NONE1, (1,)),
)
for _shape, _kernel, _stride, _padding, _dilation in _windows:
    add_samples(
        "nn.windows",
        Sample(
            (normal(_shape, 1),),
            {"kernel": _kernel, "stride": _stride, "padding": _padding, "dilation": _dilation},
        ),
    )
_columns = (
    ((1, 3, 3), (5,), (1,), NONE1, (1,)),
    ((2, 4), (6,), (2,), ((1, 2),), (2,)),
    ((2, 2, 3, 2), (2, 4), (1, 2), ((1, 1), (0, 0)), (1, 1)),
    ((0, 2, 3), (4,), (1,), NONE1, (1,)),
)
for _columns_shape, _extents, _stride, _padding, _dilation in _columns:
    add_samples(
        "nn.overlap_add",
        Sample(
            (normal(_columns_shape, 1),),
            {"extents": _extents, "stride": _stride, "padding": _padding, "dilation": _dilation},
        ),
    )
