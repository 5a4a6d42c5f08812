"""What is rare about a node: hooks, a kept gradient, metadata. A rule that stands before the node's own carries it."""

from __future__ import annotations

from _weakref import ref

from ..errors import BackendError, DTypeError, GraphError, ShapeError
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from .mode import PAUSED, restore, switch
from .node import Node
from .rules import EVERY, Rule, file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator
    from typing import Any, Self

    from ..registry.spec import Spec
    from .packed import Replace
    from .rules import Edge, Filed

    Hook = Callable[..., Any]


class Hooks(dict[object, "Hook"]):
    """Hooks in the order of their registration, each under a key of its own."""

    __slots__ = ("__weakref__",)


class Kept:
    """The gradient of a non-leaf. It is the tensor's, so it moves on when an in-place op gives that a new node."""

    __slots__ = ("grad", "retains")

    def __init__(self) -> None:
        self.retains = False
        self.grad: Tensor | None = None

    def add(self, t: Tensor, tensors: bool) -> None:
        if self.grad is not None:
            self.grad = self.grad + t if tensors else wrap(self.grad._array + t._array)
        else:
            self.grad = +t if tensors else wrap(t._spec.backend.copy(t._array))


class Extras:
    """What is asked of one node beyond its own work. It outlives the saved values."""

    __slots__ = ("accumulated_hooks", "kept", "metadata", "packed", "post_hooks", "pre_hooks", "tensor_hooks")

    def __init__(self) -> None:
        self.tensor_hooks = Hooks()  # (g): the tensor's, before anything of the node
        self.pre_hooks = Hooks()  # (gs): before the node runs
        self.post_hooks = Hooks()  # (grad_inputs, grad_outputs): after it
        self.accumulated_hooks = Hooks()  # (tensor): after a leaf's .grad was written
        self.kept: Kept | None = None
        self.metadata: dict[Any, Any] = {}
        self.packed = False  # saved values went through a pack hook, so only the readable rule can read them


