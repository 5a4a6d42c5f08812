"""The plain engine: backward as a learner would write it, with a table of its own. It is the fast one's oracle.

The node with the largest sequence number runs first. A consumer is always newer than what it consumed, so when a
node's turn comes all of its cotangent is there, and backward is the forward program in reverse.
"""

from __future__ import annotations

from _heapq import heappop, heappush

from .node import state
from .rules import EVERY, Numbered
from .saved import check_saved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from typing import Any

    from .node import Node

    Arrived = dict[Node, Any]


def run(
    roots: Iterable[tuple[Node, Any]],
    keep: bool,
    tensors: bool,
    wanted: Container[Node],
    captured: Container[Node] = (),
) -> tuple[Arrived, Arrived]:
    """Backward from ``roots``, each a node with its cotangent.

    :param keep: leave saved values in place (``retain_graph``).
    :param tensors: cotangents are tensors: with ``create_graph``, the formulas record a graph of their own.
    :param wanted: the nodes that a cotangent may reach.
    :param captured: the nodes whose cotangents are asked for.
    :returns: the leaves with their cotangents, and the captured nodes with theirs.
    """
    pending: dict[Node, Any] = {}
    heap: list[tuple[int, int, Node]] = []

    leaves: Arrived = {}
    caught: Arrived = {}

    def add(node: Node, d: Any) -> None:
        if not node.seq:
            leaves[node] = _sum(node, leaves.pop(node, None), d)  # in the order in which they are complete
            return
        if node not in pending:
            heappush(heap, (-node.seq, id(node), node))
        pending[node] = _sum(node, pending.get(node), d)

    for node, g in roots:
        add(node, g)
    while heap:
        node = heappop(heap)[2]
        g = node.rule.arrive(node, pending.pop(node), tensors)
        if node in captured:
            caught[node] = g
        if wanted is not EVERY and not any(e in wanted for e in node.rule.edges(node)):
            continue
        if node.seq < state.stamp:
            check_saved(node)
        if keep:
            for edge, d in node.rule.cotangents(node, g, wanted, tensors):
                add(edge, d)
            continue
        rule = node.rule.claim(node)
        try:
            for edge, d in rule.cotangents(node, g, wanted, tensors):
                add(edge, d)
        except BaseException:
            rule.restore(node)
            raise
        rule.free(node)
    for node, g in leaves.items():
        leaves[node] = g = node.rule.arrive(node, g, tensors)
        if node in captured:
            caught[node] = g
    return leaves, caught


def _sum(node: Node, total: Any, d: Any) -> Any:
    if type(d) is Numbered:  # of a node with several outputs: one cotangent each
        total = total or [None] * node.more.outputs
        total[d.number] = d.g
        return total
    return d if total is None else total + d


def reaching(roots: Iterable[Node], targets: Iterable[Node]) -> set[Node]:
    """The targets, and the nodes between the roots and them."""
    found: set[Node] = set()
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack.extend(e for e in node.rule.edges(node) if e is not None)
    wanted = set(targets)
    for node in sorted(found, key=lambda n: n.seq):
        if any(e in wanted for e in node.rule.edges(node)):
            wanted.add(node)
    return wanted
