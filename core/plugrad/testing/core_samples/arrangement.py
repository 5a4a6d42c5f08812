"""Samples of broadcasting, linear algebra, shapes and repetition."""

from __future__ import annotations

from ..samples import Sample, add_samples, normal
from .patterns import INTEGER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_axes: Any
_axis: Any
_destination: Any
_repeats: Any
_shift: Any
_source: Any
# -- broadcasting -------------------------------------------------------------------------------------------------

for _shape, _to in [
    ((3,), (2, 3)), ((2, 1), (2, 2)), ((), (2, 2)), ((2,), (2,)), ((1, 2), (3, 1, 2)), ((1,), (0,)),
    ((0, 2), (2, 0, 2)),
]:  # fmt: skip
    add_samples("broadcast_to", Sample((normal(_shape, 1),), {"shape": _to}))
    add_samples("sum_to", Sample((normal(_to, 2),), {"shape": _shape}))
add_samples(
    "expand",
    Sample((normal((), 1),), {"shape": (2, 3), "axis": None, "keepdims": False}),
    Sample((normal((1, 1), 2),), {"shape": (2, 3), "axis": None, "keepdims": True}),
    Sample((normal((3,), 3),), {"shape": (2, 3), "axis": 0, "keepdims": False}),
    Sample((normal((2, 1), 4),), {"shape": (2, 3), "axis": -1, "keepdims": True}),
    Sample((normal((2,), 5),), {"shape": (2, 2, 2), "axis": (2, 0), "keepdims": False}),
    Sample((normal((2, 2), 6),), {"shape": (2, 2), "axis": (), "keepdims": False}),
    Sample((normal((2,), 7),), {"shape": (2, 0), "axis": 1, "keepdims": False}),
    Sample((normal((), 8),), {"shape": (), "axis": None, "keepdims": False}),
)

# -- linear algebra -------------------------------------------------------------------------------------------------

