"""Floor 4: writing into tensors, where no history has to be recorded."""

from __future__ import annotations

from .autograd.mode import PAUSED, current
from .autograd.node import rebind
from .autograd.saved import stamp_write
from .errors import BackendError, GraphError, ShapeError
from .ops.indexing import put_together, taken_apart
from .registry.op import OPS
from .registry.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def in_place(op: str) -> Callable[[Tensor, Any], Tensor]:
    """The in-place operator of a binary op."""

    name = f"{op}_"
    declared = OPS[op]

    def operator(self: Tensor, other: Any) -> Tensor:
        spec = self._spec
        if type(other) is Tensor and other._spec is spec and current() is PAUSED:
            value = other._array  # a step of gradient descent, mostly
        else:
            value = _operand(self, other, op)
        array = self._array
        if type(array) not in _memory:
            array = writable(self, op)
        spec.backend.update(declared, array, value)
        stamp_write(array, name)
        return self

    operator.__name__ = name
    return operator


_memory: set[type] = set()
"""Array types that can be written as a tensor holds them."""


def setitem(self: Tensor, key: Any, value: Any) -> None:
    """``x[key] = value``."""
    raw = _operand(self, value, "setitem")
    taken, indices = taken_apart(key, self._spec.backend)
    arrays = tuple(i._array if isinstance(i, Tensor) else i for i in indices)
    array = writable(self, "setitem")
    try:
        self._spec.backend.write(array, put_together(taken, arrays), raw)
    except ValueError as error:
        raise ShapeError(f"x[{key!r}] = value: {error}, x being {self._spec}") from error
    stamp_write(array, "setitem")


def zero_(self: Tensor) -> Tensor:
    """Fill with zeros."""
    setitem(self, ..., 0)
    return self


def writable(t: Tensor, op: str) -> Any:
    """The memory of a tensor, to be written by an op.

    :raises BackendError: if arrays of the backend cannot be written.
    """
    backend = t._spec.backend
    if not backend.writable:
        raise BackendError(
            f"{op} in place on {t._spec}: arrays of backend {backend.name!r} cannot be written. "
            "Use the out-of-place form"
        )
    held = t._array
    array = backend.aliased(held)
    if array is held:
        _memory.add(type(array))
    else:  # a 0-d tensor gets its memory now; the scalar may have been saved
        stamp_write(held, op, holder=t)
        rebind(t, array)
    return array


def _operand(t: Tensor, other: Any, op: str) -> Any:
    """The raw right-hand side, once the write is allowed."""
    other_node = None
    if isinstance(other, Tensor):
        other_node = other._node
        spec = other._spec
        if spec.backend is not t._spec.backend or spec.device != t._spec.device:
            raise BackendError(
                f"{op} in place: expected both to be of the same backend and device, but they are {t._spec} and {spec}"
            )
    if (t._node is not None or other_node is not None) and current() is not PAUSED:
        _refuse_recording(t, op)
    return other._array if isinstance(other, Tensor) else other


def _refuse_recording(t: Tensor, op: str) -> None:
    if t._node is not None and not t._node.seq:
        raise GraphError(
            f"a leaf Variable that requires grad is being used in an in-place operation: {op} would write into "
            f"{t._spec}. Do it under plugrad.no_grad(), or use the out-of-place form"
        )
    raise GraphError(
        f"{op} in place into {t._spec} would have to be recorded, because a gradient is asked through it. Use the "
        "out-of-place form, or plugrad.no_grad() if it is not meant to be differentiated"
    )
