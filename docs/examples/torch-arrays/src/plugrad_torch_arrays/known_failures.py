"""What of plugrad's conformance kit this backend does not fulfil, and why."""

from __future__ import annotations

DEFAULT_FLOAT = "integers become PyTorch's default float, float32, and NumPy's is float64"

INTEGERS = {
    "divide": ("values", "dtypes"),
    "mean": ("dtypes",),
    "reciprocal": ("dtypes",),
    "std": ("values", "dtypes"),
    "var": ("values", "dtypes"),
}
"""Ops that make floats of integers, and the checks that compare them with NumPy's."""


def give(register):
    for op, checks in INTEGERS.items():
        for check in checks:
            register(op=op, backend="torch-arrays", check=check, dtype="int64", reason=DEFAULT_FLOAT)
