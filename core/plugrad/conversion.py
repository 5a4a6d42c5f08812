"""Floor 4: from tensors to numbers, lists, NumPy's arrays and text, and other libraries' protocols."""

from __future__ import annotations

from .autograd.views import memory
from .errors import GraphError, ShapeError
from .registry.claims import BACKENDS, backend_named
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
    count = 1
    for extent in self._spec.shape:
        count *= extent
    if count != 1:
        raise ShapeError(
            f"a Tensor with {count} elements cannot be converted to Scalar: only one element tensors can, and this "
            f"one's shape is {self._spec.shape}"
        )
    value = self._spec.backend.tolist(self._array)
    while isinstance(value, list):
        (value,) = value
    return value


def tolist(self: Tensor) -> Any:
    """Nested lists of Python numbers; a number for 0-d."""
    return self._spec.backend.tolist(self._array)


def numpy(self: Tensor) -> Any:
    """A NumPy array; of NumPy's backend it shares memory.

    :raises GraphError: if the tensor requires grad, which NumPy would lose.
    """
    if self._node is not None:
        raise GraphError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    target = backend_named("numpy")
    if self._spec.backend is target:
        return array(self)
    return target.asarray(tolist(self), target.native(self._spec.dtype))


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


def exported(self: Tensor) -> Any:
    """The array, for another library to take by DLPack.

    :raises BufferError: if the tensor requires grad, which the other library would lose.
    """
    if self._node is not None:
        raise BufferError("Can't export tensors that require gradient, use tensor.detach()")
    return array(self)


def boolean(self: Tensor) -> bool:
    try:
        return bool(item(self))
    except ShapeError:
        raise ShapeError(
            f"Boolean value of Tensor with more than one value is ambiguous; this one has shape {self._spec.shape}"
        ) from None


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
    if len(BACKENDS) > 1 and backend.name != "numpy":
        parts.append(f"backend={backend.name!r}")
    if self._node is not None:
        node = self.grad_fn
        parts.append("requires_grad=True" if node is None else f"grad_fn=<{node.name()}>")
    return f"tensor({', '.join(parts)})"
