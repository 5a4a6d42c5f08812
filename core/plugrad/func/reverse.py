"""Reverse mode as transforms: the inputs get nodes of their own, and what does not depend on more stays unrecorded."""

from __future__ import annotations

from functools import wraps

from ..autograd import gradients
from ..autograd.mode import PAUSED, RECORDING, current, recording, restore, switch
from ..autograd.node import Node, bare_node, next_seq, state
from ..autograd.rules import Rule
from ..autograd.views import holding
from ..errors import GraphError
from ..registry.tensor import Tensor
from .arguments import check_outputs, check_real, check_tensors, chosen, each_tensor, replaced, with_aux
from .bases import basis, stacked, zeros
from .dual import Dual
from .trees import leaves, leaves_like, put_back, structure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable
    from typing import Any

    from ..autograd.rules import Edge, Filed
    from .arguments import Argnums

    Function = Callable[..., Any]


class InputRule(Rule):
    """The rule of a transform's input: its cotangent goes on to where the argument came from, unchanged."""

    __slots__ = ()

    def edges(self, n: Node) -> tuple[Edge, ...]:
        return (n.edge1,)

    def cotangents(self, n: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
        if n.edge1 is not None and n.edge1 in wanted:
            yield n.edge1, g


INPUT = InputRule("input", "InputBackward")


def fresh(t: Tensor, connected: bool) -> Tensor:
    """A tensor of the same memory, with a node of its own.

    :raises GraphError: if its dtype has no gradients.
    """
    spec = t._spec
    if not spec.inexact:
        raise GraphError(
            f"only Tensors of floating point and complex dtype can require gradients; this one is {spec}. "
            "Convert it by astype, or leave it out of argnums"
        )
    n = bare_node(INPUT, (spec,), next_seq())
    n.edge1 = t._node if connected else None
    n.saved1 = True  # while its transform runs the function: whatever else depends on it is not done with
    mode = current()
    if mode is not RECORDING:
        mode.recorded(n)
    return holding(t._array, t, n)


def reaches_outside(tensors: Iterable[Tensor], mark: int) -> bool:
    """Do any depend on what was recorded before ``mark``, a leaf, another transform's input, or below forward mode?"""
    seen: set[Node] = set()
    stack: list[Node | None] = []
    for t in tensors:
        stack.append(t._node)
        if is_recorded(t._array):
            return True
    while stack:
        n = stack.pop()
        if n is None or n in seen:
            continue
        if n.seq <= mark or (n.rule.inner is INPUT and n.saved1):
            return True
        seen.add(n)
        stack.extend(n.rule.edges(n))
    return False


def is_recorded(array: Any) -> bool:
    """Does a part of a dual array require grad, at some level?"""
    if not isinstance(array, Dual):
        return False
    parts = [t for t in (array.primal, array.tangent) if t is not None]
    return any(t._node is not None or is_recorded(t._array) for t in parts)


class Pullback:
    """A function, run on fresh inputs: its results, and the gradients through it.

    :param connected: whether gradients may go on to where the arguments came from.
    """

    def __init__(
        self, func: Function, args: tuple[Any, ...], keywords: dict[str, Any], argnums: Argnums | None,
        has_aux: bool, api: str,
    ) -> None:  # fmt: skip
        taken = args if argnums is None else chosen(args, argnums)
        tensors = check_tensors(taken)
        self.connected = current() is not PAUSED
        self.mark = state.seq
        before = switch(recording())
        try:
            self.inputs = [fresh(t, self.connected) for t in tensors]
            self.structure = structure(taken)
            new = put_back(self.structure, [holding(x._array, x, x._node) for x in self.inputs])  # it may write them
            args = new if argnums is None else replaced(args, argnums, new)
            self.result, self.aux = with_aux(func(*args, **keywords), has_aux, api)
        finally:
            restore(before)
            for x in getattr(self, "inputs", ()):
                x._node.saved1 = False

    def released(self, t: Tensor) -> Tensor:
        """A result, recorded only as far as something outside asks for it."""
        if t._node is None or (self.connected and reaches_outside([t], self.mark)):
            return t
        return holding(t._array, t, None)

    def gradients(
        self, outputs: list[Tensor], cotangents: list[Any], keep: bool, create_graph: bool | None = None
    ) -> list[Tensor]:
        """Of the outputs with respect to the inputs; zeros where nothing depends on one."""
        if create_graph is None:
            given = [c for c in cotangents if c is not None]
            create_graph = current() is not PAUSED and (
                any(c._node is not None for c in given)
                or (self.connected and reaches_outside([*outputs, *given], self.mark))
            )
        pairs = [(out, c) for out, c in zip(outputs, cotangents, strict=True) if out._node is not None]
        found = gradients.grad(
            [out for out, _ in pairs], self.inputs, [c for _, c in pairs], keep or create_graph, create_graph,
            allow_unused=True, materialize_grads=True,
        ) if pairs else tuple(zeros(x._spec, x._spec.shape) for x in self.inputs)  # fmt: skip
        return [self.released(g) for g in found if g is not None]


def vjp(func: Function, *primals: Any, has_aux: bool = False) -> Any:
    """``func(*primals)``, and a function from the outputs' cotangents to the tuple of the primals'.

    :param primals: tensors, or nested tuples, lists and dicts of them; each is of a floating point or complex dtype.
    :param has_aux: ``func`` returns a pair: outputs, and other data that is handed on.
    :returns: ``(output, vjp_fn)``, or ``(output, vjp_fn, aux)``. ``vjp_fn(cotangents)`` takes a tree of the output's
        structure and returns a tuple of trees like the primals; it may be called any number of times.
    :raises GraphError: if the function returns something else than floating point or complex tensors; by ``vjp_fn``
        if the cotangents are of another structure.
    """
    pullback = Pullback(func, primals, {}, None, has_aux, "vjp(f, *primals)")
    outputs = check_outputs(pullback.result, "vjp(f, *primals)")
    for out in outputs:
        if not out._spec.inexact:
            raise GraphError(
                "vjp(f, ...): All outputs of f must be floating-point or complex Tensors, got Tensor with dtype "
                f"{out._spec.dtype}. Return it as auxiliary data, with has_aux=True"
            )
    shape = structure(pullback.result)

    def vjp_fn(cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        given = leaves_like(cotangents, shape)
        if given is None:
            raise GraphError(
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the "
                f"function. cotangents: {structure(cotangents)}, primal output: {shape}"
            )
        found = pullback.gradients(outputs, check_tensors(given), retain_graph, create_graph)
        return put_back(pullback.structure, found)

    output = each_tensor(pullback.released, pullback.result)
    return (output, vjp_fn, each_tensor(pullback.released, pullback.aux)) if has_aux else (output, vjp_fn)


def grad_and_value(func: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """A function that returns the gradient of ``func`` and its value.

    :param func: returns a tensor of no axes, and with ``has_aux`` a pair of that and other data.
    :param argnums: the positional arguments to differentiate with respect to; each a tensor or a tree of them.
    :returns: a function of the same arguments, whose result is ``(gradient, value)``, or
        ``(gradient, (value, aux))``. The gradient is a tree like the argument; a tuple of them if ``argnums`` is one.
    :raises GraphError: when called, if ``func`` returns no tensor of no axes, or ``argnums`` names no argument.
    :raises ValueError: when called, if an argument holds something else than tensors.
    """
    api = "grad_and_value(f)(*args)"

    @wraps(func)
    def wrapper(*args: Any, **keywords: Any) -> Any:
        pullback = Pullback(func, args, keywords, argnums, has_aux, api)
        output = pullback.result
        if not isinstance(output, Tensor):
            raise GraphError(f"{api}: Expected f(*args) to return a Tensor, got {type(output)}")
        if output._spec.shape:
            raise GraphError(
                f"{api}: Expected f(*args) to return a scalar Tensor, got tensor with {len(output._spec.shape)} dims. "
                "Maybe you wanted to use the vjp or jacrev APIs instead?"
            )
        found = pullback.gradients([output], [None], False)
        gradient, value = put_back(pullback.structure, found), pullback.released(output)
        return (gradient, (value, each_tensor(pullback.released, pullback.aux)) if has_aux else value)

    return wrapper


def grad(func: Function, argnums: Argnums = 0, has_aux: bool = False) -> Function:
    """A function that returns the gradient of ``func``. Its parameters are those of ``grad_and_value``.

    :returns: a function of the same arguments, whose result is the gradient, or ``(gradient, aux)``.
    """

    @wraps(func)
    def wrapper(*args: Any, **keywords: Any) -> Any:
        gradient, value = grad_and_value(func, argnums, has_aux)(*args, **keywords)
        return (gradient, value[1]) if has_aux else gradient

    return wrapper


def jacrev(
    func: Function, argnums: Argnums = 0, *, has_aux: bool = False, chunk_size: int | None = None
) -> Function:  # fmt: skip
    """A function that returns the Jacobian of ``func``, row by row in reverse mode: good for few outputs.

    :param argnums: the positional arguments to differentiate with respect to; each a real tensor or a tree of them.
    :param chunk_size: taken as PyTorch's, and without effect: there is one backward for each element of the output.
    :returns: a function of the same arguments. For each output, a tree like the argument (a tuple of them if
        ``argnums`` is one) of tensors of shape ``output.shape + input.shape``; with ``has_aux`` a pair of that and aux.
    :raises GraphError: when called, as for ``vjp``, and if an input or an output is complex.
    """
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @wraps(func)
    def wrapper(*args: Any, **keywords: Any) -> Any:
        check_real(leaves(args), "jacrev", "inputs")
        pullback = Pullback(func, args, keywords, argnums, has_aux, "vjp(f, *primals)")
        outputs = check_outputs(pullback.result, "jacrev(f)(*args)")
        check_real(outputs, "jacrev", "outputs")
        jacobians = []
        for out in outputs:
            rows = [pullback.gradients([out], [row], True) for row in basis(out._spec)]
            columns = zip(*rows, strict=True) if rows else [()] * len(pullback.inputs)
            parts = [stacked(c, 0, out._spec, x._spec) for c, x in zip(columns, pullback.inputs, strict=True)]
            jacobians.append(put_back(pullback.structure, parts))
        jacobian = put_back(structure(pullback.result), jacobians)
        return (jacobian, each_tensor(pullback.released, pullback.aux)) if has_aux else jacobian

    return wrapper
