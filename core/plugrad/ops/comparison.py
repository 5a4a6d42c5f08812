"""Comparisons, classes of numbers and logic: elementwise, of dtype bool or an integer's, and without a derivative."""

from __future__ import annotations

from ..autograd.declare import Function, op

equal: Function = op("equal(x1, x2, /)", elementwise=True, dtype="bool")
not_equal: Function = op("not_equal(x1, x2, /)", elementwise=True, dtype="bool")
less: Function = op("less(x1, x2, /)", elementwise=True, dtype="bool")
less_equal: Function = op("less_equal(x1, x2, /)", elementwise=True, dtype="bool")
greater: Function = op("greater(x1, x2, /)", elementwise=True, dtype="bool")
greater_equal: Function = op("greater_equal(x1, x2, /)", elementwise=True, dtype="bool")

logical_and: Function = op("logical_and(x1, x2, /)", elementwise=True, dtype="bool")
logical_or: Function = op("logical_or(x1, x2, /)", elementwise=True, dtype="bool")
logical_xor: Function = op("logical_xor(x1, x2, /)", elementwise=True, dtype="bool")
logical_not: Function = op("logical_not(x, /)", elementwise=True, dtype="bool")

bitwise_and: Function = op("bitwise_and(x1, x2, /)", elementwise=True)
bitwise_or: Function = op("bitwise_or(x1, x2, /)", elementwise=True)
bitwise_xor: Function = op("bitwise_xor(x1, x2, /)", elementwise=True)
bitwise_invert: Function = op("bitwise_invert(x, /)", elementwise=True)

isnan: Function = op("isnan(x, /)", elementwise=True, dtype="bool")
isinf: Function = op("isinf(x, /)", elementwise=True, dtype="bool")
isfinite: Function = op("isfinite(x, /)", elementwise=True, dtype="bool")
signbit: Function = op("signbit(x, /)", elementwise=True, dtype="bool")
