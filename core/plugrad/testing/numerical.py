"""Derivatives by central differences, through nested lists of Python numbers, and the comparison with the engine's.

Complex ones follow PyTorch's convention: the gradient of a real loss with respect to z is dL/dRe(z) + i dL/dIm(z).
The loss is Re(sum(conj(w) * out)) over the outputs, for random cotangents w: a wrong entry of the Jacobian shows in it.
"""

from __future__ import annotations

from random import Random

from ..autograd.gradients import grad
from ..creation import tensor
from ..errors import PlugradError
from ..registry.tensor import Tensor
from .samples import flat, nested

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    Function = Callable[..., Any]
    Direction = Sequence[tuple[int, complex]]  # places among an array's elements in C order, and numbers there


class GradcheckError(PlugradError, RuntimeError):
    """A derivative is not what central differences say."""


def check_gradients(
    function: Function,
    inputs: Sequence[Any],
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    what: str = "the function",
) -> None:
    """Compare the gradients of ``function(*inputs)`` with central differences.

    :param function: returns a tensor, or a tuple of tensors.
    :param inputs: tensors and whatever else the function takes; the tensors that require grad are differentiated.
    :param eps: the step, to both sides, of the real and of the imaginary part.
    :param what: what is being checked, for the message.
    :raises GradcheckError: if a gradient has another shape or dtype than its input, or differs by more than
        ``atol + rtol * abs(numeric)``; the message names input, element and both values.
    """
    outputs = tensors_of(function(*inputs))
    weights = [cotangent_for(out, seed) for seed, out in enumerate(outputs)]
    asked = [k for k, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]
    for k, analytic in zip(asked, gradients(outputs, [inputs[k] for k in asked], weights), strict=True):
        x = inputs[k]
        if analytic is None:
            elements = [0.0] * x.size
        elif analytic.shape != x.shape or analytic.dtype != x.dtype:
            raise GradcheckError(
                f"{what}: the gradient of input {k}, {x.dtype} {x.shape}, is {analytic.dtype} {analytic.shape}"
            )
        else:
            elements = flat(analytic.tolist()) if x.size else []
        lists = [flat(w.tolist()) for w in weights]
        for place, numeric in enumerate(differences(function, inputs, k, lists, eps)):
            if not abs(elements[place] - numeric) <= atol + rtol * abs(numeric):
                raise GradcheckError(
                    f"{what}: the gradient of input {k}, {x.dtype} {x.shape}, at {index_of(place, x.shape)} is "
                    f"{elements[place]} by the engine and {numeric} by central differences"
                )


def gradient_of(function: Function, count: int) -> Function:
    """The function's gradient as a function to be differentiated: of ``count`` inputs, and a cotangent for each output.

    Its derivative, which ``check_gradients`` checks like any other, is the second order.
    """

    def gradient(*arguments: Any) -> tuple[Tensor, ...]:
        inputs, cotangents = arguments[:count], arguments[count:]
        outputs = tensors_of(function(*inputs))
        asked = [x for x in inputs if isinstance(x, Tensor) and x.requires_grad]
        return tuple(g for g in gradients(outputs, asked, cotangents, create_graph=True) if g is not None)

    return gradient


def tensors_of(result: Any) -> tuple[Tensor, ...]:
    """The outputs that a gradient may come from."""
    several = result if isinstance(result, (tuple, list)) else (result,)
    return tuple(t for t in several if isinstance(t, Tensor) and t._spec.inexact)


def cotangent_for(out: Tensor, seed: int = 0, requires_grad: bool = False) -> Tensor:
    """A random cotangent."""
    draw = Random(seed).uniform
    elements = [complex(draw(-1, 1), draw(-1, 1)) if out._spec.complex else draw(0.5, 1.5) for _ in range(out.size)]
    return like(out, elements, requires_grad)


def like(t: Tensor, elements: Sequence[Any], requires_grad: bool) -> Tensor:
    """A leaf of a tensor's spec, with these elements."""
    if not elements:
        return t.detach().requires_grad_(requires_grad)  # empty: nothing of it can differ
    spec = t._spec
    data, backend = nested(elements, spec.shape), spec.backend.name
    return tensor(data, dtype=spec.dtype, device=spec.device, backend=backend, requires_grad=requires_grad)


def differences(
    function: Function, inputs: Sequence[Any], k: int, weights: list[list[Any]], eps: float
) -> Iterator[complex]:
    """The numeric gradient of the weighted outputs with respect to input ``k``, element by element."""
    for place in range(inputs[k].size):
        numeric: complex = 0.0
        for unit in units(inputs[k]):
            columns = slopes(function, inputs, k, [(place, unit)], eps, -eps)
            numeric += unit * sum(inner(w, column) for w, column in zip(weights, columns, strict=True))
        yield numeric


def units(t: Tensor) -> tuple[complex, ...]:
    """The directions in which an element can be moved."""
    return (1.0, 1j) if t._spec.complex else (1.0,)


def inner(w: Sequence[complex], column: Sequence[complex]) -> float:
    """Re(sum(conj(w) * column))."""
    return sum(((v.conjugate() * c).real for v, c in zip(w, column, strict=True)), 0.0)


def slopes(
    function: Function, inputs: Sequence[Any], k: int, direction: Direction, upper: float, lower: float
) -> list[list[complex]]:
    """How fast the elements of each output change when input ``k`` moves, by differences.

    :param direction: the elements that move: the place of each in C order, and how far it goes in a unit of step.
    :param upper, lower: the steps between which the slope is measured; of opposite sign for central differences.
    :raises AssertionError: if the outputs have another shape or dtype at one of them.
    """
    x = inputs[k]
    elements = flat(x.tolist())

    def outputs(step: float) -> tuple[Tensor, ...]:
        moved = list(elements)
        for place, far in direction:
            moved[place] += step * far
        there = like(x, moved, x.requires_grad)
        return tensors_of(function(*(there if given is x else given for given in inputs)))  # it may be given twice

    above, below = outputs(upper), outputs(lower)
    for fact in ("shape", "dtype"):
        facts = [[str(getattr(t, fact)) for t in ts] for ts in (above, below)]
        if facts[0] != facts[1]:
            raise AssertionError(
                f"Expected `func` to return outputs with the same {fact} when inputs are perturbed, but moving input "
                f"{k} by {upper} gives {', '.join(facts[0])}, and moving it by {lower} gives {', '.join(facts[1])}"
            )
    return [
        [(p - m) / (upper - lower) for p, m in zip(flat(a.tolist()), flat(b.tolist()), strict=True)]
        for a, b in zip(above, below, strict=True)
    ]


def gradients(
    outputs: Sequence[Tensor], inputs: list[Tensor], weights: Sequence[Tensor], create_graph: bool = False
) -> tuple[Tensor | None, ...]:
    """The engine's gradients of the weighted outputs, None where none depends on an input."""
    pairs = [(out, w) for out, w in zip(outputs, weights, strict=True) if out.requires_grad]
    if not pairs or not inputs:
        return (None,) * len(inputs)
    outs, ws = zip(*pairs, strict=True)
    return grad(list(outs), inputs, list(ws), create_graph=create_graph, allow_unused=True)


def index_of(place: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The indices of the element at a place in C order."""
    index: list[int] = []
    for extent in reversed(shape):
        place, i = divmod(place, extent)
        index.insert(0, i)
    return tuple(index)
