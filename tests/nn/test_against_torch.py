"""Activations, losses, embedding, padding: values, gradients and errors are those of torch.nn.functional."""

import math
import warnings

import pytest

import plugrad
from plugrad.extend import MissingKernel
from plugrad_nn import functional as F
from values import assert_close

torch = pytest.importorskip("torch")
T = torch.nn.functional

INF, NAN = math.inf, math.nan
FAR = [-1000.0, -90.0, -30.0, -1.0, -0.5, -1e-3, 0.0, 1e-3, 0.5, 1.0, 3.0, 6.0, 30.0, 90.0, 1000.0]
ENDS = [-INF, INF, NAN]
MATRIX = [[0.3, -1.2, 2.0], [1.5, 0.1, -0.4]]
CUBE = [[[0.3, -1.2], [2.0, 0.7], [-0.1, 0.4]], [[1.5, 0.1], [-0.4, 0.9], [0.6, -2.0]]]

pytestmark = pytest.mark.filterwarnings(
    "ignore:(invalid value|divide by zero|overflow|underflow) encountered:RuntimeWarning"
)


def as_torch(data):
    return torch.tensor(data, dtype=torch.float64 if floats(data) else None, requires_grad=floats(data))


def as_ours(data):
    return plugrad.tensor(data, requires_grad=floats(data))


def floats(data):
    while isinstance(data, list) and data:
        data = data[0]
    return isinstance(data, float)


def compare(name, arguments, keywords, rel=1e-11):
    """A call and its inputs' gradients."""
    results = []
    for module, make in ((T, as_torch), (F, as_ours)):
        made = [make(a) for a in arguments]
        out = getattr(module, name)(*made, **keywords)
        weights = [float(i % 5) - 1.7 for i in range(math.prod(out.shape))]
        (out.reshape((-1,)) * make(weights)).sum().backward()
        results.append((out, [a.grad for a in made]))
    (expected, gradients), (found, ours) = results
    assert_close(found, expected.tolist(), rel, 1e-300)
    for our, their in zip(ours, gradients, strict=True):
        assert_close(our, their.tolist(), rel, 1e-15)


ACTIVATIONS = [
    ("relu", {}),
    ("relu6", {}),
    ("hardtanh", {}),
    ("hardtanh", {"min_val": -0.5, "max_val": 30.0}),
    ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.3}),
    ("leaky_relu", {"negative_slope": -0.5}),
    ("elu", {}),
    ("elu", {"alpha": 0.7}),
    ("gelu", {}),
    ("gelu", {"approximate": "tanh"}),
    ("silu", {}),
    ("softplus", {}),
    ("softplus", {"beta": 2.0}),
    ("softplus", {"beta": 0.5, "threshold": 1.0}),
    ("sigmoid", {}),
    ("logsigmoid", {}),
    ("tanh", {}),
]


@pytest.mark.parametrize("name, keywords", ACTIVATIONS)
@pytest.mark.parametrize("data", [FAR, ENDS, MATRIX, 0.7])
def test_activations(backend, name, keywords, data):
    # erf of PyTorch's vectorised kind is 1e-16 off, which 1 + erf magnifies far down
    compare(name, [data], keywords, rel=1e-9)


@pytest.mark.only("numpy", "strict", "cupy", "cupy-double")
@pytest.mark.parametrize("name, keywords", ACTIVATIONS)
def test_activations_of_nothing(backend, name, keywords):
    x = plugrad.zeros(2, 0, requires_grad=True)
    out = getattr(F, name)(x, **keywords)
    out.sum().backward()
    assert out.shape == x.grad.shape == (2, 0)


@pytest.mark.only("numpy", "cupy-double")
@pytest.mark.parametrize("name, keywords", [*ACTIVATIONS, ("softmax", {"dim": 0}), ("log_softmax", {"dim": 0})])
def test_half_precision(backend, name, keywords):
    """Within two units in the last place of PyTorch's, which computes in float32."""
    data = [x for x in FAR if abs(x) < 100]
    x = plugrad.tensor(data, dtype="float16", requires_grad=True)
    t = torch.tensor(data, dtype=torch.float16, requires_grad=True)
    out, expected = getattr(F, name)(x, **keywords), getattr(T, name)(t, **keywords)
    assert out.dtype == "float16"
    assert_close(out, expected.tolist(), 2e-3, 2e-7)
    out.sum().backward()
    expected.sum().backward()
    assert x.grad.dtype == "float16"
    assert_close(x.grad, t.grad.tolist(), 5e-3, 2e-3)


