"""``Function``: the user's own op in a class, as in PyTorch."""

from __future__ import annotations

from ..errors import GraphError, MissingDerivative
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from .context import Call, FunctionCtx, context_among, edges_of
from .function_rule import ONCE, FunctionRule
from .mode import PAUSED, RECORDING, current, restore, switch
from .node import Node, bare_node, next_seq
from .rules import port
from .saved import stamp_write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from .rules import Edge

    F = TypeVar("F", bound=Callable[..., Any])

__all__ = ["Function", "FunctionCtx", "once_differentiable"]


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

    ``forward`` runs without recording. With a static method ``setup_context(ctx, inputs, output)`` beside it,
    ``forward`` takes no ``ctx``. ``backward``, or ``vjp`` by its other name, gets a cotangent for each output and
    returns one for each argument of ``forward``, None where there is none; written in ops, it can be differentiated
    again.
    """

    _rule: FunctionRule | None = None

    def __init__(self, *args: Any, **keywords: Any) -> None:
        import warnings

        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all static, so you should "
            "invoke them on the class itself",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        raise GraphError(
            "Legacy autograd function with non-static forward method is deprecated: make forward and backward static "
            f"methods, and call {type(self).__name__}.apply"
        )

    @staticmethod
    def forward(*args: Any, **keywords: Any) -> Any:
        """``forward(ctx, *args)``, or ``forward(*args)`` beside a ``setup_context``: compute the outputs.

        :returns: a tensor, or a tuple of tensors and other things.
        """
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Save what ``backward`` needs.

        :param inputs: the arguments of ``forward``, with its defaults.
        :param output: what ``forward`` returned.
        """
        raise NotImplementedError("setup_context is not implemented")

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        """Compute the arguments' cotangents from the outputs'. ``vjp`` is another name of it: define one of them."""
        raise MissingDerivative(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD: a static method that takes ctx and a gradient for each output"
        )

    vjp = backward

    @classmethod
    def apply(cls, *args: Any, **keywords: Any) -> Any:
        """Run ``forward`` and record the call.

        :returns: what forward returned; an input that it returned as it is comes back as another tensor.
        :raises TypeError: for a keyword, unless there is a ``setup_context`` and ``forward`` takes it by position too;
            or if forward returned a list or a dict of tensors.
        :raises GraphError: if a tensor marked dirty is a leaf that requires grad, or is no output.
        """
        args = _arguments(cls, args, keywords)
        edges = tuple(a._node if isinstance(a, Tensor) else None for a in args)
        context = FunctionCtx()
        context.needs_input_grad = tuple(e is not None for e in edges)
        result = _forward(cls, context, args)
        several = isinstance(result, tuple)
        results = tuple(result) if several else (result,)
        recorded = any(context.needs_input_grad) and current() is not PAUSED
        _mark_dirty(cls, context, args, results, recorded)
        outputs, differentiable = _outputs(context, args, results, recorded)
        if any(differentiable):
            _record(cls, context, args, edges, results, outputs, differentiable)
        return tuple(outputs) if several else outputs[0]

    @classmethod
    def _gradients(cls, ctx: FunctionCtx, grads: list[Tensor | None]) -> Any:
        if cls.vjp is Function.vjp:
            return cls.backward(ctx, *grads)
        if cls.backward is not Function.backward:
            raise GraphError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only "
                f"implement one of them; {cls.__name__} has both"
            )
        return cls.vjp(ctx, *grads)


def _sets_up(function: type[Function]) -> bool:
    return function.setup_context is not Function.setup_context


