"""Floor 4: from tensors to numbers, lists, NumPy's arrays and text, and other libraries' protocols."""

from __future__ import annotations

import sys

from .autograd.mode import PAUSED, current
from .autograd.views import memory
from .errors import DTypeError, GraphError, ShapeError
from .registry.claims import BACKENDS, backend_named
from .registry.place import Place, brought
from .registry.spec import size
from .registry.tensor import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def array(self: Tensor) -> Any:
    """The backend's array. It shares memory with the tensor, its base and its views."""
    return memory(self)


def item(self: Tensor) -> Any:
    """The one element, as a Python number.

    :raises ShapeError: if there is another number of elements.
    """
    count = size(self._spec.shape)
    if count != 1:
        raise ShapeError(
            f"a Tensor with {count} elements cannot be converted to Scalar: only one element tensors can, and this "
            f"one's shape is {self._spec.shape}"
        )
    value = self._spec.backend.tolist(self._array)
    while isinstance(value, list):
        (value,) = value
    return value


def to_float(self: Tensor) -> float:
    """
    :raises GraphError: if it is for a place in an array that is no tensor, and a gradient would be lost.
    :raises DTypeError: if the imaginary part is not zero.
    """
    refuse_storing(self)
    return float(_real(self, "double"))


def to_int(self: Tensor) -> int:
    """
    :raises ValueError: of a NaN.
    :raises OverflowError: of an infinity.
    """
    refuse_storing(self)
    return int(_real(self, "int64_t"))


def to_complex(self: Tensor) -> complex:
    """The one element."""
    refuse_storing(self)
    return complex(item(self))


def _real(self: Tensor, kind: str) -> Any:
    value = item(self)
    if not isinstance(value, complex):
        return value
    if value.imag:
        raise DTypeError(
            f"value cannot be converted to type {kind} without overflow: {value} of {self._spec} has an imaginary part"
        )
    return value.real


def refuse_storing(self: Tensor) -> None:
    """
    :raises GraphError: if ``buffer[i] = t`` asks for the number, and a gradient is asked through ``t``.
    """
    if self._node is None or current() is PAUSED:
        return
    from opcode import opmap

    frame = sys._getframe(2)  # NumPy's assignment calls __float__ from the caller's instruction, as float(t) does
    instruction = frame.f_code.co_code[frame.f_lasti]
    if instruction == opmap["STORE_SUBSCR"] or instruction == opmap.get("STORE_SLICE"):
        raise GraphError(
            "buffer[i] = t: the buffer is no tensor, so the gradient through t would be lost; t is "
            f"{self._spec} and {_made(self)}. Make the buffer a tensor, by plugrad.zeros or numpy.zeros_like(t), or "
            "stack what it is to hold; buffer[i] = t.item() leaves the graph"
        )


def tolist(self: Tensor) -> Any:
    """Nested lists of Python numbers; a number for 0-d."""
    return self._spec.backend.tolist(self._array)


def numpy(self: Tensor, *, force: bool = False) -> Any:
    """A NumPy array; of NumPy's backend it shares memory. Any other's values are copied, from a GPU to the host.

    :param force: leave the graph without being asked for ``detach()``.
    :raises GraphError: if the tensor requires grad, which NumPy would lose, and recording is on.
    """
    if self._node is not None and not force and current() is not PAUSED:
        raise GraphError(
            "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead. This one is "
            f"{self._spec}, and {_made(self)}; an ndarray cannot hold its gradient"
        )
    target = backend_named("numpy")
    if self._spec.backend is target:
        return array(self)
    plain = self._spec.backend.detached(self._array)
    return target.aliased(brought(plain, Place(target, target.default_device)))


def as_array(self: Tensor, dtype: Any = None, copy: bool | None = None) -> Any:
    """NumPy's protocol: ``numpy.asarray(t)``."""
    import operator

    found = numpy(self)
    if dtype is not None:
        found = operator.methodcaller("astype", dtype, copy=bool(copy))(found)
    elif copy:
        found = found.copy()
    return found


def array_ufunc(self: Tensor, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
    """NumPy's protocol: ``numpy.sin(t)``. The backend knows which op a ufunc is."""
    return self._spec.backend.array_ufunc(ufunc, method, inputs, keywords)


def array_function(self: Tensor, function: Any, types: Any, args: Any, keywords: Any) -> Any:
    """NumPy's protocol: ``numpy.sum(t)``."""
    return self._spec.backend.array_function(function, args, keywords)


def dlpack(self: Tensor, **keywords: Any) -> Any:
    """The array, for another library to take by DLPack.

    :param keywords: ``stream``, ``max_version``, ``dl_device`` and ``copy`` of the protocol, for the array's library.
    :raises BufferError: if the tensor requires grad, which the other library would lose, or its library exports none.
    """
    if self._node is not None:
        raise BufferError(
            f"Can't export tensors that require gradient, use tensor.detach(). This one is {self._spec}, and "
            f"{_made(self)}; another library would lose its gradient"
        )
    return _exporting(self).__dlpack__(**keywords)


def dlpack_device(self: Tensor) -> tuple[int, int]:
    """The kind and number of the device on which the memory is, as DLPack has them.

    :raises BufferError: if the array's library exports nothing by DLPack.
    """
    return _exporting(self).__dlpack_device__()  # type: ignore[no-any-return]


def _exporting(self: Tensor) -> Any:
    held = array(self)
    if not hasattr(held, "__dlpack__"):
        raise BufferError(
            f"arrays of backend {self._spec.backend.name!r} are not exported by DLPack ({self._spec}). "
            "plugrad.asarray(t, backend='numpy') is a copy that can be"
        )
    return held


def _made(t: Tensor) -> str:
    node = t._node
    return f"was made by {node.name()}" if node is not None and node.seq else "is a leaf that requires grad"


def boolean(self: Tensor) -> bool:
    try:
        return bool(item(self))
    except ShapeError:
        count = "no values" if 0 in self._spec.shape else "more than one value"
        raise ShapeError(
            f"Boolean value of Tensor with {count} is ambiguous; this one has shape {self._spec.shape}"
        ) from None


def formatted(self: Tensor, how: str) -> str:
    """A 0-d tensor as its number is.

    :raises TypeError: of another one, if ``how`` says anything.
    """
    if not self._spec.shape:
        return format(item(self), how)
    if how:
        raise TypeError(f"only a 0-d tensor is formatted as a number, by {how!r}; this one is {self._spec}")
    return text(self)


def length(self: Tensor) -> int:
    if not self._spec.shape:
        raise TypeError("len() of a 0-d tensor")
    return self._spec.shape[0]


def index(self: Tensor) -> int:
    value = item(self)
    if isinstance(value, (int, bool)):
        return int(value)
    raise TypeError(f"only integer tensors of a single element can be converted to an index, not {self._spec}")


def text(self: Tensor) -> str:
    """As PyTorch shows it."""
    backend = self._spec.backend
    parts = [backend.text(self._array)]
    if self._spec.dtype not in (backend.default_float, "int64", "bool"):
        parts.append(f"dtype=plugrad.{self._spec.dtype}")
    if self._spec.device != backend.default_device:
        parts.append(f"device={self._spec.device!r}")
    if len(BACKENDS) > 1 and backend.library.name != "numpy":
        parts.append(f"backend={backend.library.name!r}")
    if self._node is not None:
        node = self.grad_fn
        parts.append("requires_grad=True" if node is None else f"grad_fn=<{node.name()}>")
    return f"tensor({', '.join(parts)})"
