"""Arithmetic and functions of single elements."""

from __future__ import annotations

from ..autograd.declare import Function, op
from ..registry.claims import NUMBERS
from ..registry.dtype import isdtype
from ..registry.spec import dtype_of
from .comparison import equal, greater, greater_equal, less, less_equal, logical_and, logical_or

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

LOG_2, LOG_10 = 0.6931471805599453, 2.302585092994046

# -- what formulas need ---------------------------------------------------------------------------------

zeros_of: Function = op("zeros_of(x, /)", elementwise=True, linear=True, fresh=True, vjp={"x": lambda g: zeros_of(g)})
where: Function = op(
    "where(condition~, x1, x2, /)", elementwise=True, linear=True,
    vjp={"x1": lambda g, condition: where(condition, g, 0), "x2": lambda g, condition: where(condition, 0, g)},
)  # fmt: skip
conj: Function = op("conj(x, /)", elementwise=True, linear=True, holomorphic=False, vjp={"x": lambda g: conj(g)})


def set_real_composite(x: Any, value: Any) -> Any:
    return real(value) + (imag(x) * 1j if isdtype(dtype_of(x), "complex floating") else zeros_of(x))


real: Function = op(
    "real(x, /)", view="set_real", elementwise=True, linear=True, holomorphic=False, dtype="real",
    node_name="SelectBackward0", vjp={"x": lambda g: g},
)  # fmt: skip
imag: Function = op(
    "imag(x, /)", view="set_imag", elementwise=True, linear=True, holomorphic=False, dtype="real",
    node_name="SelectBackward0", vjp={"x": lambda g: g * 1j},
)  # fmt: skip
set_real: Function = op(
    "set_real(x, value, /)", linear=True, holomorphic=False, composite=set_real_composite, node_name="CopySlices",
    vjp={"x": lambda g: set_real(g, zeros_of(g)), "value": lambda g: real(g)},
)  # fmt: skip
set_imag: Function = op(
    "set_imag(x, value, /)", linear=True, holomorphic=False, node_name="CopySlices",
    composite=lambda x, value: real(x) + real(value) * 1j,
    vjp={"x": lambda g: set_imag(g, zeros_of(g)), "value": lambda g: imag(g)},
)  # fmt: skip
clone: Function = op("clone(x, /)", elementwise=True, linear=True, vjp={"x": lambda g: g})
astype: Function = op(
    "astype(x, /, dtype, *, copy=True)", linear=True, node_name="ToCopyBackward0", vjp={"x": lambda g: g}
)

# -- arithmetic ---------------------------------------------------------------------------------------------

add: Function = op("add(x1, x2, /)", elementwise=True, linear=True, vjp={"x1": lambda g: g, "x2": lambda g: g})
subtract: Function = op(
    "subtract(x1, x2, /)", elementwise=True, linear=True, fresh=("x2",), node_name="SubBackward0",
    vjp={"x1": lambda g: g, "x2": lambda g: -g},
)  # fmt: skip
multiply: Function = op(
    "multiply(x1, x2, /)", elementwise=True, fresh=True, node_name="MulBackward0",
    vjp={"x1": lambda g, x2: g * x2, "x2": lambda g, x1: g * x1},
)  # fmt: skip
divide: Function = op(
    "divide(x1, x2, /)", elementwise=True, fresh=True, node_name="DivBackward0",
    vjp={"x1": lambda g, x2: g / x2, "x2": lambda g, x1, x2: -g * (x1 / x2 / x2)},
)  # fmt: skip
remainder: Function = op(
    "remainder(x1, x2, /)", elementwise=True,
    vjp={"x1": lambda g: g, "x2": lambda g, x1, x2: -g * floor_divide(x1, x2)},
)  # fmt: skip
floor_divide: Function = op(
    "floor_divide(x1, x2, /)", elementwise=True, fresh=True,
    vjp={"x1": lambda g: zeros_of(g), "x2": lambda g: zeros_of(g)},
)  # fmt: skip


def pow_base(g: Any, x1: Any, x2: Any) -> Any:
    """x2 * x1 ** (x2 - 1), and 0 where x2 is 0, also at x1 == 0."""
    if type(x2) in NUMBERS:
        return g * (x2 * pow(x1, x2 - 1)) if x2 else zeros_of(g)
    return g * (x2 * pow(x1, where(equal(x2, 0), 1, x2) - 1))


