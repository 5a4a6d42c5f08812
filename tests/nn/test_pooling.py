"""Pooling: values, gradients and tangents as in PyTorch, on every backend."""

import math

import pytest

import plugrad
from nn.beside_torch import compare, drawn, needs_torch, raised
from plugrad_nn import functional as F
from values import assert_close

MAXIMA = [  # function, input, arguments
    ("max_pool1d", (2, 3, 6), (2,), {}),
    ("max_pool1d", (3, 7), (3,), {"stride": 2, "padding": 1, "ceil_mode": True}),
    ("max_pool1d", (1, 1, 7), (3,), {"stride": 1, "dilation": 2}),
    ("max_pool1d", (1, 2, 6), (2, 3), {"ceil_mode": True}),
    ("max_pool2d", (2, 2, 4, 5), (2,), {}),
    ("max_pool2d", (2, 5, 6), ((2, 3), (1, 2)), {"padding": (1, 0)}),
    ("max_pool2d", (1, 2, 5, 5), (3, 2), {"padding": 1, "ceil_mode": True}),
    ("max_pool2d", (1, 1, 6, 6), (2, [3], 1, 2), {"ceil_mode": True}),
    ("max_pool3d", (1, 2, 3, 4, 3), (2,), {"stride": (1, 2, 1)}),
    ("max_pool3d", (2, 3, 3, 3), ((1, 2, 3),), {"padding": (0, 1, 1), "ceil_mode": True}),
]
MEANS = [
    ("avg_pool1d", (2, 3, 6), (2,), {}),
    ("avg_pool1d", (3, 7), (3, 2, 1, True), {}),
    ("avg_pool1d", (3, 7), (3, 2, 1, True, False), {}),
    ("avg_pool2d", (2, 2, 4, 5), (2,), {}),
    ("avg_pool2d", (2, 5, 6), ((2, 3), (1, 2)), {"padding": (1, 0), "count_include_pad": False}),
    ("avg_pool2d", (1, 2, 5, 5), (3, 2), {"padding": 1, "ceil_mode": True}),
    ("avg_pool2d", (1, 2, 6, 5), (3, 2), {"padding": 1, "ceil_mode": True, "count_include_pad": False}),
    ("avg_pool2d", (1, 2, 5, 5), (3, 2), {"padding": 1, "divisor_override": 4}),
    ("avg_pool3d", (1, 2, 3, 4, 3), (2,), {"stride": (1, 2, 1)}),
    ("avg_pool3d", (2, 3, 4, 3), ((1, 2, 2),), {"padding": (0, 1, 1), "ceil_mode": True}),
    ("avg_pool3d", (1, 3, 3, 3), (2,), {"divisor_override": 3}),
    ("adaptive_avg_pool1d", (2, 3, 7), (3,), {}),
    ("adaptive_avg_pool1d", (3, 6), (2,), {}),
    ("adaptive_avg_pool2d", (1, 2, 5, 4), (1,), {}),
    ("adaptive_avg_pool2d", (2, 5, 4), ((2, None),), {}),
    ("adaptive_avg_pool2d", (1, 2, 4, 6), ((2, 3),), {}),
    ("adaptive_avg_pool2d", (1, 1, 3, 4), ((5, 4),), {}),
    ("adaptive_avg_pool3d", (1, 2, 3, 4, 2), ((2, 2, 1),), {}),
]


@needs_torch
@pytest.mark.parametrize("name, shape, arguments, keywords", MAXIMA + MEANS)
def test_values_and_derivatives_are_pytorchs(backend, name, shape, arguments, keywords):
    compare(lambda F, x: getattr(F, name)(x, *arguments, **keywords), drawn(shape, 1))


@needs_torch
@pytest.mark.parametrize("name, shape, arguments, keywords", MAXIMA)
def test_positions_are_pytorchs(backend, name, shape, arguments, keywords):
    import torch

    data = drawn(shape, 2)
    out, indices = getattr(F, name)(plugrad.tensor(data), *arguments, **keywords, return_indices=True)
    x = torch.tensor(data, dtype=torch.float64)
    expected, wanted = getattr(torch.nn.functional, name)(x, *arguments, **keywords, return_indices=True)
    assert_close(out, expected.tolist())
    assert indices.tolist() == wanted.tolist()
    assert indices.dtype == plugrad.int64
    assert not indices.requires_grad


INF = math.inf
TIES = {
    "equal": [[1.0, 1.0, 1.0, 0.0, 0.0]],
    "minus infinity alone": [[-INF, -INF, -INF, -INF, -INF]],
    "infinities": [[INF, -INF, INF, INF, 1.0]],
}


