"""Rows of a table by their numbers, checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from .reductions import greatest


def embedding(indices: Any, weight: Any, padding_idx: int | None) -> Any:
    if indices.size and greatest(indices.astype(np.uintp), None) >= weight.shape[0]:
        raise IndexError(f"index out of range in self: the weight has rows 0 to {weight.shape[0] - 1}")
    return weight.take(indices, 0)


def one_hot(indices: Any, num_classes: int) -> Any:
    if indices.size and indices.min() < 0:
        raise RuntimeError(f"Class values must be non-negative, and there is {indices.min()}.")
    if indices.size and indices.max() >= num_classes:
        raise RuntimeError(f"Class values must be smaller than num_classes: {indices.max()}, of {num_classes}.")
    return (indices[..., None] == np.arange(num_classes)).astype(np.int64)
