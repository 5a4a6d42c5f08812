"""Bringing a cotangent to its input's spec: only here are broadcasting, promotion and complex numbers undone."""

from __future__ import annotations

from ..registry.op import OPS
from ..registry.spec import spec_of
from ..registry.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..registry.spec import Spec


def fit(g: Any, spec: Spec) -> Any:
    """``g`` summed over what was broadcast, and of the input's dtype. For raw arrays and for tensors alike."""
    have: Spec = g._spec if type(g) is Tensor else spec_of(g)
    if have is spec:
        return g
    if have.shape != spec.shape:
        op = OPS["sum_to"]
        g = op.kernels.get(type(g), op.function)(g, spec.shape)
    if have.complex and not spec.complex:
        g = OPS["real"].function(g)
        have = g._spec if type(g) is Tensor else spec_of(g)
    if have.dtype is not spec.dtype:
        g = OPS["astype"].function(g, spec.dtype)
    return g


def conj(g: Any) -> Any:
    """The complex conjugate; real arrays and tensors come back as they are."""
    spec: Spec = g._spec if type(g) is Tensor else spec_of(g)
    return OPS["conj"].function(g) if spec.complex else g
