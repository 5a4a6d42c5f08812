"""Samples of what works on single elements: arithmetic, functions, comparisons and logic."""

from __future__ import annotations

from math import inf, nan

from ..samples import Sample, Values, add_samples, normal, positive, signed
from .patterns import BOOL, BOTH, INTEGER, REAL, broadcasting, shapes_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .patterns import Shape


def within_one(shape: Shape, seed: int) -> Values:
    """Random numbers from 0.2 to 0.8, and their negatives."""
    return Values(shape, [v / 2.5 for v in signed(shape, seed).numbers])


def above_one(shape: Shape, seed: int) -> Values:
    """Random numbers from 1.5 to 3."""
    return Values(shape, [v + 1 for v in positive(shape, seed).numbers])


# -- elementwise: arithmetic --------------------------------------------------------------------------------

for _name in ("add", "subtract", "multiply"):
    add_samples(_name, *broadcasting(normal, normal, BOTH), Sample(([1, -2, 3], [4, 5, -6]), dtypes=INTEGER))
add_samples("divide", *broadcasting(normal, signed, BOTH), Sample(([1, -2, 3], [4, 5, -6]), dtypes=INTEGER))
add_samples(
    "pow",
    *broadcasting(positive, normal, BOTH),
    *[Sample((signed((3,), 1), exponent)) for exponent in (2, 3, -1, 0, 1, 2.0)],
    *[Sample((positive((3,), 2), exponent)) for exponent in (0.5, -1.5)],
    Sample((positive((2,), 3), 1.5 + 0.5j), dtypes=("complex128",)),
    Sample(([0.0, 0.0, 0.0], [2.0, 1.0, 3.0]), dtypes=REAL, smooth=False),
    Sample(([0.0, 0.0, 0.0, 0.0], [0.0, 0.5, 1.0, 2.0]), smooth=False),
    *[Sample(([0.0, 1.5], exponent), smooth=False) for exponent in (0, 1, 2, 3, 0.5, -1)],
    Sample((0, [0.0, 0.5, 2.0]), dtypes=REAL, smooth=False),
    Sample(([2, -3], [3, 2]), dtypes=INTEGER),
)
for _name in ("remainder", "floor_divide"):
    add_samples(_name, *broadcasting(normal, signed, REAL), Sample(([7, -7, 7, -7], [3, 3, -3, -3]), dtypes=INTEGER))
for _name in ("maximum", "minimum"):
    add_samples(
        _name,
        *broadcasting(normal, normal, REAL),
        Sample(([1.0, 2.0, 3.0], [1.0, 3.0, 2.0]), dtypes=REAL, smooth=False),
        Sample(([1.0, -1.0, 0.0], 0), dtypes=REAL, smooth=False),
        Sample(([nan, 1.0], [1.0, 2.0]), dtypes=REAL, smooth=False),
        Sample(([1, -2, 3], [3, -2, 1]), dtypes=INTEGER),
    )
_x = [[-2.0, -0.5, 0.25], [0.5, 1.5, 3.0]]
add_samples(
    "clip",
    Sample((_x, -1, 1.0), dtypes=REAL),
    Sample((_x, None, 1), dtypes=REAL),
    Sample((_x, -1.0, None), dtypes=REAL),
    Sample((_x, None, None), dtypes=REAL),
    Sample((_x, [-1.0, 0.0, 0.5], Values((), [1.0])), dtypes=REAL),
    Sample((_x, [[-1.0], [1.0]], None), dtypes=REAL),
    Sample((_x, None, [2.0, 1.0, -1.0]), dtypes=REAL),
    Sample((_x, 1.0, -1.0), dtypes=REAL),
    Sample((_x, [1.0, 1.0, 1.0], [-1.0, -1.0, -1.0]), dtypes=REAL),
    Sample((Values((), [0.3]), 0, 1), dtypes=REAL),
    Sample((Values((0, 2)), 0, 1), dtypes=REAL),
    Sample(([-1.0, 0.0, 1.0], -1.0, 1.0), dtypes=REAL, smooth=False),
    Sample(([-1.0, 0.0, 1.0], [-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]), dtypes=REAL, smooth=False),
    Sample(([1.0, 2.0], [1.0, 1.0], [1.0, 1.0]), dtypes=REAL, smooth=False),
    Sample(([nan, 0.5, 2.0], 0, 1), dtypes=REAL, smooth=False),
    Sample(([-5, 0, 5], -1, 1), dtypes=INTEGER),
)
add_samples(
    "logaddexp",
    *broadcasting(normal, normal, REAL),
    Sample(([1000.0, 0.0, -1000.0], [0.0, 1000.0, -1001.0]), dtypes=REAL),
    Sample(([-inf, 1.0], [0.0, -inf]), dtypes=REAL, smooth=False),
)
add_samples("hypot", *broadcasting(normal, signed, REAL), Sample(([0.0, 1.0], [0.0, 0.0]), dtypes=REAL, smooth=False))
add_samples(
    "atan2",
    *broadcasting(normal, signed, REAL),
    Sample(([0.0, 0.0, 1.0, -1.0], [0.0, -1.0, 0.0, 0.0]), dtypes=REAL, smooth=False),
)
add_samples(
    "copysign",
    *broadcasting(signed, signed, REAL),
    Sample(([0.0, 1.0, -1.0, nan], [-1.0, 0.0, 2.0, 1.0]), dtypes=REAL, smooth=False),
)
add_samples(
    "nextafter",
    *broadcasting(signed, normal, REAL),
    Sample(([1.0, 2.0], [1.0, inf]), dtypes=REAL, smooth=False),
)
add_samples(
    "where",
    Sample(([[True, False], [False, True]], normal((2, 2), 1), normal((2, 2), 2))),
    Sample(([True, False], normal((2, 1), 3), normal((2,), 4))),
    Sample(([[True], [False]], normal((2,), 5), normal((), 6))),
    Sample(([True, False], normal((2,), 7), 0)),
    Sample(([True, False], 1.5, normal((2,), 8))),
    Sample((Values((), [True]), normal((2,), 9), normal((2,), 10))),
    Sample((Values((), [False]), normal((), 11), normal((), 12))),
    Sample((Values((1,), [True]), Values((0,)), normal((1,), 13))),
)

