"""Normalisation: values, gradients, tangents and running statistics as in PyTorch, on every backend."""

import pytest

import plugrad
from nn.beside_torch import compare, drawn, needs_torch, raised
from plugrad_nn import functional as F
from values import assert_close

SHAPES = [(4, 3), (2, 3, 4), (2, 3, 2, 2)]
AFFINE = [(True, True), (False, True), (True, False), (False, False)]


def given(shape, flags, seed=1):
    return [drawn(shape, seed + i) if flag else None for i, flag in enumerate(flags)]


@needs_torch
@pytest.mark.parametrize("affine", AFFINE)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_is_pytorchs(backend, shape, affine, training):
    import torch

    mean, var = [0.5, -1.0, 0.0], [1.5, 0.5, 2.0]

    def call(F, x, w, b):
        make = plugrad.tensor if F.__name__.startswith("plugrad") else torch.DoubleTensor
        return F.batch_norm(x, make(mean), make(var), w, b, training=training, eps=1e-3)

    compare(call, drawn(shape, 1), *given((3,), affine, 2))


@needs_torch
@pytest.mark.parametrize("name, flag", [("batch_norm", "training"), ("instance_norm", "use_input_stats")])
def test_running_statistics_are_moved_as_pytorchs(backend, name, flag):
    import torch

    ours = [plugrad.tensor([0.5, -1.0, 0.0]), plugrad.tensor([1.5, 0.5, 2.0])]
    theirs = [torch.tensor(t.tolist(), dtype=torch.float64) for t in ours]
    for seed, momentum in ((1, 0.1), (2, 0.75)):
        data = drawn((2, 3, 4), seed)
        getattr(F, name)(plugrad.tensor(data, requires_grad=True), *ours, **{flag: True}, momentum=momentum)
        x = torch.tensor(data, dtype=torch.float64)
        getattr(torch.nn.functional, name)(x, *theirs, **{flag: True}, momentum=momentum)
    for our, their in zip(ours, theirs, strict=True):
        assert_close(our, their.tolist())
        assert our.is_leaf
        assert not our.requires_grad
    before = [t.tolist() for t in ours]
    getattr(F, name)(plugrad.tensor(drawn((2, 3, 4), 3)), *ours, **{flag: False})
    assert [t.tolist() for t in ours] == before


@needs_torch
def test_no_gradient_reaches_running_statistics(backend):
    mean, var = plugrad.zeros(3, requires_grad=True), plugrad.ones(3, requires_grad=True)
    x = plugrad.tensor(drawn((2, 3), 1), requires_grad=True)
    F.batch_norm(x, mean, var).sum().backward()
    assert mean.grad is None
    assert var.grad is None
    assert x.grad is not None


@needs_torch
@pytest.mark.parametrize("affine", AFFINE)
@pytest.mark.parametrize("shape", SHAPES[1:])
def test_instance_norm_is_pytorchs(backend, shape, affine):
    compare(lambda F, x, w, b: F.instance_norm(x, None, None, w, b), drawn(shape, 1), *given((3,), affine, 2))


@needs_torch
@pytest.mark.parametrize("affine", AFFINE)
@pytest.mark.parametrize("shape, normalized", [((2, 3), (3,)), ((2, 3, 2), (3, 2)), ((2, 3, 2), (2,)), ((3,), (3,))])
def test_layer_norm_and_rms_norm_are_pytorchs(backend, shape, normalized, affine):
    x, (w, b) = drawn(shape, 1), given(normalized, affine, 2)
    compare(lambda F, x, w, b: F.layer_norm(x, normalized, w, b), x, w, b)
    compare(lambda F, x, w: F.rms_norm(x, normalized, w), x, w)
    compare(lambda F, x, w: F.rms_norm(x, list(normalized), w, eps=0.1), x, w)


@needs_torch
@pytest.mark.parametrize("affine", [flags for flags in AFFINE if flags != (False, True)])  # PyTorch refuses it
@pytest.mark.parametrize("shape, groups", [((2, 4), 2), ((2, 4, 3), 2), ((1, 4, 2, 2), 4), ((2, 4, 3), 1)])
def test_group_norm_is_pytorchs(backend, shape, groups, affine):
    compare(lambda F, x, w, b: F.group_norm(x, groups, w, b), drawn(shape, 1), *given((4,), affine, 2))


