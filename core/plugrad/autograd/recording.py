"""Recording a call of which no template knows: what it was given, taken apart, and its node."""

from __future__ import annotations

from ..registry.claims import NUMBERS, is_array
from ..registry.op import Op
from ..registry.spec import spec_of
from ..registry.tensor import Tensor
from .mode import RECORDING, current
from .node import Node, next_seq
from .op_rules import GeneralRule
from .rules import Outputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..registry.spec import Spec


class Input:
    """An argument that holds an array: raw, what is known of it, and the tensor if it was given as one."""

    __slots__ = ("name", "node", "raw", "spec", "tensor")

    def __init__(self, name: str, raw: Any, spec: Spec | None, tensor: Tensor | None = None) -> None:
        self.name, self.raw, self.spec, self.tensor = name, raw, spec, tensor
        self.node: Node | None = None if tensor is None else tensor._node


def taken(op: Op, arguments: Sequence[Any]) -> tuple[dict[str, Any], list[Input], tuple[str, Any] | None]:
    """A call's arguments by name with raw arrays, its inputs, and the first that is nothing an input can be.

    :param arguments: in the order of the declaration, a variadic input as one tuple.
    """
    signature = op.signature
    given = dict(zip(signature.arguments, arguments, strict=True))
    inputs: list[Input] = []
    for name in signature.inputs:
        several = name == signature.variadic
        values = _flattened(given[name]) if several else (given[name],)
        for value in values:
            found = None if value is None and name not in signature.defaults else _input(name, value)
            if found is None:
                return given, inputs, (name, value)
            inputs.append(found)
        raws = tuple([i.raw for i in inputs[len(inputs) - len(values) :]])
        given[name] = raws if several else raws[0]
    return given, inputs, None


def _flattened(arrays: tuple[Any, ...]) -> tuple[Any, ...]:
    """``concat([a, b])`` is ``concat(a, b)``."""
    return tuple(arrays[0]) if len(arrays) == 1 and type(arrays[0]) in (list, tuple) else arrays


def _input(name: str, value: Any) -> Input | None:
    if isinstance(value, Tensor):
        return Input(name, value._array, value._spec, value)
    if value is None or type(value) in NUMBERS:
        return Input(name, value, None)
    if is_array(type(value)):
        held = spec_of(value).backend.held(value)
        return Input(name, held, spec_of(held))
    return None


_rules: dict[str, GeneralRule] = {}


def general_rule(op: Op) -> GeneralRule:
    rule = _rules.get(op.name)
    if rule is None or rule.op is not op:
        rule = _rules[op.name] = GeneralRule(op)
    return rule


def node_of_call(
    op: Op, inputs: list[Input], given: dict[str, Any], raws: Sequence[Any], specs: Sequence[Spec]
) -> Node:
    """A general node, with what the formulas of the asked gradients read.

    :param given: the arguments by name, arrays raw.
    :param raws: the outputs.
    """
    signature = op.signature
    rule = general_rule(op)
    n = Node()
    n.rule = rule
    n.edge1 = tuple(i.node for i in inputs)
    n.edge2 = n.saved2 = n.g = None
    n.specs = tuple(i.spec for i in inputs), tuple(specs)
    if len(raws) > 1:
        n.more = Outputs(len(raws))
    saved: dict[str, Any] = {}
    for name in rule.reads(frozenset([i.name for i in inputs if i.node is not None])):
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


def record(op: Op, arguments: Sequence[Any], out: Tensor) -> Node | None:
    """The node of a call that was made in place; None if no input asks for a gradient.

    :param arguments: as they were before.
    :param out: the tensor that holds the result.
    """
    given, inputs, _ = taken(op, arguments)
    if all(i.node is None for i in inputs):
        return None
    return node_of_call(op, inputs, given, [out._array], [out._spec])
