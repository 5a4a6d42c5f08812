"""What a node does when its cotangent arrives: the rule that it points to. Here are those of all but the ops."""

from __future__ import annotations

from _weakref import ref

from ..errors import GraphError
from ..registry.claims import OWNERS
from .node import Node, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from typing import Any, TypeAlias

    from .packed import Replace

    Edge: TypeAlias = Node | None
    Filed = Iterator[tuple[Node, Any]]


class Rule:
    """``name`` is the op's; ``node_name`` the node's; ``saves``: is there anything to free after the node ran."""

    __slots__ = ("freed", "inner", "name", "node_name", "saves")

    def __init__(self, name: str, node_name: str, saves: bool = False) -> None:
        self.name, self.node_name, self.saves = name, node_name, saves
        self.inner: Rule = self  # a rule that stands before another one says which
        self.freed: Rule | None = FreedRule(self) if saves else None  # None too where it takes more than a swap

    def edges(self, n: Node) -> tuple[Edge, ...]:
        """The nodes of the inputs, None where no gradient is asked for."""
        return (n.edge1, n.edge2)

    def cotangents(self, n: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
        """Each wanted edge with its cotangent. ``g`` is an array, or with ``tensors`` a tensor."""
        raise NotImplementedError

    def back(self, n: Node, g: Any, ready: list[Node]) -> None:
        """The same for the fast engine: cotangents are filed on the nodes."""
        for e, d in self.cotangents(n, g, EVERY, False):
            file(e, d, False, ready)

    def arrive(self, n: Node, g: Any, tensors: bool) -> Any:
        """The whole cotangent has come; the tensor's hooks may replace it."""
        return g

    def before(self, n: Node, g: Any, tensors: bool) -> Any:
        """The node is about to run; its hooks may replace the cotangent."""
        return g

    def saved(self, n: Node) -> Iterator[tuple[str, Any]]:
        """What the node saved, by name."""
        return iter(())

    def replace_saved(self, n: Node, replace: Replace) -> bool:
        """Put something in the place of each array that the node saved, once for each; was there any."""
        return False

    def claim(self, n: Node) -> Rule:
        """Before a node runs for the last time: no other run, of another thread, can run it from now on.

        :returns: the rule that this run is to go on with.
        """
        after = self.claimed(n)
        if n.rule is not self:  # somebody was quicker. Between this line and the next no thread is switched
            return n.rule.claim(n)
        n.rule = after
        return self

    def claimed(self, n: Node) -> Rule:
        """The rule that a claimed node has."""
        return self.freed or self

    def restore(self, n: Node) -> None:
        """The claimed node failed: it is whole again."""
        n.rule = n.rule.before_it(self)

    def before_it(self, rule: Rule) -> Rule:
        """What stands before this rule, before another one."""
        return rule

    def free(self, n: Node) -> None:
        """Drop what a claimed node saved."""
        if self.saves:
            n.saved1 = n.saved2 = None

    def back_once(self, n: Node, g: Any, ready: list[Node]) -> None:
        """Claim, run and free a node, for the fast engine, where that takes more than a swap of rules."""
        rule = self.claim(n)
        try:
            rule.back(n, g, ready)
        except BaseException:
            rule.restore(n)
            raise
        rule.free(n)


class _Every:
    def __contains__(self, node: object) -> bool:
        return True


EVERY = _Every()
"""Contains every node: the run that asks for all gradients."""


def file(e: Node, d: Any, fresh: bool, ready: list[Node]) -> None:
    """Add ``d`` to a node's pending cotangent. Only what the engine made, or a fresh formula, is written into."""
    h = e.g
    if h is None:
        e.g = d
        e.own = fresh
        ready.append(e)
    elif e.own:
        e.g = OWNERS[type(h)].accumulate(h, d)
    else:
        e.g = h + d
        e.own = True


class FreedRule(Rule):
    """The rule of a node whose saved values are gone."""

    __slots__ = ("was",)

    def __init__(self, was: Rule) -> None:
        super().__init__(was.name, was.node_name)
        self.was = was

    def edges(self, n: Node) -> tuple[Edge, ...]:
        return self.was.edges(n)

    def cotangents(self, n: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
        raise GraphError(
            "Trying to backward through the graph a second time: the saved values of "
            f"{self.node_name} (op {self.name}) were freed by the first backward. "
            "Specify retain_graph=True there if you need them again"
        )

    def restore(self, n: Node) -> None:
        """Another run has claimed the node."""


class PortRule(Rule):
    """One output of an op that has several: hands its cotangent to the op's node, by number."""

    __slots__ = ()

    def edges(self, n: Node) -> tuple[Edge, ...]:
        return (n.edge1,)

    def cotangents(self, n: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
        if n.edge1 in wanted:
            yield n.edge1, Numbered(n.saved1, g)

    def back(self, n: Node, g: Any, ready: list[Node]) -> None:
        parent = n.edge1
        if parent.g is None:
            parent.g = [None] * parent.more.outputs
            ready.append(parent)
        parent.g[n.saved1] = g


class Numbered:
    """A cotangent of one output, on its way to the node of an op with several."""

    __slots__ = ("g", "number")

    def __init__(self, number: int, g: Any) -> None:
        self.number, self.g = number, g


class Outputs:
    """What the node of an op with several outputs keeps."""

    __slots__ = ("newest", "outputs", "ports")

    def __init__(self, outputs: int) -> None:
        self.outputs = outputs
        self.newest = 0  # the first port's number; the others' come before it, so that hooks run from first to last
        self.ports: dict[int, ref[Node]] = {}  # an output's port refers to the node


PORT = PortRule("port", "Port")


def port(parent: Node, number: int) -> Node:
    """The node of one output; newer than its op's node, so it runs before. There is one at a time for an output."""
    ports = parent.more.ports
    known = ports[number]() if number in ports else None
    if known is not None:
        return known
    n = Node()
    n.rule, n.edge1, n.edge2, n.saved1, n.saved2 = PORT, parent, None, number, None
    n.specs = n.g = None
    kept = parent.more
    if not kept.newest:
        state.seq = kept.newest = state.seq + kept.outputs
    n.seq = kept.newest - number
    ports[number] = ref(n)
    return n


def output_node(n: Node, number: int) -> Node:
    """The node on which the cotangent of an output of ``n`` is filed."""
    kept = getattr(n, "more", None)
    return port(n, number) if isinstance(kept, Outputs) and kept.outputs > 1 else n


class LeafRule(Rule):
    """The rule of a leaf's node, which accumulates instead of running."""

    __slots__ = ()

    def edges(self, n: Node) -> tuple[Edge, ...]:
        return ()


LEAF = LeafRule("leaf", "AccumulateGrad")
