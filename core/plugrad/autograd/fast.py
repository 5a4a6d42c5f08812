"""The fast engine: the plain one's order and results, with the pending cotangents on the nodes themselves.

Only the run that holds the token may use the nodes so. Whoever does not get it (a second thread, a backward inside
a hook) takes the plain engine.
"""

from __future__ import annotations

from _thread import allocate_lock
from heapq import heappop, heappush

from .node import state
from .rules import LEAF
from .saved import check_saved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .engine import Arrived
    from .node import Node

token = allocate_lock()


def run(roots: list[tuple[Node, Any]], keep: bool) -> Arrived:
    """Backward on raw arrays. The caller holds the token.

    :returns: the leaves with their cotangents; ``node.own`` says which of these nobody else holds.
    """
    ready: list[Node] = []  # got a first cotangent just now
    heap: list[tuple[int, Node]] = []
    leaves: list[Node] = []
    pop = ready.pop
    try:
        for root, g in roots:
            if root.g is None:
                root.g = g
                root.own = False
                ready.append(root)
            else:
                root.g = root.g + g
        node: Node | None = None
        while True:
            if ready:
                e = pop()
                if not ready and not heap and e.seq:
                    node = e  # the only one: a chain never touches the heap
                else:
                    while True:
                        if e.seq:
                            heappush(heap, (-e.seq, e))
                        else:
                            leaves.append(e)
                        if not ready:
                            break
                        e = pop()
                    node = heappop(heap)[1] if heap else None
            else:
                node = heappop(heap)[1] if heap else None
            if node is None:
                break
            if node.seq < state.stamp:
                check_saved(node)
            g = node.g
            node.g = None
            rule = node.rule
            rule.back(node, g, ready)
            if rule.saves and not keep:
                rule.free(node)
        arrived = []
        for e in leaves:
            if e.rule is not LEAF:
                e.g = e.rule.arrive(e, e.g, False)
                e.own = False
            arrived.append((e, e.g))
        return arrived
    finally:
        for e in (*(e for _, e in heap), *leaves, *ready):
            e.g = None


