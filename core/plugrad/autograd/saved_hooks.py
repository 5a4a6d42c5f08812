"""Hooks on saved values: what a node saves goes through ``pack_hook``, and through ``unpack_hook`` when it is read."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ..errors import GraphError
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from .hooks import attended
from .mode import PAUSED, Watched, recording, restore, switch, watching
from .packed import Packed
from .saved import version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .node import Node

KIND, MUTATION = "saved", "mutation"
_disabled: ContextVar[str | None] = ContextVar("plugrad_saved_tensors_hooks_disabled", default=None)


class saved_tensors_hooks:
    """A context in which what nodes save is packed; the innermost one counts.

    It is called for tensors, once for each value that a node saves, and never for Python's numbers. A value that
    was packed is not checked against in-place writes. An output of the node that the hook returns as it is, is held
    without its history.

    :param pack_hook: gets a tensor, which it must not change, and returns whatever stands for it.
    :param unpack_hook: gets that when a backward needs the value, and returns a tensor with the same values. With
        ``create_graph`` what it does is recorded.
    :raises GraphError: by ``with``, where such hooks are disabled.
    """

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]) -> None:
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook
        self._entered: list[watching] = []  # empty outside, so that what the hooks hold dies with them

    def __enter__(self) -> None:
        message = _disabled.get()
        if message is not None:
            raise GraphError(message)
        entered = watching(KIND, self._recorded)
        entered.__enter__()
        self._entered.append(entered)

    def __exit__(self, *error: object) -> None:
        self._entered.pop().__exit__(*error)

    def _recorded(self, node: Node) -> None:
        def replace(value: Any, tensor: Callable[[], Tensor]) -> Packed:
            return Packed(self._packed(node, tensor()), self.unpack_hook)

        before = switch(PAUSED)
        try:
            if node.rule.replace_saved(node, replace):
                attended(node).packed = True
        finally:
            restore(before)

    def _packed(self, node: Node, t: Tensor) -> Any:
        array, backend = t._array, t._spec.backend
        count = version(array)
        held = self.pack_hook(t)
        if version(array) != count or (t._array is not array and not backend.writable):
            raise GraphError(
                "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack "
                "hook cannot be modified by in-place operations as this can lead to unexpected side-effects. Write "
                "into a copy"
            )
        if held is t and t._node is not None and node in (t._node, t._node.edge1):  # the node would hold itself
            return wrap(t._array)
        return held


class save_on_cpu(saved_tensors_hooks):
    """A context in which what nodes save waits in the host's memory, and goes back to its device for backward.

    :param pin_memory: accepted, and without effect.
    :param device_type: accepted, and without effect: each backend knows its way to the host.
    """

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        super().__init__(_to_host, _from_host)


def _to_host(t: Tensor) -> Any:
    return t._spec, t._spec.backend.to_host(t._array)


def _from_host(packed: Any) -> Tensor:
    spec, held = packed
    return wrap(spec.backend.from_host(held, spec.device))


@contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """A context, or a decorator, in which entering ``saved_tensors_hooks`` is an error.

    :raises GraphError: with that message, also at once where such hooks are active.
    """
    if KIND in _watchers():
        raise GraphError(error_message)
    token = _disabled.set(error_message)
    try:
        yield
    finally:
        _disabled.reset(token)


@contextmanager
def allow_mutation_on_saved_tensors() -> Iterator[None]:
    """A context, or a decorator, in which nodes save copies, so that tensors may be changed in place before backward.

    :raises GraphError: inside another one.
    """
    if MUTATION in _watchers():
        raise GraphError("allow_mutation_on_saved_tensors contexts cannot be nested")
    with watching(MUTATION, _copy_saved):
        yield


def _copy_saved(node: Node) -> None:
    node.rule.replace_saved(node, lambda value, tensor: _copied(tensor()))


def _copied(t: Tensor) -> Any:
    return t._spec.backend.copy(t._array)


def _watchers() -> dict[str, Any]:
    mode = recording()
    return mode.watchers if isinstance(mode, Watched) else {}
