"""The samples of the core's ops, family by family, as ``plugrad.ops`` orders them."""

from __future__ import annotations

from math import nan

from ..ops.indexing import Index
from .samples import Sample, Values, add_samples, normal, positive, signed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Draw = Callable[[tuple[int, ...], int], Values]

REAL = ("float64",)
BOTH = ("float64", "complex128")
INTEGER = ("int64",)
BOOL = ("bool",)
_axis: Any
_indices: Any
_key: Any
TRUTH = [[True, True, False, False]], [[True], [False]]


def broadcasting(x1: Draw, x2: Draw, dtypes: Sequence[str]) -> list[Sample]:
    """Two inputs: of one shape, broadcast on either side, of nothing, and with Python numbers."""
    shapes = [((2, 2), (2, 2)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((), (2,)), ((), ()), ((0, 3), (3,)), ((1,), (0,))]
    pairs = [(x1(a, 1), x2(b, 2)) for a, b in shapes]
    return [Sample(pair, dtypes=dtypes) for pair in (*pairs, (x1((3,), 3), 1.25), (2, x2((3,), 4)), (x1((), 5), 3))]


def shapes_of(draw: Draw, dtypes: Sequence[str] = BOTH) -> list[Sample]:
    """One input, of the shapes that an op of single elements may see."""
    return [Sample((draw(shape, seed),), dtypes=dtypes) for seed, shape in enumerate([(4,), (2, 3), (), (0, 2)], 1)]


def reductions(draw: Draw, dtypes: Sequence[str], empty: bool = True) -> list[Sample]:
    """One input and the axes that it is reduced over.

    :param empty: whether the op has a value for no elements.
    """
    asked: list[dict[str, Any]] = [{}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": (0, -1)}]
    asked += [{"keepdims": True}, {"axis": ()}]
    found = [Sample((draw((2, 3), 1),), parameters, dtypes=dtypes) for parameters in asked]
    asked = [{"axis": (2, 0)}, {"axis": (2, 0), "keepdims": True}]
    found += [Sample((draw((2, 2, 2), 2),), parameters, dtypes=dtypes) for parameters in asked]
    found += [Sample((draw((), 3),), dtypes=dtypes), Sample((draw((3, 0), 4),), {"axis": 0}, dtypes=dtypes)]
    if empty:
        found += [Sample((draw((2, 0), 5),), {"axis": 1}, dtypes=dtypes), Sample((draw((0,), 6),), dtypes=dtypes)]
    return found


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

for _name in ("exp", "expm1", "sin", "cos", "tan", "tanh", "conj", "real", "zeros_of"):
    add_samples(_name, *shapes_of(normal))
for _name in ("negative", "positive", "square"):
    add_samples(_name, *shapes_of(normal), Sample(([1, -2, 0],), dtypes=INTEGER))
add_samples("sqrt", *shapes_of(positive), Sample(([0.0, 4.0],), dtypes=REAL, smooth=False))
add_samples("log", *shapes_of(positive), Sample(([0.0, 1.0],), dtypes=REAL, smooth=False))
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
for _name in ("logical_and", "logical_or", "logical_xor"):
    add_samples(_name, Sample(TRUTH, dtypes=BOOL), Sample(([True, False], Values((), [True])), dtypes=BOOL))
add_samples("logical_not", Sample(([True, False],), dtypes=BOOL), Sample((Values((), [True]),), dtypes=BOOL))
for _name in ("bitwise_and", "bitwise_or", "bitwise_xor"):
    add_samples(_name, Sample(TRUTH, dtypes=BOOL))
    add_samples(_name, *[Sample(([12, -6], other), dtypes=INTEGER) for other in ([[10], [3]], 10)])
add_samples("bitwise_invert", Sample(([True, False],), dtypes=BOOL), Sample(([5, -6, 0],), dtypes=INTEGER))

# -- reductions -------------------------------------------------------------------------------------------------

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

# -- indexing ---------------------------------------------------------------------------------------------------------

for _key, _found in [
    (0, (3,)), (-1, (3,)), (slice(1, None), (1, 3)), (slice(None, None, -1), (2, 3)), ((1, -2), ()),
    ((slice(None), 0), (2,)), ((..., 1), (2,)), ((..., slice(0, 3, 2)), (2, 2)), (None, (1, 2, 3)),
    ((slice(None), None, slice(2, 0, -1)), (2, 1, 2)), (..., (2, 3)), ((), (2, 3)),
    (slice(2, 2), (0, 3)), ((0, None, ..., 2), (1,)),
]:  # fmt: skip
    add_samples("getitem", Sample((normal((2, 3), 1),), {"key": _key}))
    add_samples("scatter", Sample((normal(_found, 2),), {"shape": (2, 3), "key": _key}))
    add_samples("setitem", Sample((normal((2, 3), 1), normal(_found, 2)), {"key": _key}))
add_samples("getitem", Sample((normal((2, 1, 2), 3),), {"key": (1, ..., slice(-1, None))}))
add_samples("getitem", Sample((normal((), 4),), {"key": ()}))
add_samples("scatter", Sample((normal((), 3),), {"shape": (2,), "key": -1}))
add_samples("scatter", Sample((normal((), 4),), {"shape": (), "key": ()}))
add_samples("setitem", Sample((normal((2, 3), 1), normal((3,), 2)), {"key": slice(None)}))
add_samples("setitem", Sample((normal((2, 2), 1), normal((), 2)), {"key": 1}))
add_samples("setitem", Sample((normal((3,), 1), 2.5), {"key": slice(1, None)}))

_first, _second = Index(0), Index(1)
for _shape, _indices, _key, _found in [
    ((3,), [[0, 2, 0, -1]], _first, (4,)),
    ((3, 2), [[1, 1]], _first, (2, 2)),
    ((3,), [[[0, 1], [1, 1]]], _first, (2, 2)),
    ((3,), [Values((), [1])], _first, ()),
    ((2, 3), [[0, 1, 1], [2, 0, 0]], (_first, _second), (3,)),
    ((2, 3), [[[0], [1]], [0, 2]], (_first, _second), (2, 2)),
    ((2, 3), [[2, 0, 2]], (slice(None), _first), (2, 3)),
    ((2, 3), [[2, 0]], (..., _first), (2, 2)),
    ((2, 3), [[2, 2]], (1, _first), (2,)),
    ((2, 2, 2), [[0, 1], [1, 1]], (_first, slice(None), _second), (2, 2)),
    ((2, 3), [[0, 0]], (None, _first, slice(0, 2)), (1, 2, 2)),
    ((3,), [[True, False, True]], _first, (2,)),
    ((2, 2), [[[True, False], [True, True]]], _first, (3,)),
    ((2, 3), [[False, True, True]], (slice(None), _first), (2, 2)),
    ((2, 2), [[False, False]], _first, (0, 2)),
]:
    add_samples("index", Sample((normal(_shape, 1), *_indices), {"key": _key}))
    add_samples("scatter_add", Sample((normal(_found, 2), *_indices), {"shape": _shape, "key": _key}))
for _shape, _indices, _key, _found in [
    ((3,), [[2, -3]], _first, (2,)),
    ((3, 2), [[1, 0]], _first, (2,)),
    ((2, 3), [[0, 1], [2, 0]], (_first, _second), ()),
    ((2, 3), [[2, 0]], (slice(1, None), _first), (1, 2)),
    ((3,), [[True, False, True]], _first, (2,)),
    ((2, 2), [[[True, False], [True, True]]], _first, (3,)),
    ((2,), [[False, False]], _first, (0,)),
]:
    add_samples("index_put", Sample((normal(_shape, 1), normal(_found, 2), *_indices), {"key": _key}))
