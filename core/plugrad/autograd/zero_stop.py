"""A zero cotangent stops at an elementwise op: 0 * inf = 0."""

from __future__ import annotations

from copy import copy

from ..registry.op import OPS
from ..registry.tensor import Tensor
from .op_rules import OpRule
from .steps import stepping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from typing import Any

    from .node import Node
    from .rules import Filed, Rule
    from .steps import Step

    Formula = Callable[..., Any]


class zero_cotangents_stop(stepping):
    """A context in which a cotangent that is exactly zero stays zero through elementwise ops, whatever the derivative.

    The branch that ``where`` does not take gets a zero cotangent. If the derivative there is infinite or NaN, backward
    makes NaN of it, 0 times inf; here it makes 0::

        with plugrad.autograd.zero_cotangents_stop():
            plugrad.where(x > 0, plugrad.sqrt(x), x).sum().backward()

    It counts where backward runs, in this thread; a gradient that is differentiated again needs it at both. What is
    finite is left as it is, so other gradients, of any order, are the same. Array libraries may still warn of what
    they computed on the way, as NumPy does of a division by zero.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("zeros", around)


def around(step: Step) -> Step:
    """The step with rules that stop zeros."""

    def stop(rule: Rule, node: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
        return step(stopping(rule), node, g, wanted, tensors)

    return stop


_twins: dict[OpRule, OpRule] = {}


def stopping(rule: Rule) -> Rule:
    """A rule's twin whose formulas stop zeros; the rule itself where there is nothing to stop."""
    if isinstance(rule, OpRule):
        if not rule.op.elementwise or len(rule.op.signature.outputs) > 1:
            return rule
        twin = _twins.get(rule)
        if twin is None:
            twin = _twins[rule] = copy(rule)
            twin.formulas = {key: stopped(formula) for key, formula in rule.formulas.items()}
        return twin
    inner = getattr(rule, "rule", None)  # one that stands before another
    if inner is None:
        return rule
    outer: Any = copy(rule)
    outer.rule = stopping(inner)
    return outer


def stopped(formula: Formula) -> Formula:
    """The formula, with 0 where the cotangent is 0 and the result is not finite.

    The result has the cotangent's shape, because the engine undoes broadcasting after it.
    """

    def run(*args: Any, **asked: Any) -> Any:
        result = formula(*args, **asked)
        g = args[0] if args else next(v for name, v in asked.items() if name == "g" or name.startswith("g_"))
        return masked(g, result)

    return run


def masked(g: Any, d: Any) -> Any:
    if d is None:
        return None
    if type(d) in (tuple, list):  # of a formula for several inputs
        return tuple(masked(g, part) for part in d)
    raw_g, raw = (v._array if isinstance(v, Tensor) else v for v in (g, d))
    finite = OPS["less"].function(OPS["abs"].function(raw), float("inf"))
    keep = OPS["logical_or"].function(OPS["not_equal"].function(raw_g, 0), finite)
    return OPS["where"].function(keep, d, 0)