def pow_exponent(g: Any, x1: Any, x2: Any, out: Any) -> Any:
    """out * log(x1), and 0 at x1 == 0 where x2 >= 0."""
    base = zeros_of(out) + x1  # x1 may be a number
    at_zero = (
        equal(base, 0)
        if isdtype(dtype_of(base), "complex floating")
        else logical_and(equal(base, 0), greater_equal(x2, 0))
    )
    return g * (out * log(where(at_zero, 1, base)))


pow: Function = op(
    "pow(x1, x2, /)", elementwise=True, keeps_numbers=True, node_name="PowBackward0",
    vjp={"x1": pow_base, "x2": pow_exponent},
)  # fmt: skip


def winner(g: Any, wins: Any, other: Any) -> Any:
    """``g`` where the first is the larger one, half of it at a tie."""
    return where(less(wins, other), 0, where(equal(wins, other), g / 2, g))


maximum: Function = op(
    "maximum(x1, x2, /)", elementwise=True,
    vjp={"x1": lambda g, x1, x2: winner(g, x1, x2), "x2": lambda g, x1, x2: winner(g, x2, x1)},
)  # fmt: skip
minimum: Function = op(
    "minimum(x1, x2, /)", elementwise=True,
    vjp={"x1": lambda g, x1, x2: loser(g, x1, x2), "x2": lambda g, x1, x2: loser(g, x2, x1)},
)  # fmt: skip


def loser(g: Any, wins: Any, other: Any) -> Any:
    """``g`` where the first is the smaller one, half of it at a tie."""
    return where(greater(wins, other), 0, where(equal(wins, other), g / 2, g))


def clipped(g: Any, x: Any, min: Any, max: Any) -> Any:
    """``g`` where x is within the bounds, these included; a NaN is not."""
    within = None if min is None else greater_equal(x, min)
    if max is not None:
        below = less_equal(x, max)
        within = below if within is None else logical_and(within, below)
    return g if within is None else where(within, g, 0)


def clip_minimum(g: Any, x: Any, min: Any, max: Any) -> Any:
    """``g`` where x was raised to the lower bound and stayed there."""
    raised = less(x, min)
    return where(raised if max is None else logical_and(raised, less(min, max)), g, 0)


clip: Function = op(
    "clip(x, /, min=None, max=None)", elementwise=True, node_name="ClampBackward0",
    vjp={
        "x": clipped,
        "min": clip_minimum,
        "max": lambda g, x, min, max: where(
            greater(x, max) if min is None else logical_or(greater(x, max), less(max, min)), g, 0
        ),
    },
)  # fmt: skip



def share(g: Any, x: Any, other: Any) -> Any:
    """g / (1 + exp(other - x)): x's share of the sum of powers. No exponent is positive, so nothing overflows."""
    above = x - other
    return g * (exp(minimum(above, 0)) / (exp(-abs(above)) + 1))


logaddexp: Function = op(
    "logaddexp(x1, x2, /)", elementwise=True, fresh=True,
    vjp={"x1": lambda g, x1, x2: share(g, x1, x2), "x2": lambda g, x1, x2: share(g, x2, x1)},
)  # fmt: skip
hypot: Function = op(
    "hypot(x1, x2, /)", elementwise=True, fresh=True,
    vjp={"x1": lambda g, x1, out: g * (x1 / out), "x2": lambda g, x2, out: g * (x2 / out)},
)  # fmt: skip


def over_squares(g: Any, x1: Any, x2: Any) -> Any:
    """g / (x1 ** 2 + x2 ** 2), and 0 at the origin."""
    squares = x1 * x1 + x2 * x2
    origin = equal(squares, 0)
    return where(origin, 0, g / where(origin, 1, squares))


atan2: Function = op(
    "atan2(x1, x2, /)", elementwise=True, fresh=True,
    vjp={"x1": lambda g, x1, x2: over_squares(g, x1, x2) * x2, "x2": lambda g, x1, x2: over_squares(-g, x1, x2) * x1},
)  # fmt: skip
copysign: Function = op(
    "copysign(x1, x2, /)", elementwise=True, fresh=True,
    vjp={
        "x1": lambda g, x1, out: where(equal(x1, 0), 0, g * (out / where(equal(x1, 0), 1, x1))),
        "x2": lambda g: zeros_of(g),
    },
)  # fmt: skip
nextafter: Function = op(
    "nextafter(x1, x2, /)", elementwise=True, fresh=True,
    vjp={"x1": lambda g, x1, x2: where(equal(x1, x2), 0, g), "x2": lambda g: zeros_of(g)},
)  # fmt: skip

# -- functions of one element ----------------------------------------------------------------------------------

