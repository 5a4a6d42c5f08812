"""Attention: values, gradients and tangents as in PyTorch, on every backend."""

import math

import pytest

import plugrad
from nn.beside_torch import compare, drawn, needs_torch, raised
from plugrad_nn import functional as F
from values import assert_close

SHAPES = [  # query, key, value
    ((3, 2), (4, 2), (4, 3)),
    ((2, 3, 2), (2, 4, 2), (2, 4, 2)),
    ((2, 2, 3, 2), (2, 2, 3, 2), (2, 2, 3, 1)),
    ((2, 2, 3, 2), (2, 4, 2), (2, 4, 1)),
]


@needs_torch
@pytest.mark.parametrize("keywords", [{}, {"is_causal": True}, {"scale": 0.3}])
@pytest.mark.parametrize("shapes", SHAPES)
def test_values_and_derivatives_are_pytorchs(backend, shapes, keywords):
    inputs = [drawn(shape, i) for i, shape in enumerate(shapes)]
    compare(lambda F, q, k, v: F.scaled_dot_product_attention(q, k, v, **keywords), *inputs)


@needs_torch
@pytest.mark.parametrize("mask", [[[True, False, True, True]] * 3, [[False] * 4, [True] * 4, [True, False] * 2]])
@pytest.mark.parametrize("shapes", SHAPES[:2])
def test_a_mask_of_bools(backend, shapes, mask):
    """A query that may see no key gets zeros, and gives no gradient."""
    import torch

    def call(F, q, k, v):
        made = (plugrad if F.__name__.startswith("plugrad") else torch).tensor(mask)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=made)

    compare(call, *[drawn(shape, i) for i, shape in enumerate(shapes)])


@needs_torch
def test_a_mask_of_floats_is_added_and_gets_a_gradient(backend):
    inputs = [drawn(shape, i) for i, shape in enumerate((*SHAPES[1], (3, 4)))]
    compare(lambda F, q, k, v, mask: F.scaled_dot_product_attention(q, k, v, mask), *inputs)
    inputs = [drawn(shape, i) for i, shape in enumerate((*SHAPES[1], (2, 1, 4)))]
    compare(lambda F, q, k, v, mask: F.scaled_dot_product_attention(q, k, v, mask), *inputs)


def test_minus_infinities_alone_give_zeros(backend):
    q, k, v = (plugrad.tensor(drawn((2, 2), i), requires_grad=True) for i in range(3))
    mask = plugrad.tensor([[-math.inf, -math.inf], [0.0, -math.inf]])
    out = F.scaled_dot_product_attention(q, k, v, mask)
    assert_close(out.detach(), [[0.0, 0.0], v.tolist()[0]])
    out.sum().backward()
    assert_close(v.grad, [[1.0, 1.0], [0.0, 0.0]])
    assert_close(q.grad, [[0.0, 0.0], [0.0, 0.0]])


@needs_torch
def test_heads_of_the_query_share_those_of_key_and_value(backend):
    inputs = [drawn(shape, i) for i, shape in enumerate([(1, 4, 2, 2), (1, 2, 3, 2), (1, 2, 3, 1)])]
    compare(lambda F, q, k, v: F.scaled_dot_product_attention(q, k, v, enable_gqa=True), *inputs)


@pytest.mark.only("numpy", "strict", "cupy", "cupy-double")
def test_dropout_drops_weights(backend):
    plugrad.manual_seed(0)
    q, k, v = (plugrad.zeros(1, 1, 2), plugrad.zeros(1, 400, 2), plugrad.ones(1, 400, 2))
    assert_close(F.scaled_dot_product_attention(q, k, v, dropout_p=1.0), [[[0.0, 0.0]]])
    out = F.scaled_dot_product_attention(q, k, v, dropout_p=0.5).tolist()[0][0]
    assert out[0] == pytest.approx(1, abs=0.2)
    assert out[0] != pytest.approx(1, abs=1e-9)


@needs_torch
@pytest.mark.parametrize(
    "message, shapes, keywords",
    [
        ("at least 2 dimensional", ((2,), (2,), (2,)), {}),
        ("", ((3, 2), (4, 3), (4, 3)), {}),
        ("", ((3, 2), (4, 2), (5, 3)), {}),
        ("", ((4, 3, 2), (2, 4, 2), (2, 4, 3)), {}),
        ("must divide the number of heads in", ((1, 4, 3, 2), (1, 3, 4, 2), (1, 3, 4, 3)), {"enable_gqa": True}),
        ("dropout probability has to be between 0 and 1, but got 1.5", ((3, 2), (4, 2), (4, 3)), {"dropout_p": 1.5}),
    ],
)
def test_what_is_refused(backend, message, shapes, keywords):
    inputs = [drawn(shape, i) for i, shape in enumerate(shapes)]
    ours, theirs = raised(lambda F, q, k, v: F.scaled_dot_product_attention(q, k, v, **keywords), *inputs)
    assert message in ours
    assert message in theirs


def test_masks_that_are_refused(backend):
    q = plugrad.tensor(drawn((2, 2), 1))
    with pytest.raises(RuntimeError, match="Explicit attn_mask should not be set when is_causal=True"):
        F.scaled_dot_product_attention(q, q, q, plugrad.tensor([[True, True]]), is_causal=True)
    with pytest.raises(RuntimeError, match=r"Expected attn_mask dtype to be bool .* attn_mask\.dtype: int64"):
        F.scaled_dot_product_attention(q, q, q, plugrad.tensor([[1, 0]]))


@pytest.mark.only("numpy", "strict", "cupy", "cupy-double")
def test_dtypes_that_differ(backend):
    q, k = plugrad.zeros(2, 2), plugrad.zeros(2, 2, dtype="float32")
    with pytest.raises(RuntimeError, match=r"query\.dtype: float64 key\.dtype: float32"):
        F.scaled_dot_product_attention(q, k, q)
