"""Anomaly mode: each node knows the lines of the user's program that made it, and backward stops at the first NaN."""

from __future__ import annotations

from contextvars import ContextVar

from ..errors import GraphError
from ..registry.op import OPS
from ..registry.spec import spec_of
from ..registry.tensor import Tensor
from . import saved
from .mode import watching
from .op_rules import OpRule
from .rules import Numbered
from .steps import stepping
from .trace import INPUTS, called_at, count_not_finite, elements, note, noted, running, written_at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from contextvars import Token
    from typing import Any

    from .node import Node
    from .rules import Filed, Rule
    from .steps import Step

saved.trace = written_at

_state: ContextVar[tuple[bool, bool]] = ContextVar("plugrad_anomaly", default=(False, True))


def is_anomaly_enabled() -> bool:
    """Whether anomaly mode is on, in this thread, now."""
    return _state.get()[0]


def is_anomaly_check_nan_enabled() -> bool:
    """Whether anomaly mode, where it is on, looks for NaN and infinities."""
    return _state.get()[1]


class _Anomaly:
    """Anomaly mode on or off: recording, backward, and what is said of it, together."""

    def __init__(self, mode: bool, check_nan: bool) -> None:
        self._now = bool(mode), bool(check_nan)
        self._watching = watching("anomaly", note if mode else None)
        self._stepping = stepping("anomaly", (lambda step: Inspection(step, self._now[1])) if mode else None)
        self._tokens: list[Token[tuple[bool, bool]]] = []

    def _enter(self) -> None:
        self._tokens.append(_state.set(self._now))
        self._watching.__enter__()
        self._stepping.__enter__()

    def __exit__(self, *error: object) -> None:
        self._stepping.__exit__()
        self._watching.__exit__()
        _state.reset(self._tokens.pop())


class detect_anomaly(_Anomaly):
    """A context for finding where a gradient goes wrong. It takes several times the time.

    Forward in it notes for each op the user's lines and the inputs' ranges. Backward in it raises a GraphError as soon
    as an op makes NaN or an infinity, which names the op, the lines that called it, its inputs' ranges, and whether it
    is in the branch that a ``where`` did not take. Any error of a backward has the forward lines as a note, and that of
    a saved value which was written in place shows the lines of the op that saved it and of the op that wrote it.

    :param check_nan: look for NaN and infinities.
    """

    def __init__(self, check_nan: bool = True) -> None:
        import warnings

        super().__init__(True, check_nan)
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging.",
            stacklevel=2,
        )

    def __enter__(self) -> None:
        self._enter()


class set_detect_anomaly(_Anomaly):
    """Switches anomaly mode on or off: at once, and until the end of the block if it has one. See ``detect_anomaly``.

    :param mode: on or off.
    :param check_nan: look for NaN and infinities.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        super().__init__(mode, check_nan)
        self._enter()

    def __enter__(self) -> None: ...


class Inspection:
    """The step of a backward in anomaly mode: looks at each cotangent that a node hands on."""

    def __init__(self, step: Step, check_nan: bool) -> None:
        self.step, self.check_nan = step, check_nan
        self.inactive: dict[Node, Node] = {}  # below a where -> that where's node

    def __call__(self, rule: Rule, node: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
        before = running.set(node)
        try:
            filed = list(self.step(rule, node, g, wanted, tensors))
        finally:
            running.reset(before)
        where = node if rule.name == "where" else self.inactive.get(node)
        for edge, d in filed:
            if self.check_nan and d is not None and type(d) is not Numbered:
                self.check(rule, node, g, edge, d)
            if where is not None:
                self.inactive.setdefault(edge, where)
        return iter(filed)

    def check(self, rule: Rule, node: Node, g: Any, edge: Node, d: Any) -> None:
        """
        :raises GraphError: if a cotangent is not finite.
        """
        raw = raw_of(d)
        if all_finite(raw):
            return
        spec = spec_of(raw)
        numbers = elements(spec.backend.tolist(raw))
        nans, infs = count_not_finite(numbers)
        bad = [i for i, number in enumerate(numbers) if number - number != 0]
        k = next(k for k, e in enumerate(rule.edges(node)) if e is edge)
        raise GraphError(
            f"Function '{node.name()}' returned {'nan' if nans else 'infinite'} values in its {k}th output: in the "
            f"gradient of {input_name(rule, k)} ({spec}) {nans} elements are NaN and {infs} infinite, the first is "
            f"number {bad[0]} of {len(numbers)}. {self.op(node)} {self.cause(node, g, raw, bad)}"
        )

    def op(self, node: Node) -> str:
        """Which call it was."""
        where = called_at(node)
        if not where:
            return (
                f"It is of the op {node.rule.name}; where that was called is not known, because it was outside of "
                "detect_anomaly()."
            )
        ranges = "; ".join(noted(node, INPUTS) or ["nothing that holds an array"])
        return f"The op {node.rule.name} was called{where}, with {ranges}."

    def cause(self, node: Node, g: Any, raw: Any, bad: list[int]) -> str:
        """Why, as far as the incoming cotangent tells."""
        if isinstance(g, list):
            return ""
        incoming = raw_of(g)
        if not all_finite(incoming):
            return (
                "Its incoming cotangent was not finite already: it is what backward was given, what a hook returned, "
                "or an overflowing sum."
            )
        values = elements(spec_of(incoming).backend.tolist(incoming))
        same = spec_of(incoming).shape == spec_of(raw).shape
        at_zero = all(values[i] == 0 for i in bad) if same else 0 in values
        where = self.inactive.get(node)
        if at_zero and where is not None:
            return (
                f"Its incoming cotangent is 0 there, because the where{called_at(where)} took the other branch, and 0 "
                "times an infinite or NaN derivative is NaN. Replace the argument before the op, as in "
                f"{node.rule.name}(where(condition, x, 1)), not its result after it; or run backward in "
                "plugrad.autograd.zero_cotangents_stop()."
            )
        if at_zero:
            return (
                "Its incoming cotangent is 0 there, and 0 times an infinite or NaN derivative is NaN; in "
                "plugrad.autograd.zero_cotangents_stop() it is 0."
            )
        return "Its incoming cotangent is finite: the derivative of the op is infinite or NaN at these inputs."


def raw_of(d: Any) -> Any:
    return d._array if isinstance(d, Tensor) else d


def all_finite(raw: Any) -> bool:
    size = OPS["abs"].function(raw)
    found = OPS["all"].function(OPS["less"].function(size, float("inf")))
    return bool(spec_of(found).backend.tolist(found))  # of an array within a transform it is of the backend inside


def input_name(rule: Rule, k: int) -> str:
    """What the op calls its ``k``-th input."""
    inner = rule.inner
    names = inner.op.signature.inputs if isinstance(inner, OpRule) else ()
    return repr(names[k]) if k < len(names) else f"input {k}"
