"""The kernel tables: which function runs an op on an array type."""

from __future__ import annotations

import os
from _thread import RLock
from _weakref import ref

from .. import plugins
from ..errors import MissingKernel, PluginError
from ..plugins import Plugin, discover
from .claims import BACKENDS, NUMBERS, owner_of
from .op import Op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .backend import Backend

    Kernel = Callable[..., Any]


class Candidate:
    """A kernel that may run an op on a backend. ``plugin`` is None for the backend's own."""

    __slots__ = ("accepts", "kernel", "plugin", "priority", "source")

    def __init__(
        self, kernel: Kernel | str, priority: int, accepts: Kernel | None, source: str, plugin: Plugin | None = None
    ) -> None:
        self.kernel, self.priority, self.accepts, self.source, self.plugin = kernel, priority, accepts, source, plugin

    @property
    def off(self) -> bool:
        """Whether the user switched it off."""
        return self.plugin is not None and self.plugin.kernels_off


CANDIDATES: dict[tuple[str, str], list[Candidate]] = {}
"""(op, backend) -> what plugins registered for the pair."""

_filled: dict[int, ref[Op]] = {}  # the ops whose tables hold something
_lock = RLock()  # held for a look at ``_stale`` and a store, never round a library's work
_stale = 0  # counts up when tables are forgotten, so that what was found before is not stored after it

tracing: Callable[..., None] | None = None
"""While somebody watches: told of each kernel that ran. ``registry.kernel_trace`` puts it here."""
_asked_by_environment = os.environ.get("PLUGRAD_TRACE_KERNELS", "0") not in ("", "0")


def kernel_for(op: Op, array_type: type) -> Kernel:
    """The function that runs an op on an array type. What is missing is discovered; what is found is kept.

    :raises MissingKernel: if neither a kernel nor a composite is there.
    :raises PluginError: if a kernel that was named by a string cannot be imported.
    """
    found = op.kernels.get(array_type)
    if found is None:
        before = _stale
        found = _find(op, array_type)
        if found is None:
            discover()
            before = _stale
            found = _find(op, array_type)
        if found is None:
            raise MissingKernel(_missing(op, owner_of(array_type)))
        found = owner_of(array_type).guarded(found)
        with _lock:
            # a number never chooses a backend, so the fast path must not find it
            if before == _stale and array_type not in NUMBERS:
                op.kernels[array_type] = found
                if id(op) not in _filled:
                    key = id(op)
                    _filled[key] = ref(op, lambda _: _filled.pop(key, None))
    return found


def _find(op: Op, array_type: type) -> Kernel | None:
    backend = owner_of(array_type)
    asked = []
    for candidate in candidates(op, backend, array_type):
        asked.append((imported(candidate.kernel, op.name, backend.name, candidate.source), candidate))
        if candidate.accepts is None:  # it takes every call, and nobody asks those after it
            break
    if _asked_by_environment and tracing is None:
        from . import kernel_trace

        kernel_trace.print_calls()
    if not asked and op.composite is None:
        return None
    if tracing is not None:
        return _chain(op, backend, asked, tracing)
    if not asked:
        return op.composite
    return asked[0][0] if asked[0][1].accepts is None else _chain(op, backend, asked)


def candidates(op: Op, backend: Backend, array_type: type) -> list[Candidate]:
    """The kernels that there are and that nobody switched off, the first to be asked first.

    :raises PluginError: if two have the same priority.
    """
    chain = [candidate for candidate in every_candidate(op, backend, array_type) if not candidate.off]
    for first, second in zip(chain, chain[1:], strict=False):  # noqa: RUF007  itertools slows the import
        if first.priority == second.priority:
            raise PluginError(
                f"two kernels of {op.name} on {backend.name!r} have priority {first.priority}: "
                f"{first.source}'s and {second.source}'s; one must state another. Until then, "
                "plugrad.plugins.set_kernels_enabled(name, False) switches a plugin's off"
            )
    return chain


def every_candidate(op: Op, backend: Backend, array_type: type) -> list[Candidate]:
    """The same with those that are off."""
    chain = list(CANDIDATES.get((op.name, backend.name), ()))
    own = backend.kernel(op.name, array_type)
    if own is not None:
        chain.append(Candidate(own, 0, None, f"backend {backend.name!r}"))
    chain.sort(key=lambda candidate: -candidate.priority)
    return chain


def imported(kernel: Kernel | str, op: str, backend: str, source: str) -> Kernel:
    """The kernel itself where it was named by a string.

    :raises PluginError: if it cannot be imported.
    """
    if not isinstance(kernel, str):
        return kernel
    import importlib

    module, _, name = kernel.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except Exception as error:  # also what a library raises that finds no driver
        raise PluginError(
            f"{source} names {kernel!r} as the kernel of {op} on {backend!r}, and it cannot be imported: "
            f"{type(error).__name__}: {error}"
        ) from error


def _chain(op: Op, backend: Backend, asked: list[tuple[Kernel, Candidate]], ran: Kernel | None = None) -> Kernel:
    """Ask each kernel that may decline, the highest priority first.

    :param ran: told, after each call, of the kernel that ran (None for the composite) and of those that declined.
    """

    def run(*args: Any) -> Any:
        declined = []
        for kernel, candidate in asked:
            reason = None if candidate.accepts is None else candidate.accepts(*args)
            if reason is None:
                result = kernel(*args)
                break
            if type(reason) is not str:
                raise PluginError(
                    f"accepts of {candidate.source} for {op.name} on {backend.name!r} returned {reason!r}; it returns "
                    "None to take a call, or the reason for declining it as a str"
                )
            declined.append((candidate, reason))
        else:
            if op.composite is None:
                reasons = "; ".join([f"{candidate.source}: {reason}" for candidate, reason in declined])
                raise MissingKernel(f"{op.name}: every kernel on backend {backend.name!r} declined: {reasons}")
            candidate = None
            result = op.composite(*args)
        if ran is not None:
            ran(op, backend, candidate, declined)
        return result

    return run


def _missing(op: Op, backend: Backend) -> str:
    others = [b.name for b in BACKENDS.values() if b is not backend and (op.name, b.name) in CANDIDATES]
    others += [b.name for b in BACKENDS.values() if b is not backend and op.name in b.kernels]
    there = f" Backends that have one: {', '.join(dict.fromkeys(others))}." if others else ""
    return (
        f"{op.name}: backend {backend.name!r} has no kernel for it, and the op has no composite.{there} "
        "A plugin can provide one by the hook plugrad_kernels: "
        f"register({op.name!r}, backend={backend.name!r}, kernel=...)"
    )


def forget(*names: str) -> None:
    """Drop what was found for these ops, or for all, because their kernels changed."""
    global _stale
    with _lock:
        _stale += 1
        for found in list(_filled.values()):
            op = found()
            if op is not None and (not names or op.name in names):
                op.kernels.clear()


plugins.kernels_changed = forget
