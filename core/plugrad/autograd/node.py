"""The node: one class for all ops, so that the interpreter's caches hold. What is rare swaps its rule."""

from __future__ import annotations

from _thread import allocate_lock
from _weakref import ref  # weakref itself is a tenth of the time of `import plugrad`

from ..registry.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..registry.spec import Spec
    from .rules import Rule


class State:
    """Two counters that every node reads. Integers under the GIL: see the rationale on free-threaded builds."""

    __slots__ = ("seq", "stamp")
    seq: int
    stamp: int


state = State()
state.seq = 0  # the newest node's number: the order of the program
state.stamp = 0  # its value at the newest in-place write anywhere; older nodes check what they saved


class Node:
    """A step of the program, as ``grad_fn`` shows it."""

    # rule: what happens when the cotangent arrives. edge1, edge2: the nodes of the inputs (None: no gradient asked);
    # a general rule keeps a tuple of edges in edge1. saved1, saved2: what the formula of that edge reads; a general
    # rule keeps a dict in saved1. specs: the inputs', where they differ. seq: its number. g, own: the pending
    # cotangent, and whether the engine may write into it. more: a leaf's or a Function's own things; unset elsewhere.
    __slots__ = ("__weakref__", "edge1", "edge2", "g", "more", "own", "rule", "saved1", "saved2", "seq", "specs")
    rule: Rule
    edge1: Any
    edge2: Node | None
    saved1: Any
    saved2: Any
    specs: Any
    seq: int
    g: Any
    own: bool
    more: Any

    def name(self) -> str:
        """As PyTorch names it: ``AddBackward0``."""
        return self.rule.node_name

    @property
    def next_functions(self) -> tuple[tuple[Node | None, int], ...]:
        """The nodes that made the inputs, each with the number of the output that was used."""
        from .rules import PORT

        pairs: list[tuple[Node | None, int]] = []
        for edge in self.rule.edges(self):
            if edge is not None and edge.rule.inner is PORT:
                pairs.append((edge.edge1, edge.saved1))
            else:
                pairs.append((edge, 0))
        return tuple(pairs)

    @property
    def variable(self) -> Tensor:
        """The leaf that this node accumulates into.

        :raises AttributeError: if this is not the node of a leaf.
        """
        if self.seq:
            raise AttributeError(f"{self.name()} is not the node of a leaf: it has no variable")
        leaf: LeafState = self.more
        t = leaf.tensor()
        if t is None:  # the program dropped it, and nobody can tell a new one from it
            t = Tensor()
            t._ties = None
            t._array, t._spec, t._node = leaf.array, self.specs, self
            leaf.tensor = ref(t)
        return t

    @property
    def metadata(self) -> dict[Any, Any]:
        """A dict for whatever is to be kept with the node. It stays when the graph is freed."""
        from .hooks import attended

        return attended(self).metadata

    def register_hook(self, hook: Any) -> Any:
        """Call ``hook(grad_inputs, grad_outputs)`` each time after the node ran.

        :param hook: gets a tuple with a gradient for each of ``next_functions`` (None where none is asked for) and one
            with a gradient for each output; returns None, or a tuple that replaces the first.
        :returns: a handle, whose ``remove()`` takes the hook away.
        """
        from .hooks import Handle, attended

        return Handle(attended(self).post_hooks, hook)

    def register_prehook(self, hook: Any) -> Any:
        """Call ``hook(grad_outputs)`` each time before the node runs.

        :param hook: gets a tuple with a gradient for each output; returns None, or a tuple that replaces it.
        :returns: a handle, whose ``remove()`` takes the hook away.
        """
        from .hooks import Handle, attended

        return Handle(attended(self).pre_hooks, hook)

    def __call__(self, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        """Run the node alone, without hooks: a gradient for each of ``next_functions``, None where none is asked for.

        It records where grad mode is enabled, and frees nothing. A leaf's node accumulates, and returns nothing.

        :param grads: a gradient for each output, or None.
        :raises TypeError: for another number of gradients.
        """
        from .gradients import run_node

        return run_node(self, grads)

    def __repr__(self) -> str:
        return f"<{self.name()}>"


class LeafState:
    """What the node of a leaf keeps. The tensor is referred to weakly: it owns the node."""

    __slots__ = ("array", "frozen", "grad", "lock", "tensor")

    def __init__(self, tensor: Tensor) -> None:
        self.tensor = ref(tensor)
        self.array = tensor._array
        self.grad: Tensor | None = None
        self.frozen = False  # requires_grad was set to False after the node was made
        self.lock = allocate_lock()


def bare_node(rule: Rule, specs: Any, seq: int) -> Node:
    """A node with every slot stored and nothing in it."""
    n = Node()
    n.rule, n.specs, n.seq = rule, specs, seq
    n.edge1 = n.edge2 = n.saved1 = n.saved2 = n.g = None
    n.own = False
    return n


def next_seq() -> int:
    state.seq = seq = state.seq + 1
    return seq


def leaf_node(tensor: Tensor, rule: Rule) -> Node:
    """The node of a tensor that requires grad and that no op made."""
    spec: Spec = tensor._spec
    n = bare_node(rule, spec, 0)
    n.more = LeafState(tensor)
    return n


def rebind(tensor: Tensor, array: Any) -> None:
    """Give a tensor another array of the same spec: 0-d memory instead of a scalar."""
    tensor._array = array
    node = grad_node(tensor)
    if node is not None and not node.seq:
        node.more.array = array


def grad_node(tensor: Tensor) -> Node | None:
    """Where a tensor's ``.grad`` is kept: its node, or a frozen leaf's."""
    n: Node | None = tensor._node
    return getattr(tensor, "_frozen", None) if n is None else n
