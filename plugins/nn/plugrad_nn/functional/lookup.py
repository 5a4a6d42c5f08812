"""Rows of a table by their numbers, and the reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plugrad
from plugrad.extend import DTypeError, ShapeError, dtype_of, shape_of
from plugrad.ops import astype

from ..ops import lookup as ops

if TYPE_CHECKING:
    from plugrad import Tensor


def embedding(input: Tensor, weight: Tensor, padding_idx: int | None = None) -> Tensor:
    """``weight[input]``: a row of the table for each index.

    :param input: indices, integers of any shape.
    :param weight: the table, of shape (rows, dim).
    :param padding_idx: the row that gets no gradient; from the end if negative.
    :returns: of shape (\\*input.shape, dim).
    :raises RuntimeError: if the indices are no integers, or the table is not 2-D.
    :raises AssertionError: if there is no row ``padding_idx``.
    :raises IndexError: if there is no row of an index; on a backend without a kernel of its own, what that does.

    >>> table = plugrad.tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> F.embedding(plugrad.tensor([1, 1, 0]), table).tolist()
    [[3.0, 4.0], [3.0, 4.0], [1.0, 2.0]]
    """
    dtype, shape = dtype_of(input), shape_of(weight)
    if "integer" not in dtype.kind:
        raise DTypeError(f"embedding: the indices are to be integers, and are of {dtype}")
    if len(shape) != 2:
        raise ShapeError(f"'weight' must be 2-D: of shape (rows, dim), and not {shape}")
    if padding_idx is not None:
        if not -shape[0] <= padding_idx < shape[0]:
            raise AssertionError(
                f"Padding_idx must be within num_embeddings: it is {padding_idx}, and there are {shape[0]} rows"
            )
        padding_idx %= shape[0]
    return ops.embedding(input, weight, padding_idx)  # type: ignore[no-any-return]


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """1 at each class's index and 0 elsewhere: int64, of shape (\\*tensor.shape, num_classes).

    :param tensor: classes, integers from 0 to ``num_classes - 1``.
    :param num_classes: -1: one more than the greatest class, for which the values are read, on a GPU too.
    :raises RuntimeError: if the classes are no integers, if their number is to be found in an empty tensor, or if a
        class is out of range; the last is seen on NumPy alone, and elsewhere gives zeros.

    >>> F.one_hot(plugrad.tensor([0, 2]), num_classes=3).tolist()
    [[1, 0, 0], [0, 0, 1]]
    """
    if "integer" not in dtype_of(tensor).kind:
        raise DTypeError(
            f"one_hot is only applicable to index tensor of an integer dtype, and this one is of {dtype_of(tensor)}"
        )
    if 0 in shape_of(tensor) and num_classes <= 0:
        raise RuntimeError("Can not infer total number of classes from empty tensor; give num_classes")
    if num_classes == -1:
        num_classes = int(plugrad.max(tensor)) + 1
    if num_classes < 1:
        raise RuntimeError(f"Class values must be smaller than num_classes, and that is {num_classes}.")
    if dtype_of(tensor).kind == "unsigned integer":
        tensor = astype(tensor, "int64")
    return ops.one_hot(tensor, num_classes)  # type: ignore[no-any-return]
