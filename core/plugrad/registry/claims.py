"""The backends by name, and which of them owns which array type."""

from __future__ import annotations

import os
import sys

from ..errors import BackendError
from ..plugins import OFF, REFUSED, discover, missing, plugins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .backend import Backend

BACKENDS: dict[str, Backend] = {}
CLAIMS: dict[str, Backend] = {}
"""``"numpy.ndarray"`` -> its backend: a claim by name imports nothing."""
OWNERS: dict[type, Backend] = {}
"""The same by type, filled at the first array of a type."""

asking: list[object] = []
"""Why a backward has to ask further before it takes the fast engine: contexts in which any thread is, and backends
whose library has a current device. Mostly there is none."""

NUMBERS = frozenset({bool, int, float, complex})
"""Python's numbers; they choose no backend where another argument can."""

_default: str | None = None


def owner_of(array_type: type) -> Backend:
    """The backend that owns an exact array type. Triggers discovery.

    :raises BackendError: if there is none.
    """
    backend = OWNERS.get(array_type)
    if backend is None:
        name = _name(array_type)
        backend = CLAIMS.get(name)
        if backend is None:
            discover()
            backend = CLAIMS.get(name)
        if backend is None:
            raise BackendError(disowned(array_type))
        OWNERS[array_type] = backend
        _own_the_others(backend)
        if backend.switches and backend not in asking:
            asking.append(backend)
    return backend


def _own_the_others(backend: Backend) -> None:
    """What computing with a backend's arrays may make, NumPy's scalars, is owned before anybody asks."""
    for name in backend.array_types:
        module, _, attribute = name.rpartition(".")
        array_type = getattr(sys.modules.get(module), attribute, None)
        if isinstance(array_type, type) and CLAIMS.get(name) is backend:
            OWNERS.setdefault(array_type, backend)


def is_array(array_type: type) -> bool:
    """Whether a backend owns arrays of this type."""
    if array_type not in OWNERS:
        try:
            owner_of(array_type)
        except BackendError:
            return False
    return True


def _name(array_type: type) -> str:
    return f"{array_type.__module__}.{array_type.__qualname__}"


def base_taken(array_type: type) -> str:
    """The claimed array type that an unclaimed one is a subclass of, by name; empty if there is none."""
    if _name(array_type) in CLAIMS:
        return ""
    return next((_name(t) for t in array_type.__mro__[1:] if t not in NUMBERS and _name(t) in CLAIMS), "")


def disowned(array_type: type) -> str:
    """Why arrays of a type are not taken, and what to do."""
    name = _name(array_type)
    base = base_taken(array_type)
    if base:
        return (
            f"{name} is a subclass of {base}. Subclasses change what operators mean, so plugrad takes exact types; "
            f"convert it to a plain {base} first"
        )
    return (
        f"no backend owns arrays of type {name}; the backends are {', '.join(BACKENDS) or 'none'}. "
        "`python -m plugrad doctor` tells what is installed, and why something is not ready"
    )


def backend_named(name: str) -> Backend:
    """The backend of that name. Triggers discovery.

    :raises BackendError: if there is none, or it is unavailable here.
    """
    found = BACKENDS.get(name)
    if found is None:
        discover()
        found = BACKENDS.get(name)
    if found is None:
        raise BackendError(
            f"there is no backend {name!r}; there are {', '.join(BACKENDS) or 'none'}. {_failed(name)}"
            f"Perhaps `pip install plugrad-{name}` brings it; `python -m plugrad doctor` tells what is installed"
        )
    reason = missing(found)
    if reason:
        raise BackendError(f"backend {name!r} is unavailable here: {reason}")
    return found


def _failed(name: str) -> str:
    """What became of the plugins that may have brought a backend of that name."""
    failed = [p for p in plugins() if p.state in (REFUSED, OFF) and name in f"{p.name} {p.distribution}"]
    return "".join(f"{plugin} is {plugin.state}: {plugin.reason}. " for plugin in failed)


def set_default_backend(name: str | None) -> None:
    """Choose the backend that creation functions use where no argument decides; None: choose anew.

    :raises BackendError: if there is no such backend, or it is unavailable here.
    """
    global _default
    if name is not None:
        backend_named(name)
    _default = name


def default_backend() -> Backend:
    """``set_default_backend``'s, else ``PLUGRAD_BACKEND``'s, else NumPy's, else the only one that is ready.

    :raises BackendError: if none is ready, or several are and none was chosen.
    """
    global _default
    found = backend_named(_default or os.environ.get("PLUGRAD_BACKEND") or _only_ready())
    _default = found.name
    return found


def _only_ready() -> str:
    discover()
    numpy = BACKENDS.get("numpy")
    if numpy is not None and not missing(numpy):
        return "numpy"  # before the others are asked, which imports their libraries
    reasons = {name: missing(backend) for name, backend in BACKENDS.items()}
    ready = [name for name, reason in reasons.items() if not reason]
    if len(ready) == 1:
        return ready[0]
    if ready:
        raise BackendError(f"choose one of the backends {', '.join(ready)}: plugrad.set_default_backend({ready[0]!r})")
    away = "".join(f"; {name} is unavailable here: {reason}" for name, reason in reasons.items())
    raise BackendError(
        f"no backend is installed that can be used here{away}. `pip install plugrad[numpy]` brings NumPy's; "
        "`python -m plugrad doctor` tells what else is there, and why something is not ready"
    )
