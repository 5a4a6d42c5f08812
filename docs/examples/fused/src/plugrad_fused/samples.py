"""Samples, for plugrad's conformance kit."""

from __future__ import annotations

from plugrad.extend import Index
from plugrad.testing import Sample, Values, normal

REAL = ("float64",)
SHAPES = (((4,), (4,)), ((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), ()), ((0, 2), (0, 2)))
FAR = [-1000.0, -30.0, 0.0, 30.0, 1000.0]


def give(register):
    for gate, value in SHAPES:
        register("fused.swiglu", Sample((normal(gate, 1), normal(value, 2)), dtypes=REAL))
        grad = normal(tuple(map(max, gate, value)) if len(gate) == len(value) else gate, 3)
        register("fused.swiglu_backward", Sample((grad, normal(gate, 1), normal(value, 2)), dtypes=REAL))
    register("fused.sigmoid", Sample((normal((3,), 1),), dtypes=REAL), Sample((FAR,), dtypes=REAL))
    register("fused.swiglu", Sample((FAR, [1.0, -1.0, 2.0, 3.0, -0.5]), dtypes=REAL))
    # Enough rows for the kernel of scatter_add not to decline; the smaller ones of plugrad's own samples it does.
    rows, places = normal((128, 64), 4), Values((128,), [7 * i % 10 - 5 for i in range(128)])
    added = {"shape": (10, 64), "key": Index(0)}
    register("scatter_add", Sample((rows, places), added, dtypes=REAL, smooth=False))