# -- elementwise: one input -----------------------------------------------------------------------------------

for _name in (
    "exp", "expm1", "sin", "cos", "tan", "tanh", "sinh", "cosh", "atan", "asinh", "conj", "real", "zeros_of", "clone",
):  # fmt: skip
    add_samples(_name, *shapes_of(normal))
for _name in ("negative", "positive", "square"):
    add_samples(_name, *shapes_of(normal), Sample(([1, -2, 0],), dtypes=INTEGER))
add_samples("sqrt", *shapes_of(positive), Sample(([0.0, 4.0],), dtypes=REAL, smooth=False))
add_samples("log", *shapes_of(positive), Sample(([0.0, 1.0],), dtypes=REAL, smooth=False))
for _name in ("log2", "log10"):
    add_samples(_name, *shapes_of(positive), Sample(([0.0, 1.0],), dtypes=REAL, smooth=False))
for _name in ("asin", "acos", "atanh"):
    add_samples(_name, *shapes_of(within_one), Sample(([1.0, -1.0, 0.0],), dtypes=REAL, smooth=False))
add_samples("acosh", *shapes_of(above_one), Sample(([1.0, 2.0],), dtypes=REAL, smooth=False))
add_samples("imag", *shapes_of(normal, ("complex128",)))
_parts = [Sample((normal((2, 2), 1), normal(shape, 2)), dtypes=("complex128",)) for shape in ((2, 2), (2,), ())]
add_samples("set_imag", *_parts)
add_samples("set_real", *_parts, Sample((normal((2,), 1), normal((2,), 2)), dtypes=REAL))
add_samples("angle", *shapes_of(signed), Sample(([0.0, -1.0, 2.0],), smooth=False))
add_samples(
    "reciprocal",
    *shapes_of(signed),
    Sample(([0.0, 4.0],), dtypes=REAL, smooth=False),
    Sample(([1, -2, 4],), dtypes=INTEGER),
)
for _name in ("clone", "real"):
    add_samples(_name, Sample(([1, -2, 3],), dtypes=INTEGER))
add_samples("clone", Sample(([True, False],), dtypes=BOOL))
for _name in ("floor", "ceil", "round", "trunc"):
    add_samples(
        _name,
        *shapes_of(signed, REAL),
        Sample(([-1.5, -0.5, 0.5, 2.5, -2.0, nan, inf],), dtypes=REAL, smooth=False),
        Sample(([1, -2, 0],), dtypes=INTEGER),
    )
add_samples("log1p", *shapes_of(positive), Sample(([-0.5, 1e-10, 0.0],), rtol=1e-5))
add_samples("expm1", Sample(([1e-10, 0.0],), rtol=1e-5))
for _name in ("abs", "sign"):
    add_samples(
        _name, *shapes_of(signed), Sample(([-1.0, 0.0, 2.0],), smooth=False), Sample(([-2, 0, 3],), dtypes=INTEGER)
    )
add_samples(
    "astype",
    *[Sample((normal(shape, 1),), {"dtype": "float64"}, dtypes=REAL) for shape in ((3,), (2, 2), (), (0, 2))],
    Sample((normal((3,), 2),), {"dtype": "float64", "copy": False}, dtypes=REAL),
    Sample((normal((2,), 3),), {"dtype": "complex128"}),
    Sample((signed((3,), 4),), {"dtype": "int64"}, dtypes=REAL, smooth=False),
    Sample(([0, 1, 2],), {"dtype": "float64"}, dtypes=INTEGER),
    Sample(([1.0, 0.0],), {"dtype": "bool"}, dtypes=REAL, smooth=False),
)

# -- comparisons and logic ------------------------------------------------------------------------------------

for _name in ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal"):
    _dtypes = BOTH if "equal" in (_name, _name[4:]) else REAL
    add_samples(
        _name,
        *broadcasting(normal, normal, _dtypes),
        Sample(([1.0, 2.0, 3.0], [1.0, 3.0, 2.0]), dtypes=_dtypes),
        Sample(([1, 2, 3], [[2], [3]]), dtypes=INTEGER),
    )
TRUTH = [[True, True, False, False]], [[True], [False]]
for _name in ("isnan", "isinf", "isfinite"):
    add_samples(_name, *shapes_of(normal), Sample(([1.0, nan, inf, -inf, 0.0],)), Sample(([1, 0],), dtypes=INTEGER))
add_samples("signbit", *shapes_of(normal, REAL), Sample(([0.0, -0.0, -inf],), dtypes=REAL))
for _name in ("logical_and", "logical_or", "logical_xor"):
    add_samples(_name, Sample(TRUTH, dtypes=BOOL), Sample(([True, False], Values((), [True])), dtypes=BOOL))
add_samples("logical_not", Sample(([True, False],), dtypes=BOOL), Sample((Values((), [True]),), dtypes=BOOL))
for _name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    add_samples(_name, Sample(TRUTH, dtypes=BOOL))
    add_samples(_name, *[Sample(([12, -6], other), dtypes=INTEGER) for other in ([[10], [3]], 10)])
add_samples("bitwise_invert", Sample(([True, False],), dtypes=BOOL), Sample(([5, -6, 0],), dtypes=INTEGER))
