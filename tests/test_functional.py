"""``autograd.functional``: results, their nesting and the errors are PyTorch's."""

import pytest

import plugrad
from plugrad.autograd import functional as F
from plugrad.errors import GraphError, ShapeError
from values import assert_close

X, Y, V, W = [1.0, 2.0, 3.0], [0.5, -1.0, 2.0], [1.0, 10.0, 100.0], [2.0, 0.0, -1.0]


def cube(x):
    return (x * x * x).sum()


def mixed(x, y):
    return (x * x * y).sum()


def two(x, y):
    return x * y, (x * x).sum()


def exponential(x):
    return x.exp() * x[0]


VECTOR = [
    ("vjp", exponential, (X,), (V,)),
    ("vjp", mixed, (X, Y), None),
    ("vjp", two, (X, Y), (V, 2.0)),
    ("jvp", exponential, (X,), (V,)),
    ("jvp", two, (X, Y), (V, W)),
    ("jvp", lambda x: x * x, (2.0,), None),
    ("vhp", cube, (X,), (V,)),
    ("vhp", mixed, (X, Y), (V, W)),
    ("hvp", cube, (X,), (V,)),
    ("hvp", mixed, (X, Y), (V, W)),
    ("hvp", lambda x: (x * x * x).reshape(1), (2.0,), None),
]
WHOLE = [
    ("jacobian", exponential, (X,)),
    ("jacobian", two, (X, Y)),
    ("jacobian", cube, (X,)),
    ("jacobian", lambda x, y: x + 1, (X, Y)),
    ("hessian", cube, (X,)),
    ("hessian", mixed, (X, Y)),
]


def given(make, values):
    """One is given bare, several as a tuple."""
    tensors = tuple(map(make, values))
    return tensors[0] if len(tensors) == 1 else tensors


def nested(result):
    return tuple(map(nested, result)) if isinstance(result, tuple) else result.tolist()


def same(found, wanted):
    assert type(found) is type(wanted)
    if isinstance(found, tuple):
        assert len(found) == len(wanted)
        for a, b in zip(found, wanted, strict=True):
            same(a, b)
    else:
        assert_close(plugrad.tensor(found), wanted)


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch==2.13.0")


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("name, function, inputs, v", VECTOR)
def test_products_are_those_of_torch(backend, torch, name, function, inputs, v, create_graph):
    make = lambda data: plugrad.tensor(data, dtype="float64", requires_grad=create_graph)
    other = lambda data: torch.tensor(data, dtype=torch.float64, requires_grad=create_graph)
    arguments = [given(make, inputs), None if v is None else given(make, v)]
    others = [given(other, inputs), None if v is None else given(other, v)]
    found = getattr(F, name)(function, *arguments, create_graph=create_graph)
    wanted = getattr(torch.autograd.functional, name)(function, *others, create_graph=create_graph)
    same(nested(found), nested(wanted))
    for ours, theirs in zip(leaves(found), leaves(wanted), strict=True):
        assert ours.requires_grad == theirs.requires_grad
    if create_graph:
        total, other_total = sum(t.sum() for t in leaves(found)), sum(t.sum() for t in leaves(wanted))
        total.backward()
        other_total.backward()
        for x, y in zip(leaves(arguments[0]), leaves(others[0]), strict=True):
            assert_close(x.grad, y.grad.tolist())


def leaves(nest):
    return [leaf for part in nest for leaf in leaves(part)] if isinstance(nest, tuple) else [nest]


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("how", ["reverse", "forward", "vectorized"])
@pytest.mark.parametrize("name, function, inputs", WHOLE)
def test_jacobians_and_hessians_are_those_of_torch(backend, torch, name, function, inputs, how, create_graph):
    make = lambda data: plugrad.tensor(data, dtype="float64", requires_grad=create_graph)
    other = lambda data: torch.tensor(data, dtype=torch.float64, requires_grad=create_graph)
    strategy = "strategy" if name == "jacobian" else "outer_jacobian_strategy"
    options = {"reverse": {}, "vectorized": {"vectorize": True}, "forward": {strategy: "forward-mode"}}[how]
    arguments, others = given(make, inputs), given(other, inputs)
    found = getattr(F, name)(function, arguments, create_graph=create_graph, **options)
    wanted = getattr(torch.autograd.functional, name)(function, others, create_graph=create_graph)
    same(nested(found), nested(wanted))
    if create_graph and any(t.requires_grad for t in leaves(wanted)):
        sum((t * t).sum() for t in leaves(found)).backward()
        sum((t * t).sum() for t in leaves(wanted)).backward()
        for x, y in zip(leaves(arguments), leaves(others), strict=True):
            assert_close(x.grad, y.grad.tolist() if y.grad is not None else None)
    else:
        assert not any(t.requires_grad for t in leaves(found))


@pytest.mark.parametrize("name", ["vjp", "jvp", "vhp", "hvp", "jacobian", "hessian"])
def test_strict_raises_where_an_output_is_independent(backend, name):
    x, y = plugrad.tensor(2.0), plugrad.tensor(3.0)
    arguments = [] if name in ("jacobian", "hessian") else [(x, y) if name != "vjp" else x]
    with pytest.raises(GraphError, match=r"(?i)output 0 of the user-provided function does not require gradients"):
        getattr(F, name)(lambda x, y: plugrad.ones(()), (x, y), *arguments, strict=True)
    with pytest.raises(GraphError, match="independent of"):
        getattr(F, name)(lambda x, y: x * x, (x, y), *arguments, strict=True)
    if name in ("vhp", "hvp", "hessian"):
        with pytest.raises(GraphError, match="violated by a linear function"):
            getattr(F, name)(lambda x, y: x + y, (x, y), *arguments, strict=True)
    elif name != "jacobian":
        with pytest.raises(GraphError, match=r"independent of input 0. .* strict mode when create_graph=True"):
            getattr(F, name)(lambda x: x * 2, x, x.detach(), strict=True, create_graph=True)


def test_what_is_refused(backend):
    x = plugrad.tensor(X)
    with pytest.raises(TypeError, match=r"The inputs given to vjp must be either a Tensor .* given inputs has type"):
        F.vjp(cube, 3.0)
    with pytest.raises(TypeError, match="outputs of the user-provided function given to jacobian .* at index 1"):
        F.jacobian(lambda x: (x, 2), x)
    with pytest.raises(GraphError, match="can only be None if the user-provided function returns a single Tensor"):
        F.vjp(exponential, x)
    with pytest.raises(GraphError, match="can only be None if the input to the user-provided function is a single"):
        F.jvp(exponential, x)
    with pytest.raises(ShapeError, match=r"v has invalid size: should be \(3,\) but got \(2,\)"):
        F.jvp(exponential, x, x[:2])
    with pytest.raises(ShapeError, match="Entry 1 in v has invalid size"):
        F.hvp(mixed, (x, x), (x, x[:2]))
    with pytest.raises(GraphError, match="v is a tuple of invalid length: should be 2 but got 1"):
        F.vhp(mixed, (x, x), x)
    with pytest.raises(GraphError, match="The function given to hvp should return a single Tensor"):
        F.hvp(two, (x, x), (x, x))
    with pytest.raises(GraphError, match="given to vhp should contain a single element"):
        F.vhp(exponential, x, x)
    with pytest.raises(GraphError, match="`strict=True` and `vectorized=True` are not supported together"):
        F.jacobian(exponential, x, strict=True, vectorize=True)
    with pytest.raises(ValueError, match="Expected strategy to be either"):
        F.hessian(cube, x, outer_jacobian_strategy="both")
