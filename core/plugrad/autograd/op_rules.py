"""The rules of ops: they hand what a node saved to the formulas, by the names of their parameters.

Two kinds of node hold an op's saved values. A *pair* node has one or two inputs and is laid out for speed. A
*general* node has any number of inputs and outputs.
"""

from __future__ import annotations

from ..errors import MissingDerivative
from ..registry.claims import NUMBERS, OWNERS
from ..registry.op import Op
from ..registry.signature import names_of
from ..registry.spec import shape_of, wrap
from .fit import conj, fit
from .node import Node
from .packed import unpacked
from .rules import Rule, output_node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping
    from typing import Any

    from .packed import Packed, Replace
    from .rules import Edge, Filed


class OpRule(Rule):
    """The rule of an op: its formulas, by the names of their parameters."""

    __slots__ = ("_reads", "arrays", "formulas", "names", "op")

    def __init__(self, op: Op) -> None:
        self.op = op
        self.formulas: dict[Any, Callable[..., Any]] = dict(op.vjp)
        self.names = {key: names_of(formula) for key, formula in self.formulas.items()}
        signature = op.signature
        self._reads: dict[frozenset[str], tuple[str, ...]] = {}
        self.arrays = {*signature.inputs, *signature.outputs}
        read = {name for names in self.names.values() for name in names}
        super().__init__(op.name, op.node_name, saves=not read.isdisjoint(self.arrays))
        for key, names in self.names.items():
            unknown = set(names) - signature.formula_names
            if unknown:
                raise ValueError(
                    f"the derivative of {op.name} with respect to {key} asks for {', '.join(sorted(unknown))}; "
                    f"it may ask for {', '.join(sorted(signature.formula_names))}"
                )

    def reads(self, asked: frozenset[str]) -> tuple[str, ...]:
        """What the formulas read for the gradients of these inputs, by name."""
        found = self._reads.get(asked)
        if found is None:
            wanted = [k for k in self.names if not asked.isdisjoint(k if isinstance(k, tuple) else (k,))]
            found = self._reads[asked] = tuple(dict.fromkeys([name for k in wanted for name in self.names[k]]))
        return found

    def missing(self, name: str) -> MissingDerivative:
        return MissingDerivative(
            f"{self.name} has no derivative with respect to {name!r}. If {name} should get none, pass {name}.detach()"
        )

    def _replaced(
        self, value: Any, name: str, source: Edge, replace: Replace, done: dict[Any, Any], number: int = 0
    ) -> Any:
        """What stands in the place of a saved value; that is asked once for each input or output.

        A 0-d value without a node stays: it may have been a number, which kernels took as the library's scalar.
        """
        if name not in self.arrays or type(value) not in OWNERS or (source is None and not shape_of(value)):
            return value
        key = name, number
        if key not in done:
            done[key] = replace(value, lambda: as_tensor(value, source))
        return done[key]


