"""Did a plugin's own kernel really run? Calls are counted, so that no fallback hides a dead one."""

from __future__ import annotations

from ...errors import MissingKernel
from ...registry import kernels as tables
from ...registry.claims import BACKENDS
from ...registry.kernels import Candidate, imported
from ...registry.op import OPS
from ..samples import CannotHold
from .call import Call, NothingToCheck

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ...registry.backend import Backend
    from ...registry.op import Op


class Count:
    """How often a kernel of one source ran, and why it declined."""

    __slots__ = ("asked", "calls", "may_decline", "reasons", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self.asked = self.calls = 0
        self.may_decline = False
        self.reasons: dict[str, int] = {}

    def kernel(self, kernel: Callable[..., Any]) -> Callable[..., Any]:
        """The kernel, counted."""

        def counted(*args: Any) -> Any:
            self.calls += 1
            return kernel(*args)

        return counted

    def accepts(self, accepts: Callable[..., str | None] | None) -> Callable[..., str | None] | None:
        """The test of a kernel that may decline, counted."""
        if accepts is None:
            return None
        self.may_decline = True

        def counted(*args: Any) -> str | None:
            self.asked += 1
            reason = accepts(*args)
            if reason is not None:
                self.reasons[reason] = self.reasons.get(reason, 0) + 1
            return reason

        return counted


class Counting:
    """Within it, the calls of each kernel of an op are counted.

    The op's table is built anew from counted candidates, and put back afterwards.

    :ivar counts: by source, in the order in which kernels are asked.
    :ivar composite: how often the composite ran because no kernel was there, or all declined.
    """

    def __init__(self, op: Op) -> None:
        self.op = op
        self.counts: dict[str, Count] = {}
        self.composite = Count("the composite")

    def __enter__(self) -> Counting:
        self._table = dict(self.op.kernels)
        self._composite, self._candidates = self.op.composite, tables.candidates
        if self._composite is not None:
            self.op.composite = self.composite.kernel(self._composite)
        tables.candidates = self._counted
        self.op.kernels.clear()
        return self

    def __exit__(self, *_: object) -> None:
        tables.candidates, self.op.composite = self._candidates, self._composite
        self.op.kernels.clear()
        self.op.kernels.update(self._table)

    def _counted(self, op: Op, backend: Backend, array_type: type) -> list[Candidate]:
        chain = self._candidates(op, backend, array_type)
        if op is not self.op:
            return chain
        made = []
        for candidate in chain:
            count = self.counts.setdefault(candidate.source, Count(candidate.source))
            kernel = imported(candidate.kernel, op.name, backend.name, candidate.source)
            accepts = count.accepts(candidate.accepts)
            made.append(Candidate(count.kernel(kernel), candidate.priority, accepts, candidate.source))
        return made


def counted(op: Op, calls: Sequence[Call]) -> Counting:
    """The calls that each kernel of an op gets when these calls are made.

    :raises NothingToCheck: if the backend can hold none of them.
    """
    ready, reason = [], f"{op.name} has no samples"
    for call in calls:
        try:
            arguments = call.arguments()
            call(*arguments)
            ready.append((call, arguments))
        except (CannotHold, NothingToCheck, MissingKernel) as error:
            reason = str(error)
    if not ready:
        raise NothingToCheck(reason)
    with Counting(op) as counting:
        for call, arguments in ready:
            call(*arguments)
    return counting


def kernel(op: Op, calls: Sequence[Call]) -> str:
    """Each kernel that is not behind one which takes every call has run.

    :returns: who ran, and how often.
    :raises NothingToCheck: if there is no kernel of the op, only its composite.
    :raises AssertionError: if one has not run.
    """
    backend = calls[0].backend.name
    _expect_no_stray(op)
    counting = counted(op, calls)
    if not counting.counts:
        raise NothingToCheck(f"backend {backend!r} has no kernel of {op.name}; its composite runs")
    for count in counting.counts.values():
        if not count.calls:
            if count.reasons:
                reasons = "; ".join(f"{reason} ({times} times)" for reason, times in count.reasons.items())
                why = f"it declined each of {count.asked} calls: {reasons}. Give {op.name} samples that it takes"
            elif counting.composite.calls:
                why = f"the composite ran {counting.composite.calls} times. Have samples as many axes as it needs?"
            else:
                why = "another took every call; register a higher priority, or samples that the other declines"
            raise AssertionError(f"{op.name} on {backend}: the kernel of {count.source} never ran: {why}")
        if not count.may_decline:
            break
    return "; ".join(f"{c.source} {c.calls}" for c in counting.counts.values() if c.calls)


def _expect_no_stray(op: Op) -> None:
    """No kernel is registered for a name that is nearly this op's, or nearly a backend's."""
    from difflib import get_close_matches

    for (name, backend), candidates in tables.CANDIDATES.items():
        meant = f"{name} on {backend!r}, which is not here"
        if name == op.name and backend not in BACKENDS:
            near = get_close_matches(backend, list(BACKENDS), 1, 0.75)
        elif name not in OPS:
            near = get_close_matches(name, [op.name], 1, 0.85)
        else:
            continue
        if near:
            raise AssertionError(f"{candidates[0].source} has a kernel of {meant}: was {near[0]!r} meant?")
