"""CuPy for plugrad. Importing this imports no CuPy."""

from __future__ import annotations

from plugrad.extend import hookimpl

from .backend import CupyBackend

__all__ = ["CupyBackend"]

plugrad_api = 1


@hookimpl
def plugrad_backends(register):
    register(CupyBackend())
