"""Floor 4: writing into tensors, recorded where a gradient asks for it."""

from __future__ import annotations

from . import ops
from .autograd.leaf import set_requires_grad
from .autograd.mode import PAUSED, current
from .autograd.recording import general_rule, record
from .autograd.saved import stamp_write
from .autograd.views import base_of, before_write, check_write, holding, memory, settle
from .errors import BackendError, DTypeError, GraphError, ShapeError
from .ops.indexing import taken_apart
from .registry.backend import check_update
from .registry.claims import OWNERS
from .registry.op import OPS, Op
from .registry.spec import wrap
from .registry.tensor import Tensor
from .transfer import beside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Method = Callable[..., Tensor]

TORCH = {
    "absolute": "abs", "clamp": "clip", "div": "divide", "mul": "multiply", "neg": "negative", "sub": "subtract",
}  # fmt: skip
"""PyTorch's names of in-place methods where the standard's op is called otherwise."""


def in_place(op: str, name: str = "") -> Method:
    """The in-place operator of a binary op."""
    name = name or f"{op}_"
    declared = OPS[op]

    def operator(self: Tensor, other: Any) -> Tensor:
        spec = self._spec
        array = self._array
        if (
            type(other) is Tensor
            and other._spec is spec
            and type(array) in _memory
            and self._ties is None
            and current() is PAUSED
        ):  # a step of gradient descent, mostly
            spec.backend.update(declared, array, other._array)
            stamp_write(array, name)
            return self
        return written(self, declared, (other,), name)

    return _named(operator, op, name)


def _named(operator: Method, op: str, name: str) -> Method:
    operator.__name__, operator.__qualname__ = name, f"Tensor.{name}"
    operator.__doc__ = f"``plugrad.{op}`` in place: this tensor gets the result, and its history."
    return operator


_memory: set[type] = set()
"""Array types that can be written as a tensor holds them."""


def method(op: str, name: str) -> Method:
    """The in-place method of an elementwise op."""
    declared = OPS[op]
    if "(x1, x2, /)" in declared.declaration:  # the signature is parsed when it is first needed
        return in_place(op, name)

    def operator(self: Tensor, *args: Any, **keywords: Any) -> Tensor:
        parameters = declared.signature.arguments[1:]
        if len(args) > len(parameters) or not keywords.keys() <= set(parameters[len(args) :]):
            raise TypeError(f"Tensor.{name}() takes {', '.join(parameters) or 'no arguments'}")
        given = dict(zip(parameters, args, strict=False)) | keywords
        return written(self, declared, tuple([given.get(p) for p in parameters]), name)

    return _named(operator, op, name)


def methods() -> dict[str, Method]:
    """The in-place method of every elementwise op whose first input is what it works on, by name."""
    found = {
        f"{name}_": op
        for name, op in {**{name: name for name in OPS}, **TORCH}.items()
        if (declared := OPS[op]).elementwise
        and declared.vjp
        and not declared.view
        and "~" not in declared.declaration
        and op not in ("angle", "clone", "conj", "positive", "zeros_of")
    }
    return {name: method(op, name) for name, op in found.items()} | {
        "add_": add_, "sub_": sub_, "subtract_": sub_, "div_": div_, "divide_": div_, "copy_": copy_, "fill_": fill_,
        "zero_": zero_,
    }  # fmt: skip


# -- methods of their own -------------------------------------------------------------------------------------------


def add_(self: Tensor, other: Any, *, alpha: complex = 1) -> Tensor:
    """``self += alpha * other``."""
    return written(self, OPS["add"], (other if alpha == 1 else other * alpha,), "add_")


def sub_(self: Tensor, other: Any, *, alpha: complex = 1) -> Tensor:
    """``self -= alpha * other``."""
    return written(self, OPS["subtract"], (other if alpha == 1 else other * alpha,), "sub_")