class AttendedRule(Rule):
    """Tensor hooks, the kept gradient, pre-hooks, the node's own rule, post-hooks: in this order."""

    __slots__ = ("extras", "rule")

    def __init__(self, rule: Rule, extras: Extras) -> None:
        super().__init__(rule.name, rule.node_name)
        self.rule, self.inner, self.saves, self.extras = rule, rule.inner, rule.saves, extras
        self.freed = None if rule.freed is None else AttendedRule(rule.freed, extras)

    def arrive(self, n: Node, g: Any, tensors: bool) -> Any:
        extras = self.extras
        if g is None or isinstance(g, list) or not (extras.tensor_hooks or extras.kept):
            return g  # the hooks of several outputs are on their ports
        t = g if tensors else wrap(g)
        for hook in tuple(extras.tensor_hooks.values()):
            result = _called(hook, tensors, t)
            if result is not None:
                t = checked(hook, result, t._spec)
        if extras.kept is not None and extras.kept.retains:
            extras.kept.add(t, tensors)
        return t if tensors else t._array

    def before(self, n: Node, g: Any, tensors: bool) -> Any:
        hooks = self.extras.pre_hooks
        if g is None or not hooks:
            return g
        gs = tuple(_shown(d) for d in (g if isinstance(g, list) else (g,)))
        for hook in tuple(hooks.values()):
            gs = _replaced(hook, _called(hook, tensors, gs), gs)
        given = [d if tensors or d is None else d._array for d in gs]
        return given if isinstance(g, list) else given[0]

    def after(self, n: Node, filed: list[tuple[Node, Any]], g: Any, tensors: bool) -> list[tuple[Node, Any]]:
        """Call the post-hooks with a cotangent for each edge and for each output."""
        edges = self.edges(n)
        ds = tuple([_shown(d) for d in by_edge(edges, filed)])
        gs = tuple(_shown(d) for d in (g if isinstance(g, list) else (g,)))
        for hook in tuple(self.extras.post_hooks.values()):
            ds = _replaced(hook, _called(hook, tensors, ds, gs), ds)
        pairs = zip(edges, ds, strict=True)
        return [(e, d if tensors else d._array) for e, d in pairs if e is not None and d is not None]

    def accumulated(self, n: Node, g: Any, tensors: bool) -> None:
        """Call what waited for a leaf's gradient."""
        for hook in tuple(self.extras.accumulated_hooks.values()):
            result = _called(hook, tensors, n.variable)
            if result is not None:
                raise TypeError(f"a hook that runs after accumulation returns None, not {type(result).__name__}")
        for hook in tuple(self.extras.post_hooks.values()):
            _replaced(hook, _called(hook, tensors, (), (_shown(g),)), ())

    def edges(self, n: Node) -> tuple[Edge, ...]:
        return self.rule.edges(n)

    def cotangents(self, n: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
        g = self.before(n, g, tensors)
        filed = self.rule.cotangents(n, g, wanted, tensors)
        return iter(self.after(n, list(filed), g, tensors)) if self.extras.post_hooks else filed

    def back(self, n: Node, g: Any, ready: list[Node]) -> None:
        g = self.arrive(n, g, False)
        if self.extras.post_hooks or self.extras.packed:
            for e, d in self.cotangents(n, g, EVERY, False):
                file(e, d, False, ready)
        else:
            self.rule.back(n, self.before(n, g, False), ready)

    def saved(self, n: Node) -> Iterator[tuple[str, Any]]:
        return self.rule.saved(n)

    def replace_saved(self, n: Node, replace: Replace) -> bool:
        return self.rule.replace_saved(n, replace)

    def claimed(self, n: Node) -> Rule:
        after = self.rule.claimed(n)
        return self if after is self.rule else AttendedRule(after, self.extras)

    def restore(self, n: Node) -> None:
        self.rule.restore(n)

    def before_it(self, rule: Rule) -> Rule:
        return rule if isinstance(rule, AttendedRule) else AttendedRule(rule, self.extras)

    def free(self, n: Node) -> None:
        self.rule.free(n)


def by_edge(edges: tuple[Edge, ...], filed: Iterable[tuple[Node, Any]]) -> list[Any]:
    """A cotangent, or None, for each edge."""
    ds: list[Any] = [None] * len(edges)
    for e, d in filed:
        ds[next(k for k, edge in enumerate(edges) if edge is e and ds[k] is None)] = d
    return ds


def _shown(d: Any) -> Tensor | None:
    return d if d is None or isinstance(d, Tensor) else wrap(d)


def _called(hook: Hook, tensors: bool, *args: Any) -> Any:
    """Hooks record only while the engine does."""
    if tensors:
        return hook(*args)
    before = switch(PAUSED)
    try:
        return hook(*args)
    finally:
        restore(before)


def _replaced(hook: Hook, result: Any, ds: tuple[Tensor | None, ...]) -> tuple[Tensor | None, ...]:
    """What a node's hook made of several cotangents."""
    if result is None:
        return ds
    if not isinstance(result, tuple):
        raise TypeError(f"expected tuple, but hook {_name(hook)!r} returned {type(result).__name__!r}")
    if len(result) != len(ds):
        raise GraphError(
            f"hook {_name(hook)!r} has returned an incorrect number of values (got {len(result)}, but expected "
            f"{len(ds)})"
        )
    return tuple(_checked_or_none(hook, new, old) for new, old in zip(result, ds, strict=True))


def _checked_or_none(hook: Hook, new: Any, old: Tensor | None) -> Tensor | None:
    if new is None:
        return None
    if old is None:
        raise GraphError(f"hook {_name(hook)!r}: can't replace a None gradient with a non-None value")
    return checked(hook, new, old._spec)


def checked(hook: Hook, result: Any, want: Spec) -> Tensor:
    """A gradient that a hook returned, which must be what the gradient before it was.

    :raises TypeError: if it is no tensor.
    :raises ShapeError, DTypeError, BackendError: if it is of another shape, dtype, or backend or device.
    """
    if not isinstance(result, Tensor):
        raise TypeError(f"expected a tensor or None, but hook {_name(hook)!r} returned {type(result).__name__!r}")
    have: Spec = result._spec
    if have.backend is not want.backend or have.device != want.device:
        raise BackendError(f"hook {_name(hook)!r} has changed the device of value (was {want}, got {have})")
    if have.dtype is not want.dtype:
        raise DTypeError(
            f"hook {_name(hook)!r} has changed the type of value (was {want.dtype} got {have.dtype}); convert it by "
            "astype"
        )
    if have.shape != want.shape:
        raise ShapeError(f"hook {_name(hook)!r} has changed the size of value (was {want.shape}, got {have.shape})")
    return result


def _name(hook: Hook) -> str:
    return getattr(hook, "__name__", None) or type(hook).__name__


class Handle:
    """What registering a hook returns. As a context manager it removes the hook at the end."""

    __slots__ = ("_hooks", "_key")

    def __init__(self, hooks: Hooks, hook: Hook) -> None:
        self._hooks, self._key = ref(hooks), object()
        hooks[self._key] = hook

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        hooks = self._hooks()
        if hooks is not None:
            hooks.pop(self._key, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


def attended(node: Node) -> Extras:
    """What is rare about a node; made when first asked for."""
    while True:
        rule = node.rule
        if isinstance(rule, AttendedRule):
            return rule.extras
        made = AttendedRule(rule, Extras())
        if node.rule is rule:  # it may have been freed meanwhile, by another thread
            node.rule = made
            return made.extras


def extras_of(node: Node) -> Extras | None:
    rule = node.rule
    return rule.extras if isinstance(rule, AttendedRule) else None


def own_rule(node: Node) -> Rule:
    """The rule behind what is rare."""
    rule = node.rule
    return rule.rule if isinstance(rule, AttendedRule) else rule


def register_hook(self: Tensor, hook: Hook) -> Handle:
    """Call ``hook(grad)`` each time that this tensor's gradient was computed; what it returns replaces the gradient.

    :param hook: gets the gradient and returns None, or another one of the same shape, dtype and device.
    :returns: a handle, whose ``remove()`` takes the hook away.
    :raises GraphError: if the tensor does not require grad.
    """
    return Handle(attended(_asked(self)).tensor_hooks, hook)


def register_post_accumulate_grad_hook(self: Tensor, hook: Hook) -> Handle:
    """Call ``hook(tensor)`` each time that this leaf's ``.grad`` was written; it returns None.

    :returns: a handle, whose ``remove()`` takes the hook away.
    :raises GraphError: if the tensor does not require grad, or is not a leaf.
    """
    node = _asked(self)
    if node.seq:
        raise GraphError(
            f"post accumulate grad hooks cannot be registered on non-leaf tensors; this one was made by {node.name()}. "
            "Call retain_grad() and register_hook() instead"
        )
    return Handle(attended(node).accumulated_hooks, hook)


def _asked(t: Tensor) -> Node:
    if t._node is None:
        raise GraphError(
            f"cannot register a hook on a tensor that doesn't require gradient ({t._spec}). Call requires_grad_() on it"
        )
    return t._node


def retain_grad(self: Tensor) -> None:
    """Keep the gradient of this non-leaf in ``.grad``; on a leaf it does nothing.

    :raises GraphError: if the tensor does not require grad.
    """
    node = self._node
    if node is None:
        raise GraphError("can't retain_grad on Tensor that has requires_grad=False")
    if node.seq:
        kept(node).retains = True


def retains_grad(self: Tensor) -> bool:
    """Whether this is a non-leaf that keeps its gradient in ``.grad``."""
    extras = None if self._node is None else extras_of(self._node)
    return extras is not None and extras.kept is not None and extras.kept.retains


def kept(node: Node) -> Kept:
    """The kept gradient of a non-leaf's node; made when first asked for."""
    extras = attended(node)
    if extras.kept is None:
        extras.kept = Kept()
    return extras.kept


def move_retained(old: Node, new: Node) -> None:
    """An in-place op gave a tensor a new node: its kept gradient follows. Hooks stay with the value that they saw."""
    extras = extras_of(old)
    if extras is not None and extras.kept is not None:
        attended(new).kept, extras.kept = extras.kept, None


def kept_grad(node: Node) -> Tensor | None:
    extras = extras_of(node)
    return None if extras is None or extras.kept is None else extras.kept.grad