for _a, _b in [
    ((2, 3), (3, 2)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((1, 2), (2, 1)), ((2, 1, 2), (2, 2, 1)),
    ((2, 1, 2), (2, 2)), ((2, 2), (2, 2, 1)), ((2, 1, 1, 2), (2, 2, 1)), ((1, 2, 2), (2, 2, 1)), ((2,), (2, 2, 1)),
    ((2, 1, 2), (2,)), ((2, 0), (0, 3)), ((0, 2), (2, 2)), ((0,), (0,)),
]:  # fmt: skip
    add_samples("matmul", Sample((normal(_a, 1), normal(_b, 2))))
add_samples("matmul", Sample(([[1, 2], [3, 4]], [[5], [6]]), dtypes=INTEGER))

for _a, _b, _axis in [
    ((3,), (3,), -1), ((2, 3), (3,), -1), ((2, 1), (2, 2), -2), ((2, 0), (2, 0), -1), ((2, 2), (1, 2), -1),
]:  # fmt: skip
    add_samples("vecdot", Sample((normal(_a, 1), normal(_b, 2)), {"axis": _axis}))
for _a, _b, _axes in [
    ((2, 3), (3, 2), 1), ((2,), (2,), 0), ((2, 2), (2, 2), 2), ((2, 1, 3), (3, 2, 2), ((2, 0), (0, 1))),
    ((2, 2), (3, 2), ((-1,), (-1,))), ((2,), (2,), 1), ((), (2,), 0), ((2, 0), (0, 2), 1),
]:  # fmt: skip
    add_samples("tensordot", Sample((normal(_a, 1), normal(_b, 2)), {"axes": _axes}))
for _name in ("tril", "triu"):
    for _shape, _k in [((2, 2), 0), ((2, 3), 1), ((3, 2), -1), ((2, 2, 2), 0), ((0, 2), 0), ((2, 2), 5)]:
        add_samples(_name, Sample((normal(_shape, 1),), {"k": _k}))

# -- shapes -----------------------------------------------------------------------------------------------------------

for _shape, _to in [
    ((2, 3), (3, 2)), ((2, 3), (6,)), ((4,), (2, -1)), ((), (1, 1)), ((1,), ()), ((2, 2), (-1,)), ((0, 3), (3, 0)),
]:  # fmt: skip
    add_samples("reshape", Sample((normal(_shape, 1),), {"shape": _to}))
for _shape, _axes in [
    ((2, 3), (1, 0)), ((2, 1, 3), (2, 0, 1)), ((2, 1, 3), (-2, -1, 0)), ((3,), (0,)), ((), ()), ((0, 2), (1, 0)),
]:  # fmt: skip
    add_samples("permute_dims", Sample((normal(_shape, 1),), {"axes": _axes}))
for _shape in [(2, 3), (2, 1, 2), (2, 2, 1, 2), (0, 2)]:
    add_samples("matrix_transpose", Sample((normal(_shape, 1),)))
for _shape, _axis in [((2, 2), 0), ((2, 2), 1), ((2, 2), -1), ((2, 2), -3), ((), 0), ((0,), 0)]:
    add_samples("expand_dims", Sample((normal(_shape, 1),), {"axis": _axis}))
for _shape, _axis in [
    ((1, 3), 0), ((3, 1), -1), ((1, 2, 1), (0, 2)), ((1, 2, 1), (-1,)), ((1,), 0), ((2,), ()), ((1, 0), 0),
]:  # fmt: skip
    add_samples("squeeze", Sample((normal(_shape, 1),), {"axis": _axis}))
for _axis in (None, 0, -1, (0, 1), (-1,)):
    add_samples("flip", Sample((normal((2, 3), 1),), {"axis": _axis}))
add_samples("flip", Sample((normal((), 2),)), Sample((normal((0, 2), 3),)))
for _shapes, _axis in [
    (((2, 1), (2, 2)), 1), (((1, 2), (2, 2), (1, 2)), 0), (((1, 2), (2, 2)), -2), (((2,), (2, 1)), None), (((3,),), 0),
    (((0,), (2,)), 0), (((), ()), None), (((1, 1, 2), (1, 2, 2)), -2),
]:  # fmt: skip
    add_samples("concat", Sample([normal(s, i) for i, s in enumerate(_shapes)], {"axis": _axis}))
add_samples("concat", Sample(([1, 2], [3]), dtypes=INTEGER))
for _shape, _count, _axis in [
    ((2,), 2, 0), ((2,), 3, -1), ((2, 2), 2, 1), ((2, 2), 2, -2), ((), 2, 0), ((3,), 1, 0), ((0,), 2, 0),
]:  # fmt: skip
    add_samples("stack", Sample([normal(_shape, i) for i in range(_count)], {"axis": _axis}))
for _shape, _source, _destination in [
    ((2, 1, 3), 0, -1), ((2, 1, 3), -1, 0), ((2, 1, 3), (0, 1), (-1, 0)), ((2, 2), 1, 1), ((2, 1, 3), (2, 0), (0, 1)),
    ((0, 2), 0, 1),
]:  # fmt: skip
    add_samples("moveaxis", Sample((normal(_shape, 1),), {"source": _source, "destination": _destination}))
for _shift, _axis in [(1, None), (-4, None), (1, 0), (-1, -1), ((1, 2), (0, 1)), (0, 0), (5, 1)]:
    add_samples("roll", Sample((normal((2, 3), 1),), {"shift": _shift, "axis": _axis}))
add_samples("roll", Sample((normal((0, 2), 2),), {"shift": 1, "axis": 0}))

# -- repetition -------------------------------------------------------------------------------------------------------

for _shape, _repeats, _axis in [
    ((2, 2), 2, None), ((2, 2), 3, 0), ((2, 3), 2, -1), ((3,), 1, 0), ((2,), 0, 0), ((0, 2), 2, 0),
    ((3,), [2, 0, 1], None), ((2, 3), [1, 2, 0], 1), ((2, 2), [2, 1], -2),
]:  # fmt: skip
    add_samples("repeat", Sample((normal(_shape, 1), _repeats), {"axis": _axis}))
for _shape, _repetitions in [
    ((2,), (2,)), ((2, 2), (1, 3)), ((2,), (2, 2)), ((2, 3), (2,)), ((2, 2), (1, 1)), ((2,), (0,)), ((), (3,)),
    ((0, 2), (2, 1)), ((2,), ()),
]:  # fmt: skip
    add_samples("tile", Sample((normal(_shape, 1),), {"repetitions": _repetitions}))
