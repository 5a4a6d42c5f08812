"""An op's function: a stub at first, whose own code is swapped at its first call for a copy of a template."""

from __future__ import annotations

from _operator import itemgetter

from ..errors import DTypeError
from ..registry.op import OPS, Op
from ..registry.signature import function_from
from ..registry.spec import spec_of
from ..registry.tensor import Tensor
from . import back_templates as b
from . import doors
from . import templates as t
from . import unary_templates as u
from .op_rules import OpRule, PairRule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..registry.spec import Spec

    Function = Callable[..., Any]

FunctionType: Any = type(lambda: None)
_FORWARD = {name: value for m in (t, u) for name, value in vars(m).items() if not name.startswith("__")}
_BACKWARD = {name: value for name, value in vars(b).items() if not name.startswith("__")}


class Declared:
    """Stands behind an op's function for ``inspect.signature``, which follows ``__wrapped__``."""

    __slots__ = ("op",)

    def __init__(self, op: Op) -> None:
        self.op = op

    @property
    def __signature__(self) -> Any:
        import inspect

        return inspect.signature(function_from(self.op.signature.text, "None", {}))


def _stub(*args: Any, **kwargs: Any) -> Any:
    """Becomes the specialised function at its first call."""
    SPECIALISE(SELF)
    return SELF(*args, **kwargs)


SPECIALISE: Any = None
SELF: Any = None


def stub(op: Op, name: str, module: str, stranger: Function) -> Any:
    """The function of an op, not specialised yet.

    :param stranger: what answers where an argument is neither tensor, array nor number.
    """
    namespace = {"OP": op, "STRANGER": stranger, "SPECIALISE": specialise, "__name__": module}
    function = namespace["SELF"] = namespace["NEXT"] = FunctionType(_stub.__code__, namespace, name)
    function.__qualname__ = name
    function.__doc__ = op.doc
    function.__wrapped__ = Declared(op)
    return function


def twin(function: Any, stranger: Function) -> Any:
    """The same op's function with another answer to strangers: an operator's is NotImplemented."""
    return stub(function.__globals__["OP"], function.__name__, function.__module__, stranger)


def reflected(operator: Any) -> Any:
    """The operator with its operands exchanged. The first is no tensor, so it starts at the second door."""
    return FunctionType(t.reflected.__code__, operator.__globals__, operator.__name__)


def specialise(function: Any) -> None:
    """Give an op's function its own code: a copy of a template, or a head that hands its arguments on in order."""
    namespace = function.__globals__
    op: Op = namespace["OP"]
    stranger = namespace["STRANGER"]
    signature = op.signature
    text, call_text = signature.text[1:-1], f"CALL({', '.join(signature.arguments)})"
    if "axis" in signature.parameters:
        text, call_text = f"{text}, **others", f"REFUSE(OP, others) if others else {call_text}"
        namespace["REFUSE"] = refuse_keywords
    head: Any = function_from(f"({text})", call_text, namespace)

    def ordinary(*arguments: Any) -> Any:
        return doors.call(op, arguments, stranger)

    call: Any = ordinary
    namespace["NEXT"] = ordinary
    if is_pair(op):
        rule = pair_rule(op)
        namespace.update(_FORWARD, OP=op, KERNELS=op.kernels, RULE=rule, NEXT=ordinary, JOINS={})
        namespace["INHERITS"] = op.elementwise
        namespace["EXACT_NUMBERS"] = op.keeps_numbers
        inputs = rule.inputs
        available = (*inputs, "out") if len(inputs) == 2 else (inputs[0], "", "out", *signature.parameters)
        for k, names in enumerate(rule.names.values(), 1):
            namespace[f"PICK{k}"] = _picker(names[1:], available)
        if len(inputs) == 2:
            namespace["NEXT"] = _remembering(op, ordinary, namespace["JOINS"])
            if op.elementwise:
                namespace["NEXT"] = _copy(t.binary_mixed, namespace, op.name)
        call = _copy(_template(rule), namespace, op.name)
    code = head.__code__
    if call is ordinary or signature.parameters or op.view:
        namespace["CALL"] = call
        function.__defaults__, function.__kwdefaults__ = head.__defaults__, head.__kwdefaults__
    else:
        names = code.co_varnames + call.__code__.co_varnames[code.co_argcount :]
        code = call.__code__.replace(co_varnames=names, co_posonlyargcount=code.co_posonlyargcount)
    function.__code__ = code.replace(co_name=function.__name__)  # last: other threads see the stub or all of it


def refuse_keywords(op: Op, others: dict[str, Any]) -> Any:
    """PyTorch's names of ``axis`` and ``keepdims`` meet an error that teaches."""
    names = {"dim": "axis", "dims": "axis", "keepdim": "keepdims"}
    name = next(iter(others))
    hint = f". Here it is called {names[name]}, as in the array API standard" if name in names else ""
    raise TypeError(f"{op.name}() got an unexpected keyword argument {name!r}{hint}")


def _remembering(op: Op, ordinary: Function, joins: dict[Any, Any]) -> Function:
    """The ordinary door of two inputs, which remembers what their specs make together."""

    def door(x1: Any, x2: Any) -> Any:
        out = ordinary(x1, x2)
        if type(x1) is Tensor and type(x2) is Tensor and type(out) is Tensor:
            if op.elementwise and out._spec.real and (op.source != "plugrad" or OPS.get(op.name) is not op):
                _check_promoted(op, x1, x2, out)
            _remember(op, joins, x1._spec, x2._spec, out._spec)
        return out

    return door


