"""NumPy for plugrad."""

from __future__ import annotations

from plugrad.extend import hookimpl

from .backend import NumPyBackend

plugrad_api = 1


@hookimpl
def plugrad_backends(register):
    register(NumPyBackend())
