"""Calls that many ops have samples of: one input, two that broadcast, one that is reduced."""

from __future__ import annotations

from ..samples import Sample, Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Shape = tuple[int, ...]
    Draw = Callable[[Shape, int], Values]

REAL = ("float64",)
BOTH = ("float64", "complex128")
INTEGER = ("int64",)
BOOL = ("bool",)


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
