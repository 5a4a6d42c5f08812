"""The fast engine: the plain one's order and results, with the pending cotangents on the nodes themselves.

Only the run that holds the token may use the nodes so. Whoever does not get it (a second thread, a backward inside
a hook) takes the plain engine.
"""

from __future__ import annotations

from _heapq import heappop, heappush, heappushpop
from _thread import allocate_lock

from .node import state
from .rules import LEAF
from .saved import check_saved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .node import Node

token = allocate_lock()


def run(roots: list[tuple[Node, Any]], keep: bool) -> list[Node]:
    """Backward on raw arrays. The caller holds the token.

    :returns: the leaves, each with its cotangent in ``g``; ``own`` says whether nobody else holds it.
    """
    ready: list[Node] = []  # got a first cotangent just now
    heap: list[tuple[int, Node]] = []
    leaves: list[Node] = []
    pop = ready.pop
    node: Node | None = None
    try:
        for root, g in roots:
            if root.g is None:
                root.g = g
                root.own = False
                ready.append(root)
            else:
                root.g = root.g + g
        while True:
            node = None  # the newest of those that are ready; a chain never touches the heap
            while ready:
                e = pop()
                if not e.seq:
                    leaves.append(e)
                elif node is None:
                    node = e
                else:
                    heappush(heap, (-e.seq, e))
            if heap:
                node = heappop(heap)[1] if node is None else heappushpop(heap, (-node.seq, node))[1]
            elif node is None:
                break
            if node.seq < state.stamp:
                check_saved(node)
            g = node.g
            node.g = None
            rule = node.rule
            if rule.saves and not keep:
                freed = rule.freed
                if freed is None:
                    rule.back_once(node, g, ready)
                    continue
                node.rule = freed  # no other thread can come between: it is as `Rule.claim`
                try:
                    rule.back(node, g, ready)
                except BaseException:
                    rule.restore(node)
                    raise
                node.saved1 = node.saved2 = None
            else:
                rule.back(node, g, ready)
        for e in leaves:
            if e.rule is not LEAF:
                e.g = e.rule.before(e, e.rule.arrive(e, e.g, False), False)
                e.own = False  # the hooks may have kept it
        return leaves
    except BaseException as error:
        from .trace import explain

        explain(error, node)
        for e in (*(e for _, e in heap), *leaves, *ready, *(() if node is None else (node,))):
            e.g = None
        raise
