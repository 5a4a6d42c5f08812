"""Arguments of functions of windows: an integer for each axis, and PyTorch's refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugrad.extend import ShapeError

if TYPE_CHECKING:
    from typing import Any


def integers(name: str, argument: str, given: Any, axes: int) -> tuple[int, ...]:
    """One for each axis; a single one stands for all.

    :raises ShapeError: if there are as many of neither.
    """
    values = tuple(given) if isinstance(given, (tuple, list)) else (given,)
    if len(values) == 1:
        values *= axes
    if len(values) != axes:
        raise ShapeError(f"{name}: {argument} must be a single int, or a tuple of {axes} ints, but got {given!r}")
    return tuple([value.__index__() for value in values])


def at_least(name: str, argument: str, values: tuple[int, ...], least: int) -> None:
    """
    :raises ShapeError: if one is less.
    """
    if min(values) < least:
        words = "should be greater than zero" if least else "must be non-negative"
        raise ShapeError(f"{name}: {argument} {words}, but got {values}")
