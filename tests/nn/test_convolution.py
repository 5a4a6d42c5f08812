"""Convolution: values, gradients and tangents as in PyTorch, on every backend; nothing but input and weight is kept."""

import pytest

import plugrad
from nn.beside_torch import compare, drawn, needs_torch, raised
from plugrad_nn import functional as F
from values import assert_close

pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")  # PyTorch's

GRID = [  # function, input, weight, arguments
    ("conv1d", (2, 3, 6), (4, 3, 3), {}),
    ("conv1d", (3, 6), (4, 3, 3), {"stride": 2, "padding": 1}),
    ("conv1d", (2, 4, 7), (4, 2, 2), {"groups": 2, "dilation": 3}),
    ("conv1d", (1, 2, 5), (2, 2, 2), {"padding": "same"}),
    ("conv1d", (1, 2, 5), (2, 2, 4), {"padding": "same", "dilation": 2}),
    ("conv1d", (1, 2, 5), (2, 2, 3), {"padding": "valid", "stride": [2]}),
    ("conv1d", (0, 2, 5), (2, 2, 3), {}),
    ("conv1d", (2, 3, 4), (6, 1, 3), {"groups": 3, "padding": (3,)}),
    ("conv2d", (2, 2, 4, 5), (3, 2, 2, 3), {}),
    ("conv2d", (4, 4, 5), (4, 1, 3, 1), {"groups": 4, "stride": (2, 1), "padding": (1, 0)}),
    ("conv2d", (1, 2, 6, 5), (2, 2, 2, 2), {"dilation": (3, 2), "stride": 2, "padding": (2, 3)}),
    ("conv2d", (1, 2, 3, 4), (2, 2, 2, 3), {"padding": "same", "dilation": (1, 2)}),
    ("conv2d", (2, 3, 3, 3), (2, 3, 1, 1), {}),
    ("conv2d", (2, 2, 5, 5), (2, 2, 1, 1), {"stride": 2}),
    ("conv2d", (1, 1, 2, 2), (1, 1, 3, 3), {"padding": 1}),
    ("conv3d", (1, 2, 3, 3, 3), (2, 2, 2, 2, 2), {"stride": (1, 2, 1), "padding": (0, 1, 0)}),
    ("conv3d", (2, 2, 2, 3), (2, 1, 1, 2, 2), {"groups": 2}),
    ("conv3d", (1, 1, 2, 2, 3), (1, 1, 2, 1, 2), {"padding": "same"}),
]


@needs_torch
@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.parametrize("name, shape, weight, keywords", GRID)
def test_values_and_derivatives_are_pytorchs(backend, name, shape, weight, keywords, biased):
    if 0 in shape and backend.name == "tuples":
        pytest.skip("nested tuples have no such shape")
    inputs = drawn(shape, 1), drawn(weight, 2), drawn(weight[:1], 3) if biased else None
    if 0 in shape:
        inputs = (*inputs[:2], None)
        empty_batch(name, shape, inputs[1], keywords)
    else:
        compare(lambda F, x, w, b: getattr(F, name)(x, w, b, **keywords), *inputs)


def empty_batch(name, shape, weight, keywords):
    x, w = plugrad.zeros(shape, requires_grad=True), plugrad.tensor(weight, requires_grad=True)
    out = getattr(F, name)(x, w, **keywords)
    out.sum().backward()
    assert (out.shape, x.grad.shape) == ((0, 2, 3), shape)
    assert_close(w.grad, [[[0.0] * 3] * 2] * 2)


@needs_torch
def test_complex_numbers_are_pytorchs(backend):
    x = [[[1 + 2j, -0.5j, 2.0 + 0j, 1 - 1j]]]
    compare(lambda F, x, w, b: F.conv1d(x, w, b, padding=1), x, [[[0.5 + 1j, 2 - 1j]], [[1j, -1 + 0j]]], [1j, 2 + 1j])


def test_one_node_that_keeps_input_and_weight_alone(backend):
    x, w = plugrad.tensor(drawn((1, 2, 3, 3), 1), requires_grad=True), plugrad.tensor(drawn((2, 2, 2, 2), 2))
    out = F.conv2d(x, w.requires_grad_(), plugrad.tensor([1.0, 2.0], requires_grad=True))
    assert type(out.grad_fn).__name__ == "Node" or out.grad_fn.name() == "ConvolutionBackward0"
    sizes = []
    with plugrad.autograd.graph.saved_tensors_hooks(lambda t: sizes.append(t.shape) or t, lambda t: t):
        F.conv2d(x, w)
    assert sorted(sizes) == [(1, 2, 3, 3), (2, 2, 2, 2)]


