"""Floor 5: types for annotations, ``TensorLike`` first of all. The generated stubs are written in them."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias, TypeVar

from .registry.tensor import Tensor


class Array(Protocol):
    """An array of any library."""

    @property
    def shape(self) -> Any: ...

    @property
    def dtype(self) -> Any: ...


class NamedDType(Protocol):
    """A library's own dtype."""

    @property
    def name(self) -> str: ...


A = TypeVar("A", bound=Array)
"""What an op takes where no tensor is among its inputs, and returns."""

TensorLike: TypeAlias = Tensor | Array | complex
"""What an op takes beside a tensor: an array of the same backend, or a Python number."""

DTypeLike: TypeAlias = str | type[Any] | NamedDType
"""A neutral dtype, its name, a library's own dtype, or a Python type."""

Axes: TypeAlias = int | tuple[int, ...]

Shape: TypeAlias = tuple[int, ...]

__all__ = ["A", "Array", "Axes", "DTypeLike", "NamedDType", "Shape", "TensorLike"]
