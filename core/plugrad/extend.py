"""Floor 5: all that a plugin imports. Its API number is ``API``; a plugin states the one that it was built for."""

from __future__ import annotations

from pluggy import HookimplMarker

from .autograd.declare import op
from .autograd.function import Function
from .errors import BackendError, DTypeError, MissingKernel, PluginError, ShapeError
from .ops.indexing import Index, put_together
from .plugins import API, register
from .registry.backend import Backend
from .registry.dtype import DType, dtype
from .registry.namespace import NamespaceBackend
from .registry.spec import dtype_of, shape_of

hookimpl = HookimplMarker("plugrad")
"""Marks a plugin's hooks: ``plugrad_ops``, ``plugrad_backends``, ``plugrad_kernels``, and for the conformance kit
``plugrad_samples`` and ``plugrad_known_failures``."""

__all__ = [
    "API", "Backend", "BackendError", "DType", "DTypeError", "Function", "Index", "MissingKernel", "NamespaceBackend",
    "PluginError", "ShapeError", "dtype", "dtype_of", "hookimpl", "op", "put_together", "register", "shape_of",
]  # fmt: skip