@pytest.mark.only("numpy")
@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_lower_precisions(backend, dtype):
    x = plugrad.tensor(drawn((3, 2, 9, 9), 1), dtype=dtype, requires_grad=True)
    w = plugrad.tensor(drawn((4, 2, 3, 3), 2), dtype=dtype, requires_grad=True)
    out = F.conv2d(x, w, plugrad.zeros(4, dtype=dtype), padding=1)
    out.sum().backward()
    assert (out.dtype, x.grad.dtype, w.grad.dtype) == (dtype,) * 3
    wanted = F.conv2d(x.detach().astype("float64"), w.detach().astype("float64"), padding=1)
    assert_close(out.detach().astype("float64"), wanted, 1e-2, 2e-2)


@pytest.mark.only("numpy")
def test_many_samples_of_few_windows_are_taken_together(backend):
    """More than one batch of columns, the last of them not full."""
    x = plugrad.tensor(drawn((40, 1, 6), 1), requires_grad=True)
    w = plugrad.tensor(drawn((2, 1, 3), 2), requires_grad=True)
    out = F.conv1d(plugrad.concat([x] * 4), w)
    out.sum().backward()
    alone = F.conv1d(x[3:4].detach(), w.detach())
    assert_close(out[123:124].detach(), alone)
    assert_close(x.grad[0, 0], [4 * v for v in stepped(w)])


def stepped(w):
    """How often each element of 6 meets each of a weight's three, summed over the two weights."""
    totals = [sum(w.detach().tolist()[k][0][i] for k in range(2)) for i in range(3)]
    return [sum(totals[i] for i in range(3) if 0 <= place - i < 4) for place in range(6)]


def test_raw_arrays_give_raw_arrays(backend):
    x, w = plugrad.tensor(drawn((1, 1, 3), 1)).array, plugrad.tensor(drawn((1, 1, 2), 2)).array
    assert backend.shape(F.conv1d(x, w)) == (1, 1, 2)


REFUSED = {
    "to have 2 channels, but got 3 channels": ((1, 3, 5, 5), (4, 2, 3, 3), None, {}),
    "expected bias to be 1-dimensional with 4 elements, but got bias of size [3]": (
        (1, 3, 5, 5), (4, 3, 3, 3), (3,), {},
    ),
    "Calculated padded input size per channel: (2 x 2). Kernel size: (3 x 3)": ((1, 3, 2, 2), (4, 3, 3, 3), None, {}),
    "expected input[1, 3, 5, 5] to have 6 channels": ((1, 3, 5, 5), (4, 3, 3, 3), None, {"groups": 2}),
    "expected weight to be divisible by 2 at dimension 0": ((1, 4, 5, 5), (3, 2, 3, 3), None, {"groups": 2}),
    "non-positive groups is not supported": ((1, 4, 5, 5), (4, 4, 3, 3), None, {"groups": 0}),
    "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [5, 5]": (
        (5, 5), (4, 4, 3, 3), None, {},
    ),
    "negative padding is not supported": ((1, 4, 5, 5), (4, 4, 3, 3), None, {"padding": -1}),
    "padding='same' is not supported for strided convolutions": (
        (1, 4, 5, 5), (4, 4, 3, 3), None, {"padding": "same", "stride": 2},
    ),
    "Invalid padding string: 'bad'": ((1, 4, 5, 5), (4, 4, 3, 3), None, {"padding": "bad"}),
}  # fmt: skip


@needs_torch
@pytest.mark.parametrize("message", REFUSED)
def test_what_is_refused_is_refused_in_pytorchs_words(backend, message):
    shape, weight, bias, keywords = REFUSED[message]
    inputs = drawn(shape, 1), drawn(weight, 2), None if bias is None else drawn(bias, 3)
    ours, theirs = raised(lambda F, x, w, b: F.conv2d(x, w, b, **keywords), *inputs)
    assert message in ours
    assert message in theirs


@needs_torch
@pytest.mark.parametrize(
    "keywords", [{"stride": 0}, {"stride": (1, 1, 1)}, {"dilation": 0}, {"dilation": (1, 2, 3)}, {"padding": (1, 2, 3)}]
)
def test_what_else_is_refused(backend, keywords):
    ours, _ = raised(lambda F, x, w: F.conv2d(x, w, **keywords), drawn((1, 2, 5, 5), 1), drawn((2, 2, 3, 3), 2))
    assert ours.startswith("conv2d: ")
    assert next(iter(keywords)) in ours


@pytest.mark.only("numpy", "strict", "cupy", "cupy-double")
def test_dtypes_that_differ(backend):
    x, w = plugrad.tensor(drawn((1, 2, 5), 1)), plugrad.tensor(drawn((2, 2, 3), 2), dtype="float32")
    with pytest.raises(RuntimeError, match=r"Input type \(float64\) and weight type \(float32\) should be the same"):
        F.conv1d(x, w)
