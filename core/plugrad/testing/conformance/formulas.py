"""Checks of what formulas and composites may do: they look at no array, on any backend."""

from __future__ import annotations

from ... import ops
from ...creation import asarray
from ...registry.backend import Backend
from ...registry.claims import OWNERS
from ...registry.kernels import kernel_for
from ...registry.op import OPS
from ...registry.signature import names_of
from ...registry.tensor import Tensor
from ..numerical import cotangent_for, tensors_of
from .call import Call, outputs_of, raw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

ADVICE = {
    "bool": "use plugrad.ops.where", "getitem": "use plugrad.ops.getitem", "lt": "use plugrad.ops.less",
    "gt": "use plugrad.ops.greater", "le": "use plugrad.ops.less_equal", "ge": "use plugrad.ops.greater_equal",
    "eq": "use plugrad.ops.equal", "ne": "use plugrad.ops.not_equal", "len": "ask for <input>_shape",
}  # fmt: skip


class LookedAt(AssertionError):
    """A formula asked an array for a value."""


def _refused(name: str) -> Callable[..., Any]:
    def method(self: Any, *_: Any) -> Any:
        raise LookedAt(f"__{name}__ of an array was called; {ADVICE.get(name, 'an array may have no value yet')}")

    return method


def _operator(name: str, swapped: bool = False) -> Callable[..., Any]:
    def method(self: Any, other: Any) -> Any:
        function = getattr(ops, name)
        return function(other, self) if swapped else function(self, other)

    return method


class Opaque:
    """An array of another backend that refuses to be looked at: no truth value, no length, no number."""

    def __init__(self, array: Any) -> None:
        self.array = array

    __hash__ = None  # type: ignore[assignment]

    def __neg__(self) -> Any:
        return ops.negative(self)  # type: ignore[call-overload]

    def __abs__(self) -> Any:
        return ops.abs(self)  # type: ignore[call-overload]


for _name in (
    "bool", "len", "iter", "int", "float", "complex", "index", "contains", "getitem",
    "eq", "ne", "lt", "le", "gt", "ge",
):  # fmt: skip
    setattr(Opaque, f"__{_name}__", _refused(_name))
for _name, _op in [
    ("add", "add"), ("sub", "subtract"), ("mul", "multiply"), ("truediv", "divide"), ("pow", "pow"),
    ("floordiv", "floor_divide"), ("mod", "remainder"), ("matmul", "matmul"),
]:  # fmt: skip
    setattr(Opaque, f"__{_name}__", _operator(_op))
    setattr(Opaque, f"__r{_name}__", _operator(_op, swapped=True))