@needs_torch
@pytest.mark.parametrize("keywords", [{}, {"padding": 1}, {"ceil_mode": True}])
@pytest.mark.parametrize("data", TIES.values(), ids=TIES)
def test_the_gradient_goes_to_the_first_of_the_largest(backend, data, keywords):
    import torch

    x, t = plugrad.tensor(data, requires_grad=True), torch.tensor(data, dtype=torch.float64, requires_grad=True)
    out, expected = F.max_pool1d(x, 3, 2, **keywords), torch.nn.functional.max_pool1d(t, 3, 2, **keywords)
    assert_close(out, expected.tolist())
    out.sum().backward()
    expected.sum().backward()
    assert_close(x.grad, t.grad.tolist())


@needs_torch
@pytest.mark.only("numpy", "strict", "cupy", "cupy-double")
@pytest.mark.parametrize("data", [[[1.0, math.nan, 3.0, 4.0]], [[math.nan, 1.0, math.nan, math.nan]]])
def test_nan_is_the_largest(backend, data):
    import torch

    data = [data]
    x, t = plugrad.tensor(data, requires_grad=True), torch.tensor(data, dtype=torch.float64, requires_grad=True)
    out, expected = F.max_pool2d(x, (1, 2), 1), torch.nn.functional.max_pool2d(t, (1, 2), 1)
    assert_close(out, expected.tolist())
    out.sum().backward()
    expected.sum().backward()
    assert_close(x.grad, t.grad.tolist())


@needs_torch
def test_integers_are_pooled(backend):
    import torch

    data = [[[3, -1, 2], [5, 0, -7], [-4, -4, -9]]]
    out = F.max_pool2d(plugrad.tensor(data), 2, padding=1)
    assert out.dtype == plugrad.int64
    assert out.tolist() == torch.nn.functional.max_pool2d(torch.tensor(data), 2, padding=1).tolist()


@pytest.mark.only("numpy", "strict", "cupy", "cupy-double")
@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d", "adaptive_avg_pool2d"])
def test_single_precision_and_no_samples(backend, name):
    x = plugrad.tensor(drawn((1, 2, 5, 5), 1), dtype="float32", requires_grad=True)
    keywords = {} if name.startswith("adaptive") else {"padding": 1, "ceil_mode": True, "stride": 2}
    out = getattr(F, name)(x, 3, **keywords)
    out.sum().backward()
    assert (out.dtype, x.grad.dtype) == ("float32", "float32")
    empty = plugrad.zeros(0, 2, 5, 5, requires_grad=True)
    out = getattr(F, name)(empty, 3, **keywords)
    out.sum().backward()
    assert (out.shape, empty.grad.shape) == ((0, 2, 3, 3), (0, 2, 5, 5))


def test_the_second_derivative_is_zero(backend):
    x = plugrad.tensor(drawn((1, 1, 4), 1), requires_grad=True)
    (g,) = plugrad.autograd.grad((F.max_pool1d(x, 2) ** 2).sum(), x, create_graph=True)
    (h,) = plugrad.autograd.grad(g.sum(), x)
    assert_close(h, [[[2.0 * (v != 0) for v in g.detach().tolist()[0][0]]]])


REFUSED = [  # what both messages say, the function, the input's shape, the arguments
    ("at most half of", "max_pool2d", (1, 2, 5, 5), {"kernel_size": 2, "padding": 2}),
    ("at most half of", "avg_pool1d", (1, 2, 5), {"kernel_size": 2, "padding": 2}),
    ("kernel_size must", "max_pool2d", (1, 2, 5, 5), {"kernel_size": (2, 2, 2)}),
    ("tensor", "max_pool2d", (5, 5), {"kernel_size": 2}),
    ("Output size is too small", "max_pool2d", (1, 2, 5, 5), {"kernel_size": 6}),
    ("Output size is too small", "avg_pool2d", (1, 2, 5, 5), {"kernel_size": 6}),
    ("stride", "max_pool2d", (1, 2, 5, 5), {"kernel_size": 2, "stride": 0}),
    ("dilation should be greater than zero", "max_pool2d", (1, 2, 5, 5), {"kernel_size": 2, "dilation": 0}),
    ("must be non-negative", "max_pool2d", (1, 2, 5, 5), {"kernel_size": 2, "padding": -1}),
    ("divisor must be not zero", "avg_pool2d", (1, 2, 5, 5), {"kernel_size": 2, "divisor_override": 0}),
    ("adaptive_avg_pool2d", "adaptive_avg_pool2d", (5, 5), {"output_size": 2}),
    ("must be greater than or equal to 0", "adaptive_avg_pool2d", (1, 2, 5, 5), {"output_size": -1}),
    ("output_size must be 2", "adaptive_avg_pool2d", (1, 2, 5, 5), {"output_size": (1, 2, 3)}),
]


@needs_torch
@pytest.mark.parametrize("message, name, shape, keywords", REFUSED)
def test_what_is_refused(backend, message, name, shape, keywords):
    ours, theirs = raised(lambda F, x: getattr(F, name)(x, **keywords), drawn(shape, 1))
    assert ours.startswith(f"{name}: ")
    assert message in ours
    assert message in theirs
