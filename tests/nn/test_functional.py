"""plugrad_nn: values and derivatives as in PyTorch, on every backend, from one declaration."""

import importlib.util
import math

import pytest

import plugrad
import plugrad_nn.samples  # noqa: F401  fills the table
from plugrad.registry.op import OPS
from plugrad.testing import CannotHold, check_gradients, gradient_of, samples_of
from plugrad.testing.conformance import derivatives
from plugrad.testing.conformance.call import Call, NothingToCheck
from plugrad.testing.numerical import cotangent_for, tensors_of
from plugrad_nn import functional as F
from plugrad_nn import ops
from values import assert_close

HAS_TORCH = importlib.util.find_spec("torch") is not None
needs_torch = pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed")

LOGITS = [[2.0, -1.0, 0.5, -3.0], [0.25, 0.0, -0.75, 1.5]]
FAR = [[1000.0, -1000.0, 0.0, 1.0], [-800.0, 800.0, 799.0, 3.0]]

CALLS = {
    "relu": lambda F, x: F.relu(x),
    "sigmoid": lambda F, x: F.sigmoid(x),
    "softmax": lambda F, x: F.softmax(x, dim=-1),
    "softmax over the first axis": lambda F, x: F.softmax(x, 0),
    "log_softmax": lambda F, x: F.log_softmax(x, -1),
    "log_softmax over the first axis": lambda F, x: F.log_softmax(x, dim=0),
}


def leaf(data, **keywords):
    return plugrad.tensor(data, requires_grad=True, **keywords)


def called(name, x):
    return F.cross_entropy(x, plugrad.tensor([0, 1])) if name == "cross_entropy" else CALLS[name](F, x)


# -- derivatives: each op on its samples, first and second order, in float64 -----------------------------------

SMOOTH = [(f"nn.{name}", k) for name in ops.ALL for k, s in enumerate(samples_of(f"nn.{name}")) if s.smooth and s.size]


@pytest.mark.parametrize("name, number", SMOOTH)
def test_derivatives_of_both_orders(backend, name, number):
    sample = samples_of(name)[number]
    if "float64" not in sample.dtypes:
        pytest.skip("is about integers")
    if name == "nn.embedding" and backend.name == "tuples":
        pytest.skip("Python's tuples have no take and no scatter_add")
    call = Call(name, sample, "float64", backend)
    try:
        derivatives.vjp(call)
        derivatives.second_order(call)
    except (CannotHold, NothingToCheck) as reason:
        pytest.skip(str(reason))


def test_linear_has_derivatives_of_both_orders(backend):
    inputs = [leaf([[1.0, -2.0], [0.5, 3.0]]), leaf([[1.5, 0.5], [-1.0, 2.0], [0.25, 0.0]]), leaf([1.0, 2.0, 3.0])]
    check_gradients(F.linear, inputs, rtol=1e-6)
    check_gradients(gradient_of(F.linear, 3), [*inputs, cotangent_for(F.linear(*inputs), 1, True)], rtol=1e-6)


@pytest.mark.parametrize("name", [*CALLS, "cross_entropy"])
def test_an_op_is_one_node(backend, name):
    x = leaf(LOGITS)
    assert called(name, x).grad_fn.next_functions[0][0].variable is x


# -- kernels and composites agree: also where exponents and cotangents are infinite ----------------------------


@pytest.mark.parametrize("name", ops.ALL)
def test_numpys_kernels_do_what_the_composites_do(name):
    pytest.importorskip("numpy")
    op = OPS[f"nn.{name}"]
    for sample in samples_of(op.name):
        inputs = sample.arguments(sample.dtypes[0], "numpy")
        found = op.function(*inputs, **sample.parameters)
        parameters = [sample.parameters[p] for p in op.signature.parameters]
        wanted = op.composite(*inputs, *parameters)
        for a, b in zip(tensors_of(found), tensors_of(wanted), strict=True):
            assert (a.shape, a.dtype) == (b.shape, b.dtype)
            if a.size:
                assert_close(a, b, 1e-12)


