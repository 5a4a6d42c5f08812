"""``Function``: the user's own op in a class, as in PyTorch."""

from __future__ import annotations

from ..errors import GraphError, ShapeError
from ..registry.claims import OWNERS
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from .fit import fit
from .mode import PAUSED, RECORDING, current, recording, restore, switch
from .node import Node, next_seq
from .rules import FreedRule, Rule, port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from typing import Any

    from ..registry.spec import Spec
    from .rules import Edge, Filed


class Saved:
    """A tensor that a Function saved: its array, and where it came from. An output's node is not kept: no cycle."""

    __slots__ = ("array", "output", "tensor")

    def __init__(self, array: Any, tensor: Tensor | None, output: int | None) -> None:
        self.array, self.tensor, self.output = array, tensor, output


class Context:
    """What ``forward`` and ``backward`` share: the ``ctx`` of PyTorch. Attributes of your own may be set on it."""

    def __init__(self, needs_input_grad: tuple[bool, ...]) -> None:
        self.needs_input_grad = needs_input_grad
        """For each argument of ``apply``, whether it needs a gradient."""
        self.outputs = 1
        self._to_save: tuple[Tensor | None, ...] = ()
        self._saved: list[Saved | None] = []
        self._node: Any = None
        self._freed = False

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keep inputs, outputs or intermediate tensors for ``backward``. They are checked against in-place writes."""
        for t in tensors:
            if t is not None and not isinstance(t, Tensor):
                raise TypeError(f"save_for_backward can only save tensors, but got {type(t).__name__}")
        self._to_save = tensors

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What was saved.

        :raises GraphError: if a backward has freed it.
        """
        if self._freed:
            raise GraphError(
                "Trying to backward through the graph a second time: the saved tensors were freed. "
                "Specify retain_graph=True at the first backward"
            )
        return tuple(self._unpacked(s) for s in self._saved)

    def _unpacked(self, saved: Saved | None) -> Tensor | None:
        if saved is None or saved.tensor is not None:
            return None if saved is None else saved.tensor
        t = wrap(saved.array)
        n = self._node() if self._node is not None else None
        if n is not None:
            t._node = port(n, saved.output or 0) if self.outputs > 1 else n
        return t


