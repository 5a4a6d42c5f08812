"""The ordinary door: every call that no template knows. Ordinary, readable Python, and the place where errors teach."""

from __future__ import annotations

from ..errors import BackendError, MissingKernel, PluginError, ShapeError
from ..registry.claims import NUMBERS, base_taken, disowned, is_array
from ..registry.kernels import kernel_for
from ..registry.op import Op
from ..registry.spec import spec_of, wrap
from ..registry.tensor import Tensor
from .mode import PAUSED, RECORDING, current
from .node import Node, next_seq
from .rules import GeneralRule, Outputs, port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from ..registry.spec import Spec

    Stranger = Callable[[Op, str, Any], Any]


class Input:
    """An argument that holds an array: as it was given, raw, and what is known of it."""

    __slots__ = ("name", "node", "raw", "spec")

    def __init__(self, name: str, raw: Any, spec: Spec | None, node: Node | None) -> None:
        self.name, self.raw, self.spec, self.node = name, raw, spec, node


def call(op: Op, arguments: Sequence[Any], stranger: Stranger) -> Any:
    """Run an op on tensors, arrays and numbers; record it if a tensor asks for it.

    :param arguments: in the order of the declaration, a variadic input as one tuple.
    :param stranger: answers where an argument is neither tensor, array nor number.
    """
    signature = op.signature
    given = dict(zip(signature.arguments, arguments, strict=True))
    if signature.variadic:
        given[signature.variadic] = _flattened(given[signature.variadic])
    inputs: list[Input] = []
    any_tensor = False
    for name in signature.inputs:
        for value in given[name] if name == signature.variadic else (given[name],):
            found = None if value is None and name not in signature.defaults else _input(name, value)
            if found is None:
                return stranger(op, name, value)
            any_tensor = any_tensor or isinstance(value, Tensor)
            inputs.append(found)
    recording = any(i.node is not None for i in inputs) and current() is not PAUSED
    if op.composite is not None and not op.vjp and recording:
        return op.composite(*arguments)
    _check_one_backend(op, inputs)
    if (
        op.batched
        and op.composite is not None
        and any(i.spec is not None and len(i.spec.shape) < op.batched for i in inputs)
    ):
        return op.composite(*arguments)
    raw = iter(inputs)
    for name in signature.inputs:
        if name == signature.variadic:
            given[name] = tuple(next(raw).raw for _ in given[name])
        else:
            given[name] = next(raw).raw
    values = [given[name] for name in signature.arguments]
    array_type = _dispatching(op, inputs)
    kernel = kernel_for(op, array_type)
    try:
        result = kernel(*values)
    except (MissingKernel, PluginError):
        raise
    except Exception as error:
        shown = _shown(inputs)
        shown += "".join(f", {name}={given[name]!r}" for name in signature.parameters)
        clash = _clash(op, [i.spec.shape for i in inputs if i.spec is not None])
        if not clash and not op.elementwise and type(error) is ValueError:
            clash = str(error)  # of reshape, concat, ...: it speaks of shapes
        if clash:
            raise ShapeError(f"{op.name}({shown}): {clash}") from error
        error.add_note(f"in plugrad.{op.name}({shown})")
        raise
    if not any_tensor:
        return result
    return _wrapped(op, inputs, given, result, recording)


def _flattened(arrays: tuple[Any, ...]) -> tuple[Any, ...]:
    """``concat([a, b])`` is ``concat(a, b)``."""
    return tuple(arrays[0]) if len(arrays) == 1 and type(arrays[0]) in (list, tuple) else arrays


def _input(name: str, value: Any) -> Input | None:
    if isinstance(value, Tensor):
        return Input(name, value._array, value._spec, value._node)
    if value is None or type(value) in NUMBERS:
        return Input(name, value, None, None)
    if is_array(type(value)):
        held = spec_of(value).backend.held(value)
        return Input(name, held, spec_of(held), None)
    return None


def _check_one_backend(op: Op, inputs: list[Input]) -> None:
    first: Input | None = None
    for i in inputs:
        if i.spec is None:
            continue
        if first is None:
            first = i
        elif i.spec.backend is not first.spec.backend or i.spec.device != first.spec.device:  # type: ignore[union-attr]
            raise BackendError(
                f"{op.name}: expected all tensors to be of the same backend and device, but {first.name} is "
                f"{first.spec} and {i.name} is {i.spec}. Nothing is converted unasked; convert one of them"
            )