class Opaques(Backend):
    """Another backend's arrays, wrapped."""

    name = "opaque"

    def __init__(self, inner: Backend) -> None:
        self.inner = inner

    def kernel(self, op: str, array_type: type) -> Any:
        def kernel(*values: Any) -> Any:
            inner = kernel_for(OPS[op], _first_type(values))
            made = inner(*map(_unwrapped, values))
            if type(made) in (tuple, list):
                return tuple(Opaque(self.inner.held(part)) for part in made)
            return Opaque(self.inner.held(made))

        return kernel

    def shape(self, array: Any) -> Any:
        return self.inner.shape(array.array)

    def dtype(self, array: Any) -> Any:
        return self.inner.dtype(array.array)

    def device(self, array: Any) -> str:
        return self.inner.device(array.array)

    def full(self, shape: Any, value: complex, dtype: Any, device: Any = None) -> Any:
        return Opaque(self.inner.full(shape, value, self.inner.native_dtype(dtype), device))

    def asarray(self, data: Any, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Any:
        return Opaque(self.inner.asarray(data, self.inner.native(dtype), device, copy))

    def tolist(self, array: Any) -> Any:
        return self.inner.tolist(array.array)


def _unwrapped(value: Any) -> Any:
    if type(value) is tuple:
        return tuple(map(_unwrapped, value))
    return value.array if isinstance(value, Opaque) else value


def _first_type(values: Any) -> type:
    for value in values:
        if type(value) is tuple:
            value = next((v for v in value if isinstance(v, Opaque)), None)
        if isinstance(value, Opaque):
            return type(value.array)
    raise AssertionError("no array among the arguments")


def formula_values(call: Call, arguments: tuple[Any, ...], wrap: Callable[[Any], Any] = lambda a: a) -> dict[str, Any]:
    """What the engine would give to formulas of an op, by name, on raw arrays.

    :param wrap: what is done to each array.
    """
    signature = call.op.signature
    made = outputs_of(call.op.function(*map(raw, arguments), **call.sample.parameters))
    outs = [asarray(out, backend=call.backend.name) for out in made]
    values = {**signature.defaults, **call.sample.parameters}
    for number, (name, out) in enumerate(zip(signature.outputs, outs, strict=True)):
        values[name] = wrap(raw(out))
        if tensors_of(out):
            values["g"] = values[f"g_{name}"] = wrap(raw(cotangent_for(out, number)))
    for place, name in enumerate(signature.inputs):
        several = arguments[place:] if name == signature.variadic else arguments[place : place + 1] or (None,)
        facts = {
            name: [wrap(raw(a)) if isinstance(a, Tensor) else a for a in several],
            f"{name}_shape": [a.shape if isinstance(a, Tensor) else () for a in several],
            f"{name}_dtype": [a.dtype if isinstance(a, Tensor) else None for a in several],
            "needs": [True for _ in several],
        }
        for fact, found in facts.items():
            values[fact] = tuple(found) if name == signature.variadic else found[0]
    return values


def formula_calls(
    call: Call, arguments: tuple[Any, ...], wrap: Callable[[Any], Any] = lambda a: a
) -> Iterator[tuple[tuple[str, ...], Any, dict[str, Any]]]:
    """Each formula of an op with the inputs that it is of and what the engine would give it, on raw arrays.

    None where the outputs have no cotangent, being integers.
    """
    signature, values = call.op.signature, formula_values(call, arguments, wrap)
    for key, formula in call.op.vjp.items():
        keys = key if isinstance(key, tuple) else (key,)
        place = signature.inputs.index(keys[0])
        names = names_of(formula)
        if place < len(arguments) and isinstance(arguments[place], Tensor) and values.keys() >= set(names):
            given = {name: values[name] for name in names}
            if len(keys) > 1 and "needs" in names:
                given["needs"] = (True,) * len(keys)
            yield keys, formula, given


def formulas(call: Call) -> None:
    """No formula, and no composite, takes the truth value of an array or looks at it in another way.

    Wrapped arrays, which refuse, must give what the bare ones give.
    """
    arguments = call.arguments()
    OWNERS[Opaque] = Opaques(call.backend)
    try:
        if not call.op.vjp or call.runs_composite:
            if call.op.composite is not None:
                wrapped = [Opaque(raw(a)) if isinstance(a, Tensor) else a for a in arguments]
                _look(call, "the composite", call.op.composite, call.in_order(wrapped))
            return
        bare = formula_calls(call, arguments)
        for (keys, formula, given), (_, _, plain) in zip(formula_calls(call, arguments, Opaque), bare, strict=True):
            which = f"the formula of {', '.join(keys)}"
            made = outputs_of(_look(call, which, formula, given.values()))
            for one, other in zip(made, outputs_of(formula(**plain)), strict=True):
                if type(other) in OWNERS and type(one) is not type(other):
                    call.expect(isinstance(one, Opaque), f"{which} returns {one!r}, which is no array")
                    lists = call.backend.tolist(one.array), call.backend.tolist(other)
                    call.expect_close(*lists, f"{which}, of arrays that refuse to be looked at, gives", 1e-12, 0)
    finally:
        del OWNERS[Opaque]
        for op in OPS.values():
            op.kernels.pop(Opaque, None)


def _look(call: Call, which: str, function: Callable[..., Any], given: Any) -> Any:
    try:
        return function(*given)
    except LookedAt as error:
        raise AssertionError(f"{call}: in {which}, {error}") from error
