"""Samples of indexing, and of taking elements by their positions."""

from __future__ import annotations

from ...ops.indexing import Index
from ..samples import Sample, Values, add_samples, normal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_axis: int | None
_indices: Any
_key: Any
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
for _shape, _indices, _axis in [
    ((3,), [0, 2, 0], None), ((3,), [1], 0), ((2, 3), [1, 0, 1], 0), ((2, 3), [2, 2], 1), ((2, 2, 2), [1, 1, 0], -2),
    ((2, 2), [-1, 0], 1),
]:  # fmt: skip
    add_samples("take", Sample((normal(_shape, 1), _indices), {"axis": _axis}))
for _shape, _indices, _axis in [
    ((3,), [0, 2, 0, -1], -1), ((2, 3), [[0, 0], [2, 1]], 1), ((2, 2), [[1, 0], [1, 0], [0, 0]], 0),
    ((2, 1, 2), [[[1]], [[0]]], -1), ((2, 2), [[1, 1]], 1), ((1, 2), [[0, 1], [1, 0]], 1),
]:  # fmt: skip
    add_samples("take_along_axis", Sample((normal(_shape, 1), _indices), {"axis": _axis}))