def _dispatching(op: Op, inputs: list[Input]) -> type:
    """The array type that chooses the kernel: the first input's that is no Python number, if there is one."""
    for i in inputs:
        if i.spec is not None:
            return type(i.raw)
    for i in inputs:
        if type(i.raw) in NUMBERS and is_array(type(i.raw)):
            return type(i.raw)
    raise TypeError(
        f"{op.name}: expected a tensor or an array among {', '.join(i.name for i in inputs) or 'its arguments'}, got "
        f"{', '.join(type(i.raw).__name__ for i in inputs) or 'none'}. Make one by plugrad.tensor"
    )


def _wrapped(op: Op, inputs: list[Input], given: dict[str, Any], result: Any, recording: bool) -> Any:
    outputs = op.signature.outputs
    several = len(outputs) > 1
    backend = next(i.spec.backend for i in inputs if i.spec is not None)
    raws = [backend.held(r) for r in (result if several else (result,))]
    tensors = [wrap(r) for r in raws]
    if recording and any(t._spec.inexact for t in tensors):
        n = _record(op, inputs, given, raws, tensors)
        for number, t in enumerate(tensors):
            if t._spec.inexact:
                t._node = port(n, number) if several else n
    return tuple(tensors) if several else tensors[0]


_rules: dict[str, GeneralRule] = {}


def general_rule(op: Op) -> GeneralRule:
    rule = _rules.get(op.name)
    if rule is None or rule.op is not op:
        rule = _rules[op.name] = GeneralRule(op)
    return rule


def _record(op: Op, inputs: list[Input], given: dict[str, Any], raws: list[Any], tensors: list[Tensor]) -> Node:
    """A general node, with what the formulas of the asked gradients read."""
    signature = op.signature
    rule = general_rule(op)
    n = Node()
    n.rule = rule
    n.edge1 = tuple(i.node for i in inputs)
    n.edge2 = n.saved2 = n.g = None
    n.specs = tuple(i.spec for i in inputs), tuple(t._spec for t in tensors)
    if len(tensors) > 1:
        n.more = Outputs(len(tensors))
    asked = {i.name for i in inputs if i.node is not None}
    saved: dict[str, Any] = {}
    for key, names in rule.names.items():
        if asked.isdisjoint(key if isinstance(key, tuple) else (key,)):
            continue
        for name in names:
            if name in given:
                saved[name] = given[name]
            elif name in signature.outputs:
                saved[name] = raws[signature.outputs.index(name)]
            elif name.endswith(("_shape", "_dtype")) and name[:-6] in signature.inputs:
                facts = [
                    getattr(i.spec, name[-5:], () if name.endswith("shape") else None)
                    for i in inputs
                    if i.name == name[:-6]
                ]
                saved[name] = tuple(facts) if name[:-6] == signature.variadic else facts[0]
    n.saved1 = saved
    n.seq = next_seq()
    mode = current()
    if mode is not RECORDING:
        mode.recorded(n)
    return n


def raise_for_stranger(op: Op, name: str, value: Any) -> Any:
    """An op's function refuses what it does not know."""
    kind = type(value)
    base = base_taken(kind)
    if base:
        raise BackendError(f"{op.name}: {name}: {disowned(kind)}")
    raise TypeError(
        f"{op.name}: {name} is of type {kind.__module__}.{kind.__qualname__}; expected a tensor, a number or an array "
        "of a backend. plugrad.asarray makes a tensor from lists; `python -m plugrad doctor` tells which there are"
    )


def not_implemented_for_stranger(op: Op, name: str, value: Any) -> Any:
    """An operator leaves it to the other operand, unless that is a subclass of arrays that plugrad takes."""
    return raise_for_stranger(op, name, value) if base_taken(type(value)) else NotImplemented


def _shown(inputs: list[Input]) -> str:
    return ", ".join(f"{i.name}: {i.spec if i.spec is not None else repr(i.raw)}" for i in inputs)


def _clash(op: Op, shapes: list[tuple[int, ...]]) -> str:
    """What is wrong with the shapes, or nothing."""
    if op.batched and len(shapes) == 2 and op.name == "matmul":
        a, b = shapes
        if a[-1] != b[-2]:
            return (
                f"mat1 and mat2 shapes cannot be multiplied ({a} and {b}): the last axis of the first has {a[-1]} "
                f"elements, the last but one axis of the second {b[-2]}"
            )
        shapes = [a[:-2], b[:-2]]
    elif not op.elementwise:
        return ""
    for back in range(1, max(map(len, shapes), default=0) + 1):
        extents = {s[-back] for s in shapes if len(s) >= back} - {1}
        if len(extents) > 1:
            a, b = [s for s in shapes if len(s) >= back and s[-back] != 1][:2]
            return (
                f"The size of tensor a ({a[-back]}) must match the size of tensor b ({b[-back]}) at non-singleton "
                f"dimension {max(len(a), len(b)) - back}; shapes {a} and {b} do not broadcast"
            )
    return ""
