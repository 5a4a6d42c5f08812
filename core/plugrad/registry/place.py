"""Where arrays are: a backend and one of its devices. Which backend has a device, and how an array gets there."""

from __future__ import annotations

from ..errors import BackendError
from ..plugins import discover, missing
from .claims import BACKENDS, default_backend, owner_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .backend import Array, Backend


class Place:
    """A backend, and the name of one of its devices."""

    __slots__ = ("backend", "device")

    def __init__(self, backend: Backend, device: str) -> None:
        self.backend, self.device = backend, device

    def __repr__(self) -> str:
        return f"{self.device} of {self.backend.name}"


def place_of(array: Array) -> Place:
    backend = owner_of(type(array))
    return Place(backend.library, backend.device(array))


def place_named(device: Any, own: Backend | None = None) -> Place:
    """The place that a device stands for, without its backend being named.

    The backend that is nearest is asked first: ``own``, the default one, NumPy's for ``"cpu"``, then the only one that
    is ready and has the device.

    :param device: a name, or a library's own object.
    :raises BackendError: if no backend has the device, or several have and none of them is nearer.
    """
    for backend in _nearest(own, device):
        name = _name(backend, device)
        if name is not None:
            return Place(backend, name)
    found = [Place(b, name) for b in BACKENDS.values() if not missing(b) and (name := _name(b, device)) is not None]
    if len(found) == 1:
        return found[0]
    names = ", ".join(place.backend.name for place in found)
    if found:
        raise BackendError(
            f"device {device!r} is one of {names}: say which backend is meant, "
            f"as by plugrad.asarray(t, backend={found[0].backend.name!r}, device={device!r})"
        )
    raise BackendError(
        f"no backend that can be used here has device {device!r}: {known_devices()}. "
        "`python -m plugrad doctor` tells what is installed"
    )


def _nearest(own: Backend | None, device: Any) -> Iterator[Backend]:
    if own is not None:
        yield own
    discover()
    try:
        yield default_backend()
    except BackendError:  # several may be ready, and none chosen
        pass
    numpy = BACKENDS.get("numpy")
    if device == "cpu" and numpy is not None and not missing(numpy):
        yield numpy


def _name(backend: Backend, device: Any) -> str | None:
    try:
        return backend.check_device(device)
    except Exception:  # the object may be another library's, and check_device a stranger's
        return None


def known_devices() -> str:
    """What each backend says of its devices, for an error."""
    parts = []
    for name, backend in BACKENDS.items():
        reason = missing(backend)
        devices = ", ".join(map(repr, () if reason else backend.devices()))
        parts.append(f"{name} is unavailable here: {reason}" if reason else f"{name} has {devices}")
    return "; ".join(parts)


def brought(array: Array, place: Place, dtype: Any = None) -> Array:
    """A copy of an array, of its own or another backend, at a place.

    Between two backends it goes by DLPack where both reach the memory, else by the host; as nested lists only where
    one of the two does not know DLPack.

    :param dtype: another dtype to have it in, by its neutral name.
    :raises DTypeError: if the backend there has no such dtype.
    """
    backend = owner_of(type(array)).library
    target, device = place.backend, place.device
    if backend is target:
        return target.held(target.asarray(array, target.native(dtype), device, True))
    native = target.native(dtype or backend.dtype(array))
    made = _imported(backend.aliased(array), backend, target, device)
    if made is None:
        made = target.asarray(backend.tolist(array), native, device, True)
    elif target.dtype(made) != native:
        made = target.asarray(made, native, device)
    return target.held(made)


def _imported(array: Array, backend: Backend, target: Backend, device: str) -> Array | None:
    if not hasattr(array, "__dlpack__"):
        return None
    try:
        return target.from_dlpack(array, device, True)
    except (BufferError, BackendError):  # the target does not reach that memory, or takes no other library's
        pass
    held = backend.to_host(array)
    if not hasattr(held, "__dlpack__"):
        return None
    try:
        return target.from_dlpack(held, device)
    except (BufferError, BackendError):
        return None
