"""A ``Function`` on dual arrays: ``forward`` runs on the primals, and ``jvp`` says what becomes of the tangents."""

from __future__ import annotations

from ..autograd.context import FunctionCtx
from ..autograd.function_call import FunctionCall
from ..errors import GraphError, ShapeError
from ..ops import astype, clone
from ..registry.spec import wrap
from ..registry.tensor import Tensor
from .dual import Dual, Level, dual, newest, settled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class JvpCtx(FunctionCtx):
    """The ``ctx`` as ``jvp`` gets it."""

    @property
    def saved_tensors(self) -> tuple[Tensor | None, ...]:
        """What ``save_for_forward`` was given."""
        return self.saved_for_forward


def forward(call: FunctionCall) -> None:
    """Run the forward of a call whose arguments hold dual arrays; its results are such ones again.

    :raises MissingDerivative: if an argument has a tangent, and the Function no ``jvp``.
    :raises GraphError, ShapeError: if what ``jvp`` returns does not fit the outputs.
    """
    args = tuple([settled(a) if isinstance(a, Tensor) else a for a in call.args])
    level = newest(args)
    if level is None:
        call.run(args)
        return
    pairs = [_parts(a, level) for a in args]
    inner = FunctionCall(call.function, tuple([p for p, _ in pairs]), {})
    needs = zip(call.context.needs_input_grad, inner.context.needs_input_grad, strict=True)
    inner.context.needs_input_grad = tuple([a or b for a, b in needs])
    inner.forward()
    inner.check_dirty()
    context, raws = inner.context, inner.results
    known = dict(vars(context))
    found = inner.returned()
    outputs = found if inner.several else (found,)
    tangents: list[Tensor | None] = [None] * len(outputs)
    if any(t is not None for _, t in pairs):
        made = {id(r): out for r, out in zip(raws, outputs, strict=True)}
        ctx = JvpCtx()
        ctx.__dict__ = context.__dict__
        ctx.saved_for_forward = tuple([made.get(id(t), t) for t in context.saved_for_forward])
        given = [_zeros(p) if t is None and context.materialize_grads else t for p, t in pairs]
        tangents = _checked(call.function.__name__, call.function.jvp(ctx, *given), outputs)
        known.update({k: v for k, v in vars(context).items() if k not in MARKS})
    written = {id(p): a for p, a in zip(inner.args, call.args, strict=True)}
    dirty = {id(t) for t in context.dirty_tensors}
    taken = [t for _, t in pairs if t is not None]
    results = []
    for raw, out, tangent in zip(raws, outputs, tangents, strict=True):
        if id(raw) in dirty and id(raw) in written:
            results.append(_rewritten(written[id(raw)], out, tangent, level))
        elif isinstance(out, Tensor) and out._spec.inexact:
            if tangent is not None and any(tangent is t for t in taken):
                tangent = clone(tangent)
            results.append(wrap(dual(out, tangent, level)))
        else:
            results.append(out)
    call.several, call.results = inner.several, tuple(results)
    places = written | {id(r): t for r, t in zip(raws, results, strict=True) if id(r) not in written or id(r) in dirty}
    for mark in MARKS:
        if mark in known:
            known[mark] = tuple([places.get(id(t), t) for t in known[mark]])
    known["needs_input_grad"] = call.context.needs_input_grad
    vars(call.context).update({k: v for k, v in known.items() if not k.startswith("_")})
    context._settle()


MARKS = ("to_save", "dirty_tensors", "non_differentiable", "saved_for_forward")
"""What a context holds of tensors."""


def _parts(a: Any, level: Level) -> tuple[Any, Tensor | None]:
    array = a._array if isinstance(a, Tensor) else None
    return (array.primal, array.tangent) if isinstance(array, Dual) and array.level is level else (a, None)


def _zeros(primal: Any) -> Tensor | None:
    """The tangent of an argument that has none."""
    if not isinstance(primal, Tensor) or not primal._spec.inexact:
        return None
    return wrap(primal._spec.backend.zero(primal._spec))


def _checked(name: str, found: Any, outputs: tuple[Any, ...]) -> list[Tensor | None]:
    """A tangent, or None, for each output."""
    tangents = list(found) if isinstance(found, (tuple, list)) else [found]
    if len(tangents) != len(outputs):
        raise GraphError(
            f"{name}.jvp returned an incorrect number of tangents (expected {len(outputs)}, got {len(tangents)}): one "
            "for each output of forward, None where there is none"
        )
    for i, (t, out) in enumerate(zip(tangents, outputs, strict=True)):
        if t is None:
            continue
        if not isinstance(t, Tensor) or not isinstance(out, Tensor):
            raise GraphError(f"{name}.jvp returned {type(t).__name__} for output {i}, {type(out).__name__}")
        if t._spec.shape != out._spec.shape:
            raise ShapeError(
                f"{name}.jvp returned an invalid tangent at index {i} - got {t._spec.shape} but expected shape "
                f"{out._spec.shape}"
            )
        if t._spec.dtype is not out._spec.dtype:
            tangents[i] = astype(t, out._spec.dtype)
    return tangents


def _rewritten(arg: Tensor, out: Tensor, tangent: Tensor | None, level: Level) -> Tensor:
    """An argument that forward wrote into, with its new tangent."""
    array = arg._array
    if not isinstance(array, Dual) or array.level is not level:
        arg._array = dual(out, tangent, level)
        arg._spec = wrap(arg._array)._spec
    elif tangent is not None and tangent is not array.tangent:
        target: Any = array.written_tangent()
        target[...] = tangent
    elif tangent is None and array.tangent is not None:
        written: Any = array.tangent
        written[...] = 0
    return arg
