"""CuPy for plugrad. Importing this imports no CuPy."""

from __future__ import annotations

from plugrad.extend import hookimpl

from .backend import CupyBackend
from .scatter import are_deterministic_algorithms_enabled, use_deterministic_algorithms

__all__ = ["CupyBackend", "are_deterministic_algorithms_enabled", "use_deterministic_algorithms"]

plugrad_api = 1


@hookimpl
def plugrad_backends(register):
    register(CupyBackend())
