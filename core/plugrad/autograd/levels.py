"""Writes across levels: what a transform's array is written into becomes one of that transform's arrays."""

from __future__ import annotations

from ..registry.spec import spec_of, wrap
from ..registry.tensor import Tensor
from .mode import recording, restore, switch
from .views import base_of, holding, view_ties, views_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def levelled(t: Tensor, others: tuple[Any, ...], tensors: list[Tensor]) -> tuple[Any, ...]:
    """The other arguments of a write into ``t``, once all that it changes are of one level.

    ``t``, its base and their views get arrays of the highest level; an argument of a lower one that requires grad is
    wrapped. Of what is written into integers its values alone are left.

    :param tensors: those among ``others``.
    """
    if not t._spec.inexact:
        return _each(_detached, others)
    top = max((t, *tensors), key=lambda x: x._spec.level)
    if t._spec.level < top._spec.level:
        _raise(base_of(t), top)
    return _each(lambda o: _lifted(o, top) if o._node is not None and o._spec.level < top._spec.level else o, others)


def _each(function: Any, others: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple([_each(function, o) if type(o) is tuple else function(o) if type(o) is Tensor else o for o in others])


def _detached(t: Tensor) -> Tensor:
    return wrap(t._spec.backend.detached(t._array))


def _lifted(t: Tensor, top: Tensor) -> Tensor:
    out = wrap(top._spec.backend.lift(t, top._array))
    out._node = t._node
    return out


def _raise(base: Tensor, top: Tensor) -> None:
    before = switch(recording())  # a view made without it refuses recorded writes
    try:
        _hold(base, top._spec.backend.lift(holding(base._array, base, base._node), top._array))
        stack = [base]
        while stack:
            parent = stack.pop()
            for view in views_of(parent):
                ties = view_ties(view)
                if ties is not None:
                    _hold(view, ties.op.function(parent, *ties.arguments)._array)
                    stack.append(view)
    finally:
        restore(before)


def _hold(t: Tensor, array: Any) -> None:
    t._array, t._spec = array, spec_of(array)
