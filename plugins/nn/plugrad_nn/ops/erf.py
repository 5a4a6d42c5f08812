"""The error function, which the array API lacks.

Rational approximations of W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of
Computation 23 (1969), 631-637, with the coefficients of his program CALERF: one near 0, one of the complement
beyond. They are good to an absolute 3e-16 in float64.
"""

from __future__ import annotations

from typing import Any

from plugrad.extend import op
from plugrad.ops import abs, exp, less, minimum, sign, where

from .precision import widened

# fmt: off
NEAR = (
    (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)
FAR = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
     2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
     1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
     3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)
# fmt: on
"""Numerator and denominator, the highest power first."""
BORDER, ONE = 0.46875, 6.0
"""Where the second takes over, and where erf has become 1."""
TWO_OVER_SQRT_PI = 1.1283791670955126


def quotient(polynomials: tuple[tuple[float, ...], ...], x: Any) -> Any:
    """By Horner's rule."""
    values = []
    for first, second, *others in polynomials:
        value = x * first + second
        for coefficient in others:
            value = value * x + coefficient
        values.append(value)
    return values[0] / values[1]


def erf_composite(input: Any) -> Any:
    size = minimum(abs(input), ONE)
    inner = minimum(size, BORDER)
    outer = 1 - exp(-(size * size)) * quotient(FAR, size)
    return where(less(size, BORDER), input * quotient(NEAR, inner * inner), sign(input) * outer)


erf: Any = op(
    "nn.erf(input, /)", elementwise=True, fresh=True, composite=widened(erf_composite),
    vjp={"input": lambda g, input: g * (exp(-(input * input)) * TWO_OVER_SQRT_PI)},
)  # fmt: skip

OPS = (erf,)
NUMPY = ("erf",)
CUPY = {"erf": "plugrad_nn.cupy_kernels:erf"}
