"""How an op acts on dual arrays: on the primals as ever, and on the tangents by the derivative that its author gave."""

from __future__ import annotations

from ..autograd.op_rules import key_of
from ..autograd.views import view_ties
from ..errors import MissingDerivative
from ..ops import astype, clone, real, zeros_of
from ..registry.op import Op
from ..registry.signature import names_of
from ..registry.tensor import Tensor
from .dual import Dual, Level, as_tensor, dual, newest, settled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..registry.backend import Kernel

_ended = Level()
_ended.ended = True


def kernel(op: Op) -> Kernel:
    """The kernel of an op on dual arrays; other arrays beside them are constants."""
    signature = op.signature

    def run(*values: Any) -> Any:
        inputs = {name: _each(settled, v) for name, v in zip(signature.arguments, values, strict=True)}
        level = newest(inputs[name] for name in signature.inputs)
        if level is None:
            return _each(_constant, op.in_order([_each(as_tensor, v) for v in inputs.values()]))
        call = Call(op, level, inputs)
        tangents = call.tangents()
        if tangents is None:
            return _each(_unwrapped, op.composite(*[_each(as_tensor, v) for v in inputs.values()]))  # type: ignore[misc]
        several = len(signature.outputs) > 1
        results = [
            dual(out, tangent, level) if out._spec.inexact else out._array
            for out, tangent in zip(call.outputs, tangents, strict=True)
        ]
        if op.view and isinstance(values[0], Dual) and values[0].level is level:
            call.look_into(results[0], values[0])
        return tuple(results) if several else results[0]

    return run


def _each(function: Any, value: Any) -> Any:
    """Of a variadic input, or of several outputs, each."""
    return tuple(map(function, value)) if type(value) is tuple else function(value)


def _constant(out: Any) -> Any:
    """What ended levels leave: the backward of what was recorded in them still meets dual arrays."""
    return dual(out, None, _ended) if isinstance(out, Tensor) and out._spec.inexact else _unwrapped(out)


def _unwrapped(out: Any) -> Any:
    return out._array if isinstance(out, Tensor) else out


