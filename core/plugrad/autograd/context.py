"""``FunctionCtx``: what a Function's ``forward``, ``setup_context`` and ``backward`` share."""

from __future__ import annotations

from _thread import get_ident
from _weakref import ref

from ..errors import GraphError
from ..registry.claims import OWNERS
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from .node import Node, state
from .packed import unpacked
from .rules import Outputs, port
from .saved import check_saved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from .packed import Replace


class Saved:
    """A tensor that a Function saved: its array and its node, and itself for as long as the program holds it.

    An output's node is the Function's own: neither it nor the tensor is held, so that nothing refers in a circle.
    """

    __slots__ = ("array", "edge", "number", "tensor")
    number: int | None
    """Which output it is; None for an input or an intermediate."""

    def __init__(self, t: Tensor, number: int | None) -> None:
        self.array, self.number, self.tensor = t._array, number, ref(t)
        self.edge: Any = t._node if number is None or t._node is None else ref(t._node)

    def unpacked(self, array: Any, node: Node | None) -> Tensor:
        """The tensor that was saved, or one that stands for it.

        :param array: the saved array.
        :param node: the Function's; None if it is gone.
        """
        edge = self.edge
        if self.number is not None and edge is not None:
            edge = edge()
            if edge is None and node is not None:
                edge = port(node, self.number) if node.more.outputs > 1 else node
        t = self.tensor()
        if t is None or t._array is not array or t._node is not edge:
            t = wrap(array)
            t._node = edge
        return t


class FunctionCtx:
    """The ``ctx`` of a Function. Attributes of your own may be set on it; they live as long as the graph does."""

    needs_input_grad: tuple[bool, ...] = ()
    """For each argument of ``apply``, whether it needs a gradient."""
    to_save: tuple[Tensor | None, ...] = ()
    saved_for_forward: tuple[Tensor | None, ...] = ()
    dirty_tensors: tuple[Tensor, ...] = ()
    non_differentiable: tuple[Tensor, ...] = ()
    materialize_grads = True

    _saved: list[Saved | None] | tuple[()] = ()
    _freed = False
    _once = False
    """Whether what was saved is let go when it is read."""
    _claimant: int | None = None
    """The thread in which the node runs for the last time; what was saved is its own from then on."""
    _node: Callable[[], Node | None] | None = None

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for ``backward``, where ``saved_tensors`` has them: inputs, outputs, or neither.

        They are checked against in-place writes. None may stand among them. A second call replaces the first.

        :raises TypeError: for what is no tensor; set that as an attribute.
        """
        self.to_save = _tensors("save_for_backward", tensors, optional=True)

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keep tensors for ``jvp``, where ``saved_tensors`` has them.

        :raises TypeError: for what is no tensor; set that as an attribute.
        """
        self.saved_for_forward = _tensors("save_for_forward", tensors, optional=True)

    def mark_dirty(self, *tensors: Tensor) -> None:
        """Say which inputs ``forward`` wrote into, in place. Each has to be among the outputs.

        :raises TypeError: for what is no tensor.
        """
        self.dirty_tensors = _tensors("mark_dirty", tensors)

    def mark_non_differentiable(self, *tensors: Tensor) -> None:
        """Say which outputs have no gradient; ``backward`` still gets an argument for each.

        :raises TypeError: for what is no tensor.
        """
        self.non_differentiable = _tensors("mark_non_differentiable", tensors)

    def set_materialize_grads(self, value: bool) -> None:
        """Whether ``backward`` gets zeros for an output that no gradient reached, as by default, or None."""
        self.materialize_grads = value

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What was saved.

        :raises GraphError: if a backward has freed it, if it was written in place since, or if it was read before and
            the Function's ``clear_saved_tensors_on_access`` is set.
        """
        node = self._node() if self._node is not None else None
        if self._freed or self._claimant not in (None, get_ident()):
            name = node.name() if node is not None else "this Function"
            freed = "a backward. Specify retain_graph=True there if you need them again"
            if self._once:
                freed = "the first access, as its clear_saved_tensors_on_access says. Keep what that returned"
            raise GraphError(
                "Trying to backward through the graph a second time, or to read saved tensors after they were freed: "
                f"those of {name} were freed by {freed}"
            )
        if node is not None and node.seq < state.stamp:
            check_saved(node)
        found = tuple(None if s is None else s.unpacked(unpacked(s.array, {}), node) for s in self._saved)
        if self._once:
            self._free()
        return found

    def _keep(self, node: Node, args: Iterable[Any], results: Iterable[Any], outputs: Iterable[Any]) -> None:
        """Keep what was to be saved, now that the outputs have their nodes."""
        self._node = ref(node)
        if not self.to_save:
            return
        given = {id(a) for a in args} - {id(t) for t in self.dirty_tensors}
        made = {id(r): (t, k) for k, (r, t) in enumerate(zip(results, outputs, strict=True)) if id(r) not in given}
        self._saved = [None if t is None else Saved(*made.get(id(t), (t, None))) for t in self.to_save]

    def _settle(self) -> None:
        """Forget what was marked: the tensors may lead back here."""
        self.to_save = self.saved_for_forward = self.dirty_tensors = self.non_differentiable = ()

    def _edges(self) -> tuple[Node | None, ...]:
        """The nodes of the arguments."""
        node = self._node() if self._node is not None else None
        return () if node is None else node.edge1

    def _claim(self) -> None:
        me = get_ident()
        if self._claimant is None:  # no thread is switched between this line and the next
            self._claimant = me

    def _restore(self) -> None:
        if self._claimant == get_ident():
            self._claimant = None

    def _free(self) -> None:
        self._saved, self._freed = (), True

    def _replace(self, node: Node, replace: Replace) -> bool:
        from functools import partial

        found = [s for s in self._saved if s is not None and type(s.array) in OWNERS]
        for s in found:
            array = s.array
            s.array = replace(array, partial(s.unpacked, array, node))
        return bool(found)

    def _arrays(self) -> Iterator[tuple[str, Any]]:
        for i, saved in enumerate(self._saved):
            if saved is not None and type(saved.array) in OWNERS:
                yield f"saved_tensors[{i}]", saved.array


class FunctionOutputs(Outputs):
    """What the node of a Function keeps: its context, and how many outputs there are."""

    __slots__ = ("context",)

    def __init__(self, context: FunctionCtx, outputs: int) -> None:
        super().__init__(outputs)
        self.context = context


def _tensors(method: str, given: tuple[Any, ...], optional: bool = False) -> tuple[Any, ...]:
    for i, t in enumerate(given):
        if not isinstance(t, Tensor) and not (optional and t is None):
            wanted = "tensors or None" if optional else "tensors"
            raise TypeError(
                f"{method} can only take {wanted}, but argument {i} is of type {type(t).__name__}. "
                "Keep other things as attributes: ctx.name = value"
            )
    return given
