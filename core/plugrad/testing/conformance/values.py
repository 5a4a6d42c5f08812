"""Checks of what comes out: values, shapes, dtypes."""

from __future__ import annotations

from ...autograd.gradients import grad
from ...creation import tensor
from ...registry.claims import BACKENDS
from ...registry.dtype import dtype as dtype_named
from ...registry.kernels import kernel_for
from ...registry.tensor import Tensor
from ..numerical import cotangent_for, tensors_of
from ..samples import CannotHold
from .call import SINGLE, Call, NothingToCheck, leaves_of, outputs_of, raw, two_floats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

REFERENCE = "numpy"
"""The backend that values are compared with, where it is ready."""


def references(call: Call) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """What a call should give, and who says it: the sample's ``out``, the op's composite, the reference backend."""
    arguments = call.arguments()
    if call.sample.out is not None:
        yield "the sample's out", (stated(call, arguments),)
    array_type = type(next(raw(a) for a in arguments if isinstance(a, Tensor)))
    composite = call.op.composite
    if composite is not None and kernel_for(call.op, array_type) is not composite and not call.runs_composite:
        try:
            made = composite(*call.in_order(arguments))
        except TypeError:
            if call.floats:
                raise
        else:  # of integers, a composite may ask for more than a library allows
            yield "the composite", outputs_of(made)
    reference = BACKENDS.get(REFERENCE)
    if reference is not None and reference is not call.backend and not reference.unavailable():
        try:
            there = call.on(reference)
            made = there(*there.arguments())
        except (CannotHold, NothingToCheck):
            return
        yield f"backend {REFERENCE!r}", outputs_of(made)


def stated(call: Call, arguments: tuple[Any, ...]) -> Any:
    """The sample's ``out`` as a tensor."""
    out = call.sample.out
    if callable(out):
        lists = [a.tolist() if isinstance(a, Tensor) else a for a in arguments]
        out = out(*lists, **call.sample.parameters)
    return tensor(out, backend=call.backend.name)


def compared(call: Call) -> Iterator[tuple[str, Any, Any]]:
    """Who says it, each output, and what it should be.

    :raises NothingToCheck: if nobody says anything.
    """
    found = outputs_of(call(*call.arguments()))
    nobody = True
    for who, wanted in references(call):
        nobody = False
        call.expect(len(found) == len(wanted), f"gives {len(found)} outputs, and {who} has {len(wanted)}")
        for one, other in zip(found, wanted, strict=True):
            yield who, one, other
    if nobody:
        raise NothingToCheck(
            f"nothing to compare {call.op.name} with: state out= in its samples, or install plugrad[{REFERENCE}]"
        )


def values(call: Call) -> None:
    """The op gives the values of the sample's ``out``, of its composite and of the reference backend."""
    rtol = call.tolerance()
    for who, found, wanted in compared(call):
        call.expect(isinstance(found, Tensor), f"gives {found!r}, which is no tensor")
        call.expect(not found.requires_grad, "requires grad, though no input does")
        call.expect_close(found.tolist(), wanted.tolist(), f"by {who}, gives", rtol, rtol / 100)


def shapes(call: Call) -> None:
    """Outputs have the shapes that the references say, gradients their inputs'."""
    arguments = call.arguments(requires_grad=True)
    outs = outputs_of(call(*arguments))
    for out in outs:
        shape = call.backend.shape(out.array)
        call.expect(shape == out.shape, f"the array has shape {shape}, and the tensor, as the op declares, {out.shape}")
    for who, wanted in references(call):
        for found, other in zip(outs, wanted, strict=False):
            call.expect(found.shape == other.shape, f"has shape {found.shape}, and by {who} {other.shape}")
    for x, g in gradients(outs, leaves_of(arguments)):
        call.expect(g.shape == x.shape, f"the gradient of an input of {x.shape} has shape {g.shape}")


