"""``autograd.graph``: the graph as data, hooks over several tensors, and hooks on saved values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ..errors import GraphError
from ..registry.tensor import Tensor
from .multi_hooks import register_multi_grad_hook
from .node import Node
from .roots import edge_of
from .saved import stamp_write
from .saved_hooks import (
    allow_mutation_on_saved_tensors,
    disable_saved_tensors_hooks,
    save_on_cpu,
    saved_tensors_hooks,
)
from .views import owner_of_version

__all__ = [
    "GradientEdge", "Node", "allow_mutation_on_saved_tensors", "disable_saved_tensors_hooks", "get_gradient_edge",
    "increment_version", "register_multi_grad_hook", "save_on_cpu", "saved_tensors_hooks",
]  # fmt: skip


class GradientEdge(NamedTuple):
    """Where a tensor's gradient arrives in the graph. ``backward`` and ``grad`` take it in the tensor's place.

    It stays what it is when the tensor is changed in place, or dropped.
    """

    node: Node
    """The node that made the tensor, or a leaf's."""
    output_nr: int
    """Which of the node's outputs it is."""
    ownership_token: Any = None
    """What ``get_gradient_edge`` knows of the tensor."""


def get_gradient_edge(tensor: Tensor) -> GradientEdge:
    """The edge of the graph at which the gradient of a tensor arrives, as the tensor is now.

    :raises GraphError: if the tensor does not require grad.
    """
    return GradientEdge(*edge_of(tensor), (tensor._node, tensor._spec))


def increment_version(tensor: Tensor | Iterable[Tensor]) -> None:
    """Say that memory was written in a way that plugrad could not see, so that stale saved values are errors.

    :raises GraphError: for what is no tensor.
    """
    found = [tensor] if isinstance(tensor, Tensor) else list(tensor) if isinstance(tensor, Iterable) else [tensor]
    for t in found:
        if not isinstance(t, Tensor):
            raise GraphError(f"increment_version expects a tensor or an iterable of them, not {type(t).__name__}")
    for t in map(owner_of_version, found):
        stamp_write(t._array, "increment_version", holder=t)
