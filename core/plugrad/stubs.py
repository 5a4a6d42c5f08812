"""Floor 6: the ``.pyi`` files, made from the op table and the Tensor's attributes for mypy and for editors.

Three are committed: ops exist only once their declarations have run, methods are put onto a bare class, and the
namespace is a star. ``python -m plugrad stubs --module plugrad_foo`` makes one of a third party's ops.
"""

from __future__ import annotations

import ast
import builtins
import collections.abc
import difflib
import importlib
import inspect
import typing
from pathlib import Path
from types import FunctionType, ModuleType, NoneType
from typing import Any

import plugrad
from plugrad import ops
from plugrad import typing as plugrad_typing

from .registry.dtype import DType
from .registry.op import OPS, Op
from .registry.tensor import Tensor

HEAD = '# Made by "python -m plugrad stubs". Do not edit.\n'

TYPES = {
    "axes": "Shape", "axis": "Axes", "copy": "bool", "correction": "float", "descending": "bool",
    "destination": "Axes", "dtype": "DTypeLike", "include_initial": "bool", "k": "int", "keepdims": "bool",
    "other": "TensorLike", "repetitions": "Shape", "shape": "Shape", "shift": "Axes", "source": "Axes",
    "stable": "bool", "value": "TensorLike",
    "Tensor.__eq__.x2": "object", "Tensor.__ne__.x2": "object", "Tensor.backward.inputs": "Sequence[Tensor] | Tensor",
    "Tensor.permute.axes": "int | Shape", "Tensor.reshape.shape": "int | Shape", "concat.axis": "int | None",
    "expand.axis": "Axes | None", "stack.axis": "int", "argsort.axis": "int", "cumulative_prod.axis": "int",
    "cumulative_sum.axis": "int", "repeat.axis": "int", "sort.axis": "int", "take.axis": "int",
    "take_along_axis.axis": "int", "tensordot.axes": "int | tuple[Sequence[int], Sequence[int]]", "vecdot.axis": "int",
}  # fmt: skip
"""A parameter's type by its name, or with its op or method before it. What is not here, and is not annotated,
is Any; where the default is None, None is taken too."""

RESULTS = {
    "T": "Tensor", "_array": "Any", "_frozen": "Node | None", "_node": "Node | None",
    "_base": "Tensor | None", "_spec": "Spec", "_ties": "Ties | None", "_version": "int", "__complex__": "complex",
    "__dlpack__": "Any",
    "__dlpack_device__": "tuple[int, int]", "__float__": "float", "__int__": "int", "__iter__": "Iterator[Tensor]",
    "array": "Any", "device": "str", "dtype": "DType", "mT": "Tensor", "ndim": "int", "requires_grad": "bool",
    "imag": "Tensor", "real": "Tensor", "shape": "tuple[int, ...]", "unstack": "tuple[Tensor, ...]",
}  # fmt: skip
"""The types of attributes, and results of methods, that their sources do not tell."""

HOMES = {
    "DType": "plugrad.registry.dtype", "Handle": "plugrad.autograd.hooks", "Hook": "plugrad.autograd.hooks",
    "Node": "plugrad.autograd.node", "Spec": "plugrad.registry.spec", "Tensor": "plugrad.registry.tensor",
    "Ties": "plugrad.autograd.views",
}  # fmt: skip
"""Where a type is, if not in ``plugrad.typing``, ``collections.abc`` or ``typing``."""


class Text(str):
    """An annotation as ``inspect`` prints it: without quotes."""

    __slots__ = ()
    __repr__ = str.__str__


# -- signatures ---------------------------------------------------------------------------------------------------


def annotated(parameter: inspect.Parameter, where: str) -> inspect.Parameter:
    """The parameter with its type: its own annotation, else the table's."""
    given = parameter.annotation
    kind = "Any" if given is parameter.empty else given if isinstance(given, str) else inspect.formatannotation(given)
    if kind == "Any":
        places = (f"{where}.{parameter.name}", f"{where.removeprefix('Tensor.')}.{parameter.name}", parameter.name)
        kind = next((TYPES[place] for place in places if place in TYPES), "Any")
    if parameter.default is None and kind != "Any" and "None" not in kind:
        kind += " | None"
    literal = isinstance(parameter.default, bool | int | float | str | NoneType)
    default = parameter.default if literal or parameter.default is parameter.empty else Text("...")
    return parameter.replace(annotation=Text(kind), default=default)


