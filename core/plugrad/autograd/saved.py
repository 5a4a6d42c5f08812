"""In-place writes are stamped on the owner of the memory; a node older than the newest stamp checks what it saved."""

from __future__ import annotations

from _weakref import ref

from ..errors import GraphError
from ..registry.claims import OWNERS
from ..registry.spec import spec_of
from .node import state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..registry.tensor import Tensor
    from .node import Node


class Write:
    """The newest in-place write into a piece of memory, and how many there were."""

    __slots__ = ("at", "count", "keeper", "op", "stamp")
    at: Any  # the user's lines, in anomaly mode
    count: int
    keeper: Any
    op: str
    stamp: int


trace: Callable[[], Any] | None = None
"""Tells the user's lines; None until anomaly mode is first asked for."""

WRITES: dict[int, Write] = {}
"""id of an owner -> its newest write. A weak reference to the owner removes the entry."""


def stamp_write(array: Any, op: str, holder: Tensor | None = None) -> None:
    """Note that an array was written.

    :param op: what wrote, for the message.
    :param holder: the tensor that held an array without an owner (a 0-d tensor's scalar), which lives as long as that.
    """
    write = WRITES.get(id(array))  # of a view it is None: its owner has the entry
    if write is None:
        owner = OWNERS[type(array)].owner(array)
        if owner is None and holder is None:
            return
        key = id(array if owner is None else owner)
        write = WRITES.get(key)
        if write is None:
            write = WRITES[key] = Write()
            write.count = 0
            alive = ref(holder if owner is None else owner, lambda _: WRITES.pop(key, None))
            write.keeper = alive if owner is not None else (alive, array)  # an id stands for an object that is alive
    state.seq = state.stamp = write.stamp = state.seq + 1
    write.count += 1
    write.op = op
    write.at = None if trace is None else trace()


def written(array: Any) -> Write | None:
    owner = OWNERS[type(array)].owner(array)
    return WRITES.get(id(array if owner is None else owner))


def version(array: Any) -> int:
    """How often an array's memory was written in place."""
    write = written(array)
    return 0 if write is None else write.count


def check_saved(node: Node) -> None:
    """
    :raises GraphError: if something that the node saved was written after the node was made.
    """
    for name, value in node.rule.saved(node):
        if type(value) in OWNERS:
            write = written(value)
            if write is not None and write.stamp > node.seq:
                from .trace import at, called_at

                raise GraphError(
                    "one of the variables needed for gradient computation has been modified by an inplace operation: "
                    f"{node.name()} (op {node.rule.name}) saved {name!r}, {spec_of(value)}, for its backward"
                    f"{called_at(node)}, and then {write.op} wrote into it{at(write.at or [])} "
                    f"(its memory is at version {write.count}). "
                    "Write into a copy, or use the out-of-place form"
                )
