"""An op as data: what its author declared, and its kernels by array type."""

from __future__ import annotations

from .signature import Signature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    Function = Callable[..., Any]

OPS: dict[str, Op] = {}
"""Every op by its name."""


class Op:
    """An op. Made by ``plugrad.extend.op``, whose docstring says what each field means."""

    __slots__ = (
        "__weakref__", "_signature", "batched", "composite", "declaration", "doc", "dtype", "elementwise", "fresh",
        "function", "holomorphic", "jvp", "keeps_numbers", "kernels", "linear", "name", "node_name",
        "source", "view", "vjp",
    )  # fmt: skip
    batched: int
    composite: Function | None
    doc: str
    dtype: str | None
    elementwise: bool
    fresh: bool | frozenset[str]
    function: Function
    holomorphic: bool
    keeps_numbers: bool
    linear: bool
    view: bool | str

    def __init__(
        self, declaration: str, vjp: Mapping[Any, Function], jvp: Mapping[str, Function], **declared: Any
    ) -> None:
        self.declaration = declaration
        self.name = declaration[: declaration.find("(")].strip()
        self.vjp, self.jvp = vjp, jvp
        for field, value in declared.items():
            setattr(self, field, value)
        self.node_name = declared["node_name"] or _node_name(self.name)
        self.kernels: dict[type, Function] = {}
        self.source = "plugrad"
        self._signature: Signature | None = None

    @property
    def signature(self) -> Signature:
        if self._signature is None:
            graded = [name for key in self.vjp for name in (key if isinstance(key, tuple) else (key,))]
            self._signature = Signature(self.declaration, graded)
        return self._signature

    def in_order(self, values: Sequence[Any]) -> Any:
        """Call the op's function with the arguments in the order of the declaration, a variadic input as one tuple."""
        signature = self.signature
        last = len(values) - len(signature.keywords)
        keywords = dict(zip(signature.keywords, values[last:], strict=True))
        if signature.variadic:
            return self.function(*values[: last - 1], *values[last - 1], **keywords)
        return self.function(*values[:last], **keywords)

    @property
    def differentiable(self) -> bool:
        return bool(self.vjp)

    def __repr__(self) -> str:
        return f"<op {self.declaration}>"


def _node_name(name: str) -> str:
    """``log1p`` -> ``Log1PBackward0``, as PyTorch names its nodes."""
    return name.rpartition(".")[2].title().replace("_", "") + "Backward0"