def signature_of(op: Op, kinds: dict[str, str], result: str, where: str) -> inspect.Signature:
    """An op's signature, with these types of its inputs."""
    parameters = []
    for parameter in inspect.signature(op.function).parameters.values():
        kind = TYPES.get(f"{where}.{parameter.name}", kinds.get(parameter.name))
        if kind is not None and parameter.default is None:
            kind += " | None"
        parameters.append(annotated(parameter if kind is None else parameter.replace(annotation=kind), where))
    outputs = len(op.signature.outputs)
    whole = result if outputs == 1 else f"tuple[{', '.join([result] * outputs)}]"
    return inspect.Signature(parameters, return_annotation=Text(whole))


def overloads(op: Op, name: str) -> list[inspect.Signature]:
    """Tensors make a tensor, also beside arrays and numbers; arrays alone make an array."""
    declared = op.signature
    anything = dict.fromkeys(declared.inputs, "TensorLike")
    needed = [i for i in declared.inputs if i != declared.variadic and i not in declared.defaults]
    raw = {i: "A" if len(needed) == 1 else "A | complex" for i in needed}
    if needed:
        made = [({**anything, i: "Tensor"}, "Tensor") for i in needed]
        last = {**dict.fromkeys(declared.inputs, "A | complex"), **raw}, "A"
    else:
        made = [({declared.variadic: "Tensor | Sequence[Tensor]"}, "Tensor")]
        last = {declared.variadic: "A | Sequence[A]"}, "A"
    return [signature_of(op, kinds, result, name) for kinds, result in (*made, last)]


def method_signature(name: str, function: Any) -> inspect.Signature:
    """The signature of one of Tensor's methods."""
    op = _op(function)
    if op is not None:
        full = signature_of(op, dict.fromkeys(op.signature.inputs, "TensorLike"), "Tensor", f"Tensor.{name}")
        self, *rest = full.parameters.values()
        return full.replace(parameters=[_self(self.kind), *rest])
    full = inspect.signature(function)
    self, *rest = full.parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in rest) and name in OPS:  # they are handed to the op of that name
        declared = inspect.signature(OPS[name].function).parameters.values()
        rest = [p.replace(kind=p.KEYWORD_ONLY) for p in declared if p.name not in OPS[name].signature.inputs]
    told = full.return_annotation is not full.empty
    if not told and name not in RESULTS and not name.startswith("__"):  # protocols of other libraries are Any
        raise LookupError(f"what Tensor.{name} returns is neither annotated nor in stubs.RESULTS")
    result = RESULTS.get(name, full.return_annotation if told else "Any")
    parameters = [_self(self.kind), *(annotated(p, f"Tensor.{name}") for p in rest)]
    return full.replace(parameters=parameters, return_annotation=Text(result))


def _op(function: Any) -> Any:
    """The op behind a function, if it is an op's."""
    found = function.__globals__.get("OP")
    return found if isinstance(found, Op) else None


def _self(kind: Any) -> inspect.Parameter:
    return inspect.Parameter("self", kind)


# -- statements ---------------------------------------------------------------------------------------------------


def definition(name: str, signature: Any, doc: str | None = None, indent: str = "", note: str = "") -> str:
    head = f"{indent}def {name}{signature}:"
    if not doc:
        return f"{head} ...{note}\n"
    return f'{head}{note}\n{indent}    """{doc.strip().splitlines()[0]}"""\n'


def op_text(name: str, function: Any) -> str:
    """The overloads of an op, or what a function of several ops tells of itself."""
    if _op(function) is None:
        return definition(name, inspect.signature(function), function.__doc__)
    return "".join("@overload\n" + definition(name, signature) for signature in overloads(_op(function), name))


def attribute_text(name: str, value: Any) -> str:
    """One of Tensor's attributes; nothing for what every class has."""
    if inspect.ismemberdescriptor(value):
        return f"    {name}: {RESULTS[name]}\n"
    if name == "__hash__":
        return "    def __hash__(self) -> int: ...\n"
    if isinstance(value, property):
        return _property_text(name, value)
    if isinstance(value, FunctionType):
        note = "  # type: ignore[override]" if name in ("__eq__", "__ne__") else ""
        doc = value.__doc__ if _op(value) is None else None
        return definition(name, method_signature(name, value), doc, "    ", note)
    return ""


