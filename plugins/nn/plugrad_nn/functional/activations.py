"""Activations, softmax among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugrad.extend import shape_of
from plugrad.ops import astype

from ..ops import activations as ops

if TYPE_CHECKING:
    from typing import Any

    from plugrad import Tensor


def relu(input: Tensor) -> Tensor:
    """``max(input, 0)``, of the input's shape. The derivative at 0 is 0."""
    return ops.relu(input)  # type: ignore[no-any-return]


def sigmoid(input: Tensor) -> Tensor:
    """``1 / (1 + exp(-input))``, of the input's shape and without overflow."""
    return ops.sigmoid(input)  # type: ignore[no-any-return]


def softmax(input: Tensor, dim: int | None = None, *, dtype: Any = None) -> Tensor:
    """``exp(input) / sum(exp(input))`` along ``dim``, of the input's shape and without overflow.

    :param dim: the axis whose elements sum to 1. It has to be given.
    :param dtype: the input is converted to it first.
    :raises ValueError: if ``dim`` is not given.
    """
    return ops.softmax(*_prepared("softmax", input, dim, dtype))  # type: ignore[no-any-return]


def log_softmax(input: Tensor, dim: int | None = None, *, dtype: Any = None) -> Tensor:
    """``log(softmax(input, dim))``, more exact than that, of the input's shape.

    :param dim: the axis along which. It has to be given.
    :param dtype: the input is converted to it first.
    :raises ValueError: if ``dim`` is not given.
    """
    return ops.log_softmax(*_prepared("log_softmax", input, dim, dtype))  # type: ignore[no-any-return]


def _prepared(name: str, input: Tensor, dim: int | None, dtype: Any) -> tuple[Tensor, int]:
    if dim is None:
        raise ValueError(
            f"{name}: dim has to be given (PyTorch's implicit choice is deprecated); dim=-1 is the last axis of "
            f"an input of shape {shape_of(input)}"
        )
    return (input if dtype is None else astype(input, dtype)), dim
