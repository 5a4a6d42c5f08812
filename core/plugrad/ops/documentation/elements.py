"""Of ops on single elements: arithmetic, functions, comparisons and logic."""

from __future__ import annotations

NUMERIC, FLOATING, REAL = "a numeric dtype", "a floating dtype, real or complex", "a real dtype"
REAL_FLOATING, BITS, ANY = "a real floating dtype", "an integer dtype or bool", "any dtype"
SAME, TRUTH = "of the shape and dtype of ``x``", "of the shape of ``x``, of dtype bool"
PART = "of the shape of ``x``, of the real dtype of the same precision"
PROMOTED, TRUTHS = "of the broadcast shape and the promoted dtype", "of the broadcast shape, of dtype bool"
DOCS: dict[str, str] = {}


def unary(kind: str, returned: str, docs: dict[str, tuple[str, str, str]]) -> None:
    """Name -> what it does, an input, and what comes out."""
    for name, (what, x, out) in docs.items():
        DOCS[name] = (
            f"{what}\n\n:param x: of any shape, of {kind}.\n:returns: {returned}.\n\n"
            f">>> plugrad.{name}(plugrad.tensor({x}))\ntensor({out})\n"
        )


def binary(kind: str, returned: str, docs: dict[str, tuple[str, str, str, str]]) -> None:
    """Name -> what it does, two inputs, and what comes out."""
    for name, (what, x1, x2, out) in docs.items():
        DOCS[name] = (
            f"{what}\n\n:param x1: of any shape, of {kind}.\n:param x2: the same; the two broadcast, and one may be a "
            f"number.\n:returns: {returned}.\n\n"
            f">>> plugrad.{name}(plugrad.tensor({x1}), plugrad.tensor({x2}))\ntensor({out})\n"
        )


binary(NUMERIC, PROMOTED, {
    "add": ("x1 + x2, elementwise.", "[1., 2.]", "[[10.], [20.]]", "[[11., 12.],\n        [21., 22.]]"),
    "subtract": ("x1 - x2, elementwise.", "[5., 7.]", "[2., 3.]", "[3., 4.]"),
    "multiply": ("x1 * x2, elementwise.", "[1., 2.]", "[3., 4.]", "[3., 8.]"),
    "pow": ("x1 ** x2, elementwise. Where ``x2`` is 0 the gradient of ``x1`` is 0, also at 0 ** 0.",
            "[2., 3.]", "[3., -1.]", "[8.0000, 0.3333]"),
})  # fmt: skip
binary(NUMERIC, f"{PROMOTED}; of integers, the default float", {
    "divide": ("x1 / x2, elementwise.", "[1., 3.]", "[2., 4.]", "[0.50, 0.75]"),
})  # fmt: skip
binary(REAL, PROMOTED, {
    "remainder": ("x1 - x2 * floor(x1 / x2), elementwise: of the sign of ``x2``.", "[5., -5.]", "[3., 3.]", "[2., 1.]"),
    "floor_divide": ("floor(x1 / x2), elementwise; its gradient is zero.", "[5., -5.]", "[3., 3.]", "[ 1., -2.]"),
    "maximum": ("The larger of two elements. At a tie each gets half of the cotangent.",
                "[1., 5.]", "[3., 2.]", "[3., 5.]"),
    "minimum": ("The smaller of two elements. At a tie each gets half of the cotangent.",
                "[1., 5.]", "[3., 2.]", "[1., 2.]"),
})  # fmt: skip
binary(REAL_FLOATING, PROMOTED, {
    "logaddexp": ("log(exp(x1) + exp(x2)), elementwise, without overflow.", "[1000.]", "[1000.]", "[1000.6931]"),
    "hypot": ("The hypotenuse: sqrt(x1 ** 2 + x2 ** 2), elementwise. Its gradient at the origin is NaN.",
              "[3., 5.]", "[4., 12.]", "[ 5., 13.]"),
    "atan2": ("The angle in radians, from -pi to pi, of the point (``x2``, ``x1``). Its gradient at the origin is 0.",
              "[1., 0.]", "[1., -1.]", "[0.7854, 3.1416]"),
    "copysign": ("The magnitude of ``x1`` with the sign of ``x2``, elementwise. Its gradient at ``x1 == 0`` is 0.",
                 "[1., 2.]", "[-3., 0.]", "[-1.,  2.]"),
    "nextafter": ("The next number that the dtype holds, from ``x1`` towards ``x2``.", "[1.]", "[2.]", "[1.]"),
})  # fmt: skip

