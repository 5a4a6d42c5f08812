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
    for k, analytic in zip(asked, _gradients(outputs, [inputs[k] for k in asked], weights), strict=True):
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
                    f"{what}: the gradient of input {k}, {x.dtype} {x.shape}, at {_index(place, x.shape)} is "
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
        return tuple(g for g in _gradients(outputs, asked, cotangents, create_graph=True) if g is not None)

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
    x = inputs[k]
    elements = flat(x.tolist()) if x.size else []

    def outputs(place: int, step: complex) -> list[list[Any]]:
        moved = [*elements[:place], elements[place] + step, *elements[place + 1 :]]
        return [flat(t.tolist()) for t in tensors_of(function(*inputs[:k], like(x, moved, True), *inputs[k + 1 :]))]

    for place in range(len(elements)):
        numeric: complex = 0.0
        for direction in (1.0, 1j) if x._spec.complex else (1.0,):
            above, below = outputs(place, eps * direction), outputs(place, -eps * direction)
            slope = 0.0
            for w, a, b in zip(weights, above, below, strict=True):
                slope += sum(((v.conjugate() * (p - m)).real for v, p, m in zip(w, a, b, strict=True)), 0.0)
            numeric += direction * slope / (2 * eps)
        yield numeric


def _gradients(
    outputs: Sequence[Tensor], inputs: list[Tensor], weights: Sequence[Tensor], create_graph: bool = False
) -> tuple[Tensor | None, ...]:
    pairs = [(out, w) for out, w in zip(outputs, weights, strict=True) if out.requires_grad]
    if not pairs or not inputs:
        return (None,) * len(inputs)
    outs, ws = zip(*pairs, strict=True)
    return grad(list(outs), inputs, list(ws), create_graph=create_graph, allow_unused=True)


def _index(place: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    index: list[int] = []
    for extent in reversed(shape):
        place, i = divmod(place, extent)
        index.insert(0, i)
    return tuple(index)
