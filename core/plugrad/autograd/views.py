"""Views: tensors that look into another one's memory. When one is written, all of them get nodes that say so.

A view keeps its parent and the op that made it; a parent refers to its views weakly. A recorded write goes up from
the tensor that was written to its base, whose new value is the old one with a part assigned, and from there down again:
each view is made anew by its own op. On a backend that cannot share memory the same walk makes the arrays too.
"""

from __future__ import annotations

from _weakref import ref

from ..errors import BackendError, GraphError
from ..registry.claims import OWNERS
from ..registry.kernels import kernel_for
from ..registry.op import OPS, Op
from ..registry.signature import names_of
from ..registry.spec import size
from ..registry.tensor import Tensor
from .hooks import move_retained
from .node import Node, rebind
from .recording import record
from .rules import PORT
from .saved import stamp_write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NO_GRAD = "no_grad"
SEVERAL = "several"
FUNCTION = "function"

REFUSALS = {
    NO_GRAD: "A view was created in no_grad mode and is being modified inplace with grad mode enabled ({op} into {t}). "
    "Move both the view and the write inside the no_grad block if the write is not to be recorded, or both outside",
    SEVERAL: "Output of {made_by} is a view and is being modified inplace ({op} into {t}). This view is the output of "
    "a function that returns multiple views. Such functions do not allow the output views to be modified inplace. "
    "Use the out-of-place form",
    FUNCTION: "Output of {made_by} is a view and is being modified inplace ({op} into {t}). It was created inside a "
    "custom Function, or is an input that was returned as-is, and the write would override the Function's backward. "
    "Clone the Function's output first",
}
"""Why a recorded write into a view is refused."""

OPAQUE = (SEVERAL, FUNCTION)
"""Refusals of views whose own backward does not follow a write into their base."""


class Ties:
    """What a tensor shares memory with. ``views`` and ``aliases`` are weak references."""

    __slots__ = ("aliases", "arguments", "op", "parent", "refusal", "views")
    parent: Any  # the tensor that this one is a view of, or None; and the call that made it
    op: Op
    arguments: tuple[Any, ...]
    refusal: str  # a key of REFUSALS, or empty
    views: list[ref[Tensor]] | None
    aliases: list[ref[Tensor]] | None  # tensors of the same memory without a common history: one list for all of them


def ties_of(t: Tensor) -> Ties:
    """A tensor's ties, made if there were none."""
    ties: Ties | None = t._ties
    if ties is None:
        ties = t._ties = Ties()
        ties.parent = ties.views = ties.aliases = None
    return ties


def note_view(out: Tensor, x: Tensor, op: Op, arguments: tuple[Any, ...], refusal: str = "") -> None:
    """Note that ``out`` is ``op(x, *arguments)``, a view."""
    if not x._spec.shape:
        _give_memory(out, x, op, arguments)
    ties = out._ties = Ties()
    ties.parent = x
    ties.op = op
    ties.arguments = arguments
    ties.refusal = refusal
    ties.views = ties.aliases = None
    of = x._ties
    if of is None:
        of = ties_of(x)
    if of.views is None:
        of.views = [ref(out)]
    else:
        _append(of.views, out)


def note_alias(out: Tensor, t: Tensor) -> None:
    """Note that ``out`` has the memory of ``t``, without its history."""
    base = base_of(t)
    ties = ties_of(base)
    if ties.aliases is None:
        ties.aliases = [ref(base)]
    _append(ties.aliases, out)
    ties_of(out).aliases = ties.aliases


def _append(references: list[ref[Tensor]], t: Tensor) -> None:
    count = len(references)
    if count > 7 and not count & (count - 1):  # at powers of two the dead ones go
        for dead in [r for r in references if r() is None]:
            references.remove(dead)
    references.append(ref(t))


def _give_memory(out: Tensor, x: Tensor, op: Op, arguments: tuple[Any, ...]) -> None:
    """A 0-d tensor that held a scalar holds memory from now on, into which its view can look."""
    held = x._array
    array = memory(x)
    if array is not held:
        out._array = kernel_for(op, type(array))(array, *arguments)


