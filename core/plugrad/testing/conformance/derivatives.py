"""Checks of derivatives: backward and forward, of first and second order, by both engines."""

from __future__ import annotations

from ...autograd.gradients import backward, grad
from ...errors import MissingDerivative
from ...func import jvp as forward
from ...registry.tensor import Tensor
from ..numerical import check_gradients, cotangent_for, gradient_of, tensors_of
from ..samples import CannotHold
from .call import SINGLE, Call, NothingToCheck, leaves_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SECOND_ORDER = 4
"""Samples with more elements are checked in first order alone: differences of each pair take long."""


def in_double(call: Call) -> tuple[Call, dict[str, float]]:
    """The call, and step and tolerances of differences; in single precision where the backend has no double."""
    try:
        call.arguments()
    except CannotHold:
        if call.dtype not in SINGLE:
            raise
        return call.of_dtype(SINGLE[call.dtype]), {"eps": 1e-2, "rtol": 1e-2, "atol": 2e-3}
    return call, {"eps": 1e-6, "rtol": call.sample.rtol, "atol": call.sample.atol}


def vjp(call: Call) -> None:
    """The gradients are what central differences say."""
    call, how = in_double(call)
    check_gradients(call, call.arguments(requires_grad=True), **how, what=str(call))


def second_order(call: Call) -> None:
    """The gradients of the gradients are what central differences say."""
    call, how = in_double(call)
    arguments = call.arguments(requires_grad=True)
    cotangents = [cotangent_for(out, 1, requires_grad=True) for out in tensors_of(call(*arguments))]
    gradient = gradient_of(call, len(arguments))
    what = f"{call}, second order"
    check_gradients(gradient, (*arguments, *cotangents), **how, what=what)


def jvp(call: Call) -> None:
    """Forward mode, along a tangent of every input, gives what central differences say.

    :raises NothingToCheck: if the op has no forward derivative, or no output of floats.
    """
    call, how = in_double(call)
    arguments = call.arguments()
    places = [k for k, a in enumerate(arguments) if isinstance(a, Tensor) and a._spec.inexact]
    tangents = [cotangent_for(arguments[k], k) for k in places]

    def along(*moved: Tensor) -> Any:
        inputs = list(arguments)
        for place, value in zip(places, moved, strict=True):
            inputs[place] = value
        return tensors_of(call(*inputs))

    points = tuple(arguments[k] for k in places)
    if not along(*points):
        raise NothingToCheck("no output is of floats")
    try:
        outs, found = forward(along, points, tuple(tangents))
    except MissingDerivative as error:
        raise NothingToCheck(f"no forward derivative: {error}") from error
    step = how["eps"]
    above, below = (along(*[x + t * s for x, t in zip(points, tangents, strict=True)]) for s in (step, -step))
    for out, plain, t, a, b in zip(outs, along(*points), found, above, below, strict=True):
        call.expect_close(out.tolist(), plain.tolist(), "in forward mode, gives", call.tolerance(), 0)
        call.expect((t.shape, t.dtype) == (out.shape, out.dtype), f"the tangent of {out.shape} is {t.dtype} {t.shape}")
        differences = ((a - b) * (0.5 / step)).tolist()
        rtol, atol = how["rtol"], max(how["atol"], 1e-7)
        call.expect_close(t.tolist(), differences, "forward mode gives, beside central differences,", rtol, atol)


def engines(call: Call) -> None:
    """``backward``, ``grad`` and ``grad`` with ``create_graph`` give the same gradients, of their inputs' specs."""
    arguments = call.arguments(requires_grad=True)
    outs = [out for out in tensors_of(call(*arguments)) if out.requires_grad]
    leaves = leaves_of(arguments)
    if not outs:
        return
    cotangents = [cotangent_for(out) for out in outs]
    plain = grad(outs, leaves, cotangents, retain_graph=True, allow_unused=True)
    recorded = grad(outs, leaves, cotangents, create_graph=True, allow_unused=True)
    backward(outs, cotangents)
    for x, g, r in zip(leaves, plain, recorded, strict=True):
        if g is None or r is None or x.grad is None:
            call.expect(g is r is x.grad is None, "backward and grad disagree on whether an input has a gradient")
            continue
        call.expect((x.grad.shape, x.grad.dtype) == (x.shape, x.dtype), f"x.grad of {x.shape} is {x.grad.shape}")
        for other, engine in ((g, "grad"), (r, "grad with create_graph")):
            call.expect_close(other.tolist(), x.grad.tolist(), f"beside backward, {engine} gives", call.tolerance(), 0)