@pytest.mark.only("numpy", "cupy-double")
def test_half_precision_accumulates_in_float32(backend):
    x = plugrad.zeros(5000, 2, dtype="float16", requires_grad=True)
    out = F.softmax(x, 0)
    assert_close(out.sum(), 2.0, 0.01)
    assert_close(F.log_softmax(x, 0)[0, 0], -math.log(5000), 1e-3)
    assert_close(F.cross_entropy(x, plugrad.zeros(5000, dtype="int64")), math.log(2), 1e-3)


# -- cross entropy ------------------------------------------------------------------------------------------------

TARGETS = [(MATRIX, [2, 0]), (MATRIX, [1, -100]), (MATRIX[0], 1), (CUBE, [[0, 2], [1, -100]])]
WEIGHT = [0.5, 2.0, 1.25]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("smoothing", [0.0, 0.25, 1.0])
@pytest.mark.parametrize("ignore_index", [-100, 2])
@pytest.mark.parametrize("data, target", TARGETS)
def test_cross_entropy(backend, data, target, reduction, weight, smoothing, ignore_index):
    if ignore_index == 2:
        target = {1: target, 2: [2, 0], 3: [[0, 2], [1, 2]]}[torch.tensor(data).ndim]
    keywords = {"reduction": reduction, "label_smoothing": smoothing, "ignore_index": ignore_index}
    compare_classes("cross_entropy", data, target, weight, keywords)


def compare_classes(name, data, target, weight, keywords):
    """PyTorch gives the weight of classes no gradient, so here it requires none."""
    t, x = as_torch(data), as_ours(data)
    theirs = getattr(T, name)(t, torch.tensor(target), weight and torch.tensor(weight).double(), **keywords)
    ours = getattr(F, name)(x, plugrad.tensor(target), weight and plugrad.tensor(weight), **keywords)
    assert_close(ours, theirs.tolist(), 1e-12)
    theirs.sum().backward()
    ours.sum().backward()
    assert_close(x.grad, t.grad.tolist(), 1e-11)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("data, target", TARGETS)
def test_nll_loss(backend, data, target, reduction, weight):
    compare_classes("nll_loss", data, target, weight, {"reduction": reduction})


@pytest.mark.only("numpy", "strict", "cupy-double")
@pytest.mark.parametrize("keywords", [{}, {"weight": WEIGHT}, {"label_smoothing": 0.1}, {"reduction": "sum"}])
def test_ignoring_keeps_the_dtype(backend, keywords):
    if "weight" in keywords:
        keywords = {"weight": plugrad.tensor(keywords["weight"], dtype="float64")}
    x = plugrad.tensor(MATRIX, dtype="float32", requires_grad=True)
    loss = F.cross_entropy(x, plugrad.tensor([1, -100]), **keywords)
    assert loss.dtype == "float32"
    loss.backward()
    assert x.grad.dtype == "float32"


def test_all_targets_ignored(backend):
    x = as_ours(MATRIX)
    loss = F.cross_entropy(x, plugrad.tensor([-100, -100]))
    assert math.isnan(loss.item())
    loss.backward()
    assert_close(x.grad, [[0.0] * 3] * 2)
    assert F.cross_entropy(x, plugrad.tensor([-100, -100]), reduction="sum").item() == 0


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weight", [None, WEIGHT])
@pytest.mark.parametrize("smoothing", [0.0, 0.25])
@pytest.mark.parametrize("data", [MATRIX, MATRIX[0], CUBE])
def test_cross_entropy_of_probabilities(backend, data, reduction, weight, smoothing):
    shares = torch.softmax(torch.tensor(data, dtype=torch.float64) * 0.5, 1 if data is not MATRIX[0] else 0).tolist()
    keywords = {"weight": weight, "reduction": reduction, "label_smoothing": smoothing}
    t, p = as_torch(data), as_torch(shares)
    x, q = as_ours(data), as_ours(shares)
    theirs = T.cross_entropy(t, p, **{**keywords, "weight": weight and torch.tensor(weight).double()})
    ours = F.cross_entropy(x, q, **{**keywords, "weight": weight and plugrad.tensor(weight)})
    assert_close(ours, theirs.tolist(), 1e-12)
    theirs.sum().backward()
    ours.sum().backward()
    assert_close(x.grad, t.grad.tolist(), 1e-11)
    assert_close(q.grad, p.grad.tolist(), 1e-11)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int16"])