def memory(t: Tensor) -> Any:
    """The array of a tensor, which shares memory with its base and its views: no scalar."""
    held, backend = t._array, t._spec.backend
    array = backend.aliased(held)
    if array is held:
        return held
    ties = t._ties
    if ties is not None and ties.parent is not None:  # x[0]: x[0, ...] is a 0-d array that looks into x
        whole = memory(ties.parent)
        key = ties.arguments[0]
        array = kernel_for(ties.op, type(whole))(whole, (*key, ...) if isinstance(key, tuple) else (key, ...))
    rebind(t, array)
    return array


def holds_scalar(t: Tensor) -> bool:
    return t._spec.backend.aliased(t._array) is not t._array


def view_ties(t: Tensor) -> Ties | None:
    """The ties of a tensor that is a view and has its parent's memory; a reshape that had to copy is none."""
    ties: Ties | None = t._ties
    if ties is None or ties.parent is None:
        return None
    backend = t._spec.backend
    if not backend.writable or holds_scalar(t):
        return ties
    return ties if _owner(t) is _owner(ties.parent) else None


def _owner(t: Tensor) -> Any:
    return OWNERS[type(t._array)].owner(t._array)


def base_of(t: Tensor) -> Tensor:
    """The tensor whose memory a view looks into; what is no view is its own."""
    while (ties := view_ties(t)) is not None:
        t = ties.parent
    return t


def views_of(t: Tensor) -> list[Tensor]:
    """The views of a tensor that are alive."""
    ties: Ties | None = t._ties
    return [] if ties is None else _alive(ties.views)


def aliases_of(t: Tensor) -> list[Tensor]:
    """The other tensors that are alive and have the memory of a tensor, without its history."""
    ties: Ties | None = t._ties
    return [] if ties is None else [other for other in _alive(ties.aliases) if other is not t]


def _alive(references: list[ref[Tensor]] | None) -> list[Tensor]:
    return [t for r in references or () if (t := r()) is not None]


def owner_of_version(t: Tensor) -> Tensor:
    """The tensor whose array counts the writes."""
    while holds_scalar(t) and (ties := view_ties(t)) is not None:
        t = ties.parent
    return t


# -- before a write -------------------------------------------------------------------------------------------


def check_write(t: Tensor, op: str, recorded: bool) -> None:
    """
    :raises GraphError: if PyTorch refuses to write into this tensor, in place.
    :raises BackendError: if another tensor must see the write, and the backend's arrays cannot share memory.
    """
    ties = view_ties(t)
    leaf = "a leaf Variable" if ties is None else "a view of a leaf Variable"
    asks = t._node is not None  # also where the base was frozen, or the view itself was made a leaf
    while ties is not None:
        if recorded and ties.refusal:
            raise GraphError(REFUSALS[ties.refusal].format(op=op, t=t._spec, made_by=_maker(t, ties)))
        if size(ties.parent._spec.shape) < size(t._spec.shape):
            raise GraphError(
                f"unsupported operation: {op} in place into {t._spec}, which {ties.op.name} expanded from "
                f"{ties.parent._spec}: more than one element of the written-to tensor refers to a single memory "
                "location. Please clone() the tensor before performing the operation"
            )
        t, ties = ties.parent, view_ties(ties.parent)
    asks = asks or t._node is not None
    if recorded and asks and (t._node is None or not t._node.seq):
        raise GraphError(
            f"{leaf} that requires grad is being used in an in-place operation: {op} would write into "
            f"{t._spec}. Do it under plugrad.no_grad(), or use the out-of-place form"
        )
    if not t._spec.backend.writable:
        _check_aliases(t, op)


def _maker(t: Tensor, ties: Ties) -> str:
    node = t._node
    if node is None:
        return ties.op.name
    return (node.edge1 if node.rule.inner is PORT else node).name()


