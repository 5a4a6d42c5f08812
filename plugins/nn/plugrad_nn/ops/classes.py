"""One element of each line along the axis of classes: the first of a single sample's, else the second.

A target outside of the classes picks nan, and one that is ``ignore_index`` picks 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugrad.extend import op, positions, shape_of
from plugrad.ops import (
    equal,
    expand_dims,
    greater_equal,
    less,
    logical_and,
    not_equal,
    reshape,
    squeeze,
    take_along_axis,
    where,
)

if TYPE_CHECKING:
    from typing import Any


def class_axis(ndim: int) -> int:
    return 1 if ndim > 1 else 0


def hits(target: Any, classes: int, ignore_index: int) -> Any:
    """Whether each class is the target: one axis more. An index outside of the classes, or ignored, hits none."""
    ndim = len(shape_of(target)) + 1
    axis = class_axis(ndim)
    numbers = reshape(positions(classes, target), (classes,) + (1,) * (ndim - axis - 1))
    found = equal(expand_dims(target, axis), numbers)
    if 0 <= ignore_index < classes:
        found = logical_and(found, expand_dims(not_equal(target, ignore_index), axis))
    return found


def pick_composite(input: Any, target: Any, ignore_index: int) -> Any:
    shape = shape_of(input)
    axis = class_axis(len(shape))
    known = logical_and(greater_equal(target, 0), less(target, shape[axis]))
    where_it_is = expand_dims(where(known, target, 0), axis)
    chosen = squeeze(take_along_axis(input, where_it_is, axis=axis), axis)
    return where(equal(target, ignore_index), 0, where(known, chosen, float("nan")))


def place_composite(grad: Any, target: Any, classes: int, ignore_index: int) -> Any:
    return where(hits(target, classes, ignore_index), expand_dims(grad, class_axis(len(shape_of(grad)) + 1)), 0)


def pick_vjp(g: Any, target: Any, input_shape: tuple[int, ...], ignore_index: int) -> Any:
    return place(g, target, input_shape[class_axis(len(input_shape))], ignore_index)


pick: Any = op(
    "nn.pick(input, target~, /, ignore_index)", linear=True, composite=pick_composite, vjp={"input": pick_vjp}
)
place: Any = op(
    "nn.place(grad, target~, /, classes, ignore_index)", linear=True, fresh=True, composite=place_composite,
    vjp={"grad": lambda g, target, ignore_index: pick(g, target, ignore_index)},
)  # fmt: skip

OPS = (pick, place)
NUMPY = ("pick", "place")
CUPY: dict[str, str] = {}