@pytest.mark.only("numpy", "strict", "cupy-double")
def test_targets_of_other_integers(backend, dtype):
    x, target = as_ours(MATRIX), plugrad.tensor([2, 0], dtype=dtype)
    assert_close(F.cross_entropy(x, target), F.cross_entropy(x, plugrad.tensor([2, 0])))
    assert_close(F.nll_loss(x, target), F.nll_loss(x, plugrad.tensor([2, 0])))
    assert F.one_hot(target).tolist() == [[0, 0, 1], [1, 0, 0]]


# -- losses of elements -------------------------------------------------------------------------------------------

OTHER = [[0.1, -1.2, 3.5], [-2.5, 0.2, -0.4]]
SHARES = [[0.3, 0.0, 1.0], [0.5, 0.9, 0.25]]


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(
    "name, keywords",
    [
        ("mse_loss", {}),
        ("mse_loss", {"weight": SHARES}),
        ("l1_loss", {}),
        ("l1_loss", {"weight": SHARES}),
        ("huber_loss", {}),
        ("huber_loss", {"delta": 0.3}),
        ("huber_loss", {"weight": SHARES}),
        ("smooth_l1_loss", {}),
        ("smooth_l1_loss", {"beta": 0.3}),
        ("smooth_l1_loss", {"beta": 0}),
    ],
)
def test_losses_of_differences(backend, name, keywords, reduction):
    compare_losses(name, [MATRIX, OTHER], {**keywords, "reduction": reduction})


def compare_losses(name, arguments, keywords, rel=1e-11):
    """A list among the keywords is an array that requires no gradient."""
    outs = []
    for module, make, plain in (
        (T, as_torch, lambda d: torch.tensor(d, dtype=torch.float64)),
        (F, as_ours, plugrad.tensor),
    ):
        made = [make(a) for a in arguments]
        named = {k: plain(v) if isinstance(v, list) else v for k, v in keywords.items()}
        out = getattr(module, name)(*made, **named)
        out.sum().backward()
        outs.append((out, made))
    (expected, theirs), (found, ours) = outs
    assert_close(found, expected.tolist(), rel)
    for our, their in zip(ours, theirs, strict=True):
        assert_close(our.grad, their.grad.tolist(), rel)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weight", [None, [0.5, 2.0, 1.0]])
@pytest.mark.parametrize("pos_weight", [None, [3.0, 0.25, 1.0]])
def test_binary_cross_entropy_with_logits(backend, reduction, weight, pos_weight):
    keywords = {"reduction": reduction}
    if weight:
        keywords["weight"] = weight
    if pos_weight:
        keywords["pos_weight"] = pos_weight
    for logits in (MATRIX, [[1000.0, -1000.0, 30.0], [-40.0, 0.0, 800.0]]):
        compare_losses("binary_cross_entropy_with_logits", [logits, SHARES], keywords)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("weight", [None, [0.5, 2.0, 1.0]])
def test_binary_cross_entropy(backend, reduction, weight):
    keywords = {"reduction": reduction} | ({"weight": weight} if weight else {})
    for shares in ([[0.2, 0.5, 0.9], [1e-3, 0.75, 0.3]], [[0.0, 1.0, 1e-60], [1.0, 0.0, 1e-300]]):
        # PyTorch's least denominator is 1e-12 in float32
        compare_losses("binary_cross_entropy", [shares, SHARES], keywords, rel=1e-8)