unary(FLOATING, SAME, {
    "reciprocal": ("1 / x, elementwise.", "[2., 4.]", "[0.50, 0.25]"),
    "sqrt": ("The square root; its gradient at 0 is inf.", "[4., 2.]", "[2.0000, 1.4142]"),
    "exp": ("e ** x, elementwise.", "[0., 1.]", "[1.0000, 2.7183]"),
    "expm1": ("exp(x) - 1, exact also near 0.", "[0., 1.]", "[0.0000, 1.7183]"),
    "log": ("The natural logarithm; its gradient at 0 is inf.", "[1., 2.]", "[0.0000, 0.6931]"),
    "log1p": ("log(1 + x), exact also near 0.", "[0., 1.]", "[0.0000, 0.6931]"),
    "log2": ("The logarithm to base 2.", "[1., 8.]", "[0., 3.]"),
    "log10": ("The logarithm to base 10.", "[1., 1000.]", "[0., 3.]"),
    "sin": ("The sine of an angle in radians.", "[0., 1.]", "[0.0000, 0.8415]"),
    "cos": ("The cosine of an angle in radians.", "[0., 1.]", "[1.0000, 0.5403]"),
    "tan": ("The tangent of an angle in radians.", "[0., 1.]", "[0.0000, 1.5574]"),
    "asin": ("The arc sine in radians. Its gradient at -1 and 1 is inf.", "[0., 1.]", "[0.0000, 1.5708]"),
    "acos": ("The arc cosine in radians. Its gradient at -1 and 1 is -inf.", "[0., 1.]", "[1.5708, 0.0000]"),
    "atan": ("The arc tangent in radians.", "[0., 1.]", "[0.0000, 0.7854]"),
    "sinh": ("The hyperbolic sine.", "[0., 1.]", "[0.0000, 1.1752]"),
    "cosh": ("The hyperbolic cosine.", "[0., 1.]", "[1.0000, 1.5431]"),
    "tanh": ("The hyperbolic tangent.", "[0., 1.]", "[0.0000, 0.7616]"),
    "asinh": ("The inverse hyperbolic sine.", "[0., 1.]", "[0.0000, 0.8814]"),
    "acosh": ("The inverse hyperbolic cosine. Its gradient at 1 is inf.", "[1., 2.]", "[0.000, 1.317]"),
    "atanh": ("The inverse hyperbolic tangent. Its gradient at -1 and 1 is inf.", "[0., 0.5]", "[0.0000, 0.5493]"),
})  # fmt: skip
unary(NUMERIC, SAME, {
    "negative": ("-x, elementwise.", "[1., -2.]", "[-1.,  2.]"),
    "positive": ("+x: a copy.", "[1., -2.]", "[ 1., -2.]"),
    "square": ("x * x, elementwise.", "[3., -2.]", "[9., 4.]"),
    "sign": ("-1, 0 or 1; of complex numbers x / abs(x). The gradient of a real one is zero.",
             "[3., 0., -2.]", "[ 1.,  0., -1.]"),
    "round": ("The nearest whole number, of two equally near ones the even one; its gradient is zero.",
              "[0.5, 1.5, 1.6]", "[0., 2., 2.]"),
    "conj": ("The complex conjugate; a real input as it is, copied.",
             "[1. + 2.j]", "[1.-2.j], dtype=plugrad.complex128"),
})  # fmt: skip
unary(REAL, SAME, {
    "floor": ("The largest whole number that is not larger; its gradient is zero.", "[1.5, -1.5]", "[ 1., -2.]"),
    "ceil": ("The smallest whole number that is not smaller; its gradient is zero.", "[1.5, -1.5]", "[ 2., -1.]"),
    "trunc": ("The whole number towards 0; its gradient is zero.", "[1.5, -1.5]", "[ 1., -1.]"),
})  # fmt: skip
unary(NUMERIC, "of the shape and dtype of ``x``; of a complex one, the real dtype of the same precision", {
    "abs": ("The absolute value; of complex numbers the magnitude. Its gradient at 0 is 0.", "[3., -2.]", "[3., 2.]"),
})  # fmt: skip
unary(FLOATING, PART, {
    "angle": ("The angle of a complex number in radians, from -pi to pi. Its gradient at 0, and of real numbers, is 0.",
              "[1.j, -1. + 0.j]", "[1.5708, 3.1416]"),
    "real": ("The real part: a view.", "[1. + 2.j]", "[1.]"),
})  # fmt: skip
unary("a complex dtype", PART, {
    "imag": ("The imaginary part: a view. A real input has none, which is an error.", "[1. + 2.j]", "[2.]"),
})  # fmt: skip
unary(ANY, SAME, {
    "clone": ("A copy in memory of its own, which gradients pass.", "[1., 2.]", "[1., 2.]"),
    "zeros_of": ("Zeros of the input's shape, dtype, device and backend.", "[1., 2.]", "[0., 0.]"),
})  # fmt: skip
unary(NUMERIC, TRUTH, {
    "isnan": ("Whether it is a NaN, elementwise.", "[1., float('nan')]", "[False,  True]"),
    "isinf": ("Whether it is infinite, elementwise.", "[1., float('inf')]", "[False,  True]"),
    "isfinite": ("Whether it is neither infinite nor a NaN, elementwise.", "[1., float('inf')]", "[ True, False]"),
})  # fmt: skip
unary(REAL_FLOATING, TRUTH, {
    "signbit": ("Whether the sign is minus, elementwise, of -0.0 too.", "[1., -0.]", "[False,  True]"),
})  # fmt: skip
unary("dtype bool", TRUTH, {
    "logical_not": ("Whether it is false, elementwise.", "[True, False]", "[False,  True]"),
})  # fmt: skip
unary(BITS, SAME, {
    "bitwise_invert": ("~x, elementwise.", "[0, 1]", "[-1, -2]"),
})  # fmt: skip