def div_(self: Tensor, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """``self /= other``; ``rounding_mode`` is None or ``"floor"``."""
    if rounding_mode not in (None, "floor"):
        raise ValueError(f"div_ takes rounding_mode None or 'floor', not {rounding_mode!r}")
    return written(self, OPS["divide" if rounding_mode is None else "floor_divide"], (other,), "div_")


def copy_(self: Tensor, src: Any, non_blocking: bool = False) -> Tensor:
    """Write the values of ``src``, broadcast and converted to this tensor's dtype; differentiable in ``src``.

    :param src: a number, an array, or a tensor, which may be of another device or backend.
    :param non_blocking: as for ``to``.
    """
    if isinstance(src, Tensor):
        src = beside(src, self)
    return _assign(self, ..., src, "copy_")


def fill_(self: Tensor, value: Any) -> Tensor:
    """Fill with a number, or the value of a 0-d tensor."""
    if isinstance(value, Tensor) and value._spec.shape:
        raise ShapeError(f"fill_ only supports a 0-d value tensor, but got one of shape {value._spec.shape}")
    return _assign(self, ..., value, "fill_")


def zero_(self: Tensor) -> Tensor:
    """Fill with zeros."""
    return _assign(self, ..., 0, "zero_")


def setitem(self: Tensor, key: Any, value: Any) -> None:
    """``x[key] = value``, differentiable in both. ``value`` is broadcast, and converted to the dtype of ``x``."""
    try:
        _assign(self, key, value, "setitem")
    except ShapeError as error:
        raise ShapeError(f"x[{key!r}] = value: {error}") from error.__cause__


def detach_(self: Tensor) -> Tensor:
    """Cut this tensor off its history, in place.

    :raises GraphError: if it is a view.
    """
    if base_of(self) is not self:
        raise GraphError("Can't detach views in-place: the base would still have its history. Use detach() instead")
    if self._node is not None and not self._node.seq:
        return set_requires_grad(self, False)
    self._node = None
    return self


# -- the one way to write ----------------------------------------------------------------------------------------------


def _assign(t: Tensor, key: Any, value: Any, name: str) -> Tensor:
    backend = t._spec.backend
    if isinstance(value, (list, tuple)):
        value = backend.asarray(value, backend.native(t._spec.dtype))
    raw = value._array if isinstance(value, Tensor) else value
    if (wrap(raw)._spec.complex if type(raw) in OWNERS else isinstance(raw, complex)) and not t._spec.complex:
        raise DTypeError(f"{name}: complex values do not go into {t._spec}. Take their real part first")
    taken, indices = taken_apart(key, backend)
    if not indices:
        return written(t, OPS["setitem"], (value, taken), name)
    return written(t, OPS["index_put"], (value, indices, taken), name)


def written(t: Tensor, op: Op, others: tuple[Any, ...], name: str) -> Tensor:
    """``t = op(t, *others)``, in place.

    :param others: the op's other arguments in the order of its declaration, a variadic input as one tuple.
    :param name: what is said to have written.
    :raises GraphError: if the write had to be recorded and cannot be.
    :raises ShapeError, DTypeError: if the result does not fit into ``t``.
    """
    tensors = [o for other in others for o in (other if isinstance(other, tuple) else (other,)) if type(o) is Tensor]
    for other in tensors:
        _check_same_backend(t, other, name)
    if any(x._spec.level for x in (t, *tensors)):
        from .autograd.levels import levelled

        others = levelled(t, others, tensors)
    spec = t._spec
    backend = spec.backend
    asked = (t, base_of(t), *tensors)  # a view made under no_grad has no node, but its base may have one
    recorded = spec.inexact and any(x._node is not None for x in asked) and current() is not PAUSED
    if recorded and not op.vjp:
        raise GraphError(f"{name} into {spec}: {op.name} has no derivative, so it would cut the tensor off its history")
    check_write(t, name, recorded)
    if not backend.writable:
        return _replaced(t, op, others, recorded, name)
    held, array = t._array, memory(t)
    before = _kept(t, array, op, others) if recorded else ()
    raws = [tuple(map(_raw, o)) if isinstance(o, tuple) else _raw(o) for o in others]
    try:
        backend.update(op, array, *raws)
    except ShapeError:
        raise
    except Exception as error:
        if type(error) in backend.library.shape_errors:
            raise ShapeError(f"{name} into {spec}: {error}") from error
        error.add_note(f"in {name} into {spec}")
        raise
    if array is held:
        _memory.add(type(array))
    else:  # a 0-d tensor got its memory; the scalar may have been saved
        stamp_write(held, name, holder=t)
    stamp_write(array, name)
    new = holding(array, t, record(op, before, t)) if recorded else None
    if recorded or t._ties is not None:
        settle(t, new, recorded)
    return t


def _raw(value: Any) -> Any:
    return value._array if type(value) is Tensor else value


def _check_same_backend(t: Tensor, other: Tensor, name: str) -> None:
    have, want = other._spec, t._spec
    if have.backend.library is not want.backend.library or have.device != want.device:
        raise BackendError(
            f"{name} in place: expected both to be of the same backend and device, but they are {want} and {have}. "
            "Nothing is converted unasked; copy_ takes values from elsewhere, and to() brings a tensor there"
        )


def _kept(t: Tensor, array: Any, op: Op, others: tuple[Any, ...]) -> tuple[Any, ...]:
    """The op's arguments as they are before the write: what a formula reads of the memory is copied."""
    signature = op.signature
    backend = t._spec.backend
    arguments = dict(zip(signature.arguments, (t, *others), strict=True))
    asked = [n for n in signature.inputs if type(arguments[n]) is Tensor and arguments[n]._node is not None]
    read = general_rule(op).reads(frozenset(asked))
    owner = backend.owner(array)
    kept = []
    for name, x in arguments.items():
        if x is t or (name in read and type(x) is Tensor and backend.owner(x._array) is owner):
            node = before_write(t) if x is t else x._node
            kept.append(holding(backend.copy(x._array) if name in read else array, x, node))
        else:
            kept.append(x)
    return tuple(kept)


def _replaced(t: Tensor, op: Op, others: tuple[Any, ...], recorded: bool, name: str) -> Tensor:
    """The same where arrays cannot be written: the tensor gets a new one."""
    spec = t._spec
    old = holding(t._array, t, before_write(t)) if recorded else t
    new = op.in_order((old, *others))
    check_update(spec.backend, t._array, new._array, name)
    if new._spec.dtype is not spec.dtype:
        new = ops.astype(new, spec.dtype)
    settle(t, new, recorded)
    return t

