"""Attention."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from plugrad.extend import DTypeError, ShapeError, dtype_of, shape_of
from plugrad.ops import (
    add,
    any,
    broadcast_to,
    expand_dims,
    getitem,
    matmul,
    matrix_transpose,
    multiply,
    not_equal,
    reshape,
    tril,
    where,
    zeros_of,
)

from .activations import softmax
from .regularization import dropout

if TYPE_CHECKING:
    from typing import Any

    from plugrad import Tensor


def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None, dropout_p: float = 0.0,
    is_causal: bool = False, scale: float | None = None, enable_gqa: bool = False,
) -> Tensor:  # fmt: skip
    """``softmax(query @ key.mT * scale + attn_mask) @ value``.

    :param query: of shape (..., L, E); leading axes broadcast.
    :param key: of shape (..., S, E).
    :param value: of shape (..., S, V).
    :param attn_mask: broadcastable to (..., L, S): True where a key takes part, or floats that are added. A query for
        which no key takes part gives zeros.
    :param dropout_p: the probability with which a weight is dropped. It is not 0 only if it is set, also in evaluation.
    :param is_causal: whether query i sees keys 0 to i alone; there must be no mask then.
    :param scale: 1 / sqrt(E) if it is not given.
    :param enable_gqa: whether heads, axis -3, of key and value may be fewer than the query's, neighbouring heads of
        which then share one.
    :returns: of shape (..., L, V).
    :raises ShapeError: if shapes do not fit each other.
    :raises DTypeError: if dtypes differ, or the mask's is neither bool nor the query's.
    :raises RuntimeError: if ``dropout_p`` is not from 0 to 1, or both a mask and ``is_causal`` are given.
    """
    name = "scaled_dot_product_attention"
    if not 0 <= dropout_p <= 1:
        raise RuntimeError(f"{name}: dropout probability has to be between 0 and 1, but got {dropout_p}")
    _check(name, query, key, value, attn_mask, is_causal)
    if enable_gqa:
        key, value = _shared_heads(name, query, key), _shared_heads(name, query, value)
    if scale is None:
        scale = 1 / math.sqrt(shape_of(query)[-1])
    scores: Any = matmul(multiply(query, scale), matrix_transpose(key))
    attended: Any = None
    if is_causal:
        one = getitem(scores, (0,) * (len(shape_of(scores)) - 2))
        scores = where(not_equal(tril(zeros_of(one) + 1), 0), scores, float("-inf"))
    elif attn_mask is not None and str(dtype_of(attn_mask)) == "bool":
        attended = any(attn_mask, axis=-1, keepdims=True)
        scores = where(attn_mask, scores, float("-inf"))
    elif attn_mask is not None:
        attended = any(not_equal(attn_mask, float("-inf")), axis=-1, keepdims=True)
        scores = add(scores, attn_mask)
    if attended is not None:
        scores = where(attended, scores, 0)  # the softmax of minus infinities alone is nan
    weights: Any = softmax(scores, -1)
    if attended is not None:
        weights = where(attended, weights, 0)
    weights = dropout(weights, dropout_p)
    return matmul(weights, value)  # type: ignore[no-any-return]


def _check(name: str, query: Any, key: Any, value: Any, mask: Any, is_causal: bool) -> None:
    shapes, dtypes = [shape_of(x) for x in (query, key, value)], [dtype_of(x) for x in (query, key, value)]
    if min(map(len, shapes)) < 2:
        raise ShapeError(
            f"{name}: Expected query, key, and value to all be at least 2 dimensional, but got query.dim: "
            f"{len(shapes[0])} key.dim: {len(shapes[1])} and value.dim: {len(shapes[2])} instead"
        )
    if dtypes[1:] != dtypes[:1] * 2:
        raise DTypeError(
            f"{name}: Expected query, key, and value to have the same dtype, but got query.dtype: {dtypes[0]} "
            f"key.dtype: {dtypes[1]} and value.dtype: {dtypes[2]} instead"
        )
    if shapes[0][-1] != shapes[1][-1] or shapes[1][-2] != shapes[2][-2]:
        raise ShapeError(
            f"{name}: expected query (..., L, E), key (..., S, E) and value (..., S, V), but got {shapes[0]}, "
            f"{shapes[1]} and {shapes[2]}"
        )
    if mask is None:
        return
    if is_causal:
        raise RuntimeError(f"{name}: Explicit attn_mask should not be set when is_causal=True")
    if str(dtype_of(mask)) != "bool" and dtype_of(mask) != dtypes[0]:
        raise DTypeError(
            f"{name}: Expected attn_mask dtype to be bool or to match query dtype, but got attn_mask.dtype: "
            f"{dtype_of(mask)} and query.dtype: {dtypes[0]} instead"
        )


def _shared_heads(name: str, query: Any, shared: Any) -> Any:
    """Each head as often as heads of the query share it, side by side."""
    shape, wanted = shape_of(shared), shape_of(query)
    if len(shape) < 3 or len(wanted) < 3 or wanted[-3] % shape[-3]:
        raise ShapeError(
            f"{name}: Number of heads in key and value must divide the number of heads in query, but they are "
            f"{shape} and {wanted}"
        )
    times = wanted[-3] // shape[-3]
    spread = broadcast_to(expand_dims(shared, -3), (*shape[:-2], times, *shape[-2:]))
    return reshape(spread, (*shape[:-3], wanted[-3], *shape[-2:]))
