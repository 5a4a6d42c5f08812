"""What the node of a Function does when its cotangents arrive."""

from __future__ import annotations

from ..errors import GraphError, ShapeError
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from .fit import fit
from .mode import PAUSED, current, restore, switch
from .node import Node
from .rules import Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from typing import Any

    from ..registry.spec import Spec
    from .context import FunctionCtx, FunctionOutputs
    from .function import Function
    from .packed import Replace
    from .rules import Edge, Filed


class FunctionRule(Rule):
    """Runs a Function's ``backward``, on tensors, and checks what it returns.

    Its node keeps the flat tuple of edges in ``edge1``, a ``Call`` in ``more``, and in ``specs`` those of the arguments
    and of the outputs, None where one is no tensor.
    """

    __slots__ = ("function",)

    def __init__(self, function: type[Function]) -> None:
        super().__init__(function.__name__, f"{function.__name__}Backward")
        self.saves = True  # freed by ``free``; the rule stays, as a backward that reads nothing may run again
        self.function = function

    def edges(self, n: Node) -> tuple[Edge, ...]:
        return n.edge1

    def cotangents(self, n: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
        kept: FunctionOutputs = n.more
        gs = self._given(n, g if isinstance(g, list) else [g])
        before = switch(current() if tensors else PAUSED)
        try:
            results = self.function._gradients(kept.context, gs)
        finally:
            restore(before)
        specs = n.specs[0]
        results = self._trimmed(results if isinstance(results, tuple) else (results,), len(specs))
        for i, (e, d, spec) in enumerate(zip(n.edge1, results, specs, strict=True)):
            if d is None:
                continue
            self._check(i, d, spec)
            if e is not None and e in wanted:
                d = self._fitted(i, d, spec)
                yield e, d if tensors else d._array

    def _given(self, n: Node, gs: list[Any]) -> list[Tensor | None]:
        """A cotangent for each output; of one that no gradient reached, zeros or None."""
        zeros = n.more.context.materialize_grads
        result: list[Tensor | None] = []
        for g, spec in zip(gs, n.specs[1], strict=True):
            if g is not None:
                result.append(g if isinstance(g, Tensor) else wrap(g))
            else:
                result.append(wrap(spec.backend.zero(spec)) if zeros and spec is not None else None)
        return result

    def _trimmed(self, results: tuple[Any, ...], count: int) -> tuple[Any, ...]:
        """Surplus Nones at the end are forgiven."""
        if len(results) > count and all(d is None for d in results[count:]):
            return results[:count]
        if len(results) != count:
            raise GraphError(
                f"function {self.node_name} returned an incorrect number of gradients (expected {count}, got "
                f"{len(results)}): it returns one for each argument of forward, None where there is none"
            )
        return results

    def _check(self, i: int, d: Any, spec: Spec | None) -> None:
        if not isinstance(d, Tensor):
            raise GraphError(
                f"Function {self.node_name} returned at index {i}: expected a tensor or None (got {type(d).__name__}). "
                "plugrad.asarray makes a tensor of an array or a number"
            )
        if spec is None:
            raise GraphError(
                f"{self.node_name} returned a gradient other than None at position {i}, but the corresponding "
                "forward input was not a tensor"
            )

    def _fitted(self, i: int, d: Tensor, spec: Spec) -> Any:
        have = d._spec
        if have.backend is not spec.backend or have.device != spec.device:
            raise GraphError(f"Function {self.node_name} returned at index {i} {have}, but expected {spec}")
        if have.complex and not spec.complex:
            raise GraphError(
                f"Function {self.node_name} returned a complex gradient at index {i} ({have}) for a real input "
                f"({spec}). Return its real part"
            )
        try:
            return fit(d, spec)
        except (ShapeError, ValueError, IndexError):
            raise ShapeError(
                f"Function {self.node_name} returned an invalid gradient at index {i} - got {have.shape} but expected "
                f"shape compatible with {spec.shape}"
            ) from None

    def saved(self, n: Node) -> Iterator[tuple[str, Any]]:
        return n.more.context._arrays()

    def replace_saved(self, n: Node, replace: Replace) -> bool:
        context: FunctionCtx = n.more.context
        return context._replace(n, replace)

    def claimed(self, n: Node) -> Rule:
        n.more.context._claim()
        return self

    def restore(self, n: Node) -> None:
        n.more.context._restore()
        super().restore(n)

    def free(self, n: Node) -> None:
        n.more.context._free()