def test_other_sizes_are_warned_of(backend):
    x, row = plugrad.tensor(MATRIX), plugrad.tensor(MATRIX[0])
    with pytest.warns(UserWarning, match=r"target size \(\(3,\)\) that is different to the input size \(\(2, 3\)\)"):
        found = F.mse_loss(x, row)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_close(found, T.mse_loss(as_torch(MATRIX), as_torch(MATRIX[0])).item())


# -- embedding, one_hot, pad --------------------------------------------------------------------------------------


@pytest.mark.parametrize("padding_idx", [None, 1, -1])
@pytest.mark.parametrize("indices", [[0, 2, 2, 1], [[1, 1], [0, 2]], 2])
def test_embedding(backend, indices, padding_idx):
    outs = []
    try:
        for module, make in ((T, torch.tensor), (F, plugrad.tensor)):
            table = (as_torch if module is T else as_ours)([[0.5, 1.0], [2.0, -1.0], [3.0, 0.25]])
            out = module.embedding(make(indices), table, padding_idx)
            (out * out).sum().backward()
            outs.append((out, table.grad))
    except MissingKernel as reason:
        pytest.skip(str(reason))
    (expected, gradient), (found, ours) = outs
    assert_close(found, expected.tolist())
    assert_close(ours, gradient.tolist())


@pytest.mark.only("numpy", "strict", "cupy-double")
def test_embedding_of_nothing(backend):
    table = as_ours([[0.5, 1.0], [2.0, -1.0]])
    out = F.embedding(plugrad.zeros(0, 3, dtype="int64"), table)
    out.sum().backward()
    assert out.shape == (0, 3, 2)
    assert_close(table.grad, [[0.0, 0.0]] * 2)


@pytest.mark.parametrize("classes", [-1, 3, 5])
@pytest.mark.parametrize("indices", [[0, 2, 1], [[1, 1], [0, 2]], 2])
def test_one_hot(backend, indices, classes):
    found = F.one_hot(plugrad.tensor(indices), classes)
    assert found.dtype == plugrad.int64
    assert found.tolist() == T.one_hot(torch.tensor(indices), classes).tolist()


LINE, PLANE = [[[1.0, 2.0, 3.0, 4.0]]], [[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]]


@pytest.mark.parametrize(
    "data, pad, mode, value",
    [
        (LINE, (1, 2), "constant", None),
        (LINE, (1, 2), "constant", -1.5),
        (LINE, (-1, 2), "constant", 2.0),
        (LINE, (-1, -2), "constant", None),
        (LINE, (0, 0, 1, 0, 2, 1), "constant", 1.0),
        (LINE, (), "constant", 1.0),
        *[(LINE, (3, 2), mode, None) for mode in ("reflect", "replicate", "circular")],
        *[(LINE[0], (0, 3), mode, None) for mode in ("reflect", "replicate", "circular")],
        *[(PLANE, (1, 2, 2, 0), mode, None) for mode in ("reflect", "replicate", "circular")],
        *[([PLANE], (1, 0, 0, 1), mode, None) for mode in ("reflect", "replicate", "circular")],
        *[([PLANE], (1, 2, 2, 1, 0, 0), mode, None) for mode in ("reflect", "replicate", "circular")],
        *[(LINE, (-1, 2), mode, None) for mode in ("reflect", "replicate")],
        (LINE, (5, 6), "replicate", None),
        (LINE, (4, 4), "circular", None),
        (LINE, (-1, 2), "circular", None),
        (LINE, (2, -1), "circular", None),
    ],
)
def test_pad(backend, data, pad, mode, value):
    compare("pad", [data], {"pad": pad, "mode": mode, "value": value})


# -- refusals -----------------------------------------------------------------------------------------------------

X, ROW = ("float", MATRIX), ("float", MATRIX[0])
I = lambda *numbers: ("int", list(numbers))  # noqa: E741

