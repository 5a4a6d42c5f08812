"""A node that stands where a gradient would be wrong: it cannot be run, and says why."""

from __future__ import annotations

from ..errors import GraphError
from .node import Node, bare_node, next_seq
from .rules import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Any

    from .rules import Edge, Filed


class RefusingRule(Rule):
    """Raises where a cotangent arrives."""

    __slots__ = ("message",)

    def __init__(self, message: str) -> None:
        super().__init__("error", "Error")
        self.message = message

    def edges(self, n: Node) -> tuple[Edge, ...]:
        return n.edge1

    def cotangents(self, n: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
        raise GraphError(self.message)


def refusing_node(rule: RefusingRule, edges: tuple[Edge, ...]) -> Node:
    """
    :param edges: what a gradient would have gone to, so that asking for it there leads here.
    """
    n = bare_node(rule, None, next_seq())
    n.edge1 = edges
    return n
