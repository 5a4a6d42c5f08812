"""Checks of memory: results are their own unless the op is a view, and what is dropped is freed at once."""

from __future__ import annotations

from ...autograd.gradients import backward
from ...autograd.node import Node
from ...registry.claims import OWNERS
from ...registry.tensor import Tensor
from ..numerical import cotangent_for, tensors_of
from .call import Call, NothingToCheck, graded, outputs_of, raw
from .formulas import formula_calls

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ...registry.backend import Backend


def share(backend: Backend, a: Any, b: Any) -> bool:
    """Do two arrays share memory, as the backend says? Views of one array may show distinct parts of it."""
    if any(OWNERS.get(type(x)) is not backend for x in (a, b)) or 0 in backend.shape(a):  # a number is none
        return False
    owner = backend.owner(a)
    return owner is not None and owner is backend.owner(b)


def views(call: Call) -> None:
    """No result but a view's is memory of its input, and none of a ``fresh`` formula is.

    :raises NothingToCheck: if the backend's arrays cannot be written, so that sharing shows nowhere.
    """
    backend = call.backend
    if not backend.writable:
        raise NothingToCheck(f"arrays of backend {backend.name!r} cannot be written")
    arguments = call.arguments()
    arrays = [raw(a) for a in arguments if isinstance(a, Tensor)]
    outs = [raw(out) for out in outputs_of(call(*arguments))]
    if not call.op.view and call.sample.parameters.get("copy") is not False:
        for out in outs:
            for array in arrays:
                call.expect(
                    not share(backend, out, array),
                    "gives memory of its input; copy it, or declare the op a view",
                )
                call.expect(
                    not written_through(backend, out, array), "gives memory of its input, which writing to it changes"
                )
    fresh_formulas(call, arguments)


def written_through(backend: Backend, out: Any, array: Any) -> bool:
    """Does writing to one array change another?"""
    if backend.owner(out) is None or not backend.tolist(out):
        return False
    before = backend.tolist(array)
    backend.write(out, ..., backend.full(backend.shape(out), 77, backend.dtype(out), backend.device(out)))
    return bool(repr(backend.tolist(array)) != repr(before))


def fresh_formulas(call: Call, arguments: Iterable[Any]) -> None:
    """What is declared ``fresh`` is new memory."""
    op = call.op
    if not op.fresh or call.runs_composite or not graded(op, call.sample):
        return
    for keys, formula, given in formula_calls(call, tuple(arguments)):
        if op.fresh is True or set(keys) & set(op.fresh):
            for made in outputs_of(formula(**given)):
                for value in given.values():
                    shared = any(share(call.backend, made, part) for part in outputs_of(value))
                    what = f"the formula of {', '.join(keys)} is declared fresh and returns what it got"
                    call.expect(not shared, what)


def freeing(call: Call) -> None:
    """What a forward and backward held is freed by counting references: no cycle, and nobody keeps an input."""
    import gc

    _run(call)  # what is made once for each dtype and shape
    enabled = gc.isenabled()
    gc.disable()
    gc.freeze()  # what was there is none of this call's
    debug = gc.get_debug()
    try:
        references = _run(call)
        kept = [name for name, reference in references if reference() is not None]
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        caught = {type(o).__name__ for o in gc.garbage if isinstance(o, Tensor | Node)}
        gc.set_debug(debug)
        gc.garbage.clear()
        gc.collect()
        alive = [name for name, reference in references if reference() is not None]
    finally:
        gc.set_debug(debug)
        gc.unfreeze()
        if enabled:
            gc.enable()
    call.expect(not alive, f"after everything was dropped, {', '.join(alive)} is still alive: who keeps it?")
    held = ", ".join(kept) or " and ".join(sorted(caught))
    call.expect(not held, f"a cycle of references holds {held} until the collector runs")


def _run(call: Call) -> list[tuple[str, Any]]:
    """Weak references to what a forward and backward made, by names."""
    import weakref

    arguments = call.arguments(requires_grad=True)
    outs = tensors_of(call(*arguments))
    named: list[tuple[str, Any]] = [(f"input {k}", a) for k, a in enumerate(arguments) if isinstance(a, Tensor)]
    named += [(f"output {k}", out) for k, out in enumerate(outs)]
    named += [(f"the array of {name}", t.array) for name, t in named]
    roots = [out for out in outs if out.requires_grad]
    named += [(f"the node of output {k}", out.grad_fn) for k, out in enumerate(roots)]
    if roots:
        backward(roots, [cotangent_for(out) for out in roots])
    references = []
    for name, thing in named:
        try:
            references.append((name, weakref.ref(thing)))
        except TypeError:  # numbers and tuples take none
            pass
    return references