binary(NUMERIC, TRUTHS, {
    "equal": ("x1 == x2, elementwise.", "[1, 2, 3]", "[3, 2, 1]", "[False,  True, False]"),
    "not_equal": ("x1 != x2, elementwise.", "[1, 2, 3]", "[3, 2, 1]", "[ True, False,  True]"),
})  # fmt: skip
binary(REAL, TRUTHS, {
    "less": ("x1 < x2, elementwise.", "[1, 2, 3]", "[3, 2, 1]", "[ True, False, False]"),
    "less_equal": ("x1 <= x2, elementwise.", "[1, 2, 3]", "[3, 2, 1]", "[ True,  True, False]"),
    "greater": ("x1 > x2, elementwise.", "[1, 2, 3]", "[3, 2, 1]", "[False, False,  True]"),
    "greater_equal": ("x1 >= x2, elementwise.", "[1, 2, 3]", "[3, 2, 1]", "[False,  True,  True]"),
})  # fmt: skip
binary("dtype bool", TRUTHS, {
    "logical_and": ("Whether both are true, elementwise.", "[True, False]", "[True, True]", "[ True, False]"),
    "logical_or": ("Whether either is true, elementwise.", "[True, False]", "[True, True]", "[ True,  True]"),
    "logical_xor": ("Whether just one is true, elementwise.", "[True, False]", "[True, True]", "[False,  True]"),
})  # fmt: skip
binary(BITS, PROMOTED, {
    "bitwise_and": ("x1 & x2, elementwise.", "[1, 2, 3]", "[3, 3, 6]", "[1, 2, 2]"),
    "bitwise_or": ("x1 | x2, elementwise.", "[1, 2, 3]", "[3, 3, 6]", "[3, 3, 7]"),
    "bitwise_xor": ("x1 ^ x2, elementwise.", "[1, 2, 3]", "[3, 3, 6]", "[2, 1, 5]"),
})  # fmt: skip

DOCS["where"] = """``x1`` where the condition holds, else ``x2``. The branch that is not taken gets a cotangent of zero.

:param condition: of dtype bool; no gradient reaches it.
:param x1: of any dtype, or a number.
:param x2: the same. All three broadcast, and ``x1`` and ``x2`` are promoted to one dtype.
:returns: of the broadcast shape and the promoted dtype.

>>> x = plugrad.tensor([1., -2.])
>>> plugrad.where(x > 0, x, 0)
tensor([1., 0.])
"""
DOCS["clip"] = """The input kept within ``min`` and ``max``. At a bound the cotangent is the input's; a NaN passes none.

:param x: of any shape, of a real dtype.
:param min: a number or an array that broadcasts with ``x``; None: no bound. The bounds themselves pass gradients.
:param max: the same. Where ``min`` is above it, it is what comes out.
:returns: of the broadcast shape and the dtype of ``x``.

>>> plugrad.clip(plugrad.tensor([-2., 0.5, 3.]), -1, 1)
tensor([-1.0,  0.5,  1.0])
"""
DOCS["astype"] = """The input converted to another dtype. Of a dtype with gradients, the cotangent is converted back.

:param dtype: a dtype or its name.
:param copy: False: the input itself where it has that dtype already.
:returns: of the shape of ``x``.
:raises DTypeError: if the backend has no such dtype.

>>> plugrad.astype(plugrad.tensor([1.9, -1.9]), plugrad.int64)
tensor([ 1, -1])
"""
DOCS["set_real"] = """A copy of ``x`` with another real part, of which ``value`` gives the real part, broadcast.

>>> plugrad.set_real(plugrad.tensor([1. + 2.j]), plugrad.tensor(5.))
tensor([5.+2.j], dtype=plugrad.complex128)
"""
DOCS["set_imag"] = """A copy of a complex ``x`` with another imaginary part: the real part of ``value``, broadcast.

>>> plugrad.set_imag(plugrad.tensor([1. + 2.j]), plugrad.tensor(5.))
tensor([1.+5.j], dtype=plugrad.complex128)
"""
