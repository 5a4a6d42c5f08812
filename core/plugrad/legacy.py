"""PyTorch's old constructors: ``Tensor(3, 5)`` and ``FloatTensor(3, 3)``, of a shape or of data."""

from __future__ import annotations

from .creation import empty, tensor
from .registry.tensor import Tensor as BareTensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _made(args: tuple[Any, ...], dtype: Any) -> BareTensor:
    if len(args) == 1 and not isinstance(args[0], int):
        return tensor(args[0], dtype=dtype)
    return empty(*args, dtype=dtype) if args else empty(0, dtype=dtype)


class _Callable(type):
    """Makes bare tensors of a call, and takes them for instances: for speed their own class has no constructor."""

    def __call__(cls, *args: Any) -> Any:
        return _made(args, None) if cls is Tensor else type.__call__(cls, *args)

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, BareTensor) if cls is Tensor else type.__instancecheck__(cls, instance)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, BareTensor) if cls is Tensor else type.__subclasscheck__(cls, subclass)


class Tensor(BareTensor, metaclass=_Callable):
    """An array of some backend, and the node of the graph that made it.

    ``Tensor(3, 5)`` is an uninitialised tensor of that shape, ``Tensor([1, 2])`` one with that data, as in PyTorch;
    ``plugrad.tensor`` is the better way.
    """

    __slots__ = ()
    __module__ = "plugrad"


def FloatTensor(*args: Any) -> BareTensor:
    """A float32 tensor of a shape or of data."""
    return _made(args, "float32")


def DoubleTensor(*args: Any) -> BareTensor:
    """A float64 tensor of a shape or of data."""
    return _made(args, "float64")


def LongTensor(*args: Any) -> BareTensor:
    """An int64 tensor of a shape or of data."""
    return _made(args, "int64")
