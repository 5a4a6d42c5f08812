"""Floor 5: derivatives of functions as in ``torch.autograd.functional``.

Arguments and results are tensors or tuples of tensors, results nested as in PyTorch. ``vjp``, ``vhp`` and Jacobians go
backwards; ``jvp`` and ``hvp`` are forward mode, the latter over reverse. Without ``create_graph`` nothing that is
returned has a history; with it, gradients flow on to the inputs.
"""

from __future__ import annotations

from ..errors import GraphError, ShapeError
from ..func import forward, reverse
from ..func.bases import basis, stacked, zeros
from ..registry.spec import size
from ..registry.tensor import Tensor
from . import gradients
from .mode import enable_grad
from .views import holding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Function = Callable[..., Any]
    Tensors = Tensor | tuple[Tensor, ...]
    Found = list[Tensor | None]

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

STRICT = "This is not allowed in strict mode"
INPUT = "input to the user-provided function is"


def vjp(
    func: Function, inputs: Tensors, v: Tensors | None = None, create_graph: bool = False, strict: bool = False
) -> tuple[Tensors, Tensors]:
    """``func(*inputs)``, and ``v`` times its Jacobian.

    :param v: a cotangent for each output, of its shape; may be None at a single element.
    :param create_graph: whether what is returned can be differentiated.
    :param strict: raise where an output does not depend on an input, instead of giving zeros.
    :returns: the outputs, and a tensor for each input, of its shape and dtype.
    :raises TypeError: if something is neither a tensor nor a tuple of tensors.
    :raises GraphError, ShapeError: if ``v`` does not fit; with ``strict``.
    """
    run = Run(func, inputs, "vjp", create_graph, strict)
    cotangents = _direction(v, run.outputs, run.several_outputs, "vjp", "user-provided function returns")
    found = run.gradients(run.outputs, cotangents, create_graph, create_graph)
    return run.like_outputs(run.outputs), run.like_inputs(run.filled(found, strict))


def jvp(
    func: Function, inputs: Tensors, v: Tensors | None = None, create_graph: bool = False, strict: bool = False
) -> tuple[Tensors, Tensors]:
    """``func(*inputs)``, and its Jacobian times ``v``, in forward mode. Its parameters are those of ``vjp``.

    :param v: a tangent for each input, of its shape; may be None at a single element.
    :returns: the outputs, and a tensor for each, of its shape and dtype.
    """
    run = Run(func, inputs, "jvp", create_graph, strict, called=strict)
    tangents = _direction(v, run.inputs, run.several_inputs, "jvp", INPUT)
    if strict:
        run.check_dependence()
    with enable_grad():
        outputs, found = forward.jvp(run.checked, run.connected(), tangents)
    for i, t in enumerate(found):
        if strict and create_graph and t._node is None:
            raise GraphError(
                f"The jacobian of the user-provided function is independent of input {i}. {STRICT} when "
                "create_graph=True."
            )
    return run.like_outputs(outputs), run.like_outputs(found)