class Call:
    """One call of an op, taken apart into primals and tangents of a level."""

    def __init__(self, op: Op, level: Level, inputs: dict[str, Any]) -> None:
        self.op, self.level = op, level
        signature = op.signature
        self.values: dict[str, Any] = dict(inputs)
        """Arguments by name: tensors, numbers, and what parameters are."""
        self.given: dict[str, Any] = {}
        """The tangents of the inputs that have one."""
        for name in signature.inputs:
            if name == signature.variadic:
                pairs = [self._parts(x) for x in inputs[name]]
                self.values[name] = tuple([primal for primal, _ in pairs])
                if any(t is not None for _, t in pairs):
                    self.given[name] = tuple([t for _, t in pairs])
            else:
                self.values[name], tangent = self._parts(inputs[name])
                if tangent is not None:
                    self.given[name] = tangent
        for name in signature.nondifferentiable:
            self.given.pop(name, None)
        out = self.called(self.values)
        self.outputs: tuple[Tensor, ...] = out if len(signature.outputs) > 1 else (out,)

    def _parts(self, x: Any) -> tuple[Any, Tensor | None]:
        """The primal and the tangent of an input."""
        array = x._array if isinstance(x, Tensor) else x
        if isinstance(array, Dual) and array.level is self.level:
            return array.primal, array.tangent
        return as_tensor(x), None

    def called(self, by_name: dict[str, Any]) -> Any:
        return self.op.in_order([by_name[name] for name in self.op.signature.arguments])

    def tangents(self) -> list[Tensor | None] | None:
        """The outputs' tangents; None stands for none, and instead of the list: the composite has to tell.

        :raises MissingDerivative: if the op says nothing of them.
        """
        op, outputs = self.op, self.outputs
        if not self.given or not any(out._spec.inexact for out in outputs):
            return [None] * len(outputs)
        if not self.given.keys() - op.jvp.keys():
            totals = [self._formula(op.jvp[name], t=t) for name, t in self.given.items()]
        elif op.linear and (len(op.signature.inputs) == 1 or not self._by_vjp()):
            totals = [self._linear()]
        elif self._by_vjp():
            totals = [self._diagonal(name, t) for name, t in self.given.items()]
        elif op.composite is not None:
            return None
        else:
            raise MissingDerivative(
                f"{op.name} has no forward derivative with respect to {', '.join(self.given.keys() - op.jvp.keys())}: "
                f"its declaration has no jvp formula, and {self._why()}. If the input should get none, pass it detached"
            )
        columns = zip(*[t if isinstance(t, (tuple, list)) else (t,) for t in totals], strict=True)
        return [self._sum(ts, out) if out._spec.inexact else None for ts, out in zip(columns, outputs, strict=True)]

    def _by_vjp(self) -> bool:
        """Does the vjp tell: is the Jacobian diagonal, and the formula its element times ``g``, also where complex."""
        op = self.op
        return (
            op.elementwise
            and len(self.outputs) == 1
            and all(key_of(op.vjp, name) is not None for name in self.given)
            and (op.holomorphic or not any(t._spec.complex for t in (*self._tensors(), *self.outputs)))
        )

    def _why(self) -> str:
        if not self.op.elementwise:
            return "it is neither linear nor elementwise"
        return "its vjp tells nothing of tangents, as it has none for that input or is not holomorphic"

    def _tensors(self) -> Iterator[Tensor]:
        for name in self.op.signature.inputs:
            value = self.values[name]
            yield from (x for x in (value if type(value) is tuple else (value,)) if isinstance(x, Tensor))

    def _linear(self) -> Any:
        """The op itself on the tangents, zeros where there is none."""
        signature = self.op.signature
        arguments = dict(self.values)
        for name in signature.inputs:
            if name in signature.nondifferentiable:
                continue
            value, t = self.values[name], self.given.get(name)
            if name == signature.variadic:
                ts = t or [None] * len(value)
                arguments[name] = tuple([_zero(x) if s is None else s for x, s in zip(value, ts, strict=True)])
            else:
                arguments[name] = _zero(value) if t is None else t
        return self.called(arguments)

    def _diagonal(self, name: str, t: Tensor) -> Any:
        """What an elementwise op's formula makes of the tangent in the place of the cotangent."""
        key = key_of(self.op.vjp, name)
        found = self._formula(self.op.vjp[key], g=t, needs=tuple([k == name for k in key]))
        return found[key.index(name)] if isinstance(key, tuple) else found

    def _formula(self, formula: Any, **special: Any) -> Any:
        return formula(**{name: self._argument(name, special) for name in names_of(formula)})

    def _argument(self, name: str, special: dict[str, Any]) -> Any:
        """What a formula gets for one of its parameter names."""
        if name in special:
            return special[name]
        signature = self.op.signature
        if name in self.values:
            return self.values[name]
        if name in signature.outputs:
            return self.outputs[signature.outputs.index(name)]
        if name == "g_out":
            return special["g"]
        value, fact = self.values[name[:-6]], name[-5:]
        missing = () if fact == "shape" else None
        return _each(lambda x: getattr(x._spec, fact) if isinstance(x, Tensor) else missing, value)

    def _sum(self, contributions: tuple[Any, ...], out: Tensor) -> Tensor | None:
        """The inputs' contributions together, of the output's spec, in memory of their own."""
        total = None
        for t in contributions:
            if t is not None:
                total = t if total is None else total + t
        if total is None:
            return None
        have, want = total._spec, out._spec
        if have.complex and not want.complex:
            total = real(total)
        if have.shape != want.shape:
            total = total + zeros_of(out)
        if total._spec.dtype is not want.dtype:
            total = astype(total, want.dtype)
        own: Tensor = clone(total) if any(total is t for t in self.given.values()) else total
        return own

    def look_into(self, result: Dual, source: Dual) -> None:
        """A view without a tangent gets one when what it looks into does."""
        if result.tangent is None and view_ties(result.primal) is not None:
            place = self.op.signature.inputs[0]
            result.base = source, lambda tangent: self.called({**self.values, place: tangent})


def _zero(value: Any) -> Any:
    if isinstance(value, Tensor):
        return zeros_of(value)
    return None if value is None else 0
