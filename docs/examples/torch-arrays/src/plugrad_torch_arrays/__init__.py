"""PyTorch's tensors as plain arrays for plugrad. Importing this imports no PyTorch."""

from __future__ import annotations

from plugrad.extend import hookimpl

from .backend import TorchArrays

__all__ = ["TorchArrays"]

plugrad_api = 1


@hookimpl
def plugrad_backends(register):
    register(TorchArrays())


@hookimpl
def plugrad_known_failures(register):
    from . import known_failures

    known_failures.give(register)