class FunctionRule(Rule):
    """Runs a Function's ``backward``, on tensors, and checks what it returns."""

    __slots__ = ("function",)

    def __init__(self, function: type[Function]) -> None:
        super().__init__(function.__name__, f"{function.__name__}Backward")
        self.saves = True
        self.function = function

    def edges(self, n: Node) -> tuple[Edge, ...]:
        return n.edge1

    def cotangents(self, n: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
        specs, outs = n.specs
        given = g if isinstance(g, list) else [g]
        gs = [_as_tensor(spec.backend.zero(spec) if d is None else d) for d, spec in zip(given, outs, strict=True)]
        context = n.more
        before = switch(recording() if tensors else PAUSED)
        try:
            results = self.function.backward(context, *gs)
        finally:
            restore(before)
        results = results if isinstance(results, tuple) else (results,)
        results = self._trimmed(results, len(n.edge1))
        for i, (e, d, spec) in enumerate(zip(n.edge1, results, specs, strict=True)):
            if d is None:
                continue
            if spec is None:
                raise GraphError(
                    f"{self.node_name} returned a gradient other than None at position {i}, but the corresponding "
                    "forward input was not a tensor"
                )
            if e is not None and e in wanted:
                d = self._fitted(i, d, spec)
                yield e, d if tensors else d._array

    def _trimmed(self, results: tuple[Any, ...], count: int) -> tuple[Any, ...]:
        """Surplus Nones at the end are forgiven."""
        if len(results) > count and all(d is None for d in results[count:]):
            return results[:count]
        if len(results) != count:
            raise GraphError(
                f"function {self.node_name} returned an incorrect number of gradients (expected {count}, got "
                f"{len(results)})"
            )
        return results

    def _fitted(self, i: int, d: Any, spec: Spec) -> Any:
        d = _as_tensor(d)
        have = d._spec
        if have.backend is not spec.backend:
            raise GraphError(f"Function {self.node_name} returned at index {i} {have}, but expected {spec}")
        try:
            return fit(d, spec)
        except (ShapeError, ValueError, IndexError):
            raise ShapeError(
                f"Function {self.node_name} returned an invalid gradient at index {i} - got {have.shape} but expected "
                f"shape compatible with {spec.shape}"
            ) from None

    def saved(self, n: Node) -> Iterator[tuple[str, Any]]:
        for i, saved in enumerate(n.more._saved):
            if saved is not None and type(saved.array) in OWNERS:
                yield f"saved_tensors[{i}]", saved.array

    def free(self, n: Node) -> None:
        context = n.more
        if context._saved:
            context._saved = []
            context._freed = True
            n.rule = FreedRule(self)


def _as_tensor(d: Any) -> Tensor:
    return d if isinstance(d, Tensor) else wrap(d)


class Function:
    """An op of your own. Subclass it, define the static methods ``forward`` and ``backward``, and call ``apply``::

        class Exp(plugrad.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                y = plugrad.exp(x)
                ctx.save_for_backward(y)
                return y

            @staticmethod
            def backward(ctx, g):
                (y,) = ctx.saved_tensors
                return g * y

        y = Exp.apply(x)

    ``forward`` runs without recording. ``backward`` gets a cotangent for each output and returns one for each
    argument of ``forward``, None where there is none; written in ops, it can be differentiated again.
    """

    _rule: FunctionRule | None = None

    @staticmethod
    def forward(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs: a tensor, or a tuple of tensors and other things."""
        raise NotImplementedError("a Function needs a static method forward(ctx, ...)")

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """Compute the arguments' cotangents from the outputs'."""
        raise NotImplementedError("a Function needs a static method backward(ctx, ...)")

    @classmethod
    def apply(cls, *args: Any) -> Any:
        """Run ``forward`` and record the call.

        :raises TypeError: if forward returns something that holds no tensor.
        """
        edges = tuple(a._node if isinstance(a, Tensor) else None for a in args)
        context = Context(tuple(e is not None for e in edges))
        before = switch(PAUSED)
        try:
            result = cls.forward(context, *args)
        finally:
            restore(before)
        several = isinstance(result, tuple)
        outputs = [_fresh(r, args) for r in (result if several else (result,))]
        if not any(isinstance(r, Tensor) for r in outputs):
            raise TypeError(
                f"{cls.__name__}.forward returned {type(result).__name__}; expected a tensor or a tuple of them"
            )
        if any(e is not None for e in edges) and current() is not PAUSED:
            cls._record(context, args, edges, result if several else (result,), outputs)
        return tuple(outputs) if several else outputs[0]

    @classmethod
    def _record(cls, context: Context, args: Any, edges: Any, results: Any, outputs: list[Any]) -> None:
        from weakref import ref

        tensors = [t for t in outputs if isinstance(t, Tensor)]
        rule = cls.__dict__.get("_rule")
        if rule is None:
            rule = cls._rule = FunctionRule(cls)
        n = Node()
        n.rule = rule
        n.edge1, n.edge2 = edges, None
        n.saved1 = n.saved2 = n.g = None
        n.specs = tuple(a._spec if isinstance(a, Tensor) else None for a in args), tuple(t._spec for t in tensors)
        n.more = context
        n.seq = next_seq()
        context.outputs = len(tensors)
        context._node = ref(n)
        numbers = {id(r): k for k, r in enumerate(r for r in results if isinstance(r, Tensor))}
        for k, t in enumerate(tensors):
            if t._spec.inexact:
                t._node = port(n, k) if len(tensors) > 1 else n
        inputs = {id(a) for a in args}
        for kept in context._to_save:
            if kept is None:
                context._saved.append(None)
            elif id(kept) in numbers and id(kept) not in inputs:
                context._saved.append(Saved(kept._array, None, numbers[id(kept)]))
            else:
                context._saved.append(Saved(kept._array, kept, None))
        context._to_save = ()
        mode = current()
        if mode is not RECORDING:
            mode.recorded(n)


def _fresh(result: Any, args: tuple[Any, ...]) -> Any:
    """An output is a tensor of its own: an input that is returned as it is comes back as a new one."""
    if not isinstance(result, Tensor):
        return result
    if result._node is None and not any(result is a for a in args):
        return result
    return wrap(result._array)