def _check_promoted(op: Op, x1: Tensor, x2: Tensor, out: Tensor) -> None:
    """What two specs make together is remembered for all elementwise ops, so a stranger's op must make the same.

    :raises DTypeError: if it does not.
    """
    made = spec_of(OPS["add"].function(x1._array, x2._array))
    if (made.shape, made.dtype) != (out._spec.shape, out._spec.dtype):
        raise DTypeError(
            f"{op.name} is declared elementwise, so of {x1._spec} and {x2._spec} it makes {made}, as add does; its "
            f"kernel made {out._spec}. Mend the kernel or the composite, or do not declare it elementwise"
        )


def _remember(op: Op, joins: dict[Any, Any], spec: Spec, other: Spec, made: Spec) -> None:
    if not (spec.real and other.real and made.real and spec.known and other.known):
        return
    if op.elementwise:
        table: dict[Any, Any] = spec.joins
        key: Any = other
        specs: Any = (None if spec is made else spec, None if other is made else other)
    elif op.batched:
        if min(len(spec.shape), len(other.shape)) < op.batched:
            return  # the composite ran
        plain = len(spec.shape) == len(other.shape) == op.batched and spec.dtype is other.dtype
        table, key, specs = joins, (spec, other), None if plain else (spec, other)
    else:
        table, key, specs = joins, (spec, other), (spec, other)
    if len(table) >= LIMIT:
        table.clear()
    table[key] = made, specs


LIMIT = 256


def is_pair(op: Op) -> bool:
    """Is the op one that the templates know: one or two plain inputs, one output, a formula for each input."""
    signature = op.signature
    inputs = signature.inputs
    if set(op.vjp) != set(inputs) or len(inputs) not in (1, 2) or len(signature.outputs) > 1:
        return False
    if len(inputs) == 2 and op.dtype not in (None, "real"):
        return False
    if signature.variadic or any(name in signature.defaults for name in inputs):
        return False
    if inputs != signature.arguments[: len(inputs)] or (len(inputs) == 2 and signature.parameters):
        return False
    facts = {f"{name}_{fact}" for name in inputs for fact in ("shape", "dtype")} if len(inputs) == 2 else set()
    asked = {name for names in OpRule(op).names.values() for name in names[1:]}
    return not asked & {"needs", "g_out", *facts}


_rules: dict[str, PairRule] = {}


def pair_rule(op: Op) -> PairRule:
    """The rule of an op's pair nodes; the op's function and its operators share it."""
    rule = _rules.get(op.name)
    if rule is None or rule.op is not op:
        rule = PairRule(op)
        namespace = dict(_BACKWARD)
        for k, name in enumerate(rule.inputs, 1):
            namespace[f"FORMULA{k}"] = _of_saved(rule.formulas[name], len(rule.names[name]) - 1)
            namespace[f"FRESH{k}"] = op.fresh is True or (op.fresh is not False and name in op.fresh)
        passes_on = all(_is_identity(formula) for formula in rule.formulas.values())
        back = b.back_unary if len(rule.inputs) == 1 else b.back_sum if passes_on else b.back_binary
        rule.back = _copy(back, namespace, f"{op.name}_backward")
        _rules[op.name] = rule
    return rule


def _template(rule: PairRule) -> Function:
    if rule.op.view:
        return u.view
    if len(rule.inputs) == 1:
        return u.unary_with_parameters if rule.op.signature.parameters else u.unary
    if not rule.op.elementwise:
        return t.binary_of_own_shape
    x1, x2 = rule.inputs
    saved = tuple(names[1:] for names in rule.names.values())
    if saved == ((), ()):
        return t.binary_saving_nothing
    if saved == ((x2,), (x1,)):
        return t.binary_saving_the_other
    return t.binary


def _copy(template: Any, namespace: dict[str, Any], name: str) -> Any:
    """The template with globals of its own, and inline caches of its own."""
    return FunctionType(template.__code__.replace(co_name=name), dict(namespace), name)


def _picker(names: tuple[str, ...], available: tuple[str, ...]) -> Function:
    """(values) -> what a formula reads: one value bare, several as a tuple, None for nothing."""
    if not names:
        return lambda values: None
    facts = {f"{available[0]}_{fact}": fact for fact in ("shape", "dtype")}
    if not facts.keys() & set(names):
        return itemgetter(*map(available.index, names))
    if len(names) == 1:
        fact = facts[names[0]]
        return lambda values: getattr(values[1], fact)
    where = [(1, facts[name]) if name in facts else (available.index(name), "") for name in names]
    return lambda values: tuple([getattr(values[i], fact) if fact else values[i] for i, fact in where])


def _of_saved(formula: Function, count: int) -> Function:
    """(g, saved) -> the formula's cotangent."""
    if count == 1:
        return formula
    if count == 0:
        return lambda g, saved: formula(g)
    return lambda g, saved: formula(g, *saved)


def _is_identity(formula: Any) -> bool:
    return bool(formula.__code__.co_code == (lambda g: g).__code__.co_code)