@pytest.mark.only("numpy", "strict", "cupy", "cupy-double")
def test_single_precision_stays(backend):
    x = plugrad.tensor(drawn((2, 4, 3), 1), dtype="float32", requires_grad=True)
    w = plugrad.ones(4, dtype="float32", requires_grad=True)
    mean, var = plugrad.zeros(4, dtype="float32"), plugrad.ones(4, dtype="float32")
    for call in (
        lambda: F.batch_norm(x, mean, var, w, w, True), lambda: F.batch_norm(x, mean, var, w, w),
        lambda: F.group_norm(x, 2, w, w), lambda: F.layer_norm(x, (3,)), lambda: F.rms_norm(x, (3,)),
        lambda: F.instance_norm(x, mean, var, w),
    ):  # fmt: skip
        x.grad = None
        out = call()
        out.sum().backward()
        assert (out.dtype, x.grad.dtype) == ("float32", "float32")
    assert (mean.dtype, var.dtype) == ("float32", "float32")


@pytest.mark.only("numpy")
def test_half_precision_is_computed_in_single(backend):
    """The sum of the squares is beyond half precision."""
    x = plugrad.tensor([[300.0, -300.0] * 8], dtype="float16", requires_grad=True)
    w = plugrad.ones(16, dtype="float16", requires_grad=True)
    for out in (F.layer_norm(x, (16,), w), F.rms_norm(x, (16,), w), F.group_norm(x, 1, w)):
        assert out.dtype == "float16"
        assert_close(out.detach().astype("float64"), [[1.0, -1.0] * 8], 1e-3)
        out.sum().backward()
    assert (x.grad.dtype, w.grad.dtype) == ("float16", "float16")


@pytest.mark.only("numpy", "strict", "cupy", "cupy-double")
def test_no_samples(backend):
    x, mean, var = plugrad.zeros(0, 3, 2, requires_grad=True), plugrad.zeros(3), plugrad.ones(3)
    out = F.batch_norm(x, mean, var, training=True)
    out.sum().backward()
    assert (out.shape, x.grad.shape) == ((0, 3, 2), (0, 3, 2))
    assert_close(mean, [0.0] * 3)
    assert_close(var, [1.0] * 3)


MEAN, VAR = [0.0] * 3, [1.0] * 3
REFUSED = [  # what both messages say, the function, the inputs, its other arguments
    ("running_mean must be defined in evaluation mode", "batch_norm", ((2, 3), None, None), {}),
    ("Expected more than 1 value per channel when training", "batch_norm", ((1, 3), (3,), (3,)), {"training": True}),
    ("running_mean should contain 4 elements", "batch_norm", ((2, 4, 3), (3,), (3,)), {"training": True}),
    ("weight should contain 3 elements", "batch_norm", ((2, 3), (3,), (3,), (4,)), {"training": True}),
    ("either both be None or neither", "batch_norm", ((2, 3), (3,), None), {"training": True}),
    ("normalized_shape=[4], expected input with shape [*, 4]", "layer_norm", ((2, 3),), {"normalized_shape": (4,)}),
    ("Expected weight to be of same shape as normalized_shape", "layer_norm", ((2, 3), (2,)), {}),
    ("Expected normalized_shape to be at least 1-dimensional", "layer_norm", ((2, 3),), {"normalized_shape": ()}),
    ("normalized_shape", "layer_norm", ((2, 3),), {"normalized_shape": 3}),
    ("normalized_shape", "rms_norm", ((2, 3),), {"normalized_shape": (4,)}),
    ("channels in input to be divisible by num_groups", "group_norm", ((2, 4, 3),), {"num_groups": 3}),
    ("Expected at least 2 dimensions for input tensor", "group_norm", ((4,),), {"num_groups": 2}),
    ("Expected weight to be a vector of size equal", "group_norm", ((2, 4, 3), (3,)), {"num_groups": 2}),
    ("Expected more than 1 value per channel", "group_norm", ((1, 4),), {"num_groups": 4}),
    ("Expected more than 1 spatial element when training", "instance_norm", ((2, 4, 1),), {}),
    ("use_input_stats is false", "instance_norm", ((2, 4, 3),), {"use_input_stats": False}),
]


@needs_torch
@pytest.mark.parametrize("message, name, shapes, keywords", REFUSED)
def test_what_is_refused(backend, message, name, shapes, keywords):
    def call(F, x, *others):
        if name in ("layer_norm", "rms_norm"):
            return getattr(F, name)(x, keywords.get("normalized_shape", (3,)), *others)
        if name == "group_norm":
            return F.group_norm(x, keywords["num_groups"], *others)
        return getattr(F, name)(x, *others, **keywords)

    detached = [None if s is None else drawn(s, i) for i, s in enumerate(shapes)]
    ours, theirs = raised(call, *detached)
    assert ours.startswith(f"{name}: ")
    assert message in ours
    assert message in theirs


def test_a_refused_call_moves_nothing(backend):
    mean, var = plugrad.tensor(MEAN), plugrad.tensor(VAR)
    with pytest.raises(RuntimeError):
        F.batch_norm(plugrad.tensor(drawn((2, 3), 1)), mean, var, plugrad.ones(4), training=True)
    assert mean.tolist() == MEAN
    assert var.tolist() == VAR
