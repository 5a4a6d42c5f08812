"""One call of a Function, from the arguments of ``apply`` to what it returns."""

from __future__ import annotations

from ..errors import GraphError
from ..registry.op import OPS
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from .context import FunctionCtx, FunctionOutputs
from .function_rule import FunctionRule
from .mode import PAUSED, RECORDING, current, restore, switch
from .node import bare_node, next_seq
from .rules import port
from .saved import stamp_write
from .views import FUNCTION, NO_GRAD, SEVERAL, check_write, note_alias, note_view, rebase, view_ties

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .function import Function


class FunctionCall:
    """
    :raises TypeError: for a keyword, unless there is a ``setup_context`` and ``forward`` takes it by position too.
    """

    __slots__ = ("args", "context", "edges", "function", "recorded", "results", "sets_up", "several")
    results: tuple[Any, ...]
    several: bool

    def __init__(self, function: type[Function], args: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        self.function = function
        self.sets_up = function._sets_up()
        self.args = self._arguments(args, keywords)
        self.edges = tuple(a._node if isinstance(a, Tensor) else None for a in self.args)
        self.context = FunctionCtx()
        self.context._once = function.clear_saved_tensors_on_access
        self.context.needs_input_grad = tuple(e is not None for e in self.edges)
        self.recorded = any(self.context.needs_input_grad) and current() is not PAUSED

    def _arguments(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments of ``forward`` by position; beside a ``setup_context``, with its defaults."""
        function = self.function
        if not self.sets_up:
            if keywords:
                raise TypeError(
                    f"{function.__name__}.apply takes no keyword arguments, got {', '.join(keywords)}: backward "
                    "returns a gradient for each argument by position. Pass them by position, or define setup_context"
                )
            return args
        if not keywords and not getattr(function.forward, "__defaults__", None):
            return args
        import inspect

        bound = inspect.signature(function.forward).bind(*args, **keywords)
        if bound.kwargs:
            raise TypeError(
                f"{function.__name__}.apply: {', '.join(bound.kwargs)} can only be given to forward by keyword, but "
                "backward returns a gradient for each argument by position. Let forward take it by position too"
            )
        bound.apply_defaults()
        return bound.args

    def forward(self) -> None:
        """Run ``forward`` and ``setup_context``, without recording."""
        top = max((a._spec for a in self.args if isinstance(a, Tensor)), key=lambda spec: spec.level, default=None)
        if top is not None and top.level:
            top.backend.run_function(self)
        else:
            self.run(self.args)

    def run(self, args: tuple[Any, ...]) -> None:
        """The same on arguments that stand for the call's own."""
        before = switch(PAUSED)
        try:
            if self.sets_up:
                result = self.function.forward(*args)
                self.function.setup_context(self.context, args, result)
            else:
                result = self.function.forward(self.context, *args)
        finally:
            restore(before)
        self.several = isinstance(result, tuple)
        self.results = tuple(result) if self.several else (result,)

    # -- inputs that forward wrote into -----------------------------------------------------------------------------

    def check_dirty(self) -> None:
        """Check the inputs that were marked dirty, and note that they were written.

        :raises GraphError: if one of them cannot be written, or was not returned.
        """
        if not self.context.dirty_tensors:
            return
        inputs, returned = {id(a) for a in self.args}, {id(r) for r in self.results}
        dirty = [t for t in self.context.dirty_tensors if id(t) in inputs]
        if len(dirty) < len(self.context.dirty_tensors):
            self._warn_of_strangers()
        for t in dirty:
            if id(t) not in returned:
                raise GraphError(
                    f"{self.function.__name__}: some elements marked as dirty during the forward method were not "
                    f"returned as output ({t._spec}). The inputs that are modified in place must all be outputs of the "
                    "Function"
                )
            if self.recorded:
                check_write(t, self.function.__name__, recorded=True)
                if len(self.results) > 1 and view_ties(t) is not None:
                    raise GraphError(
                        f"{self.function.__name__} modifies in place an input that is a view of another tensor "
                        f"({t._spec}), so it cannot return more than one tensor. Clone the input first, or make two "
                        "Functions of it"
                    )
        for t in dirty:
            if t._spec.backend.writable:
                stamp_write(t._array, self.function.__name__)

    def _warn_of_strangers(self) -> None:
        import warnings

        warnings.warn(
            f"{self.function.__name__}: ctx.mark_dirty() received a tensor that was not an input. Only input tensors "
            "that have been written in place should be passed to it",
            UserWarning,
            stacklevel=4,
        )

    # -- outputs ----------------------------------------------------------------------------------------------------

    def returned(self) -> Any:
        """What ``apply`` returns: the results, recorded if a gradient is asked for.

        :raises TypeError: if forward returned a list or a dict of tensors.
        """
        constant = {id(t) for t in self.context.non_differentiable}
        flags = [
            self.recorded and isinstance(r, Tensor) and r._spec.inexact and id(r) not in constant for r in self.results
        ]
        outputs = [self._output(r, d) for r, d in zip(self.results, flags, strict=True)]
        if any(flags):
            self._record(outputs, flags)
        return tuple(outputs) if self.several else outputs[0]

    def _output(self, r: Any, differentiable: bool) -> Any:
        """A result, or a tensor of the same memory where it must keep its own history."""
        if not isinstance(r, Tensor):
            _check_nothing_lost(r)
            return r
        leaf = r._node is not None and not r._node.seq
        if not any(r is a for a in self.args):
            kept = not leaf if differentiable else r._node is None
        else:
            kept = (differentiable or r._node is None) and any(r is t for t in self.context.dirty_tensors)
            if not kept and (differentiable or r._node is None):
                out = wrap(r._array)
                note_view(out, r, OPS["getitem"], (...,), NO_GRAD)
                return out
        if kept:
            return r
        out = wrap(r._array)
        note_alias(out, r)
        return out

    def _record(self, outputs: list[Any], flags: list[bool]) -> None:
        specs = tuple(a._spec if isinstance(a, Tensor) else None for a in self.args)
        outs = tuple(t._spec if isinstance(t, Tensor) else None for t in outputs)
        n = bare_node(_rule_of(self.function), (specs, outs), next_seq())
        n.edge1 = self.edges
        n.more = FunctionOutputs(self.context, len(outputs))
        refusal = SEVERAL if flags.count(True) > 1 else FUNCTION
        for number, (t, differentiable) in enumerate(zip(outputs, flags, strict=True)):
            if differentiable:
                node = port(n, number) if len(outputs) > 1 else n
                if any(t is d for d in self.context.dirty_tensors):
                    rebase(t, node)
                    continue
                t._node = node
                ties = view_ties(t)
                if ties is not None:
                    ties.refusal = refusal
        self.context._keep(n, self.args, self.results, outputs)
        mode = current()
        if mode is not RECORDING:
            mode.recorded(n)


def _check_nothing_lost(result: Any) -> None:
    held = result.values() if isinstance(result, dict) else result if isinstance(result, list) else ()
    if any(isinstance(r, Tensor) for r in held):
        raise TypeError(
            f"forward returned a {type(result).__name__} of tensors, through which no gradient would flow; return a "
            "tuple of tensors"
        )


def _rule_of(function: type[Function]) -> FunctionRule:
    rule = function.__dict__.get("_rule")
    if rule is None:
        rule = function._rule = FunctionRule(function)
    return rule
