"""Half precision: computed in float32 and rounded once, as PyTorch does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugrad.extend import dtype_of
from plugrad.ops import astype, sum

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

HALF = ("float16", "bfloat16")


def widened(function: Callable[..., Any], inputs: int = 1) -> Callable[..., Any]:
    """The function, whose first ``inputs`` arguments, if of half precision, are converted, and its result back."""

    def run(*arguments: Any) -> Any:
        dtype = dtype_of(arguments[0])
        if dtype not in HALF:
            return function(*arguments)
        wide = [astype(argument, "float32") for argument in arguments[:inputs]]
        return astype(function(*wide, *arguments[inputs:]), dtype)

    return run


def sum_along(x: Any, axis: int) -> Any:
    """The sum along an axis, which is kept."""
    return sum(x, axis=axis, keepdims=True)


wide_sum_along = widened(sum_along)
