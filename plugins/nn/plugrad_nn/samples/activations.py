"""Samples of elementwise activations."""

from __future__ import annotations

from plugrad.testing import Sample, add_samples, normal, signed

from .cases import LARGE, REAL, SHAPES

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
for _name, _parameters in (
    ("nn.leaky_relu", {"negative_slope": 0.2}),
    ("nn.elu", {"alpha": 1.5}),
    ("nn.sigmoid", {}),
    ("nn.logsigmoid", {}),
    ("nn.silu", {}),
    ("nn.softplus", {"beta": 2.0, "threshold": 20.0}),
    ("nn.softplus", {"beta": 0.5, "threshold": 0.4}),
    ("nn.hardtanh", {"min_val": -1.25, "max_val": 1.25}),
    ("nn.gelu", {"approximate": "none"}),
    ("nn.gelu", {"approximate": "tanh"}),
):
    add_samples(
        _name,
        *[Sample((signed(shape, 1),), _parameters, dtypes=REAL) for shape in SHAPES],
        Sample((LARGE,), _parameters, dtypes=REAL, smooth=False),
        Sample(([0.0, float("nan")],), _parameters, dtypes=REAL, smooth=False),
    )
