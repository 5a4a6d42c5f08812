"""The grammar of an op's declaration.

``linalg.svd(x, /, *, full_matrices=True) -> U, S, Vh``: a dotted name; between the brackets Python's own parameter
list, annotations included, in which ``~`` after a name says that it is an array that no gradient reaches; named
outputs after ``->``.

Inputs, which hold arrays, are the positional-only names, the variadic, the names that a derivative is given for and
the names with ``~``. Everything else is a parameter.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

RESERVED = frozenset({"g", "t", "out", "needs"})
"""Words that mean something else in a formula; ``g_<output>``, ``<input>_shape`` and ``<input>_dtype`` too."""


class Signature:
    """What a declaration says, taken apart."""

    __slots__ = (
        "arguments",
        "defaults",
        "inputs",
        "keywords",
        "name",
        "nondifferentiable",
        "outputs",
        "parameters",
        "text",
        "variadic",
    )

    def __init__(self, declaration: str, graded: Iterable[str] = ()) -> None:
        """
        :param graded: the names that a derivative is given for.
        :raises ValueError: if the declaration does not follow the grammar.
        """
        head, _, outputs = declaration.partition("->")
        name, bracket, rest = head.strip().partition("(")
        if not bracket or not rest.endswith(")") or not all(part.isidentifier() for part in name.split(".")):
            raise ValueError(f"{declaration!r}: expected 'name(x, /, parameter=default) -> outputs'")
        marked = rest[:-1]
        self.name = name
        self.text = f"({marked.replace('~', '')})"
        self.outputs = tuple(o.strip() for o in outputs.split(",")) if outputs else ("out",)
        try:
            probe = function_from(self.text, "None", {})
        except SyntaxError as error:
            raise ValueError(f"{declaration!r}: {error.msg} between the brackets") from None
        code = probe.__code__
        count, keywords = code.co_argcount, code.co_kwonlyargcount
        names = code.co_varnames
        self.variadic = names[count + keywords] if code.co_flags & 0x04 else ""
        before, self.keywords = names[:count], names[count : count + keywords]
        self.arguments = before + ((self.variadic,) if self.variadic else ()) + self.keywords
        self.nondifferentiable = frozenset(_last_word(part) for part in marked.split("~")[:-1])
        arrays = {*names[: code.co_posonlyargcount], self.variadic, *graded, *self.nondifferentiable}
        self.inputs = tuple(n for n in self.arguments if n in arrays)
        self.parameters = tuple(n for n in self.arguments if n not in arrays)
        self.defaults: dict[str, Any] = dict(zip(before[::-1], (probe.__defaults__ or ())[::-1], strict=False))
        self.defaults.update(probe.__kwdefaults__ or {})
        self._check(declaration, graded, code.co_flags)

    def _check(self, declaration: str, graded: Iterable[str], flags: int) -> None:
        if flags & 0x08:
            raise ValueError(f"{declaration!r}: an op takes no **keywords")
        for name in graded:
            if name not in self.arguments:
                raise ValueError(f"{declaration!r}: a derivative is given for {name!r}, which is no argument")
        for name in self.inputs:
            if name in RESERVED or name.startswith("g_") or name.endswith(("_shape", "_dtype")):
                raise ValueError(f"{declaration!r}: the input's name {name!r} is reserved for formulas")
        if len(set(self.outputs)) != len(self.outputs) or not all(o.isidentifier() for o in self.outputs):
            raise ValueError(f"{declaration!r}: outputs are distinct names")

    @property
    def formula_names(self) -> frozenset[str]:
        """What a formula may ask for by a parameter's name."""
        cotangents = {"g", *(f"g_{o}" for o in self.outputs)}
        facts = {f"{i}_{fact}" for i in self.inputs for fact in ("shape", "dtype")}
        return frozenset({*cotangents, "needs", *facts, *self.inputs, *self.outputs, *self.parameters})


def function_from(text: str, body: str, namespace: dict[str, Any]) -> Any:
    """A function with a parameter list and a body, by Python's own parser: the text is the op's author's."""
    import __future__

    source = f"def declared{text}: return {body}"
    flags = __future__.annotations.compiler_flag  # an annotation is kept as text
    exec(compile(source, "<op>", "exec", flags, dont_inherit=True), namespace)
    return namespace.pop("declared")


def _last_word(text: str) -> str:
    return text.replace("*", " ").replace(",", " ").split()[-1]


def names_of(formula: Any) -> tuple[str, ...]:
    """The names of a formula's parameters."""
    code = formula.__code__
    return code.co_varnames[: code.co_argcount]
