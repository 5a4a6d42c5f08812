"""Broadcasting and the sum: each is the other's derivative."""

from __future__ import annotations

from ..autograd.declare import Function, op
from ..registry.spec import shape_of
from .shape import reshape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Shape = tuple[int, ...]


def axes_of(axis: int | Shape | None, ndim: int) -> Shape:
    """The axes that a reduction goes over, as positive numbers."""
    if axis is None:
        return tuple(range(ndim))
    return tuple([a % ndim if ndim else a for a in (axis if isinstance(axis, tuple) else (axis,))])


def kept_shape(shape: Shape, axis: int | Shape | None) -> Shape:
    """A reduction's shape with ``keepdims``."""
    axes = axes_of(axis, len(shape))
    return tuple([1 if i in axes else extent for i, extent in enumerate(shape)])


def expand_composite(x: Any, shape: Shape, axis: int | Shape | None, keepdims: bool) -> Any:
    return broadcast_to(x if keepdims else reshape(x, kept_shape(shape, axis)), shape)


def sum_to_composite(x: Any, shape: Shape) -> Any:
    have = shape_of(x)
    lead = len(have) - len(shape)
    axes = tuple(i for i, extent in enumerate(have) if i < lead or (shape[i - lead] == 1 and extent != 1))
    return reshape(sum(x, axis=axes, keepdims=True), shape)


sum: Function = op(
    "sum(x, /, axis=None, *, dtype=None, keepdims=False)", linear=True,
    vjp={"x": lambda g, x_shape, axis, keepdims: expand(g, x_shape, axis, keepdims)},
)  # fmt: skip
expand: Function = op(
    "expand(x, /, shape, axis, keepdims)", linear=True, composite=expand_composite,
    vjp={"x": lambda g, axis, keepdims: sum(g, axis=axis, keepdims=keepdims)},
)  # fmt: skip
broadcast_to: Function = op(
    "broadcast_to(x, /, shape)",
    view=True,
    linear=True,
    node_name="ExpandBackward0",
    vjp={"x": lambda g, x_shape: sum_to(g, x_shape)},
)
sum_to: Function = op(
    "sum_to(x, /, shape)",
    linear=True,
    composite=sum_to_composite,
    vjp={"x": lambda g, x_shape: broadcast_to(g, x_shape)},
)
