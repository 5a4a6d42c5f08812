"""Hooks on tensors, and kept gradients of non-leaves: a rule that stands before the node's own."""

from __future__ import annotations

from ..errors import GraphError, ShapeError
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from .mode import PAUSED, restore, switch
from .node import Node
from .rules import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from typing import Any

    from .rules import Edge, Filed

    Hook = Callable[[Tensor], Tensor | None]


class HookedRule(Rule):
    """Calls hooks with the whole cotangent, then keeps it if asked to, then goes on with the node's own rule."""

    __slots__ = ("grad", "hooks", "retains", "rule")

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.name, rule.node_name)
        self.rule, self.inner, self.saves = rule, rule.inner, rule.saves
        self.hooks: list[Hook] = []
        self.retains = False
        self.grad: Tensor | None = None

    def arrive(self, n: Node, g: Any, tensors: bool) -> Any:
        if g is None or isinstance(g, list):  # the hooks of several outputs are on their ports
            return g
        t = g if tensors else wrap(g)
        if self.hooks:
            before = switch(PAUSED) if not tensors else None
            try:
                for hook in tuple(self.hooks):
                    t = self._checked(hook(t), t)
            finally:
                if before is not None:
                    restore(before)
        if self.retains:
            self.add(t, tensors)
        return t if tensors else t._array

    def _checked(self, result: Tensor | None, t: Tensor) -> Tensor:
        if result is None:
            return t
        if not isinstance(result, Tensor):
            raise TypeError(f"a hook of {self.node_name} returned {type(result).__name__}; expected a tensor or None")
        if result._spec.shape != t._spec.shape:
            raise ShapeError(
                f"a hook of {self.node_name} changed the gradient's shape from {t._spec.shape} to {result._spec.shape}"
            )
        return result

    def add(self, t: Tensor, tensors: bool) -> None:
        """Add to the kept gradient."""
        if self.grad is not None:
            total = self.grad._array + t._array
            self.grad = self.grad + t if tensors else wrap(total)
        else:
            self.grad = t if tensors else wrap(t._spec.backend.copy(t._array))

    def edges(self, n: Node) -> tuple[Edge, ...]:
        return self.rule.edges(n)

    def cotangents(self, n: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
        return self.rule.cotangents(n, g, wanted, tensors)

    def back(self, n: Node, g: Any, ready: list[Node]) -> None:
        self.rule.back(n, self.arrive(n, g, False), ready)

    def saved(self, n: Node) -> Iterator[tuple[str, Any]]:
        return self.rule.saved(n)

    def free(self, n: Node) -> None:
        self.rule.free(n)
        if n.rule is not self:  # freed: the hooks stay
            self.rule, n.rule, self.saves = n.rule, self, False


class Handle:
    """What registering a hook returns."""

    __slots__ = ("_hook", "_hooks")

    def __init__(self, hooks: list[Any], hook: Any) -> None:
        self._hooks, self._hook = hooks, hook

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        if any(hook is self._hook for hook in self._hooks):
            self._hooks.remove(self._hook)


def hooked(node: Node) -> HookedRule:
    rule = node.rule
    if not isinstance(rule, HookedRule):
        rule = node.rule = HookedRule(rule)
    return rule


def register_hook(self: Tensor, hook: Hook) -> Handle:
    """Call ``hook(grad)`` each time that this tensor's gradient was computed; what it returns replaces the gradient.

    :raises GraphError: if the tensor does not require grad.
    """
    if self._node is None:
        raise GraphError("cannot register a hook on a tensor that doesn't require gradient")
    hooks = hooked(self._node).hooks
    hooks.append(hook)
    return Handle(hooks, hook)


def retain_grad(self: Tensor) -> None:
    """Keep the gradient of this non-leaf in ``.grad``; on a leaf it does nothing.

    :raises GraphError: if the tensor does not require grad.
    """
    node = self._node
    if node is None:
        raise GraphError("can't retain_grad on Tensor that has requires_grad=False")
    if node.seq:
        hooked(node).retains = True


def retain(node: Node, g: Any) -> None:
    """Add to the kept gradient of a non-leaf."""
    rule = hooked(node)
    if not rule.retains:  # otherwise it was kept on arrival
        tensors = isinstance(g, Tensor)
        rule.add(g if tensors else wrap(g), tensors)


def kept_grad(node: Node) -> Tensor | None:
    rule = node.rule
    return rule.grad if isinstance(rule, HookedRule) else None


def move_retained(old: Node, new: Node) -> None:
    """A tensor got a new node: what it retains is the newest one's gradient. Its hooks stay with the old value."""
    if isinstance(old.rule, HookedRule) and old.rule.retains:
        old.rule.retains = False
        hooked(new).retains = True
