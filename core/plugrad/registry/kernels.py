"""The kernel tables: which function runs an op on an array type."""

from __future__ import annotations

from ..errors import MissingKernel, PluginError
from ..plugins import discover
from .claims import BACKENDS, NUMBERS, owner_of
from .op import OPS, Op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .backend import Backend

    Kernel = Callable[..., Any]


class Candidate:
    """A kernel that may run an op on a backend."""

    __slots__ = ("accepts", "kernel", "priority", "source")

    def __init__(self, kernel: Kernel | str, priority: int, accepts: Kernel | None, source: str) -> None:
        self.kernel, self.priority, self.accepts, self.source = kernel, priority, accepts, source


CANDIDATES: dict[tuple[str, str], list[Candidate]] = {}
"""(op, backend) -> what plugins registered for the pair."""


def kernel_for(op: Op, array_type: type) -> Kernel:
    """The function that runs an op on an array type. What is missing is discovered; what is found is kept.

    :raises MissingKernel: if neither a kernel nor a composite is there.
    :raises PluginError: if a kernel that was named by a string cannot be imported.
    """
    found = op.kernels.get(array_type)
    if found is None:
        found = _find(op, array_type)
        if found is None:
            discover()
            found = _find(op, array_type)
        if found is None:
            raise MissingKernel(_missing(op, owner_of(array_type)))
        if array_type not in NUMBERS:  # a number never chooses a backend, so the fast path must not find it
            op.kernels[array_type] = found
    return found


def _find(op: Op, array_type: type) -> Kernel | None:
    backend = owner_of(array_type)
    chain = candidates(op, backend, array_type)
    if not chain:
        return op.composite
    kernels = []
    for candidate in chain:
        kernels.append((imported(candidate.kernel, op.name, backend.name, candidate.source), candidate.accepts))
        if candidate.accepts is None:  # it takes every call, and nobody asks those after it
            break
    return kernels[0][0] if len(kernels) == 1 and kernels[0][1] is None else _chain(op, backend, kernels)


def candidates(op: Op, backend: Backend, array_type: type) -> list[Candidate]:
    """The kernels that there are, the first to be asked first."""
    chain = list(CANDIDATES.get((op.name, backend.name), ()))
    own = backend.kernel(op.name, array_type)
    if own is not None:
        chain.append(Candidate(own, 0, None, f"backend {backend.name!r}"))
    chain.sort(key=lambda candidate: -candidate.priority)
    for first, second in zip(chain, chain[1:], strict=False):  # noqa: RUF007  itertools slows the import
        if first.priority == second.priority:
            raise PluginError(
                f"two kernels of {op.name} on {backend.name!r} have priority {first.priority}: "
                f"{first.source}'s and {second.source}'s; one must state another"
            )
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


def _chain(op: Op, backend: Backend, kernels: list[tuple[Kernel, Kernel | None]]) -> Kernel:
    """Ask each kernel that may decline, the highest priority first."""

    def run(*args: Any) -> Any:
        reasons = []
        for kernel, accepts in kernels:
            reason = None if accepts is None else accepts(*args)
            if reason is None:
                return kernel(*args)
            reasons.append(reason)
        if op.composite is not None:
            return op.composite(*args)
        raise MissingKernel(f"{op.name}: every kernel on backend {backend.name!r} declined: {'; '.join(reasons)}")

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


def forget(op_name: str) -> None:
    """Drop what was found for an op, because its kernels changed."""
    op = OPS.get(op_name)
    if op is not None:
        op.kernels.clear()
