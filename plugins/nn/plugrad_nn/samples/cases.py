"""Dtypes, shapes and numbers that several families have samples of."""

from __future__ import annotations

REAL = ("float64",)
LARGE = [[-1000.0, 0.0, 1000.0], [-40.0, 1e-3, 40.0]]
SINGULAR = [float("-inf"), float("inf"), float("nan")]
SHAPES = ((4,), (2, 3), (), (0, 2))
ALONG = (((3,), 0), ((2, 3), 0), ((2, 3), -1), ((2, 2, 2), 1), ((0, 3), 1))