negative: Function = op(
    "negative(x, /)", elementwise=True, linear=True, fresh=True, node_name="NegBackward0", vjp={"x": lambda g: -g}
)
positive: Function = op("positive(x, /)", elementwise=True, linear=True, vjp={"x": lambda g: g})
square: Function = op(
    "square(x, /)", elementwise=True, fresh=True, node_name="PowBackward0", vjp={"x": lambda g, x: g * (x + x)}
)
reciprocal: Function = op(
    "reciprocal(x, /)", elementwise=True, fresh=True, composite=lambda x: divide(1, x),
    vjp={"x": lambda g, out: -g * (out * out)},
)  # fmt: skip
sqrt: Function = op("sqrt(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, out: g / (out + out)})
exp: Function = op("exp(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, out: g * out})
expm1: Function = op("expm1(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, out: g * (out + 1)})
log: Function = op("log(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, x: g / x})
log2: Function = op("log2(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, x: g / (x * LOG_2)})
log10: Function = op("log10(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, x: g / (x * LOG_10)})
log1p: Function = op("log1p(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, x: g / (x + 1)})
sin: Function = op("sin(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, x: g * cos(x)})
cos: Function = op("cos(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, x: -g * sin(x)})
tan: Function = op("tan(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, out: g * (out * out + 1)})
tanh: Function = op("tanh(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, out: g - g * (out * out)})

asin: Function = op("asin(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, x: g / sqrt(1 - x * x)})
acos: Function = op("acos(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, x: -g / sqrt(1 - x * x)})
atan: Function = op("atan(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, x: g / (x * x + 1)})
sinh: Function = op("sinh(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, x: g * cosh(x)})
cosh: Function = op("cosh(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, x: g * sinh(x)})
asinh: Function = op("asinh(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, x: g / sqrt(x * x + 1)})
acosh: Function = op(  # two roots: the one of x * x - 1 has another branch where x is complex
    "acosh(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, x: g / (sqrt(x - 1) * sqrt(x + 1))}
)
atanh: Function = op("atanh(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g, x: g / (1 - x * x)})

floor: Function = op("floor(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g: zeros_of(g)})
ceil: Function = op("ceil(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g: zeros_of(g)})
round: Function = op("round(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g: zeros_of(g)})
trunc: Function = op("trunc(x, /)", elementwise=True, fresh=True, vjp={"x": lambda g: zeros_of(g)})

# -- not holomorphic -------------------------------------------------------------------------------------------

def sign_vjp(g: Any, x: Any, out: Any, x_dtype: Any) -> Any:
    """0 for real x; for complex x, of x / abs(x): what of g is across x, over abs(x)."""
    if not isdtype(x_dtype, "complex floating"):
        return zeros_of(g)
    across = g - out * real(conj(out) * g)
    return where(equal(x, 0), 0, across / where(equal(x, 0), 1, abs(x)))


def abs_jvp(t: Any, x: Any, x_dtype: Any) -> Any:
    """What of ``t`` is along x."""
    return real(conj(sign(x)) * t) if isdtype(x_dtype, "complex floating") else t * sign(x)


def angle_composite(x: Any) -> Any:
    return atan2(imag(x), real(x)) if isdtype(dtype_of(x), "complex floating") else atan2(zeros_of(x), x)


def angle_vjp(g: Any, x: Any, x_dtype: Any) -> Any:
    """0 for real x; for complex x what turns it, and 0 at 0."""
    if not isdtype(x_dtype, "complex floating"):
        return zeros_of(g)
    return where(equal(x, 0), 0, g * 1j / conj(where(equal(x, 0), 1, x)))


def angle_jvp(t: Any, x: Any, x_dtype: Any) -> Any:
    if not isdtype(x_dtype, "complex floating"):
        return zeros_of(t)
    return where(equal(x, 0), 0, imag(t / where(equal(x, 0), 1, x)))


abs: Function = op(
    "abs(x, /)", elementwise=True, holomorphic=False, dtype="real", fresh=True, vjp={"x": lambda g, x: g * sign(x)},
    jvp={"x": abs_jvp},
)  # fmt: skip
sign: Function = op(
    "sign(x, /)", elementwise=True, holomorphic=False, vjp={"x": sign_vjp},
    jvp={"x": lambda t, x, out, x_dtype: sign_vjp(t, x, out, x_dtype)},  # it is symmetric
)  # fmt: skip
angle: Function = op(
    "angle(x, /)", elementwise=True, holomorphic=False, dtype="real", composite=angle_composite, vjp={"x": angle_vjp},
    jvp={"x": angle_jvp},
)  # fmt: skip
