"""Where tracking stopped: what can be said of a tensor that has no history, or of an output that no input reaches."""

from __future__ import annotations

from ..registry.claims import OWNERS
from ..registry.tensor import Tensor
from .engine import reachable
from .mode import PAUSED, current
from .views import NO_GRAD, aliases_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .node import Node


def without_history(t: Tensor) -> str:
    """Why a tensor does not require grad, as far as it can be told."""
    spec, ties = t._spec, t._ties
    if not spec.inexact:
        return (
            f"It is of {spec.dtype}, and only floating point and complex tensors have gradients: comparisons, argmax "
            "and conversions to integers have no derivative"
        )
    if any(other._node is not None for other in aliases_of(t)):
        return "It shares memory with a tensor that requires grad: detach() cut it off that one's history"
    if ties is not None and ties.parent is not None and ties.refusal == NO_GRAD:
        return "It is a view that was made under no_grad"
    if current() is PAUSED:
        return "Recording is off here, by no_grad() or set_grad_enabled(False), so what is computed here has no history"
    return (
        "None of the tensors that it was computed from required grad: data that asarray() or tensor() takes from "
        "lists and arrays has no history, and requires grad only after requires_grad_(). Or it was computed under "
        "no_grad, or it was cut off by detach()"
    )


def without_path(roots: Iterable[Node], t: Any, node: Node) -> str:
    """Why the graph of some outputs does not reach a tensor, or an edge, as far as it can be told."""
    roots = list(roots)
    if node.seq > max(root.seq for root in roots):
        return (
            f"It got its present value after the outputs were computed, by {node.name()}; give the tensor that they "
            "were computed from, as it was"
        )
    leaves = [n for n in reachable(roots) if not n.seq]
    memory = _owner(t._array) if isinstance(t, Tensor) else None
    if memory is not None and any(_owner(n.more.array) is memory for n in leaves):
        return "The outputs were computed from another tensor of the same memory, which detach() made of this one"
    if not leaves:
        return "The graph of the outputs reaches no leaf at all"
    known = "; ".join(dict.fromkeys(str(n.specs) for n in leaves[:4]))
    return (
        f"The graph of the outputs ends at {len(leaves)} other {'leaf' if len(leaves) == 1 else 'leaves'} ({known}). "
        "If they were computed from this tensor, then through detach(), no_grad, an op without a derivative, or "
        "numbers and arrays outside of plugrad"
    )


def _owner(array: Any) -> Any:
    return OWNERS[type(array)].owner(array)
