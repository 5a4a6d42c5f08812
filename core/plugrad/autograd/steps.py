"""What a backward does at a node beyond asking its rule for cotangents: nothing, outside of a few contexts."""

from __future__ import annotations

from _contextvars import ContextVar

from ..registry.backend import Backend
from ..registry.claims import asking
from ..registry.spec import spec_of
from ..registry.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container
    from contextvars import Token
    from typing import Any

    from .node import Node
    from .rules import Filed, Rule

    Step = Callable[[Rule, Node, Any, Container[Node], bool], Filed]
    Around = Callable[[Step], Step]

ORDER = ("zeros", "anomaly")
"""The kinds of context, from the one that is nearest to the rule."""

_around: ContextVar[dict[str, Around] | None] = ContextVar("plugrad_steps", default=None)
around = _around.get
"""By kind, what stands around the rules' own step; mostly None."""


def plain(rule: Rule, node: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
    """``rule`` is the node's, which may not have it any more: it was claimed by this run."""
    return rule.cotangents(node, g, wanted, tensors)


def at_home(rule: Rule, node: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
    """The same where arrays are on several devices: the cotangent's is current, for the arrays' own operators."""
    first = next(x for x in g if x is not None) if type(g) is list else g
    spec = first._spec if type(first) is Tensor else spec_of(first)
    there = spec.backend.library.current(spec.device)
    if there is None:
        return rule.cotangents(node, g, wanted, tensors)
    with there:
        return iter([*rule.cotangents(node, g, wanted, tensors)])


def strays() -> bool:
    """Whether a library has arrays elsewhere than on its current device."""
    return any(isinstance(reason, Backend) and reason.strays() for reason in asking)


def ordinary() -> bool:
    """Whether there is nothing else to do at a node. Asked where there is any reason to."""
    return around() is None and not strays()


def step_of_now() -> Step:
    """The step of one backward, which starts now."""
    step: Step = at_home if strays() else plain
    kinds = around() or {}
    for kind in ORDER:
        if kind in kinds:
            step = kinds[kind](step)
    return step


class stepping:
    """A context in which something stands around the step. Such a backward takes the plain engine.

    :param kind: one of ``ORDER``; it replaces what an outer context of the same kind has there.
    :param around: makes a step of the one inside of it, anew for each backward; None for the inner one alone.
    """

    __slots__ = ("_around", "_kind", "_tokens")

    def __init__(self, kind: str, around: Around | None) -> None:
        self._kind, self._around = kind, around
        self._tokens: list[Token[dict[str, Around] | None]] = []

    def __enter__(self) -> None:
        kinds = dict(around() or {})
        kinds.pop(self._kind, None)
        if self._around is not None:
            kinds[self._kind] = self._around
        token = _around.set(kinds or None)
        self._tokens.append(token)
        asking.append(token)

    def __exit__(self, *error: object) -> None:
        token = self._tokens.pop()
        _around.reset(token)
        asking.remove(token)
