"""The ops: declarations, derivatives and composites, for every backend at once, one file a family.

Derivatives are those of PyTorch's ``derivatives.yaml``, written so that they can be differentiated again.

A family lists its ops in ``OPS``. ``NUMPY`` names those that have a kernel, a function of the same name, in
``plugrad_nn.numpy_kernels.<family>``; ``CUPY`` says which function is one on CuPy, as ``"module:function"``.
"""

from __future__ import annotations

from typing import Any

from . import (
    activations,
    classes,
    convolution,
    erf,
    lookup,
    losses,
    normalization,
    padding,
    pooling,
    regularization,
    softmax,
    windows,
)

FAMILIES = (
    activations,
    classes,
    convolution,
    erf,
    lookup,
    losses,
    normalization,
    padding,
    pooling,
    regularization,
    softmax,
    windows,
)

ALL: dict[str, Any] = {function.__name__: function for family in FAMILIES for function in family.OPS}
"""Every op by its name after ``nn.``."""


def kernels() -> list[tuple[str, str, str]]:
    """(op, backend, kernel) of each kernel, all of them names: nothing is imported for it."""
    found = []
    for family in FAMILIES:
        module = f"plugrad_nn.numpy_kernels.{family.__name__.rpartition('.')[2]}"
        found += [(f"nn.{name}", "numpy", f"{module}:{name}") for name in family.NUMPY]
        found += [(f"nn.{name}", "cupy", kernel) for name, kernel in family.CUPY.items()]
    return found
