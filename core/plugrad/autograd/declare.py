"""``op``: the one statement that declares an op."""

from __future__ import annotations

import sys

from ..registry.op import OPS, Op
from .doors import not_implemented_for_stranger, raise_for_stranger
from .specialise import stub, twin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    Function = Callable[..., Any]
else:
    Function = object


def op(
    declaration: str,
    *,
    doc: str = "",
    vjp: Mapping[str | tuple[str, ...], Function] | None = None,
    jvp: Mapping[str, Function] | None = None,
    elementwise: bool = False,
    linear: bool = False,
    batched: int = 0,
    view: bool | str = False,
    fresh: bool | Iterable[str] = False,
    holomorphic: bool = True,
    dtype: str | None = None,
    keeps_numbers: bool = False,
    composite: Function | None = None,
    node_name: str | None = None,
) -> Function:
    """Declare an op, and get its function.

    :param declaration: ``name(x, /, *, parameter=default) -> outputs``; the grammar is in ``registry.signature``.
        A plugin's op has the plugin's name and a dot before its own.
    :param doc: the docstring of the op's function.
    :param vjp: for each input, or a tuple of inputs, a formula. The names of its parameters say what it gets, and so
        what is saved: ``g`` (``g_<output>`` where outputs are named) is the cotangent; an input, ``out`` or an
        output, a parameter; ``<input>_shape``, ``<input>_dtype``; ``needs``, which inputs want a gradient. It is a
        program over ``plugrad.ops`` and the array's own operators. It does not undo broadcasting or promotion, does
        not conjugate, and never takes the truth value of an array. A formula of several inputs returns a cotangent
        for each, that of a variadic input returns a sequence; None stands for none.
    :param jvp: for each input, a formula of the output's tangent from the input's, ``t`` (of a variadic input, a tuple
        with None for what has none). It gets its other arguments as those of ``vjp`` do, from the call. The engine
        adds up the inputs'. Not needed for a ``linear`` op, nor for an ``elementwise`` one that is holomorphic: there
        it follows from the op itself, or from ``vjp``.
    :param elementwise: outputs have the inputs' broadcast shape, and the engine undoes broadcasting.
    :param linear: linear in all of its inputs together.
    :param batched: the number of trailing axes that the op works on; the ones before them broadcast. Where an input
        has fewer, the composite runs instead.
    :param view: the result shares memory with the first input, on every backend that can: True where it has all of that
        input's elements, so that ``vjp`` undoes it; else the name of the op ``(x, value, /, <the same parameters>)``
        that assigns to the part that the view shows.
    :param fresh: whether a formula's result is new memory that nobody else holds: True, or the names of inputs.
    :param holomorphic: the engine conjugates around the formulas where dtypes are complex.
    :param dtype: the result's dtype where it is not the inputs': a name, or ``"real"`` for a complex input's real one.
    :param keeps_numbers: a Python number reaches kernel and formulas as it is, not as a 0-d array.
    :param composite: the op written in other ops, for backends without a kernel. Without ``vjp`` it is recorded as
        those ops; with one it is one node.
    :param node_name: how ``grad_fn`` shows it, if not as ``NameBackward0``.
    :raises ValueError: if the declaration does not follow the grammar.
    """
    declared = Op(
        declaration, vjp or {}, jvp or {}, elementwise=elementwise, linear=linear, batched=batched, view=view,
        fresh=fresh if isinstance(fresh, bool) else frozenset(fresh), holomorphic=holomorphic,
        dtype=dtype, keeps_numbers=keeps_numbers, composite=composite, node_name=node_name,
    )  # fmt: skip
    declared.doc = doc or f"The op ``{declaration}``."
    module = sys._getframe(1).f_globals["__name__"]
    declared.function = stub(declared, declared.name.rpartition(".")[2], module, raise_for_stranger)
    if module.startswith("plugrad.ops."):
        OPS[declared.name] = declared  # a plugin's op is registered by its hook
    return declared.function


def operator_of(function: Function) -> Any:
    """An op's function as an operator: what it does not know is left to the other operand."""
    return twin(function, not_implemented_for_stranger)
