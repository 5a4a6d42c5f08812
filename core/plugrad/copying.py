"""Floor 4: copies of a tensor, by ``copy`` and by ``pickle``, and ``data``: its values without its history."""

from __future__ import annotations

from .autograd.leaf import set_requires_grad
from .autograd.node import LeafState, grad_node, leaf_node, rebind
from .autograd.rules import LEAF, Rule
from .autograd.views import memory, note_alias, ties_of, views_of
from .errors import BackendError, GraphError
from .ops import getitem
from .registry.spec import wrap
from .registry.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .autograd.node import Node


def deepcopied(self: Tensor, memo: dict[int, Any]) -> Tensor:
    """A leaf with memory of its own; ``requires_grad`` and ``.grad`` are copied too.

    :raises GraphError: if an op made this tensor.
    """
    if self._node is not None and self._node.seq:
        raise GraphError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment: "
            f"this one, {self._spec}, was made by {self._node.name()}. Use detach() to copy its values, or clone() to "
            "copy it within the graph"
        )
    if id(self) in memo:
        return memo[id(self)]  # type: ignore[no-any-return]
    copied = memo[id(self)] = set_requires_grad(wrap(self._spec.backend.copy(self._array)), self._node is not None)
    if self.grad is not None:
        copied.grad = deepcopied(self.grad, memo)
    return copied


def copied(self: Tensor) -> Tensor:
    """A tensor of the same memory. A leaf's is a leaf that has no ``.grad`` yet; any other's has the same history."""
    if self._node is not None and self._node.seq:
        return getitem(self, ...)
    return set_requires_grad(self.detach(), self._node is not None)


def reduced(self: Tensor, protocol: Any) -> tuple[Any, tuple[Any, bool]]:
    """For ``pickle``: the array, as its own library pickles it, and ``requires_grad``. History and ``.grad`` stay."""
    return rebuilt, (memory(self), self._node is not None)


def rebuilt(array: Any, requires_grad: bool) -> Tensor:
    """A leaf around an array that was unpickled."""
    t = wrap(array)
    t._array = t._spec.backend.held(array)
    return set_requires_grad(t, requires_grad)


class ReplacedRule(Rule):
    """The rule of a leaf's former node, whose ``data`` became of another shape, dtype or device."""

    __slots__ = ()

    def edges(self, n: Node) -> tuple[Node | None, ...]:
        return ()

    def arrive(self, n: Node, g: Any, tensors: bool) -> Any:
        leaf: LeafState = n.more
        t = leaf.tensor()
        raise GraphError(
            f"a leaf was {n.specs} when this graph was recorded, and its data was assigned since"
            f"{'' if t is None else f': it is {t._spec} now'}. Compute the loss again"
        )


REPLACED = ReplacedRule("leaf", "AccumulateGrad")


def data(self: Tensor) -> Tensor:
    """The values without the history, in the same memory. Assigned, they replace the memory, not the history."""
    return self.detach()


def set_data(self: Tensor, data: Tensor) -> None:
    """Give this tensor the memory of ``data``. Its history, or that it is a leaf, stays.

    :raises TypeError: if ``data`` is no tensor.
    :raises BackendError: if it is of another backend or device.
    :raises GraphError: if it cannot require grad and this tensor does, or does not fit into this tensor's history.
    """
    if not isinstance(data, Tensor):
        raise TypeError(f"Variable data has to be a tensor, but got {type(data).__name__}")
    have, want = data._spec, self._spec
    if have.backend is not want.backend or have.device != want.device:
        raise BackendError(
            "Attempted to call `variable.set_data(tensor)`, but `variable` and `tensor` have incompatible tensor type: "
            f"{want} and {have}"
        )
    node = grad_node(self)
    if self._node is not None and not have.inexact:
        raise GraphError(
            "data set to a tensor that requires gradients must be floating point or complex dtype; "
            f"this is {have}"
        )
    array = memory(data)
    if array is self._array:
        return
    fits = have.shape == want.shape and have.dtype is want.dtype
    if node is not None and node.seq and not fits:
        raise GraphError(f"data of {have} does not fit into the history of a tensor that {node.name()} made, {want}")
    _leave(self)
    self._spec = have
    rebind(self, array)
    if node is not None and not fits:
        _renew_leaf(self, node)
    note_alias(self, data)


def _leave(t: Tensor) -> None:
    """The tensor shares its memory with nothing any more."""
    for view in views_of(t):
        ties_of(view).parent = None
    ties = t._ties
    if ties is not None and ties.aliases is not None:
        for alias in [r for r in ties.aliases if r() is t]:
            ties.aliases.remove(alias)
    t._ties = None


def _renew_leaf(t: Tensor, old: Node) -> None:
    """Another node, because graphs that were recorded with the old one bring cotangents that do not fit."""
    new = leaf_node(t, LEAF)
    new.rule, old.rule = old.rule, REPLACED  # its hooks stay with the tensor
    new.more.grad, new.more.frozen = old.more.grad, old.more.frozen
    if t._node is None:
        t._frozen = new
    else:
        t._node = new