def _property_text(name: str, value: property) -> str:
    signature = method_signature(name, value.fget)
    text = "    @property\n" + definition(name, signature, value.__doc__, "    ")
    if value.fset is None:
        return text
    return f"{text}    @{name}.setter\n    def {name}(self, value: {signature.return_annotation}) -> None: ...\n"


# -- files --------------------------------------------------------------------------------------------------------


def finished(body: str, here: str) -> str:
    """The file: its head, the imports that it needs, its body."""
    tree = ast.parse(body)
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    imports: dict[str, list[str]] = {}
    for name in sorted(used - defined - vars(builtins).keys()):
        imports.setdefault(home(name), []).append(name)
    imports.pop(here, None)
    lines = "".join(f"from {module} import {', '.join(names)}\n" for module, names in sorted(imports.items()))
    return f"{HEAD}{lines}\n{body}"


def home(name: str) -> str:
    """The module that a type is imported from.

    :raises LookupError: if none is known.
    """
    if name in HOMES:
        return HOMES[name]
    for module in (plugrad_typing, collections.abc, typing):
        if name in module.__all__:
            return module.__name__
    raise LookupError(f"the type {name!r} is not of plugrad.typing, collections.abc, typing or stubs.HOMES")


def ops_text() -> str:
    body = "".join(op_text(name, getattr(ops, name)) for name in sorted(ops.__all__))
    return finished(f"__all__ = {sorted(ops.__all__)!r}\n\n{body}", "plugrad.ops")


def tensor_text() -> str:
    doc = f'    """{(plugrad.Tensor.__doc__ or "").splitlines()[0]}"""\n\n'
    made = "    def __init__(self, *shape_or_data: Any) -> None: ...\n"
    body = "".join(attribute_text(name, value) for name, value in vars(Tensor).items())
    return finished(f"class Tensor:\n{doc}{made}{body}", "plugrad.registry.tensor")


def namespace_text() -> str:
    """Every public name, imported from where it is."""
    imports: dict[str, list[str]] = {}
    constants = ["__version__: str\n"]
    for name in sorted(plugrad.__all__):
        value = getattr(plugrad, name)
        if isinstance(value, ModuleType):
            imports.setdefault(".", []).append(name)
        elif value is plugrad.Tensor:  # the class that calls and isinstance see is a face of this one
            imports.setdefault(".registry.tensor", []).append(name)
        elif isinstance(value, DType | float | NoneType):
            constants.append(f"{name}: {type(value).__name__.replace('NoneType', 'None')}\n")
        elif name in ops.__all__:
            imports.setdefault(".ops", []).append(name)
        else:
            imports.setdefault(value.__module__.removeprefix("plugrad"), []).append(name)
    lines = "".join(
        f"from {module} import {', '.join(f'{name} as {name}' for name in names)}\n"
        for module, names in sorted(imports.items())
    )
    return f"{HEAD}{lines}\n{''.join(constants)}\n__all__ = {sorted(plugrad.__all__)!r}\n"


def module_text(module: ModuleType) -> str:
    """The ops that a module declares; whatever else it has is Any."""
    found = {n: v for n, v in vars(module).items() if isinstance(v, FunctionType) and v.__module__ == module.__name__}
    body = "".join(op_text(name, function) for name, function in sorted(found.items()) if _op(function) is not None)
    return finished(f"{body}\ndef __getattr__(name: str) -> Any: ...\n", module.__name__)


def generated(module: str | None) -> dict[Path, str]:
    """Each file with the text that it should have."""
    if module is not None:
        found = importlib.import_module(module)
        if found.__file__ is None:
            raise ImportError(f"{module} has no file beside which a stub could be")
        return {Path(found.__file__).with_suffix(".pyi"): module_text(found)}
    root = Path(plugrad.__file__).parent
    return {
        root / "__init__.pyi": namespace_text(),
        root / "ops" / "__init__.pyi": ops_text(),
        root / "registry" / "tensor.pyi": tensor_text(),
    }


def run(module: str | None, check: bool) -> int:
    """Write the files, or print how they differ. 1 if they do."""
    stale = 0
    for path, text in generated(module).items():
        have = path.read_text(encoding="utf-8") if path.exists() else ""
        if have == text:
            continue
        if check:
            stale = 1
            lines = have.splitlines(), text.splitlines()
            print(*difflib.unified_diff(*lines, str(path), "current", lineterm=""), sep="\n")
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"wrote {path}")
    if stale:
        print(f"\nNot current. To write it: python -m plugrad stubs{f' --module {module}' if module else ''}")
    return stale
