"""The grammar of declarations, and what ``op`` makes of one."""

import inspect
import pickle

import pytest

import plugrad
from plugrad.extend import op
from plugrad.registry.op import OPS, Op
from plugrad.registry.signature import Signature


@pytest.mark.parametrize(
    "declaration, graded, inputs, parameters, outputs",
    [
        ("exp(x, /)", ["x"], ("x",), (), ("out",)),
        ("divide(x1, x2, /)", ["x1", "x2"], ("x1", "x2"), (), ("out",)),
        ("sum(x, /, *, axis=None, keepdims=False)", ["x"], ("x",), ("axis", "keepdims"), ("out",)),
        ("reshape(x, /, shape)", ["x"], ("x",), ("shape",), ("out",)),
        ("linalg.svd(x, /, *, full_matrices=True) -> U, S, Vh", ["x"], ("x",), ("full_matrices",), ("U", "S", "Vh")),
        ("concat(*arrays, axis=0)", ["arrays"], ("arrays",), ("axis",), ("out",)),
        ("take(x, indices~, /, *, axis=None)", ["x"], ("x", "indices"), ("axis",), ("out",)),
        ("linear(x, weight, bias=None)", ["x", "weight", "bias"], ("x", "weight", "bias"), (), ("out",)),
        ("loss(x, target~, weight=None, scale=1.0)", ["x", "weight"], ("x", "target", "weight"), ("scale",), ("out",)),
        ("getitem(x, *indices~, key)", ["x"], ("x", "indices"), ("key",), ("out",)),
    ],
)
def test_inputs_and_parameters(declaration, graded, inputs, parameters, outputs):
    found = Signature(declaration, graded)
    assert (found.inputs, found.parameters, found.outputs) == (inputs, parameters, outputs)


@pytest.mark.parametrize(
    "declaration, message",
    [
        ("exp", "expected 'name"),
        ("exp(x, /", "expected 'name"),
        ("2exp(x, /)", "expected 'name"),
        ("exp(x, x, /)", "duplicate argument"),
        ("exp(x, /, **rest)", "no ..keywords"),
        ("exp(g, /)", "'g' is reserved"),
        ("exp(out, /)", "'out' is reserved"),
        ("exp(g_U, /)", "reserved"),
        ("exp(x_shape, /)", "reserved"),
        ("svd(x, /) -> U, U", "distinct"),
    ],
)
def test_what_the_grammar_refuses(declaration, message):
    with pytest.raises(ValueError, match=message):
        Signature(declaration)


def test_a_derivative_of_nothing():
    with pytest.raises(ValueError, match="a derivative is given for 'y', which is no argument"):
        Signature("exp(x, /)", ["y"])


def test_a_formula_that_asks_for_what_is_not_there():
    f = op("mine.twice(x, /)", composite=lambda x: x * 2, vjp={"x": lambda g, factor: g * factor})
    with pytest.raises(ValueError, match="derivative of mine.twice.*asks for factor; it may ask for g"):
        f(plugrad.tensor([1.0], backend="tuples", requires_grad=True))


def test_the_signature_is_seen_before_and_after_the_first_call(backend):
    f = op(
        "mine.scale(x, /, *, factor=2.0)",
        composite=lambda x, factor: x * factor,
        vjp={"x": lambda g, factor: g * factor},
    )
    before = inspect.signature(f)
    assert str(before) == "(x, /, *, factor=2.0)"
    x = plugrad.tensor(3.0, requires_grad=True)
    f(x, factor=5.0).backward()
    assert x.grad.item() == 5
    assert inspect.signature(f) == before
    with pytest.raises(TypeError, match="scale.. got an unexpected keyword argument 'wrong'"):
        f(x, wrong=1)
    with pytest.raises(TypeError, match="positional"):
        f()


def test_one_function_object_an_op():
    assert plugrad.multiply is plugrad.ops.multiply
    assert plugrad.Tensor.exp is plugrad.exp
    assert pickle.loads(pickle.dumps(plugrad.multiply)) is plugrad.multiply
    assert plugrad.multiply.__name__ == plugrad.multiply.__qualname__ == "multiply"


