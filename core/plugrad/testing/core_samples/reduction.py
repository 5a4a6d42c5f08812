"""Samples of reductions, of what is cumulative, and of sorting."""

from __future__ import annotations

from math import nan

from ..samples import Sample, Values, add_samples, normal
from .patterns import BOOL, BOTH, INTEGER, REAL, reductions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_lines: list[tuple[tuple[int, ...], dict[str, Any]]]

add_samples("sum", *reductions(normal, BOTH), Sample(([[1, 2], [3, 4]],), {"axis": 0}, dtypes=INTEGER))
for _name in ("sum", "prod"):
    add_samples(_name, Sample((normal((2,), 7),), {"dtype": "complex128"}), Sample(([True, True, False],), dtypes=BOOL))
add_samples("mean", *reductions(normal, BOTH, empty=False), Sample(([[1, 2], [3, 4]],), {"axis": 0}, dtypes=INTEGER))
add_samples(
    "prod",
    *reductions(normal, BOTH),
    Sample(([[1, 2], [3, 4]],), {"axis": 0}, dtypes=INTEGER),
    Sample(([2.0, 0.0, 3.0],)),
    Sample(([0.0, 0.0, 3.0],)),
    Sample(([[0.0, 2.0, 3.0], [0.0, 0.0, 4.0]],), {"axis": 1}),
    Sample(([[0.0, 2.0], [0.0, 3.0]],), {"axis": 0, "keepdims": True}),
    Sample(([0.0],)),
)
for _name in ("max", "min"):
    add_samples(
        _name,
        *reductions(normal, REAL, empty=False),
        Sample(([1.0, 3.0, 3.0, 1.0],), dtypes=REAL, smooth=False),
        Sample(([[2.0, 2.0], [1.0, 2.0]],), {"axis": 0}, dtypes=REAL, smooth=False),
        Sample(([[2.0, 2.0], [1.0, 2.0]],), {"axis": 1, "keepdims": True}, dtypes=REAL, smooth=False),
        Sample(([[2.0, 2.0], [2.0, 2.0]],), dtypes=REAL, smooth=False),
        Sample(([[nan, 2.0], [1.0, 2.0]],), {"axis": 1}, dtypes=REAL, smooth=False),
        Sample(([3, 1, 2],), dtypes=INTEGER),
    )
for _name in ("any", "all"):
    add_samples(
        _name,
        *[Sample(([[True, False], [True, True]],), parameters, dtypes=BOOL)
          for parameters in ({}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": (0, 1)})],
        Sample((Values((), [True]),), dtypes=BOOL),
        Sample(([0, 1],), dtypes=INTEGER),
    )  # fmt: skip
for _name in ("argmax", "argmin"):
    add_samples(
        _name,
        *[Sample((normal((2, 3), 1),), parameters, dtypes=REAL)
          for parameters in ({}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"keepdims": True})],
        Sample(([1.0, 3.0, 3.0, 1.0],), dtypes=REAL),
        Sample(([3, 1, 2],), dtypes=INTEGER),
    )  # fmt: skip
for _name in ("var", "std"):
    add_samples(
        _name,
        *reductions(normal, BOTH, empty=False),
        *[Sample((normal((2, 3), 8),), {"correction": 1, **parameters})
          for parameters in ({}, {"axis": 0}, {"axis": -1, "keepdims": True})],
        Sample((normal((3,), 9),), {"correction": 0.5}),
        Sample(([2.0, 2.0],), smooth=False),
        Sample(([1, 2, 4],), dtypes=INTEGER),
    )  # fmt: skip

# -- cumulative ---------------------------------------------------------------------------------------------------

_lines = [
    ((4,), {}), ((3,), {"include_initial": True}), ((2, 2), {"axis": 0}), ((2, 3), {"axis": -1}),
    ((2, 2, 2), {"axis": 1, "include_initial": True}), ((2, 2), {"axis": -2, "include_initial": True}),
    ((1,), {}), ((0,), {}), ((0, 2), {"axis": 0}), ((2, 0), {"axis": 1, "include_initial": True}),
    ((2,), {"dtype": "complex128"}),
]  # fmt: skip
for _name in ("cumulative_sum", "cumulative_prod"):
    add_samples(_name, *[Sample((normal(shape, 1),), parameters) for shape, parameters in _lines])
    add_samples(_name, Sample(([1, 2, 3],), dtypes=INTEGER), Sample(([True, True, False],), dtypes=BOOL))
add_samples(
    "cumulative_prod",
    *[Sample((numbers,)) for numbers in ([2.0, 0.0, 3.0, 0.5], [0.0, 2.0, 0.0, 3.0], [0.0, 0.0, 0.0], [2.0, 0.0])],
    Sample(([[0.0, 2.0], [1.5, 0.0]],), {"axis": 0, "include_initial": True}),
)

# -- sorting ------------------------------------------------------------------------------------------------------

for _name in ("sort", "argsort"):
    add_samples(
        _name,
        *[Sample((normal((2, 3), 1),), parameters, dtypes=REAL) for parameters in (
            {}, {"axis": 0}, {"axis": -1, "descending": True}, {"axis": 0, "descending": True, "stable": False}
        )],
        *[Sample((normal(shape, 2),), dtypes=REAL) for shape in ((4,), (1,), (0,), (2, 0))],
        *[Sample(([2.0, 1.0, 2.0, 1.0],), {"descending": down}, dtypes=REAL, smooth=False) for down in (False, True)],
        *[Sample(([2.0, nan, 1.0],), {"descending": down}, dtypes=REAL, smooth=False) for down in (False, True)],
        *[Sample(([3, 1, 2, 1],), {"descending": down}, dtypes=INTEGER) for down in (False, True)],
    )  # fmt: skip
