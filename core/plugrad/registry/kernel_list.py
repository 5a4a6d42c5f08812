"""``plugrad.kernels``: for each op and backend, the kernels in the order in which they are asked."""

from __future__ import annotations

import sys
from fnmatch import fnmatchcase
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import BackendError, PluginError
from ..plugins import discover, missing
from .claims import BACKENDS
from .kernel_trace import name_of
from .kernels import CANDIDATES, candidates, every_candidate
from .op import OPS, Op
from .registration import op_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .backend import Backend
    from .kernels import Candidate

KERNEL, COMPOSITE, NONE, UNAVAILABLE, CLASH, BROKEN = (
    "kernel", "composite", "none", "unavailable here", "clash", "broken",
)  # fmt: skip


class Kernel(NamedTuple):
    """A kernel: its name, whose it is, its priority, whether it may decline a call, whether the user switched it off.

    ``plugin`` is empty for a backend's own.
    """

    name: str
    source: str
    plugin: str
    priority: int
    may_decline: bool
    off: bool


class Kernels(NamedTuple):
    """The kernels of an op on a backend, the first to be asked first, and what runs a call now.

    ``runs`` is "kernel"; "composite", the op's own program over other ops; "none"; "clash", where two kernels have one
    priority; "broken", where the backend raises when it is asked; "unavailable here", of a backend that cannot be
    used, whose own kernels are listed as far as its class tells. ``reason`` says why, of the last three.
    """

    op: str
    backend: str
    runs: str
    kernels: tuple[Kernel, ...]
    composite: bool
    reason: str = ""

    def __repr__(self) -> str:
        return repr(KernelList([self]))


class KernelList(tuple[Kernels, ...]):
    """What ``plugrad.kernels`` returns: a tuple that shows as a table."""

    def __repr__(self) -> str:
        return "\n".join(aligned([["op", "backend", "runs", "asked in this order"], *map(_row, self)]))


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of text, with the columns one below the other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def kernels(op: str | Callable[..., Any] | None = None, backend: str | None = None) -> KernelList:
    """Which kernels there are, in the order in which they are asked, and what runs now::

        >>> plugrad.kernels("exp", "numpy")
        op   backend  runs    asked in this order
        exp  numpy    kernel  numpy.exp of backend 'numpy' (priority 0)

    On the backend's first array type; the composite, where there is one, takes what all kernels decline. Where a call
    is recorded, an op with a composite and no derivative of its own is recorded as the ops of its composite.
    ``plugrad.trace_kernels`` lists what ran. Triggers discovery.

    :param op: the op's function, its name, or a pattern as ``"nn.*"``; all by default.
    :param backend: its name; all by default.
    :returns: a tuple with a ``Kernels`` for each op and backend.
    :raises ValueError: if there is no such op.
    :raises BackendError: if there is no such backend.
    """
    discover()
    if backend is not None and backend not in BACKENDS:
        raise BackendError(f"there is no backend {backend!r}; there are {', '.join(BACKENDS) or 'none'}")
    chosen = [BACKENDS[backend]] if backend is not None else list(BACKENDS.values())
    return KernelList([_listed(one, found) for one in chosen_ops(op) for found in chosen])


def chosen_ops(op: str | Callable[..., Any] | None) -> list[Op]:
    """
    :raises ValueError: if none is meant.
    """
    if op is None:
        return [OPS[name] for name in sorted(OPS)]
    if not isinstance(op, str):
        return [op_of(op)]
    names = [name for name in sorted(OPS) if fnmatchcase(name, op)]
    if not names:
        from difflib import get_close_matches

        close = get_close_matches(op, OPS, 3)
        hint = f"; did you mean {' or '.join(close)}?" if close else "; `python -m plugrad ops` lists them"
        raise ValueError(f"no op is called {op!r}{hint}")
    return [OPS[name] for name in names]


def _listed(op: Op, backend: Backend) -> Kernels:
    composite = op.composite is not None
    reason = missing(backend)
    if reason:
        chain = sorted(CANDIDATES.get((op.name, backend.name), ()), key=lambda candidate: -candidate.priority)
        own = backend.kernels.get(op.name)
        shown = tuple(map(_shown, chain))
        if own is not None:
            shown += (Kernel(name_of(own), f"backend {backend.name!r}", "", 0, False, False),)
        return Kernels(op.name, backend.name, UNAVAILABLE, shown, composite, reason)
    array_type: Any = array_type_named(backend.array_types[0]) if backend.array_types else None
    try:
        shown = tuple(map(_shown, every_candidate(op, backend, array_type)))
    except Exception as error:  # a third party's; whoever lists kernels wants to see the others
        told = f"backend {backend.name!r}, asked for its kernel of {op.name}, raised {type(error).__name__}: {error}"
        return Kernels(op.name, backend.name, BROKEN, (), composite, told)
    try:
        runs = KERNEL if candidates(op, backend, array_type) else COMPOSITE if composite else NONE
    except PluginError as error:
        return Kernels(op.name, backend.name, CLASH, shown, composite, str(error))
    return Kernels(op.name, backend.name, runs, shown, composite)


def _shown(candidate: Candidate) -> Kernel:
    plugin = candidate.plugin.name if candidate.plugin is not None else ""
    may_decline = candidate.accepts is not None
    return Kernel(name_of(candidate.kernel), candidate.source, plugin, candidate.priority, may_decline, candidate.off)


def _row(listed: Kernels) -> list[str]:
    asked = []
    for kernel in listed.kernels:
        notes = f"priority {kernel.priority}" + ", may decline" * kernel.may_decline + ", off" * kernel.off
        source = f"plugin {kernel.plugin!r}" if kernel.plugin else kernel.source
        asked.append(f"{kernel.name} of {source} ({notes})")
        if not (kernel.may_decline or kernel.off):
            break
    else:
        asked += ["its composite"] * listed.composite
    return [listed.op, listed.backend, listed.runs, "; ".join(asked) or "none"]


def array_type_named(name: str) -> Any:
    """The type that a backend claims by name, which imports its library; None if there is none, or it is broken."""
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(sys.modules.get(module) or import_module(module), attribute)
    except Exception:  # whatever a library raises while it is imported
        return None