def test_names_of_nodes(backend):
    x = plugrad.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    named = {
        "AddBackward0": x + x, "SubBackward0": x - 1, "MulBackward0": x * 2, "DivBackward0": x / 2,
        "PowBackward0": x**2, "NegBackward0": -x, "ExpBackward0": plugrad.exp(x),
        "SumBackward0": x.sum(), "MeanBackward0": x.mean(),
        "MmBackward0": x @ x, "PermuteBackward0": x.T, "TransposeBackward0": x.mT, "Log1PBackward0": plugrad.log1p(x),
    }  # fmt: skip
    assert {name: t.grad_fn.name() for name, t in named.items()} == {name: name for name in named}


def test_every_declaration_is_well_formed():
    assert len(OPS) > 60
    for name, declared in OPS.items():
        assert isinstance(declared, Op)
        assert declared.signature.name == name


@pytest.mark.only("numpy", "tuples")
def test_a_variadic_op_takes_a_sequence_or_several(backend):
    x, y = plugrad.tensor([1.0]), plugrad.tensor([2.0])
    assert plugrad.concat([x, y]).tolist() == plugrad.concat(x, y).tolist() == [1.0, 2.0]


def test_optional_inputs(backend):
    f = op(
        "mine.affine(x, /, weight=None, bias=None, *, scale=1.0)",
        composite=lambda x, weight, bias, scale: scale
        * (x * (1.0 if weight is None else weight) + (0.0 if bias is None else bias)),
        vjp={
            "x": lambda g, weight, scale: g * scale if weight is None else g * weight * scale,
            "weight": lambda g, x, scale: g * x * scale,
            "bias": lambda g, scale: g * scale,
        },
        elementwise=True,
    )  # fmt: skip
    x, w, b = (plugrad.tensor(v, requires_grad=True) for v in ([1.0, 2.0], [3.0, 4.0], 5.0))
    f(x, bias=b, scale=2.0).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]
    assert b.grad.item() == 4
    f(x, w, b).sum().backward()
    assert x.grad.tolist() == [5.0, 6.0]
    assert w.grad.tolist() == [1.0, 2.0]
    assert b.grad.item() == 6


def test_several_named_outputs(backend):
    f = op(
        "mine.both(x, /) -> double, square", composite=lambda x: (x + x, x * x),
        vjp={"x": lambda g_double, g_square, x: 2 * g_double + 2 * x * g_square},
    )  # fmt: skip
    x = plugrad.tensor([1.0, 3.0], requires_grad=True)
    double, square = f(x)
    (double * square).sum().backward()
    assert x.grad.tolist() == [6.0, 54.0]
    x.grad = None
    _, square = f(x)
    square.sum().backward()
    assert x.grad.tolist() == [2.0, 6.0]
    (g,) = plugrad.autograd.grad(f(x)[1].sum(), [x], create_graph=True)
    (h,) = plugrad.autograd.grad((g * g).sum(), [x])
    assert h.tolist() == [8.0, 24.0]


def test_a_formula_for_several_inputs_with_needs(backend):
    seen = []

    def both(g, x, y, needs):
        seen.append(needs)
        return (g * y if needs[0] else None), (g * x if needs[1] else None)

    f = op("mine.product(x, y, /)", composite=lambda x, y: x * y, elementwise=True, vjp={("x", "y"): both})
    x, y = plugrad.tensor(2.0, requires_grad=True), plugrad.tensor(3.0)
    f(x, y).backward()
    assert seen == [(True, False)]
    assert x.grad.item() == 3


def test_a_missing_derivative(backend):
    f = op("mine.half(x, y, /)", composite=lambda x, y: x * y, elementwise=True, vjp={"x": lambda g, y: g * y})
    x, y = plugrad.tensor(2.0, requires_grad=True), plugrad.tensor(3.0, requires_grad=True)
    with pytest.raises(NotImplementedError, match="mine.half has no derivative with respect to 'y'.*y.detach"):
        f(x, y).backward()
    f(x, y.detach()).backward()
    assert x.grad.item() == 3


def test_a_composite_without_a_derivative_is_its_ops(backend):
    f = op("mine.cube(x, /)", composite=lambda x: x * x * x)
    x = plugrad.tensor(2.0, requires_grad=True)
    y = f(x)
    assert y.grad_fn.name() == "MulBackward0"
    y.backward()
    assert x.grad.item() == 12
