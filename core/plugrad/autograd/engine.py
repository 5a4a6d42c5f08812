"""The plain engine: backward as a learner would write it, with a table of its own. It is the fast one's oracle.

The node with the largest sequence number runs first. A consumer is always newer than what it consumed, so when a
node's turn comes all of its cotangent is there, and backward is the forward program in reverse.
"""

from __future__ import annotations

from _contextvars import ContextVar
from _heapq import heappop, heappush

from ..registry.op import OPS
from .node import state
from .rules import EVERY, Numbered
from .saved import check_saved
from .steps import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from typing import Any

    from .multi_hooks import MultiHook
    from .node import Node
    from .steps import Step

    Arrived = dict[Node, Any]

needed: set[Any] = set()
"""Weak references to hooks that ask about the run they are called in. While there is one, all runs are plain."""
_running: ContextVar[Run | None] = ContextVar("plugrad_run", default=None)
running = _running.get
"""The run of the plain engine that is going on here."""
begin, end = _running.set, _running.reset


class Run:
    """What hooks may ask of a run."""

    __slots__ = ("_reached", "awaited", "roots", "wanted")

    def __init__(self, roots: list[Node], wanted: Container[Node]) -> None:
        self.roots, self.wanted = roots, wanted
        self.awaited: dict[MultiHook, dict[int, Any]] = {}
        self._reached: set[Any] | None = None

    @property
    def reached(self) -> set[Any]:
        """The nodes that a cotangent may reach."""
        if self._reached is None:
            self._reached = {node for node in reachable(self.roots) if node in self.wanted}
        return self._reached

    def finish(self) -> None:
        """Call the hooks that still wait for gradients: there will be none."""
        for hook, arrived in [*self.awaited.items()]:
            if arrived:
                hook.finish(self.awaited, arrived)


def run(
    roots: list[tuple[Node, Any]],
    keep: bool,
    tensors: bool,
    wanted: Container[Node],
    captured: Container[Node] = (),
    step: Step = plain,
) -> tuple[Arrived, Arrived]:
    """Backward from ``roots``, each a node with its cotangent.

    :param keep: leave saved values in place (``retain_graph``).
    :param tensors: cotangents are tensors: with ``create_graph``, the formulas record a graph of their own.
    :param wanted: the nodes that a cotangent may reach.
    :param captured: the nodes whose cotangents are asked for.
    :param step: what a node does with its cotangent.
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
        if node in wanted:
            add(node, g)
    try:
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
                for edge, d in step(node.rule, node, g, wanted, tensors):
                    add(edge, d)
                continue
            rule = node.rule.claim(node)
            try:
                for edge, d in step(rule, node, g, wanted, tensors):
                    add(edge, d)
            except BaseException:
                rule.restore(node)
                raise
            rule.free(node)
        for node, g in leaves.items():
            leaves[node] = g = node.rule.arrive(node, g, tensors)
            if node in captured:
                caught[node] = g
    except Exception as error:
        from .trace import explain

        explain(error, node)
        raise
    return leaves, caught


def _sum(node: Node, total: Any, d: Any) -> Any:
    if type(d) is Numbered:  # of a node with several outputs: one cotangent each
        total = total or [None] * node.more.outputs
        total[d.number] = d.g
        return total
    return d if total is None else OPS["add"].function(total, d)  # which runs where the arrays are


def reaching(roots: Iterable[Node], targets: Iterable[Node]) -> set[Node]:
    """The targets, and the nodes between the roots and them."""
    wanted = set(targets)
    for node in sorted(reachable(roots), key=lambda n: n.seq):
        if any(e in wanted for e in node.rule.edges(node)):
            wanted.add(node)
    return wanted


def reachable(roots: Iterable[Node]) -> set[Node]:
    """Every node of a graph."""
    found: set[Node] = set()
    stack = list(roots)
    while stack:
        node = stack.pop()
        if node not in found:
            found.add(node)
            stack.extend(e for e in node.rule.edges(node) if e is not None)
    return found