class PairRule(OpRule):
    """One or two inputs, one output, real dtypes; ``specs`` are of those inputs that a cotangent is fitted to.

    ``back`` is a copy of a template: see ``specialise``.
    """

    __slots__ = ("back", "inputs", "keys")
    back: Any

    def __init__(self, op: Op) -> None:
        super().__init__(op)
        self.inputs = op.signature.inputs
        self.keys = tuple(key_of(self.formulas, name) for name in self.inputs)

    def edges(self, n: Node) -> tuple[Edge, ...]:
        return (n.edge1, n.edge2)[: len(self.inputs)]

    def cotangents(self, n: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
        known: dict[Packed, Any] = {}
        for k, e in enumerate(self.edges(n)):
            if e is None or e not in wanted:
                continue
            key = self.keys[k]
            if key is None:
                raise self.missing(self.inputs[k])
            names = self.names[key][1:]
            values = tuple([unpacked(v, known) for v in self._values(n, k, names)])
            if tensors:
                values = tuple(self._tensor(n, name, v) for name, v in zip(names, values, strict=True))
            d = self.formulas[key](g, *values)
            if n.specs is not None and n.specs[k] is not None:
                d = fit(d, n.specs[k])
            yield e, d

    @staticmethod
    def _values(n: Node, k: int, names: tuple[str, ...]) -> tuple[Any, ...]:
        saved = n.saved2 if k else n.saved1
        return (saved,) if len(names) == 1 else () if not names else saved  # a single value is saved bare

    def _tensor(self, n: Node, name: str, value: Any) -> Any:
        return as_tensor(value, self._source(n, name)) if name in self.arrays else value

    def _source(self, n: Node, name: str) -> Edge:
        return n if name not in self.inputs else n.edge2 if self.inputs.index(name) else n.edge1

    def replace_saved(self, n: Node, replace: Replace) -> bool:
        done: dict[Any, Any] = {}
        for k, slot in enumerate(("saved1", "saved2")[: len(self.inputs)]):
            if getattr(n, slot) is not None:
                names = self.names[self.keys[k]][1:]
                old = zip(names, self._values(n, k, names), strict=True)
                new = [self._replaced(v, name, self._source(n, name), replace, done) for name, v in old]
                setattr(n, slot, tuple(new) if len(new) > 1 else new[0])
        return bool(done)

    def saved(self, n: Node) -> Iterator[tuple[str, Any]]:
        for k, e in enumerate(self.edges(n)):
            key = self.keys[k]
            if e is not None and key is not None:
                names = self.names[key][1:]
                yield from zip(names, self._values(n, k, names), strict=True)


def as_tensor(value: Any, node: Edge) -> Any:
    """A saved value as the tensor that it was."""
    if not _was_tensor(value, node):
        return value
    if node is not None and not node.seq and node.variable._array is value and node.variable._node is node:
        return node.variable
    t = wrap(value)
    t._node = node
    return t


def _was_tensor(value: Any, node: Edge) -> bool:
    """A Python number without a node was a number, and stays one."""
    return type(value) in OWNERS and (node is not None or type(value) not in NUMBERS)


class GeneralRule(OpRule):
    """Any number of inputs, some perhaps optional or variadic, and of outputs.

    The node keeps a flat tuple of edges in ``edge1``, a dict of saved values by name in ``saved1``, and in ``specs``
    the flat tuple of the inputs' specs and the tuple of the outputs'.
    """

    __slots__ = ()

    def edges(self, n: Node) -> tuple[Edge, ...]:
        return n.edge1

    def cotangents(self, n: Node, g: Any, wanted: Container[Node], tensors: bool) -> Filed:
        edges, (specs, outs) = n.edge1, n.specs
        outputs = self.op.signature.outputs
        gs = dict(zip(outputs, g if isinstance(g, list) else (g,), strict=True))
        conjugated = self.op.holomorphic and any(s is not None and s.complex for s in (*specs, *outs))
        places = self._places(len(edges))
        needs = {name: [e is not None and e in wanted for e in edges[where]] for name, where in places.items()}
        done = {name for name, need in needs.items() if not any(need)}
        saved = self._unpacked(n)
        for key, formula in self.formulas.items():
            inputs = key if isinstance(key, tuple) else (key,)
            if done.issuperset(inputs):
                continue
            done.update(inputs)
            asked = {
                name: self._argument(n, saved, name, gs, outs, inputs, needs, places, conjugated, tensors)
                for name in self.names[key]
            }
            result = formula(**asked)
            shared = isinstance(key, tuple)
            for name, ds in zip(inputs, result if shared else (result,), strict=True):
                flat = ds if name == self.op.signature.variadic else (ds,)
                where = places[name]
                for e, d, spec, need in zip(edges[where], flat, specs[where], needs[name], strict=True):
                    if need and d is not None:
                        yield e, fit(conj(d) if conjugated else d, spec)
        for name, mask in needs.items():
            if any(mask) and name not in done:
                raise self.missing(name)

    def _places(self, count: int) -> dict[str, slice]:
        """Where each input stands in the flat tuples."""
        signature, start, places = self.op.signature, 0, {}
        for name in signature.inputs:
            size = count - len(signature.inputs) + 1 if name == signature.variadic else 1
            places[name] = slice(start, start + size)
            start += size
        return places

    def _argument(self, n, saved, name, gs, outs, inputs, needs, places, conjugated, tensors):
        """What a formula gets for one of its parameter names."""
        outputs = self.op.signature.outputs
        if name == "g" or name.startswith("g_"):
            output = outputs[0] if name == "g" else name[2:]
            g = gs[output]
            if g is None:
                zero = outs[outputs.index(output)].backend.zero(outs[outputs.index(output)])
                g = wrap(zero) if tensors else zero
            return conj(g) if conjugated else g
        if name == "needs":
            masks = [tuple(needs[i]) if i == self.op.signature.variadic else needs[i][0] for i in inputs]
            return masks[0] if len(masks) == 1 else tuple(masks)
        value = saved[name]
        if not tensors:
            return value
        if name in outputs:
            return as_tensor(value, output_node(n, outputs.index(name)))
        if name == self.op.signature.variadic:
            return tuple(as_tensor(v, e) for v, e in zip(value, n.edge1[places[name]], strict=True))
        return as_tensor(value, n.edge1[places[name]][0]) if name in places else value

    def _unpacked(self, n: Node) -> dict[str, Any]:
        known: dict[Packed, Any] = {}
        variadic = self.op.signature.variadic
        return {
            name: tuple([unpacked(v, known) for v in value]) if name == variadic else unpacked(value, known)
            for name, value in n.saved1.items()
        }

    def replace_saved(self, n: Node, replace: Replace) -> bool:
        done: dict[Any, Any] = {}
        outputs, places = self.op.signature.outputs, self._places(len(n.edge1))
        for name, value in n.saved1.items():
            if name == self.op.signature.variadic:
                parts = enumerate(zip(value, n.edge1[places[name]], strict=True))
                new: Any = tuple([self._replaced(v, name, e, replace, done, i) for i, (v, e) in parts])
            elif name in places:
                new = self._replaced(value, name, n.edge1[places[name]][0], replace, done)
            elif name in outputs:
                new = self._replaced(value, name, output_node(n, outputs.index(name)), replace, done)
            else:
                continue
            n.saved1[name] = new
        return bool(done)

    def saved(self, n: Node) -> Iterator[tuple[str, Any]]:
        for name, value in n.saved1.items():
            if name == self.op.signature.variadic:
                yield from ((f"{name}[{i}]", v) for i, v in enumerate(value))
            else:
                yield name, value


def key_of(formulas: Mapping[Any, Any], name: str) -> Any:
    """The key under which an input's formula stands, or None."""
    return next((k for k in formulas if k == name or (isinstance(k, tuple) and name in k)), None)
