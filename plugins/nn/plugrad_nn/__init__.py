"""Ops of neural networks for plugrad: ``from plugrad_nn import functional as F``."""

from __future__ import annotations

from typing import Any

from plugrad.extend import hookimpl

from . import ops

plugrad_api = 1


@hookimpl
def plugrad_ops(register: Any) -> None:
    for function in ops.ALL.values():
        register(function)


@hookimpl
def plugrad_kernels(register: Any) -> None:
    for op, backend, kernel in ops.kernels():
        register(op, backend=backend, kernel=kernel)


@hookimpl
def plugrad_samples(register: Any) -> None:
    from . import samples as samples  # importing them adds them