def _check_aliases(t: Tensor, op: str) -> None:
    if aliases_of(t):
        raise BackendError(
            f"{op} in place into {t._spec}: a tensor that detach() returned has its memory and must see the write, "
            f"but arrays of backend {t._spec.backend.name!r} cannot be shared. Use the out-of-place form, or clone()"
        )


# -- after it ---------------------------------------------------------------------------------------------------


def rebase(t: Tensor, node: Node | None) -> None:
    """A tensor was written, recorded as ``node``: so it, its base and all their views get new nodes."""
    settle(t, holding(t._array, t, node), recorded=True)


def settle(t: Tensor, new: Tensor | None, recorded: bool) -> None:
    """``t`` was written, and ``new`` is what it is now: its base and all their views follow.

    :param new: None where memory is shared and nothing was recorded.
    """
    shared = t._spec.backend.writable
    base = t
    while (ties := view_ties(base)) is not None:
        if new is not None:
            new = _assigned(ties, new, shared)
        base = ties.parent
    if new is not None:
        if not shared:
            rebind(base, new._array)
        if recorded:
            _renew(base, new._node)
    _follow(base, shared, recorded)
    for alias in aliases_of(base):
        _follow(alias, shared, False)


def holding(array: Any, like: Tensor, node: Node | None) -> Tensor:
    """A tensor of another one's spec."""
    t = Tensor()
    t._ties = None
    t._array, t._spec, t._node = array, like._spec, node
    return t


def before_write(t: Tensor) -> Node | None:
    """The node of a tensor's value before a write. A view's comes from its base anew, past the view's own hooks."""
    ties = view_ties(t)
    if ties is None:
        return t._node
    parent = ties.parent
    node = before_write(parent)
    return None if node is None else record(ties.op, (holding(parent._array, parent, node), *ties.arguments), t)


def _assigned(ties: Ties, new: Tensor, shared: bool) -> Tensor:
    """The parent, after the view with these ties became ``new``."""
    parent, op = ties.parent, ties.op
    if isinstance(op.view, str):
        assign = OPS[op.view]
        old = holding(parent._array, parent, before_write(parent))
        if not shared:
            return assign.function(old, new, *ties.arguments)
        return holding(parent._array, parent, record(assign, (old, new, *ties.arguments), parent))
    # the view has all of its parent's elements, so the op's derivative is its inverse
    signature = op.signature
    name = signature.inputs[0]
    values = dict(zip(signature.parameters, ties.arguments, strict=True))
    values.update({"g": new, f"{name}_shape": parent._spec.shape, f"{name}_dtype": parent._spec.dtype})
    formula = op.vjp[name]
    return formula(*[values[n] for n in names_of(formula)])


def _renew(t: Tensor, node: Node | None) -> None:
    if t._node is not None and node is not None:
        move_retained(t._node, node)
    t._node = node


def _follow(base: Tensor, shared: bool, recorded: bool) -> None:
    """Make the views of a tensor anew: their nodes if the write was recorded, and what no memory brings up to date."""
    stack = [base]
    while stack:
        parent = stack.pop()
        for view in views_of(parent):
            ties = view_ties(view)
            if ties is None:
                continue
            stale = not shared or holds_scalar(view)
            if stale or recorded:
                made = ties.op.function(parent, *ties.arguments)
                if stale:
                    if shared:
                        stamp_write(view._array, ties.op.name, holder=view)  # it may have been saved
                    rebind(view, made._array)
                if recorded:
                    _renew(view, made._node if ties.refusal not in OPAQUE else _refusing(view, ties, parent))
            stack.append(view)


def _refusing(view: Tensor, ties: Ties, parent: Tensor) -> Node:
    """The node of a view whose own backward a write elsewhere would override."""
    from .refusing import RefusingRule, refusing_node

    made_by = _maker(view, ties)
    why = (
        f"Output of {made_by} ({view._spec}) is a view and its base or another view of its base has been modified "
        f"inplace, which would override the backward of {made_by}. Clone that output before the write"
    )
    return refusing_node(RefusingRule(why), (view._node, parent._node))