def gradients(outs: Any, leaves: list[Tensor]) -> list[tuple[Tensor, Tensor]]:
    """Each leaf that has a gradient, and the gradient."""
    roots = [out for out in tensors_of(outs) if out.requires_grad]
    if not roots or not leaves:
        return []
    found = grad(roots, leaves, [cotangent_for(out) for out in roots], allow_unused=True)
    return [(x, g) for x, g in zip(leaves, found, strict=True) if g is not None]


def dtypes(call: Call) -> None:
    """Outputs have the dtypes that the references say, gradients their inputs'; single precision stays single."""
    arguments = call.arguments(requires_grad=True)
    outs = outputs_of(call(*arguments))
    for out in outs:
        dtype = call.backend.dtype(out.array)
        same = dtype_named(dtype) == out.dtype or not out.size
        call.expect(same, f"the array is {dtype}, and the tensor, as the op declares, {out.dtype}")
    for who, wanted in references(call) if call.sample.out is None else ():
        for found, other in zip(outs, wanted, strict=False):
            if found.size:  # a backend may tell a dtype by the elements
                call.expect(found.dtype == other.dtype, f"is {found.dtype}, and by {who} {other.dtype}")
    for x, g in gradients(outs, leaves_of(arguments)):
        call.expect(g.dtype == x.dtype, f"the gradient of an input of {x.dtype} is {g.dtype}")
    if call.dtype in SINGLE and leaves_of(arguments) and "dtype" not in call.sample.parameters:
        try:
            single_precision(call)
            if two_floats(call.op, call.sample) and call.dtype == "float64":
                promotion(call)
        except CannotHold:
            pass


def single_precision(call: Call) -> None:
    """float32 gives float32 and float32 gradients, near to those in float64; complex64 likewise."""
    narrow = call.of_dtype(SINGLE[call.dtype])
    results = []
    for one in (narrow, call):
        arguments = one.arguments(requires_grad=True)
        outs = outputs_of(one(*arguments))
        results.append((outs, gradients(outs, leaves_of(arguments))))
    (outs, found), (wide_outs, wanted) = results
    rtol = narrow.tolerance()
    for out, wide in zip(outs, wide_outs, strict=True):
        dtype = SINGLE.get(str(wide.dtype), str(wide.dtype))
        narrow.expect(out.dtype == dtype, f"is {out.dtype}, and should be {dtype}")
        narrow.expect_close(out.tolist(), wide.tolist(), "gives", rtol, rtol / 10)
    for (x, g), (_, w) in zip(found, wanted, strict=True):
        narrow.expect(g.dtype == x.dtype, f"the gradient of an input of {x.dtype} is {g.dtype}")
        narrow.expect_close(g.tolist(), w.tolist(), "the gradient is", rtol, rtol / 10)


def promotion(call: Call) -> None:
    """float64 beside float32 gives float64, and each input a gradient of its own dtype."""
    narrow_call = call.of_dtype("float32")
    wide = call.arguments(requires_grad=True)
    narrow = narrow_call.arguments(requires_grad=True)
    wanted = gradients(outputs_of(call(*wide)), leaves_of(wide))
    rtol = narrow_call.tolerance()
    for first, second in ((wide, narrow), (narrow, wide)):
        last = max(place for place, a in enumerate(first) if isinstance(a, Tensor))
        arguments = [*first[:last], second[last], *first[last + 1 :]]
        outs = outputs_of(call(*arguments))
        for out in tensors_of(outs):
            what = f"of float32 and float64, is {out.dtype}; every elementwise op gives the wider one"
            call.expect(out.dtype == "float64", what)
        for (x, g), (_, w) in zip(gradients(outs, leaves_of(arguments)), wanted, strict=True):
            call.expect((g.shape, g.dtype) == (x.shape, x.dtype), f"the gradient of {x.dtype} {x.shape} is {g.dtype}")
            call.expect_close(g.tolist(), w.tolist(), "of mixed precision, the gradient is", rtol, rtol / 10)
