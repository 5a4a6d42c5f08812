"""Making a leaf of a tensor, and freezing it."""

from __future__ import annotations

from ..errors import GraphError
from .node import leaf_node
from .rules import LEAF

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..registry.tensor import Tensor


def set_requires_grad(t: Tensor, requires_grad: bool) -> Tensor:
    """Make a leaf require grad, or freeze it; its ``.grad`` stays."""
    node = t._node
    if requires_grad:
        if not t._spec.inexact:
            raise GraphError(
                "only Tensors of floating point and complex dtype can require gradients; this one is "
                f"{t._spec}. Make it with dtype=plugrad.float64, or convert it by astype"
            )
        if node is None:
            t._node = getattr(t, "_frozen", None) or leaf_node(t, LEAF)
            t._node.more.frozen = False
    elif node is not None:
        if node.seq:
            raise GraphError(
                f"you can only change requires_grad flags of leaf variables; this tensor was made by {node.name()}. "
                "If you want to use it without its history, use detach()"
            )
        node.more.frozen = True
        t._frozen, t._node = node, None
    return t
