"""Taking what a plugin registered: all of it, or nothing."""

from __future__ import annotations

from .. import plugins
from ..errors import PluginError
from .backend import Backend
from .claims import BACKENDS, CLAIMS
from .kernels import CANDIDATES, Candidate, forget
from .op import OPS, Op

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def op_of(function: Callable[..., Any]) -> Op:
    """The op behind an op's function.

    :raises PluginError: if it is no op's function.
    """
    op = getattr(function, "__globals__", {}).get("OP")
    if not isinstance(op, Op):
        raise PluginError(f"{function!r} is not what plugrad.extend.op returned")
    return op


def commit(plugin: plugins.Plugin, calls: list[plugins.Call]) -> None:
    """Check everything, then put everything in force.

    :raises PluginError: if a name, an array type or a kernel's place is taken; nothing is in force then.
    """
    ops: dict[str, Op] = {}
    backends: dict[str, Backend] = {}
    claims: dict[str, Backend] = {}
    kernels: dict[tuple[str, str], list[Candidate]] = {}
    for hook, args, keywords in calls:
        if hook == "plugrad_ops":
            op = op_of(*args, **keywords)
            _refuse_duplicate(op.name, ops, OPS, "op", lambda o: o.source)
            op.signature  # noqa: B018  a declaration that cannot be parsed refuses the plugin
            ops[op.name] = op
        elif hook == "plugrad_backends":
            backend = _backend(*args, **keywords)
            _refuse_duplicate(backend.name, backends, BACKENDS, "backend", lambda b: type(b).__module__)
            backends[backend.name] = backend
            for array_type in backend.array_types:
                _refuse_duplicate(array_type, claims, CLAIMS, "array type", lambda b: f"backend {b.name!r}")
                claims[array_type] = backend
        else:
            place, candidate = _candidate(plugin, *args, **keywords)
            kernels.setdefault(place, []).append(candidate)
    for place, candidates in kernels.items():
        _refuse_equal_priorities(place, candidates, backends.get(place[1]) or BACKENDS.get(place[1]))
    for op in ops.values():
        op.source = str(plugin)
    OPS.update(ops)
    BACKENDS.update(backends)
    CLAIMS.update(claims)
    plugin.backends.extend(backends.values())
    for place, candidates in kernels.items():
        CANDIDATES.setdefault(place, []).extend(candidates)
    if kernels:
        forget(*[op for op, _ in kernels])


def _backend(backend: Any) -> Backend:
    if not isinstance(backend, Backend) or not backend.name or type(backend.array_types) is not tuple:
        raise PluginError(f"{backend!r} is no plugrad.extend.Backend with a name and a tuple of array types")
    return backend


def _candidate(
    plugin: plugins.Plugin, op: str, *, backend: str, kernel: Any, priority: int = 0, accepts: Any = None
) -> tuple[tuple[str, str], Candidate]:
    if not (callable(kernel) or (isinstance(kernel, str) and all(kernel.partition(":")))):
        raise PluginError(f"the kernel of {op} on {backend!r} is a function or 'module:function', not {kernel!r}")
    if not isinstance(priority, int):
        raise PluginError(f"the priority of a kernel is an int, not {priority!r}; this one is of {op} on {backend!r}")
    return (op, backend), Candidate(kernel, priority, accepts, str(plugin), plugin)


def _refuse_equal_priorities(place: tuple[str, str], candidates: list[Candidate], backend: Backend | None) -> None:
    """The backend's own kernel, if it is one that can be told without importing its library, has priority 0."""
    taken = {candidate.priority: candidate.source for candidate in CANDIDATES.get(place, ())}
    if backend is not None and (place[0] in backend.kernels or hasattr(backend, f"kernel_{place[0]}")):
        taken[0] = f"backend {backend.name!r}"
    for candidate in candidates:
        if candidate.priority in taken:
            raise PluginError(
                f"a kernel of {place[0]} on backend {place[1]!r} with priority {candidate.priority} is there already, "
                f"from {taken[candidate.priority]}; state another priority"
            )
        taken[candidate.priority] = candidate.source


def _refuse_duplicate(name: str, new: dict[str, Any], there: dict[str, Any], what: str, source: Any) -> None:
    taken = new.get(name, there.get(name))
    if taken is not None:
        raise PluginError(f"{what} {name!r} is there already, from {source(taken)}")


plugins.commit = commit
