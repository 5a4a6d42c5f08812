"""The error function: exact to a few units of the last place, by the composite and by each backend's kernel."""

import math

import pytest

import plugrad
from plugrad_nn.ops.erf import erf, erf_composite
from plugrad_nn.ops.precision import widened

POINTS = [k / 64 for k in range(-450, 451)] + [1e-300, -1e-20, 1e-8, 0.46874, 0.46876, 5.9999, 6.0001, 27.0, 1e10]


def error(found):
    return max(abs(a - math.erf(x)) for a, x in zip(found.tolist(), POINTS, strict=True))


@pytest.mark.parametrize("function", [erf, erf_composite])
def test_float64(backend, function):
    found = function(plugrad.tensor(POINTS, dtype="float64"))
    assert error(found) <= 5e-16
    near = [(a, x) for a, x in zip(found.tolist(), POINTS, strict=True) if abs(x) < 0.45 and x]
    assert all(math.isclose(a, math.erf(x), rel_tol=1e-15) for a, x in near)


@pytest.mark.only("numpy", "strict", "cupy", "cupy-double")
@pytest.mark.parametrize("function", [erf, widened(erf_composite)])
@pytest.mark.parametrize("dtype, bound", [("float32", 3e-7), ("float16", 6e-4)])
def test_lower_precisions(backend, function, dtype, bound):
    points = [float(v) for v in plugrad.tensor(POINTS[:-1], dtype="float32").tolist()]
    try:
        x = plugrad.tensor(points, dtype=dtype)
    except (TypeError, AttributeError) as reason:
        pytest.skip(f"no {dtype} here: {reason}")
    found = function(x)
    assert found.dtype == dtype
    assert max(abs(a - math.erf(v)) for a, v in zip(found.tolist(), x.tolist(), strict=True)) <= bound


@pytest.mark.parametrize("function", [erf, erf_composite])
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_ends(backend, function):
    found = function(plugrad.tensor([-math.inf, math.inf, math.nan, 0.0])).tolist()
    assert found[:2] == [-1.0, 1.0]
    assert math.isnan(found[2])
    assert found[3] == 0.0
