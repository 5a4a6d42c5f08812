"""What a backward does at a node beyond asking its rule for cotangents: nothing, outside of a few contexts."""

from __future__ import annotations

from _contextvars import ContextVar

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

entered: list[Token[Any]] = []
"""The contexts below in which any thread is. Mostly there is none, and then no backward has to ask further."""


def plain(rule: Rule, node: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
    """``rule`` is the node's, which may not have it any more: it was claimed by this run."""
    return rule.cotangents(node, g, wanted, tensors)


def step_of_now() -> Step:
    """The step of one backward, which starts now."""
    step: Step = plain
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
        entered.append(token)

    def __exit__(self, *error: object) -> None:
        token = self._tokens.pop()
        _around.reset(token)
        entered.remove(token)
