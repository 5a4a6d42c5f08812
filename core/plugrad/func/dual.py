"""Dual arrays: an array and its tangent, of some level. Forward mode is the backend that owns them."""

from __future__ import annotations

from ..autograd.views import memory
from ..ops import clone, zeros_of
from ..registry.backend import Backend, check_update
from ..registry.claims import NUMBERS, OWNERS
from ..registry.kernels import kernel_for
from ..registry.op import OPS
from ..registry.spec import wrap
from ..registry.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ..registry.backend import Array, Kernel, Shape


class Level:
    """One forward-mode derivative that is being taken. A later one has a larger number, and no number comes twice.

    Once ended, its duals are constants: a tensor that leaked out of it counts for nothing in a later one.
    """

    __slots__ = ("ended", "number")
    newest = 0

    def __init__(self) -> None:
        Level.newest = self.number = Level.newest + 1
        self.ended = False


class Dual:
    """A primal and its tangent, of one spec; no tangent is a zero one.

    Both are tensors of lower levels, so whatever records them there (an outer gradient) goes on doing so. There is a
    subclass for each array library's backend: see ``dual``. Duals are met inside of tensors alone, so they have no
    operators: an array library's own would not know what to do with them.
    """

    __slots__ = ("__weakref__", "_tangent", "base", "level", "primal")

    def __init__(self, primal: Tensor, tangent: Tensor | None, level: Level) -> None:
        self.primal, self._tangent, self.level = primal, tangent, level
        self.base: tuple[Dual, Callable[[Tensor], Any]] | None = None
        """Of a view made before there was a tangent: what it looks into, and how."""

    @property
    def tangent(self) -> Tensor | None:
        if self.level.ended:
            return None
        if self._tangent is None and self.base is not None:
            base, view = self.base
            if base.tangent is not None:
                self._tangent = view(base.tangent)
        return self._tangent

    def written_tangent(self) -> Tensor:
        """The tangent, to be written into: made now if there was none, also of what this is a view of."""
        if self._tangent is None and self.base is not None:
            self.base[0].written_tangent()
        if self.tangent is None:
            self._tangent = zeros_of(self.primal)
        return self._tangent  # type: ignore[return-value]

    def __repr__(self) -> str:
        return f"<dual {OWNERS[type(self)].text(self)}>"


_types: dict[Backend, type[Dual]] = {}


def dual(primal: Tensor, tangent: Tensor | None, level: Level) -> Dual:
    """A dual array, of the type that belongs to the primal's array library."""
    library = primal._spec.backend.library
    kind = _types.get(library)
    if kind is None:
        kind = _types[library] = type("Dual", (Dual,), {"__slots__": ()})
    if kind not in OWNERS:
        OWNERS[kind] = Duals(library)
    return kind(primal, tangent, level)


def settled(x: Any) -> Any:
    """A tensor or raw array without the levels that have ended."""
    array = x._array if isinstance(x, Tensor) else x
    while isinstance(array, Dual) and array.level.ended:
        x = array.primal
        array = x._array
    return x


def newest(inputs: Iterable[Any]) -> Level | None:
    """The newest level of tensors and raw arrays, which are settled; an input may be a tuple of them."""
    found: Level | None = None
    for value in inputs:
        for x in value if type(value) is tuple else (value,):
            array = x._array if isinstance(x, Tensor) else x
            if isinstance(array, Dual) and (found is None or array.level.number > found.number):
                found = array.level
    return found


def as_tensor(x: Any) -> Any:
    """A raw array as a tensor; anything else, a Python number too, stays what it is."""
    return wrap(x) if type(x) in OWNERS and type(x) not in NUMBERS else x


class Duals(Backend):
    """The dual arrays around one array library's. What is made anew is that library's: a constant."""

    def __init__(self, library: Backend) -> None:
        self._library = library
        self.name = f"{library.name} with tangents"
        self.default_float, self.default_device = library.default_float, library.default_device
        self.writable = library.writable

    def kernel(self, op: str, array_type: type) -> Kernel | None:
        from .tangents import kernel

        return kernel(OPS[op]) if op in OPS else None

    # -- what an array is ---------------------------------------------------------------------------------

    def shape(self, array: Dual) -> Shape:
        return array.primal._spec.shape

    def dtype(self, array: Dual) -> Any:
        return array.primal._spec.dtype

    def device(self, array: Dual) -> str:
        device: str = array.primal._spec.device
        return device

    def key(self, array: Dual) -> None:
        """Levels come and go: specs of theirs would only fill the table."""

    def native_dtype(self, name: Any) -> Any:
        return self._library.native_dtype(name)

    def native(self, given: Any) -> Any:
        return self._library.native(given)

    def asarray(self, data: Any, dtype: Any = None, device: Any = None, copy: bool | None = None) -> Array:
        return self._library.asarray(self.detached(data), dtype, device, copy)

    def tolist(self, array: Dual) -> Any:
        return array.primal._spec.backend.tolist(array.primal._array)

    def text(self, array: Dual) -> str:
        parts = [array.primal] if array.tangent is None else [array.primal, array.tangent]
        return ", tangent=".join(t._spec.backend.text(t._array) for t in parts)

    def array_ufunc(self, *call: Any) -> Any:
        return self._library.array_ufunc(*call)

    def array_function(self, *call: Any) -> Any:
        return self._library.array_function(*call)

    def copy(self, array: Any) -> Array:
        if not isinstance(array, Dual):
            return self._library.copy(array)
        tangent = array.tangent
        return dual(clone(array.primal), None if tangent is None else clone(tangent), array.level)

    # -- memory -------------------------------------------------------------------------------------------

    def owner(self, array: Any) -> Any:
        while isinstance(array, Dual):
            array = array.primal._array
        return self._library.owner(array)

    def write(self, array: Dual, key: Any, value: Any) -> None:
        value = settled(value)
        held = value._array if isinstance(value, Tensor) else value
        if isinstance(held, Dual) and held.level is array.level:
            value, tangent = held.primal, held.tangent
        else:
            value, tangent = as_tensor(value), None
        primal: Any = array.primal
        primal[key] = value
        if tangent is not None or array.tangent is not None:
            written: Any = array.written_tangent()
            written[key] = 0 if tangent is None else tangent

    def update(self, op: Any, array: Dual, *operands: Any) -> None:
        """From copies of what it is about to write: an outer gradient may have saved the components."""
        owner = self.owner(array)
        kept = [self.copy(o) if isinstance(o, Dual) and self.owner(o) is owner else o for o in operands]
        if op.name == "setitem":
            value, key = kept
            self.write(array, key, value)
            return
        result = kernel_for(op, type(array))(self.copy(array), *kept)
        check_update(self, array, result, op.name)
        self.write(array, ..., result)

    # -- transforms ---------------------------------------------------------------------------------------

    @property
    def library(self) -> Backend:
        return self._library

    def level(self, array: Dual) -> int:
        return array.level.number

    def lift(self, tensor: Tensor, like: Dual) -> Dual:
        return dual(tensor, None, like.level)

    def detached(self, array: Any) -> Array:
        while isinstance(array, Dual):
            array = memory(array.primal) if self.writable else array.primal._array
        return array

    def run_function(self, call: Any) -> None:
        from .custom import forward

        forward(call)

    # -- creation -----------------------------------------------------------------------------------------

    def full(self, shape: Shape, value: complex, dtype: Any, device: Any = None) -> Array:
        return self._library.held(self._library.full(shape, value, dtype, device))

    def empty(self, shape: Shape, dtype: Any, device: Any = None) -> Array:
        return self._library.held(self._library.empty(shape, dtype, device))
