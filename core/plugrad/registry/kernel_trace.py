"""Who ran: ``trace_kernels``, and the lines that ``PLUGRAD_TRACE_KERNELS`` asks for.

Kernel tables hold functions that tell as long as somebody watches, and the kernels themselves otherwise, so that a
call costs nothing then.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from . import kernels
from .kernels import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .backend import Backend
    from .op import Op

_traces: ContextVar[tuple[Trace, ...]] = ContextVar("plugrad_kernel_traces", default=())
_watchers = 0  # open traces, and the environment's
_printing = False


class Declined(NamedTuple):
    """A kernel that declined a call: whose it is, and the reason that it gave."""

    source: str
    reason: str


class KernelRun(NamedTuple):
    """One call of an op on arrays, and what ran it.

    ``kernel`` is the function's name, or "composite"; ``source`` says whose it is. ``declined`` lists those that were
    asked before.
    """

    op: str
    backend: str
    kernel: str
    source: str
    declined: tuple[Declined, ...]

    def __str__(self) -> str:
        declined = "".join(f"; declined by {source}: {reason}" for source, reason in self.declined)
        return f"{self.op} on {self.backend}: {self.kernel} of {self.source}{declined}"


class Trace(list[KernelRun]):
    """The calls, in the order in which they returned; a line each where it is shown."""

    def __repr__(self) -> str:
        return "\n".join(map(str, self)) or "<no kernel ran>"


@contextmanager
def trace_kernels() -> Iterator[Trace]:
    """A context that lists which kernel ran each op, and which declined, with the reason::

        with plugrad.trace_kernels() as calls:
            loss(x).backward()
        print(calls)

    Forward and backward are listed, as far as this thread or task runs them; a call that raised is not. An op that is
    recorded as the ops of its composite shows as these. Arithmetic that a formula writes with the array's operators,
    as ``g * x2``, is the array library's and no kernel. ``PLUGRAD_TRACE_KERNELS=1`` prints the same of every thread
    to standard error.

    :returns: a list of calls, each with ``op``, ``backend``, ``kernel``, ``source`` and ``declined``.
    """
    trace = Trace()
    token = _traces.set((*_traces.get(), trace))
    _watch(1)
    try:
        yield trace
    finally:
        _watch(-1)
        _traces.reset(token)


def print_calls() -> None:
    """Print a line for each call from now on: what the environment variable asks for."""
    global _printing
    if not _printing:
        _printing = True
        _watch(1)


def _watch(more: int) -> None:
    global _watchers
    with kernels._lock:
        was, _watchers = _watchers, _watchers + more
        if bool(was) != bool(_watchers):
            kernels.tracing = _ran if _watchers else None
            kernels.forget()


def _ran(op: Op, backend: Backend, candidate: Candidate | None, declined: list[tuple[Candidate, str]]) -> None:
    traces = _traces.get()
    if not (traces or _printing):
        return
    told = tuple([Declined(other.source, reason) for other, reason in declined])
    if candidate is None:
        run = KernelRun(op.name, backend.name, "composite", op.source, told)
    else:
        run = KernelRun(op.name, backend.name, name_of(candidate.kernel), candidate.source, told)
    for trace in traces:
        trace.append(run)
    if _printing:
        print(f"plugrad: {run}", file=sys.stderr)


def name_of(kernel: Any) -> str:
    """A kernel's name for people: ``"scipy.special:expit"`` as it was given, ``numpy.exp``, ``my_module.kernel``."""
    if isinstance(kernel, str):
        return kernel
    while (inner := getattr(kernel, "__wrapped__", None) or getattr(kernel, "func", None)) is not None:
        kernel = inner  # of a wrapper, of a functools.partial
    name = getattr(kernel, "__qualname__", None) or getattr(kernel, "__name__", None) or type(kernel).__qualname__
    module = getattr(kernel, "__module__", None)
    return f"{module}.{name}" if module and module not in ("builtins", "_operator") else name
