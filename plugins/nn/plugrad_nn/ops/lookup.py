"""Rows of a table by their numbers, and the reverse."""

from __future__ import annotations

from typing import Any

from plugrad.extend import Index, op, positions, shape_of
from plugrad.ops import astype, equal, expand_dims, reshape, scatter_add, take, where


def embedding_composite(indices: Any, weight: Any, padding_idx: int) -> Any:
    shape = shape_of(indices)
    return reshape(take(weight, reshape(indices, (-1,)), axis=0), (*shape, shape_of(weight)[1]))


def embedding_vjp(g: Any, indices: Any, weight_shape: tuple[int, ...], padding_idx: int | None) -> Any:
    if padding_idx is not None:
        g = where(equal(expand_dims(indices, -1), padding_idx), 0, g)
    return scatter_add(g, indices, shape=weight_shape, key=Index(0))


embedding: Any = op(
    "nn.embedding(indices~, weight, /, padding_idx)", linear=True, fresh=True, composite=embedding_composite,
    vjp={"weight": embedding_vjp},
)  # fmt: skip

one_hot: Any = op(
    "nn.one_hot(indices~, /, num_classes)",
    composite=lambda indices, num_classes: astype(
        equal(expand_dims(indices, -1), positions(num_classes, indices)), "int64"
    ),
)

OPS = (embedding, one_hot)
NUMPY = ("embedding", "one_hot")
CUPY: dict[str, str] = {}