REFUSED = [
    ("gelu", [X], {"approximate": "x"}),
    ("hardtanh", [X], {"min_val": 2, "max_val": 1}),
    ("softmax", [X], {"dim": 5}),
    ("log_softmax", [X], {"dim": -3}),
    ("cross_entropy", [X, I(0, 1, 2)], {}),
    ("cross_entropy", [X, I(0, 1)], {"weight": ("float", [1.0, 2.0])}),
    ("cross_entropy", [X, I(0, 1)], {"label_smoothing": 2.0}),
    ("cross_entropy", [X, I(0, 1)], {"reduction": "a"}),
    ("cross_entropy", [X, X], {"ignore_index": 1}),
    ("cross_entropy", [X, ("float", [0.0, 1.0])], {}),
    ("cross_entropy", [("float", CUBE), ("int", [[0] * 5] * 2)], {}),
    ("nll_loss", [X, I(0, 1, 2)], {}),
    ("nll_loss", [("float", CUBE), ("int", [[0] * 5] * 2)], {}),
    ("nll_loss", [X, I(0, 1)], {"reduction": "a"}),
    ("nll_loss", [("float", 1.0), ("int", 0)], {}),
    ("mse_loss", [X, X], {"reduction": "a"}),
    ("huber_loss", [X, X], {"reduction": "a"}),
    ("huber_loss", [X, X], {"delta": 0.0}),
    ("mse_loss", [X, X], {"weight": ROW}),
    ("l1_loss", [X, X], {"weight": ROW}),
    ("huber_loss", [X, X], {"weight": ROW}),
    ("smooth_l1_loss", [X, X], {"beta": -1.0}),
    ("mse_loss", [X, ("float", [[1.0], [2.0], [3.0]])], {}),
    ("binary_cross_entropy_with_logits", [X, ROW], {}),
    ("embedding", [("float", [0.0]), X], {}),
    ("embedding", [I(0), X], {"padding_idx": 7}),
    ("embedding", [I(0), X], {"padding_idx": -3}),
    ("embedding", [I(0), ROW], {}),
    ("one_hot", [("float", [1.0])], {}),
    ("one_hot", [I(1)], {"num_classes": -2}),
    ("dropout", [X], {"p": 1.5}),
    ("dropout", [X], {"p": -0.1}),
    ("pad", [X], {"pad": (1,)}),
    ("pad", [X], {"pad": (1,) * 6}),
    ("pad", [X], {"pad": (3, 0), "mode": "reflect"}),
    ("pad", [X], {"pad": (1, 1), "mode": "bad"}),
    ("pad", [X], {"pad": (1, 1), "mode": "reflect", "value": 1.0}),
    ("pad", [X], {"pad": (4, 1), "mode": "circular"}),
    ("pad", [ROW], {"pad": (1, 1), "mode": "reflect"}),
    ("pad", [X], {"pad": (1, 1, 1, 1), "mode": "replicate"}),
    ("pad", [X], {"pad": (-2, -2)}),
    ("pad", [X], {"pad": (2, -4)}),
]
ON_NUMPY = [
    ("cross_entropy", [X, I(0, 5)], {}),
    ("nll_loss", [X, I(0, -1)], {}),
    ("embedding", [I(5), X], {}),
    ("embedding", [I(-1), X], {}),
    ("one_hot", [I(-1)], {}),
    ("one_hot", [I(3)], {"num_classes": 2}),
    ("binary_cross_entropy", [X, ("float", SHARES)], {}),
]


def refusal(module, make, name, arguments, keywords):
    def made(value):
        return make(value[1]) if isinstance(value, tuple) and value and value[0] in ("float", "int") else value

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            getattr(module, name)(*map(made, arguments), **{k: made(v) for k, v in keywords.items()})
        except Exception as error:
            return error
    raise AssertionError(f"{name}{arguments} is not refused by {module.__name__}")


@pytest.mark.parametrize("name, arguments, keywords", REFUSED)
def test_refusals_are_of_pytorchs_type(backend, name, arguments, keywords):
    theirs = refusal(T, torch.tensor, name, arguments, keywords)
    ours = refusal(F, plugrad.tensor, name, arguments, keywords)
    assert isinstance(ours, type(theirs)), (theirs, ours)


@pytest.mark.only("numpy")
@pytest.mark.parametrize("name, arguments, keywords", ON_NUMPY)
def test_what_only_values_tell_is_refused_on_numpy(backend, name, arguments, keywords):
    theirs = refusal(T, torch.tensor, name, arguments, keywords)
    ours = refusal(F, plugrad.tensor, name, arguments, keywords)
    assert isinstance(ours, type(theirs)), (theirs, ours)
