"""Floor 4: the states of backends' random number generators, to be read and set."""

from __future__ import annotations

from .random_numbers import seeded
from .registry.claims import backend_named, default_backend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def get_rng_state(*, backend: str | None = None) -> Any:
    """The state from which a backend draws its next random numbers, on all of its devices.

    :param backend: the name of the backend; by default the default one.
    :returns: an object of the backend's, for ``set_rng_state``; of CuPy's, states stay on their devices.
    :raises BackendError: if there is no such backend.
    """
    return seeded(default_backend() if backend is None else backend_named(backend)).rng_state()


def set_rng_state(new_state: Any, *, backend: str | None = None) -> None:
    """Have a backend draw again the random numbers that followed ``get_rng_state``.

    :param new_state: what ``get_rng_state`` returned for the same backend.
    :param backend: the name of the backend; by default the default one.
    :raises BackendError: if there is no such backend.
    """
    seeded(default_backend() if backend is None else backend_named(backend)).set_rng_state(new_state)
