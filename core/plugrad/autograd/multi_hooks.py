"""A hook on the gradients of several tensors."""

from __future__ import annotations

from _weakref import ref

from ..registry.tensor import Tensor
from . import engine
from .hooks import Handle, register_hook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Literal, Self


class MultiHook:
    """What the hooks of the several tensors share. In a run that began before it was registered it does nothing."""

    __slots__ = ("__weakref__", "fn", "nodes")

    def __init__(self, tensors: Sequence[Tensor], fn: Callable[..., None]) -> None:
        self.fn = fn
        self.nodes = [ref(t._node) for t in tensors if t._node is not None]
        engine.needed.add(ref(self, engine.needed.discard))

    def any(self, number: int, g: Tensor) -> None:
        """Called with the gradient of each tensor, by number; the first of a run counts."""
        run = engine.running()
        if run is not None and self not in run.awaited:
            run.awaited[self] = {}
            self.fn(g)

    def all(self, number: int, g: Tensor) -> None:
        """The last of those that the run reaches counts."""
        run = engine.running()
        if run is None:
            return
        arrived = run.awaited.setdefault(self, {})
        arrived[number] = g
        if len(arrived) == sum(node() in run.reached for node in self.nodes):
            self.finish(run.awaited, arrived)

    def finish(self, awaited: dict[Any, dict[int, Any]], arrived: dict[int, Any]) -> None:
        awaited[self] = {}
        self.fn([arrived.get(k) for k in range(len(self.nodes))])


class MultiHandle:
    """What registering a hook on several tensors returns. As a context manager it removes the hook at the end."""

    __slots__ = ("handles",)

    def __init__(self, handles: tuple[Handle, ...]) -> None:
        self.handles = handles

    def remove(self) -> None:
        """Take the hook away; a second time does nothing."""
        for handle in self.handles:
            handle.remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


def register_multi_grad_hook(
    tensors: Sequence[Tensor], fn: Callable[..., None], *, mode: Literal["all", "any"] = "all"
) -> MultiHandle:
    """Call ``fn`` once in each backward, when gradients of these tensors were computed. It must not change them.

    While such a hook is registered, all backwards are run by the plain engine.

    :param fn: in mode ``"all"`` it is called after the last gradient that this backward computes, with a list of a
        gradient for each tensor, None where there is none; in mode ``"any"`` after the first, with that gradient.
    :returns: a handle, whose ``remove()`` takes the hook away.
    :raises GraphError: if a tensor does not require grad.
    """
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    for t in tensors:
        if t._node is None:
            register_hook(t, fn)  # says what is wrong
    shared = MultiHook(tensors, fn)
    arrived = shared.all if mode == "all" else shared.any
    return MultiHandle(
        tuple([register_hook(t, lambda g, number=k: arrived(number, g)) for k, t in enumerate(tensors)])
    )