def jacobian(
    func: Function, inputs: Tensors, create_graph: bool = False, strict: bool = False, vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:  # fmt: skip
    """The Jacobian of ``func``: for each output and each input a tensor of shape ``output.shape + input.shape``.

    :param vectorize: taken as PyTorch's, and without effect: there is a run for each row or column.
    :param strategy: ``"reverse-mode"``, a backward for each element of the outputs, or ``"forward-mode"``, a run of
        ``func`` for each element of the inputs.
    :returns: a tensor; a tuple for several inputs or outputs; a tuple for each output of tuples for each input.
    :raises TypeError, GraphError: as for ``vjp``.
    """
    _check_strategy(strategy)
    if strict and vectorize:
        raise GraphError(
            "plugrad.autograd.functional.jacobian: `strict=True` and `vectorized=True` are not supported together. "
            "Please either set `strict=False` or `vectorize=False`."
        )
    if strategy == "forward-mode":
        if strict:
            raise GraphError(
                "plugrad.autograd.functional.jacobian: `strict=True` and `strategy=\"forward-mode\"` are not supported "
                "together. Please either set `strict=False` or `strategy=\"reverse-mode\"`."
            )  # fmt: skip
        run = Run(func, inputs, "jacobian", create_graph, strict, called=False)
        with enable_grad():
            every = tuple(range(len(run.inputs)))
            rows = [list(row) for row in forward.jacfwd(run.checked, every)(*run.connected())]
    else:
        run = Run(func, inputs, "jacobian", create_graph, strict)
        rows = [run.row(i, out, strict) for i, out in enumerate(run.outputs)]
    nested = tuple([run.like_inputs(row) for row in rows])
    return nested if run.several_outputs else nested[0]


def hessian(
    func: Function, inputs: Tensors, create_graph: bool = False, strict: bool = False, vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:  # fmt: skip
    """The Hessian of ``func``, which returns a single element. Its parameters are those of ``jacobian``.

    :returns: a tensor of shape ``input.shape + input.shape``, or for several inputs a tuple of tuples.
    """
    _check_strategy(outer_jacobian_strategy)

    def scalar(*xs: Tensor) -> Tensor:
        out = _single(func(*xs), "hessian").reshape(())
        if strict:
            _check_outputs([out])
        return out

    def gradient(*xs: Tensor) -> Any:
        found: tuple[Tensor, ...] = jacobian(scalar, xs, create_graph=True)
        if strict:
            _check_recorded(found)
        return found if isinstance(inputs, tuple) else found[0]

    return jacobian(gradient, inputs, create_graph, strict, vectorize, outer_jacobian_strategy)


def vhp(
    func: Function, inputs: Tensors, v: Tensors | None = None, create_graph: bool = False, strict: bool = False
) -> tuple[Tensor, Tensors]:
    """``func(*inputs)``, a single element, and ``v`` times its Hessian. Its parameters are those of ``jvp``.

    :returns: the output, and a tensor for each input, of its shape and dtype.
    """
    run = Run(func, inputs, "vhp", create_graph, strict)
    cotangents = _direction(v, run.inputs, run.several_inputs, "vhp", INPUT)
    output = run.like_outputs(run.outputs)
    _single(output, "vhp")
    first = run.first_derivative(strict)
    found = run.gradients(first, cotangents, create_graph, create_graph)
    return output, run.like_inputs(run.filled(found, strict, "jacobian", "hessian"))


def hvp(
    func: Function, inputs: Tensors, v: Tensors | None = None, create_graph: bool = False, strict: bool = False
) -> tuple[Tensor, Tensors]:
    """``func(*inputs)``, a single element, and its Hessian times ``v``, forward over reverse.

    Its parameters are those of ``jvp``, and what it returns is of the form of ``vhp``.
    """
    run = Run(func, inputs, "hvp", create_graph, strict, called=strict)
    tangents = _direction(v, run.inputs, run.several_inputs, "hvp", INPUT)
    if strict:
        run.first_derivative(strict)

    def gradient(*xs: Tensor) -> Any:
        def scalar(*ys: Tensor) -> Any:
            out = _single(func(*ys), "hvp")
            return out.reshape(()), out

        return reverse.grad(scalar, tuple(range(len(xs))), has_aux=True)(*xs)

    with enable_grad():
        (_, output), (found, _) = forward.jvp(gradient, run.connected(), tangents)
    return run.released([output])[0], run.like_inputs(run.filled(list(found), strict, "jacobian", "hessian"))


# -- what they share ---------------------------------------------------------------------------------------------------


class Run:
    """A function with inputs that have nodes of their own, and its outputs.

    :param called: whether to run it; else ``outputs`` stay empty.
    """

    def __init__(
        self, func: Function, inputs: Any, api: str, create_graph: bool, strict: bool, called: bool = True
    ) -> None:
        self.func, self.api, self.create_graph = func, api, create_graph
        self.given = _as_tuple(inputs, "inputs", api)
        self.several_inputs = isinstance(inputs, tuple)
        self.several_outputs = False
        self.outputs: tuple[Tensor, ...] = ()
        self.inputs = self.given
        if called:
            with enable_grad():
                self.inputs = tuple([reverse.fresh(t, connected=create_graph) for t in self.given])
                self.outputs = self.checked(*[holding(x._array, x, x._node) for x in self.inputs])
            if strict:
                _check_outputs(self.outputs)

    def checked(self, *xs: Tensor) -> tuple[Tensor, ...]:
        """What the function returns, as a tuple."""
        result = self.func(*xs)
        self.several_outputs = isinstance(result, tuple)
        return _as_tuple(result, "outputs of the user-provided function", self.api)

    def connected(self) -> tuple[Tensor, ...]:
        """The inputs for forward mode, with their history only if it is to go on."""
        return tuple([t if self.create_graph else holding(t._array, t, None) for t in self.given])

    def gradients(self, outputs: Any, cotangents: Any, keep: bool, create_graph: bool) -> Found:
        pairs = [(out, c) for out, c in zip(outputs, cotangents, strict=True) if out._node is not None]
        if not pairs:
            return [None] * len(self.inputs)
        outs, cs = zip(*pairs, strict=True)
        with enable_grad():
            return list(gradients.grad(outs, self.inputs, cs, keep, create_graph, allow_unused=True))

    def first_derivative(self, strict: bool) -> list[Tensor]:
        """The gradient of the one output, recorded."""
        found = self.gradients(self.outputs, [None], True, True)
        first = [zeros(x._spec, x._spec.shape) if g is None else g for g, x in zip(found, self.inputs, strict=True)]
        if strict:
            _check_recorded(first)
        return first

    def check_dependence(self) -> None:
        """
        :raises GraphError: if the outputs do not depend on an input.
        """
        cotangents = [zeros(o._spec, o._spec.shape) for o in self.outputs]
        self.filled(self.gradients(self.outputs, cotangents, True, False), True)

    def filled(self, found: Found, strict: bool, of: str = "output", derivative: str = "jacobian") -> list[Tensor]:
        """Gradients with respect to the inputs, zeros where there is none.

        :param of: what was differentiated; ``derivative`` is what came of it.
        :raises GraphError: with ``strict``, if one is none, or not recorded though that is asked for.
        """
        for i, g in enumerate(found):
            if strict and g is None:
                raise GraphError(f"The {of} of the user-provided function is independent of input {i}. {STRICT}.")
            if strict and self.create_graph and g is not None and g._node is None:
                raise GraphError(
                    f"The {derivative} of the user-provided function is independent of input {i}. {STRICT} when "
                    "create_graph=True."
                )
        return [zeros(x._spec, x._spec.shape) if g is None else g for g, x in zip(found, self.inputs, strict=True)]

    def row(self, i: int, out: Tensor, strict: bool) -> list[Tensor]:
        """The Jacobian of output ``i``, for each input."""
        rows = []
        for cotangent in basis(out._spec):
            found = self.gradients([out], [cotangent], True, self.create_graph)
            for k, g in enumerate(found):
                if strict and g is None:
                    raise GraphError(f"Output {i} of the user-provided function is independent of input {k}. {STRICT}.")
            rows.append(self.filled(found, strict))
        columns = zip(*rows, strict=True) if rows else [()] * len(self.inputs)
        return [stacked(c, 0, out._spec, x._spec) for c, x in zip(columns, self.inputs, strict=True)]

    def released(self, tensors: Iterable[Tensor]) -> tuple[Tensor, ...]:
        """What is returned: with its history only if that was asked for."""
        return tuple([t if self.create_graph else holding(t._array, t, None) for t in tensors])

    def like_inputs(self, tensors: Iterable[Tensor]) -> Any:
        found = self.released(tensors)
        return found if self.several_inputs else found[0]

    def like_outputs(self, tensors: Iterable[Tensor]) -> Any:
        found = self.released(tensors)
        return found if self.several_outputs else found[0]


def _as_tuple(given: Any, what: str, api: str) -> tuple[Tensor, ...]:
    for i, t in enumerate(given if isinstance(given, tuple) else (given,)):
        if not isinstance(t, Tensor):
            which = f"value at index {i}" if isinstance(given, tuple) else f"given {what}"
            raise TypeError(
                f"The {what} given to {api} must be either a Tensor or a tuple of Tensors but the {which} has type "
                f"{type(t)}."
            )
    return given if isinstance(given, tuple) else (given,)


def _direction(v: Any, like: tuple[Tensor, ...], several: bool, api: str, where: str) -> tuple[Any, ...]:
    """The tangents or cotangents that were given, checked against what they belong to."""
    if v is None:
        if len(like) != 1 or size(like[0]._spec.shape) != 1:
            raise GraphError(f"The vector v can only be None if the {where} a single Tensor with a single element.")
        return (next(basis(like[0]._spec)),)
    vs = _as_tuple(v, "v", api)
    if len(vs) != len(like):
        raise GraphError(
            f"v is a tuple of invalid length: should be {len(like)} but got {len(vs)}."
            if several
            else "The given v should contain a single Tensor."
        )
    for i, (t, x) in enumerate(zip(vs, like, strict=True)):
        if t._spec.shape != x._spec.shape:
            entry = f"Entry {i} in " if several else ""
            raise ShapeError(f"{entry}v has invalid size: should be {x._spec.shape} but got {t._spec.shape}.")
    return vs


def _check_outputs(outputs: Iterable[Tensor]) -> None:
    """
    :raises GraphError: if nothing of an output is recorded.
    """
    for i, out in enumerate(outputs):
        if out._node is None:
            raise GraphError(
                f"Output {i} of the user-provided function does not require gradients. The outputs must be computed in "
                "a differentiable manner from the input when running in strict mode."
            )


def _single(out: Any, api: str) -> Tensor:
    """
    :raises GraphError: if a function returned something else than a tensor of one element.
    """
    if not isinstance(out, Tensor):
        raise GraphError(f"The function given to {api} should return a single Tensor")
    if size(out._spec.shape) != 1:
        raise GraphError(f"The Tensor returned by the function given to {api} should contain a single element")
    return out


def _check_recorded(jacobian: Iterable[Tensor]) -> None:
    """
    :raises GraphError: if a first derivative is constant, so that a Hessian through it would be zero.
    """
    for i, g in enumerate(jacobian):
        if g._node is None:
            raise GraphError(
                "While computing the hessian, found that the jacobian of the user-provided function with respect to "
                f"input {i} is independent of the input. {STRICT}. You should ensure that your function is twice "
                "differentiable and that the jacobian depends on the inputs (this would be violated by a linear "
                "function for example)."
            )


def _check_strategy(strategy: str) -> None:
    if strategy not in ("forward-mode", "reverse-mode"):
        raise ValueError(f'Expected strategy to be either "forward-mode" or "reverse-mode", got {strategy!r}')