def test_relus_gradient_selects(backend):
    x = leaf([-1.0, 0.0, 2.0, math.nan, -1.0, 3.0])
    F.relu(x).backward(plugrad.tensor([math.inf, math.nan, 2.0, 3.0, -math.inf, -math.inf]))
    assert_close(x.grad, [0.0, 0.0, 2.0, 3.0, 0.0, -math.inf])


def test_far_logits_neither_overflow_nor_vanish(backend):
    x = leaf(FAR)
    loss = F.cross_entropy(x, plugrad.tensor([1, 2]))
    assert_close(loss, (2000.0 + math.log(1 + math.e)) / 2)
    loss.backward()
    near = 1 / (1 + math.e)
    assert_close(x.grad, [[0.5, -0.5, 0.0, 0.0], [0.0, (1 - near) / 2, (near - 1) / 2, 0.0]])
    assert_close(F.sigmoid(plugrad.tensor([-1000.0, -40.0, 1000.0])), [0.0, math.exp(-40), 1.0], abs_=1e-30)


@needs_torch
@pytest.mark.parametrize("data", [LOGITS, FAR, [[math.nan, math.inf, 0.0, 1.0]], [[-math.inf, 0.0, 1.0, 2.0]]])
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_values_and_gradients_are_pytorchs(backend, name, data):
    import torch

    x, t = leaf(data), torch.tensor(data, dtype=torch.float64, requires_grad=True)
    out, expected = CALLS[name](F, x), CALLS[name](torch.nn.functional, t)
    assert_close(out, expected.tolist(), 1e-12, 1e-300)
    cotangent = [[float(i - j) for j in range(4)] for i in range(len(data))]
    out.backward(plugrad.tensor(cotangent))
    expected.backward(torch.tensor(cotangent, dtype=torch.float64))
    assert_close(x.grad, t.grad.tolist(), 1e-9)


@needs_torch
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("data, target", [(LOGITS, [3, 0]), (FAR, [1, 1]), (LOGITS[0], 2), ([[-math.inf, 0.0]], [1])])
def test_cross_entropy_is_pytorchs(backend, data, target, reduction):
    import torch

    x, t = leaf(data), torch.tensor(data, dtype=torch.float64, requires_grad=True)
    loss = F.cross_entropy(x, plugrad.tensor(target), reduction=reduction)
    expected = torch.nn.functional.cross_entropy(t, torch.tensor(target), reduction=reduction)
    assert_close(loss, expected.tolist())
    loss.sum().backward()
    expected.sum().backward()
    assert_close(x.grad, t.grad.tolist())


@needs_torch
@pytest.mark.parametrize("shape", [(2,), (3, 2), (2, 3, 2)])
@pytest.mark.parametrize("biased", [True, False])
def test_linear_is_pytorchs(backend, shape, biased):
    import torch

    x = torch.randn(shape, dtype=torch.float64)
    weight, bias = torch.randn(3, 2, dtype=torch.float64), torch.randn(3, dtype=torch.float64)
    theirs = [t.requires_grad_() for t in ([x, weight, bias] if biased else [x, weight])]
    ours = [leaf(t.tolist()) for t in theirs]
    out, expected = F.linear(*ours), torch.nn.functional.linear(*theirs)
    assert_close(out, expected.tolist())
    out.sum().backward()
    expected.sum().backward()
    for our, their in zip(ours, theirs, strict=True):
        assert_close(our.grad, their.grad.tolist())


@pytest.mark.only("numpy", "cupy")
def test_no_samples(backend):
    x, target = plugrad.zeros(0, 3, requires_grad=True), plugrad.zeros(0, dtype="int64")
    assert F.cross_entropy(x, target, reduction="sum").item() == 0
    loss = F.cross_entropy(x, target)
    assert math.isnan(loss.item())
    loss.backward()
    assert x.grad.shape == (0, 3)


