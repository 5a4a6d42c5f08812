"""Samples of convolution and of its derivatives, which are of the same shapes."""

from __future__ import annotations

from plugrad.testing import Sample, add_samples, normal

# the input's and the weight's shape, that of the result, stride, padding, dilation, groups
CASES = (
    ((1, 1, 3), (1, 1, 2), (1, 1, 2), (1,), ((0, 0),), (1,), 1),
    ((2, 2, 4), (2, 1, 2), (2, 2, 3), (2,), ((1, 1),), (1,), 2),
    ((2, 1, 2, 3), (2, 1, 1, 2), (2, 2, 2, 3), (1, 1), ((0, 0), (0, 1)), (1, 1), 1),
    ((1, 2, 4, 3), (1, 2, 2, 1), (1, 1, 1, 2), (2, 2), ((0, 0), (0, 0)), (2, 1), 1),
    ((1, 1, 2, 2, 2), (1, 1, 2, 1, 2), (1, 1, 1, 2, 1), (1, 1, 1), ((0, 0),) * 3, (1, 1, 1), 1),
    ((0, 1, 3), (2, 1, 2), (0, 2, 2), (1,), ((0, 0),), (1,), 1),
)
for _input, _weight, _out, _stride, _padding, _dilation, _groups in CASES:
    _rest = {"stride": _stride, "padding": _padding, "dilation": _dilation, "groups": _groups}
    add_samples(
        "nn.convolution",
        Sample((normal(_input, 1), normal(_weight, 2), normal(_weight[:1], 3)), _rest),
        Sample((normal(_input, 1), normal(_weight, 2), None), _rest),
    )
    add_samples(
        "nn.convolution_input",
        Sample((normal(_out, 1), normal(_weight, 2)), {"extents": _input[2:], **_rest}),
    )
    add_samples(
        "nn.convolution_weight",
        Sample((normal(_out, 1), normal(_input, 2)), {"kernel": _weight[2:], **_rest}),
    )