def _arguments(function: type[Function], args: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[Any, ...]:
    """The arguments of ``forward`` by position; beside a ``setup_context``, with its defaults."""
    if not _sets_up(function):
        if keywords:
            raise TypeError(
                f"{function.__name__}.apply takes no keyword arguments, got {', '.join(keywords)}: backward returns a "
                "gradient for each argument by position. Pass them by position, or define setup_context"
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


def _forward(function: type[Function], context: FunctionCtx, args: tuple[Any, ...]) -> Any:
    before = switch(PAUSED)
    try:
        if not _sets_up(function):
            return function.forward(context, *args)
        result = function.forward(*args)
        function.setup_context(context, args, result)
        return result
    finally:
        restore(before)


def _mark_dirty(
    function: type[Function], context: FunctionCtx, args: tuple[Any, ...], results: tuple[Any, ...], recorded: bool
) -> None:
    """Check the inputs that were marked dirty, and note that they were written."""
    inputs, returned = {id(a) for a in args}, {id(r) for r in results}
    for t in context.dirty_tensors:
        if id(t) not in inputs:
            import warnings

            warnings.warn(
                f"{function.__name__}: ctx.mark_dirty() received a tensor that was not an input. Only input tensors "
                "that have been written in place should be passed to it",
                UserWarning,
                stacklevel=3,
            )
        elif id(t) not in returned:
            raise GraphError(
                f"{function.__name__}: some elements marked as dirty during the forward method were not returned as "
                f"output ({t._spec}). The inputs that are modified in place must all be outputs of the Function"
            )
        elif recorded and t._node is not None and not t._node.seq:
            raise GraphError(
                "a leaf Variable that requires grad has been used in an in-place operation: "
                f"{function.__name__} wrote into {t._spec}. Call it under plugrad.no_grad(), or on a copy"
            )
    for t in context.dirty_tensors:
        if id(t) in inputs and t._spec.backend.writable:
            stamp_write(t._array, function.__name__)


def _outputs(
    context: FunctionCtx, args: tuple[Any, ...], results: tuple[Any, ...], recorded: bool
) -> tuple[list[Any], list[bool]]:
    """What ``apply`` returns, and for each whether it is to get a node."""
    inputs, dirty = {id(a) for a in args}, {id(t) for t in context.dirty_tensors}
    constant = {id(t) for t in context.non_differentiable}
    outputs, differentiable = [], []
    for i, r in enumerate(results):
        if not isinstance(r, Tensor):
            _check_nothing_lost(r, i)
            outputs.append(r)
            differentiable.append(False)
            continue
        d = recorded and r._spec.inexact and id(r) not in constant
        plain = r._node is None
        kept = id(r) in dirty and (d or plain) if id(r) in inputs else plain
        outputs.append(r if kept else wrap(r._array))
        differentiable.append(d)
    return outputs, differentiable


def _check_nothing_lost(result: Any, i: int) -> None:
    held = result.values() if isinstance(result, dict) else result if isinstance(result, list) else ()
    if any(isinstance(r, Tensor) for r in held):
        raise TypeError(
            f"forward returned a {type(result).__name__} of tensors as output {i}, through which no gradient would "
            "flow; return a tuple of tensors"
        )


def _record(
    function: type[Function],
    context: FunctionCtx,
    args: tuple[Any, ...],
    edges: tuple[Edge, ...],
    results: tuple[Any, ...],
    outputs: list[Any],
    differentiable: list[bool],
) -> None:
    specs = tuple(a._spec if isinstance(a, Tensor) else None for a in args)
    n = bare_node(_rule_of(function), (specs, tuple(r._spec if isinstance(r, Tensor) else None for r in outputs)), 0)
    n.seq = next_seq()
    n.edge1 = edges
    n.more = Call(context, len(outputs))
    for number, (t, d) in enumerate(zip(outputs, differentiable, strict=True)):
        if d:
            t._node = port(n, number) if len(outputs) > 1 else n
    context._keep(n, args, results, outputs)
    _tell(n)


def _tell(n: Node) -> None:
    mode = current()
    if mode is not RECORDING:
        mode.recorded(n)


def _rule_of(function: type[Function]) -> FunctionRule:
    rule = function.__dict__.get("_rule")
    if rule is None:
        rule = function._rule = FunctionRule(function)
    return rule


def once_differentiable(backward: F) -> F:
    """Mark a Function's ``backward`` as one that cannot be differentiated again: it runs without recording.

    A gradient that it returned under ``create_graph=True`` raises a GraphError when it is differentiated.
    """
    from functools import wraps

    @wraps(backward)
    def once(*args: Any, **keywords: Any) -> Any:
        outer = current()
        before = switch(PAUSED)
        try:
            results = backward(*args, **keywords)
        finally:
            restore(before)
        if outer is PAUSED:
            return results
        context = context_among(args)
        edges = () if context is None else edges_of(context)
        edges += tuple(a._node for a in args if isinstance(a, Tensor))
        if isinstance(results, tuple):
            return tuple(_final(r, edges) for r in results)
        return _final(results, edges)

    return once  # type: ignore[return-value]


def _final(result: Any, edges: tuple[Edge, ...]) -> Any:
    """A gradient as a tensor whose node refuses to run."""
    if not isinstance(result, Tensor) or not result._spec.inexact or not any(e is not None for e in edges):
        return result
    t = wrap(result._array)
    t._node = n = bare_node(ONCE, None, next_seq())
    n.edge1 = edges
    _tell(n)
    return t