# -- dtypes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", [*CALLS, "cross_entropy"])
def test_the_inputs_dtype_is_the_results_and_the_gradients(backend, name, dtype):
    try:
        x = leaf(LOGITS, dtype=dtype)
    except (TypeError, AttributeError, KeyError) as reason:
        pytest.skip(f"no {dtype} here: {reason}")
    out = called(name, x)
    assert out.dtype == dtype
    (g,) = plugrad.autograd.grad(out.sum(), x, create_graph=True)
    assert g.dtype == dtype
    out.sum().backward()
    assert x.grad.dtype == dtype


@pytest.mark.only("numpy", "strict", "cupy")
def test_softmax_converts_first(backend):
    x = leaf(LOGITS, dtype="float32")
    out = F.softmax(x, -1, dtype="float64")
    assert out.dtype == plugrad.float64
    assert F.log_softmax(x, -1, dtype=plugrad.float64).dtype == plugrad.float64
    out.sum().backward()
    assert x.grad.dtype == plugrad.float32


@pytest.mark.only("numpy")
def test_raw_arrays_give_raw_arrays(backend):
    import numpy as np

    x = np.asarray(LOGITS)
    assert type(F.relu(x)) is np.ndarray
    assert type(F.softmax(x, -1)) is np.ndarray
    assert F.cross_entropy(x, np.array([0, 1])).shape == ()
    assert F.linear(x, x, np.zeros(2)).shape == (2, 2)
    assert F.relu(np.array([-2, 3])).tolist() == [0, 3]


@pytest.mark.only("numpy", "cupy")
def test_a_single_number(backend):
    x = leaf(3.0)
    assert F.softmax(x, 0).item() == 1
    assert F.log_softmax(x, -1).item() == 0
    F.relu(F.sigmoid(x)).backward()
    assert x.grad.item() == pytest.approx(math.exp(-3) / (1 + math.exp(-3)) ** 2)


@pytest.mark.only("numpy")
def test_small_floats_keep_what_they_can_hold(backend):
    assert F.sigmoid(plugrad.tensor([-12.0], dtype="float16")).tolist()[0] == pytest.approx(6.14e-6, rel=0.01)


# -- refusals --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [F.softmax, F.log_softmax])
def test_dim_is_demanded(backend, function):
    with pytest.raises(ValueError, match=r"softmax: dim has to be given .*dim=-1 is the last axis.*\(2, 4\)"):
        function(plugrad.tensor(LOGITS))


@pytest.mark.parametrize(
    "target, keywords, error, message",
    [
        ([0, 1], {"reduction": "average"}, ValueError, "average is not a valid value for reduction: there are 'none'"),
        ([0, 1, 2], {}, ValueError, r"batch_size \(2\) to match target batch_size \(3\).*shape \(2, 4\).* of \(3,\)"),
        ([[0], [1]], {}, ValueError, r"Expected target size \[2\], got \[2, 1\]"),
        ([[0, 1, 2, 3], [3, 2, 1, 0]], {}, TypeError, "floating point type for target .* got int64; class indices"),
        ([0.0, 1.0], {}, TypeError, "expected target dtype to be an integer one, for class indices, but got float64"),
        ([0, 1], {"label_smoothing": 1.5}, RuntimeError, r"label_smoothing must be between 0.0 and 1.0. Got: 1.5"),
        (LOGITS, {"ignore_index": 1}, RuntimeError, "ignore_index is not supported for floating point target"),
    ],
)
def test_cross_entropy_refuses(backend, target, keywords, error, message):
    with pytest.raises(error, match=message):
        F.cross_entropy(plugrad.tensor(LOGITS), plugrad.tensor(target), **keywords)


@pytest.mark.parametrize("target", [[0, 4], [-1, 0]])
def test_a_target_that_is_no_class_is_never_silent(backend, target):
    x, target = leaf(LOGITS), plugrad.tensor(target)
    if backend.name == "numpy":
        with pytest.raises(IndexError, match=r"Target (4|-1) is out of bounds: there are 4 classes, from 0 to 3"):
            F.cross_entropy(x, target)
    else:
        assert math.isnan(F.cross_entropy(x, target).item())


@pytest.mark.only("numpy")
def test_relu_refuses_what_has_no_order(backend):
    with pytest.raises(TypeError, match="relu is for real numbers, not complex128"):
        F.relu(plugrad.tensor([1j]))
