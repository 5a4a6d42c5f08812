"""``Function``: the user's own op in a class, as in PyTorch."""

from __future__ import annotations

from ..errors import GraphError, MissingDerivative
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from .context import FunctionCtx
from .function_call import FunctionCall
from .mode import PAUSED, current, restore, switch
from .refusing import RefusingRule, refusing_node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    from .function_rule import FunctionRule
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

    clear_saved_tensors_on_access = False
    """Whether ``ctx.saved_tensors`` may be read once only, and lets go of the tensors then."""
    boxed_grads_call = False
    """Whether ``backward`` gets the cotangents as one list, which it may empty to let go of them."""

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

    @staticmethod
    def jvp(ctx: Any, *tangents: Any) -> Any:
        """Compute the outputs' tangents from the arguments'; for forward mode.

        An argument without a tangent has zeros, or None after ``ctx.set_materialize_grads(False)`` and where it is no
        tensor.
        ``ctx.saved_tensors`` are those that were given to ``save_for_forward``.
        """
        raise MissingDerivative(
            "You must implement the jvp function for custom autograd.Function to use it with forward mode AD: a static "
            "method that takes ctx and a tangent, or None, for each argument of forward"
        )

    @classmethod
    def apply(cls, *args: Any, **keywords: Any) -> Any:
        """Run ``forward`` and record the call.

        :returns: what forward returned; an input that it returned as it is comes back as another tensor.
        :raises TypeError: for a keyword, unless there is a ``setup_context`` and ``forward`` takes it by position too;
            or if forward returned a list or a dict of tensors.
        :raises GraphError: if a tensor marked dirty is a leaf that requires grad, or is no output.
        """
        call = FunctionCall(cls, args, keywords)
        try:
            call.forward()
            call.check_dirty()
            return call.returned()
        finally:
            call.context._settle()

    @classmethod
    def _sets_up(cls) -> bool:
        return cls.setup_context is not Function.setup_context

    @classmethod
    def _gradients(cls, ctx: FunctionCtx, grads: list[Tensor | None]) -> Any:
        given: Sequence[Any] = (grads,) if cls.boxed_grads_call else grads
        if cls.vjp is Function.vjp:
            return cls.backward(ctx, *given)
        if cls.backward is not Function.backward:
            raise GraphError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only "
                f"implement one of them; {cls.__name__} has both"
            )
        return cls.vjp(ctx, *given)


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
        context = next((a for a in args if isinstance(a, FunctionCtx)), None)
        edges = () if context is None else context._edges()
        edges += tuple(a._node for a in args if isinstance(a, Tensor))
        if isinstance(results, tuple):
            return tuple(_final(r, edges) for r in results)
        return _final(results, edges)

    return once  # type: ignore[return-value]


ONCE = RefusingRule(
    "trying to differentiate twice a function that was marked with @once_differentiable. Write its backward in ops and "
    "take the mark away, or do not pass create_graph=True"
)


def _final(result: Any, edges: tuple[Edge, ...]) -> Any:
    """A gradient as a tensor that cannot be differentiated."""
    if not isinstance(result, Tensor) or not result._spec.inexact or not any(e is not None for e in edges):
        return result
    t = wrap(result._array)
    t._node = refusing_node(ONCE, edges)
    return t
