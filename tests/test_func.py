"""``plugrad.func``: nesting without confusion, arguments that are trees, what is recorded, and PyTorch's errors."""

from collections import namedtuple
from itertools import product

import pytest

import plugrad
from plugrad import func
from plugrad.errors import GraphError, MissingDerivative, ShapeError
from plugrad.extend import op
from plugrad.func import grad, grad_and_value, hessian, jacfwd, jacrev, jvp, vjp
from plugrad.func.dual import Dual, Level
from values import assert_close


@pytest.fixture
def x(backend):
    return plugrad.tensor([1.0, 2.0, 3.0])


@pytest.fixture
def v(backend):
    return plugrad.tensor([1.0, 10.0, 100.0])


def forward(f):
    """The derivative of a function of a number."""
    return lambda x: jvp(f, (x,), (plugrad.ones(()),))[1]


def backward(f):
    return lambda x: vjp(f, x)[1](plugrad.ones(()))[0]


WAYS = {"forward": forward, "backward": backward, "grad": grad}


# -- nesting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ways", list(product(WAYS, repeat=3)), ids="-".join)
def test_third_derivatives_however_nested(backend, ways):
    f = lambda x: x**5 + plugrad.exp(x) * x
    for way in ways:
        f = WAYS[way](f)
    assert_close(f(plugrad.tensor(2.0)), 60 * 4 + 5 * plugrad.exp(plugrad.tensor(2.0)).item())


@pytest.mark.parametrize("outer, inner", list(product(WAYS, repeat=2)), ids="-".join)
def test_perturbations_are_not_confused(backend, outer, inner):
    """d/dx (x * d/dy (x + y)) is 1; a tangent that counts for both gives 2."""
    x, one = plugrad.tensor(3.0), plugrad.tensor(1.0)
    d, e = WAYS[outer], WAYS[inner]
    assert_close(d(lambda x: x * e(lambda y: x + y)(one))(x), 1.0)
    assert_close(d(lambda x: e(lambda y: x * x * y * y)(x))(x), 6 * 9.0)  # d/dx 2 x**3
    assert_close(d(lambda x: x * e(lambda y: x)(one) + x)(x), 1.0)


def test_what_leaked_out_of_a_level_is_a_constant(backend):
    leaked = []
    x, one = plugrad.tensor(3.0), plugrad.tensor(1.0)
    assert_close(jvp(lambda y: leaked.append(y * y) or y * y, (x,), (one,))[1], 6.0)
    assert_close(leaked[0] + 1, 10.0)
    assert_close(jvp(lambda y: leaked[0] * y, (x,), (one,))[1], 9.0)
    assert_close(grad(lambda y: leaked[0] * y)(x), 9.0)
    assert_close(jvp(lambda y: jvp(lambda z: y * y * z, (x,), (one,))[1], (x,), (one,))[1], 6.0)


def test_levels_have_distinct_numbers(backend):
    assert Level().number < Level().number


@pytest.mark.parametrize("through", ["closure", "argument"])
def test_gradients_through_a_jvp_reach_what_it_closes_over(backend, through):
    x, w, v = plugrad.tensor([1.0, 2.0]), plugrad.tensor([3.0, -1.0]), plugrad.tensor([1.0, 10.0])
    f = lambda x, w: (x * x * w * w).sum()
    if through == "closure":
        slope = lambda w: jvp(lambda x: f(x, w), (x,), (v,))[1]
    else:
        slope = lambda w: jvp(f, (x, w), (v, plugrad.zeros(2)))[1]
    assert_close(grad(slope)(w), [2 * 1 * 2 * 3.0, 2 * 2 * 2 * -1.0 * 10])
    leaf = w.detach().requires_grad_()
    slope(leaf).backward()
    assert_close(leaf.grad, grad(slope)(w))


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_hessian_vector_products_are_the_same_either_way(backend, dtype):
    x = plugrad.tensor([[0.5, -1.0], [2.0, 0.25]], dtype=dtype)
    v = plugrad.tensor([[1.0, 2.0], [-1.0, 0.5]], dtype=dtype)

    def f(x):
        y = plugrad.tanh(x @ x) * x[0] + plugrad.exp(-x * x).sum(0)
        return plugrad.real(plugrad.conj(y) * y).mean() + plugrad.abs(x).max()

    assert_close(jvp(grad(f), (x,), (v,))[1], vjp(grad(f), x)[1](v)[0], rel=1e-9)
    assert_close(grad(lambda x: jvp(f, (x,), (v,))[1])(x), jvp(grad(f), (x,), (v,))[1], rel=1e-9)


def test_writes_and_views_in_every_nesting(backend, x, v):
    def program(x):
        out = plugrad.zeros(3)
        head = out[:2]
        last = head[1:]
        out[2] = x[0] * x[1]
        head[0] = x[2] ** 2
        last *= 3
        head += x[1]
        out[1:] *= head[0]
        y = x * 1
        y.sin_()
        y[1:] *= y[0]
        return (out * out * y).sum() + last.sum()

    hessian_times_v = vjp(grad(program), x)[1](v)[0]
    assert_close(jvp(grad(program), (x,), (v,))[1], hessian_times_v)
    assert_close(grad(lambda x: jvp(program, (x,), (v,))[1])(x), hessian_times_v)
    slope = jvp(program, (x,), (v,))[1]
    assert_close(slope, (grad(program)(x) * v).sum())
    step = 1e-6
    above, below = program(x + v * step).item(), program(x - v * step).item()
    assert slope.item() == pytest.approx((above - below) / (2 * step), rel=1e-6)


# -- arguments and results -----------------------------------------------------------------------------------------


Pair = namedtuple("Pair", "a b")


def test_arguments_are_trees(backend, x):
    tree = {"a": x, "b": [x * 2, (x * 3,)], "c": Pair(x, plugrad.tensor(2.0))}
    f = lambda t: (t["a"] * t["b"][0] + t["b"][1][0] * t["c"].b).sum()
    found = grad(f)(tree)
    assert type(found["c"]) is Pair
    assert_close(found["a"], [2.0, 4.0, 6.0])
    assert_close(found["b"][0], x)
    assert_close(found["b"][1][0], [2.0, 2.0, 2.0])
    assert_close(found["c"].a, [0.0, 0.0, 0.0])
    assert_close(found["c"].b, 18.0)
    ones = func.trees.mapped(plugrad.ones_like, tree)
    value, slope = jvp(lambda t: {"loss": f(t)}, (tree,), (ones,))
    assert_close(value["loss"], f(tree))
    assert_close(slope["loss"], sum(t.sum() for t in func.trees.leaves(found)))


def test_argnums_keywords_and_aux(backend, x):
    f = lambda x, y, scale=1.0: ((x * y).sum() * scale, {"twice": x * 2, "name": "f"})
    y = x * x
    (gx, gy), (value, aux) = grad_and_value(f, (0, -1), has_aux=True)(x, y, scale=2.0)
    assert_close(gx, y * 2)
    assert_close(gy, x * 2)
    assert_close(value, 72.0)
    assert_close(aux["twice"], x * 2)
    assert aux["name"] == "f"
    assert not aux["twice"].requires_grad
    g, aux = grad(f, 1, has_aux=True)(x, y)
    assert_close(g, x)
    _, tangent, aux = jvp(lambda x: (x * x, x), (x,), (x,), has_aux=True)
    assert_close(tangent, x * x * 2)
    assert not isinstance(aux.array, Dual)
    _, pull, aux = vjp(lambda x: ([x * x, x.sum()], "aux"), x, has_aux=True)
    assert aux == "aux"
    assert_close(pull([x, plugrad.tensor(10.0)])[0], x * x * 2 + 10)
    assert_close(pull([x, plugrad.tensor(0.0)])[0], x * x * 2)


@pytest.mark.parametrize("jacobian", [jacrev, jacfwd])
def test_jacobians(backend, jacobian, x):
    f = lambda x, d: {"a": x * d["z"], "b": [d["z"].sum()]}
    z = plugrad.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    found = jacobian(f, (0, 1))(x, {"z": z})
    wrt_x, wrt_d = found["a"]
    rows = [[[z.tolist()[i][j] * (j == k) for k in range(3)] for j in range(3)] for i in range(2)]
    assert_close(wrt_x, rows)
    assert wrt_d["z"].shape == (2, 3, 2, 3)
    assert_close(wrt_d["z"].sum(0).sum(0), [x.tolist()] * 2)
    assert_close(found["b"][0][0], [0.0, 0.0, 0.0])
    assert_close(found["b"][0][1]["z"], [[1.0] * 3] * 2)
    only, aux = jacobian(lambda x: (x * x, "aux"), has_aux=True)(x)
    assert_close(only, [[2.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 6.0]])
    assert aux == "aux"


def test_jacobians_of_nothing(backend):
    if backend.name == "tuples":
        pytest.skip("a nested tuple without elements keeps no shape")
    nothing, two = plugrad.zeros(0), plugrad.ones(2)
    for jacobian in (jacrev, jacfwd):
        assert jacobian(lambda x: two * x.sum())(nothing).shape == (2, 0)
        assert jacobian(lambda x: nothing * x.sum())(two).shape == (0, 2)


def test_hessian(backend, x):
    found = hessian(lambda x, y: (x * x * y).sum(), (0, 1))(x, x)
    diagonal = lambda values: [[a * (i == j) for j in range(3)] for i, a in enumerate(values)]
    assert_close(found[0][0], diagonal([2.0, 4.0, 6.0]))
    assert_close(found[0][1], diagonal([2.0, 4.0, 6.0]))
    assert_close(found[1][1], diagonal([0.0, 0.0, 0.0]))


def test_the_wrapped_function_keeps_its_name(backend):
    def loss(x):
        """What is lost."""

    for made in (grad(loss), grad_and_value(loss), jacrev(loss), jacfwd(loss), hessian(loss)):
        assert (made.__name__, made.__doc__) == ("loss", "What is lost.")


# -- what is recorded ----------------------------------------------------------------------------------------------


def test_nothing_is_recorded_that_nobody_asks_for(backend, x):
    g, value = grad_and_value(lambda x: (x * x).sum())(x)
    assert not g.requires_grad
    assert not value.requires_grad
    out, pull = vjp(lambda x: x * x, x)
    assert not out.requires_grad
    assert not pull(x)[0].requires_grad
    assert not jvp(lambda x: x * x, (x,), (x,))[1].requires_grad
    c = plugrad.tensor(2.0, requires_grad=True)
    assert not grad(lambda x: (x * x).sum() + c)(x).requires_grad
    assert x.grad is None


def test_gradients_flow_on_to_arguments_and_closures(backend, x):
    leaf, c = x.detach().requires_grad_(), plugrad.tensor(2.0, requires_grad=True)
    g = grad(lambda x: (c * x**3).sum())(leaf)
    g.sum().backward()
    assert_close(leaf.grad, [12.0, 24.0, 36.0])
    assert_close(c.grad, 42.0)
    pull = vjp(lambda x: x * x, x)[1]
    w = x.detach().requires_grad_()
    pull(w)[0].sum().backward()
    assert_close(w.grad, [2.0, 4.0, 6.0])
    assert_close(grad(lambda w: (pull(w)[0] * w).sum())(x), [4.0, 16.0, 36.0])  # begun after the vjp


def test_under_no_grad_the_inside_is_differentiated_and_the_outside_is_not(backend, x):
    leaf = x.detach().requires_grad_()
    with plugrad.no_grad():
        g = grad(lambda x: (x**3).sum())(leaf)
        slope = jvp(lambda x: x**3, (leaf,), (x,))[1]
    assert_close(g, [3.0, 12.0, 27.0])
    assert_close(slope, [3.0, 24.0, 81.0])
    assert not g.requires_grad
    assert not slope.requires_grad

    def stopped(x):
        with plugrad.no_grad():
            y = x * x
        return (x * y).sum()

    assert_close(grad(stopped)(x), [1.0, 4.0, 9.0])


def test_detach_stops_every_level(backend, x):
    assert_close(jvp(lambda x: x * x.detach(), (x,), (x,))[1], [1.0, 4.0, 9.0])
    assert_close(grad(lambda x: (x * x.detach()).sum())(x), [1.0, 2.0, 3.0])
    assert_close(jvp(grad(lambda x: (x * x.detach()).sum()), (x,), (x,))[1], [0.0, 0.0, 0.0])


def test_backward_inside_a_jvp(backend, x, v):
    def f(y):
        leaf = y.detach().requires_grad_()
        (leaf * leaf * y).sum().backward()
        return leaf.grad * y

    assert_close(jvp(f, (x,), (v,))[1], 2 * x * x * v)  # PyTorch's .grad has no tangent either


def test_inputs_may_be_written_by_the_function(backend, x):
    def f(x):
        x *= 2
        return (x * x).sum()

    assert_close(grad(f)(x * 1), [8.0, 16.0, 24.0])
    assert_close(jvp(f, (x * 1,), (x * 1,))[1], 112.0)


# -- ops without a formula -----------------------------------------------------------------------------------------


double_of_own = op("forward_test.double(x, /)", vjp={"x": lambda g: g * 2}, composite=lambda x: x + x)
cube_of_own = op(
    "forward_test.cube(x, /)", elementwise=True, composite=lambda x: x * x * x, vjp={"x": lambda g, x: 3 * g * x * x}
)
mystery = op("forward_test.mystery(x, /)", vjp={"x": lambda g: g})
pair_of_own = op(
    "forward_test.pair(x, /) -> double, cube", composite=lambda x: (x + x, x * x * x),
    vjp={"x": lambda g_double, g_cube, x: 2 * g_double + 3 * g_cube * x * x},
    jvp={"x": lambda t, x: (2 * t, 3 * t * x * x)},
)  # fmt: skip


@pytest.fixture
def registered(monkeypatch, backend):
    from plugrad.registry.op import OPS
    from plugrad.registry.registration import op_of

    for function in (double_of_own, cube_of_own, mystery, pair_of_own):
        monkeypatch.setitem(OPS, op_of(function).name, op_of(function))
    op_of(mystery).kernels[type(plugrad.tensor([1.0]).array)] = lambda x: x
    yield
    for function in (double_of_own, cube_of_own, mystery, pair_of_own):
        op_of(function).kernels.clear()


def test_a_composite_tells_of_tangents(registered, x, v):
    assert_close(jvp(double_of_own, (x,), (v,))[1], v * 2)


def test_an_elementwise_op_needs_no_jvp(registered, x, v):
    assert_close(jvp(cube_of_own, (x,), (v,))[1], 3 * x * x * v)
    assert_close(jvp(grad(lambda x: cube_of_own(x).sum()), (x,), (v,))[1], 6 * x * v)


def test_several_outputs(registered, x, v):
    double, cube = jvp(pair_of_own, (x,), (v,))[1]
    assert_close(double, v * 2)
    assert_close(cube, 3 * x * x * v)
    assert_close(grad(lambda x: jvp(pair_of_own, (x,), (v,))[1][1].sum())(x), 6 * x * v)


def test_an_op_that_says_nothing_of_tangents(registered, x, v):
    with pytest.raises(MissingDerivative, match=r"forward_test.mystery has no forward derivative .* x: .* no jvp"):
        jvp(mystery, (x,), (v,))
    assert_close(jvp(lambda x: mystery(x.detach()) * x, (x,), (v,))[1], x * v)


# -- errors --------------------------------------------------------------------------------------------------------


def test_errors_of_grad(x):
    both = lambda x, y: (x * y).sum()
    with pytest.raises(GraphError, match="Got argnum=5, but only 2 positional inputs"):
        grad(both, 5)(x, x)
    with pytest.raises(GraphError, match="argnums must be int or Tuple"):
        grad(both, "a")(x, x)
    with pytest.raises(GraphError, match="argnums must be non-empty"):
        grad(both, ())(x, x)
    with pytest.raises(GraphError, match=r"argnums elements must be unique, got \(0, 0\)"):
        grad(both, (0, 0))(x, x)
    with pytest.raises(GraphError, match="to return a scalar Tensor, got tensor with 1 dims. Maybe you wanted to use"):
        grad(lambda x: x)(x)
    with pytest.raises(GraphError, match="Expected f.* to return a Tensor, got <class 'float'>"):
        grad(lambda x: 3.0)(x)
    with pytest.raises(ValueError, match="Thing passed to transform API must be Tensor, got <class 'float'>"):
        grad(lambda x: x)(3.0)
    with pytest.raises(GraphError, match="only Tensors of floating point and complex dtype can require gradients"):
        grad(lambda x: x.sum())(plugrad.tensor([1, 2]))
    with pytest.raises(GraphError, match=r"should be a tuple: \(output, aux\) if has_aux is True"):
        grad(lambda x: x.sum(), has_aux=True)(x)


def test_errors_of_vjp_and_jacobians(x):
    with pytest.raises(GraphError, match="expected f.* to return only tensors, got unsupported type"):
        vjp(lambda x: (x, None), x)
    with pytest.raises(GraphError, match="must be floating-point or complex Tensors, got Tensor with dtype bool"):
        vjp(lambda x: x > 0, x)
    with pytest.raises(GraphError, match=r"cotangents: \(\*, \*\), primal output: \*"):
        vjp(lambda x: x, x)[1]((x, x))
    with pytest.raises(ShapeError, match="Mismatch in shape"):
        vjp(lambda x: x * 2, x)[1](x[:2])
    with pytest.raises(GraphError, match="jacrev: Expected all inputs to be real but received complex tensor"):
        jacrev(lambda x: x)(x * 1j)
    with pytest.raises(GraphError, match="jacfwd: Expected all outputs to be real but received complex tensor"):
        jacfwd(lambda x: x * 1j)(x)
    with pytest.raises(ValueError, match="`chunk_size` should be greater than 0"):
        jacrev(lambda x: x, chunk_size=0)


def test_errors_of_jvp(x):
    with pytest.raises(GraphError, match="Expected primals to be a tuple"):
        jvp(lambda x: x, x, x)
    with pytest.raises(GraphError, match=r"same python structure.*structure \(\*,\) and tangents with structure \*"):
        jvp(lambda x: x, (x,), x)
    with pytest.raises(GraphError, match="Expected primals to only contain Tensors, got <class 'int'>"):
        jvp(lambda x: x, (2,), (x,))
    with pytest.raises(GraphError, match="to return only tensors, got unsupported type <class 'float'>"):
        jvp(lambda x: 3.0, (x,), (x,))
    with pytest.raises(GraphError, match="The output of f is independent of the inputs"):
        jvp(lambda x: plugrad.ones(3), (x,), (x,), strict=True)
    with pytest.raises(ShapeError, match=r"Tensor is of size \[3\] while the given forward gradient is of size \[2\]"):
        jvp(lambda x: x, (x,), (x[:2],))
    assert_close(jvp(lambda x: plugrad.ones(2), (x,), (x,))[1], [0.0, 0.0])


def test_a_failed_call_leaves_no_level_behind(x, v):
    def fails(x):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        jvp(fails, (x,), (v,))
    assert_close(jvp(lambda x: x * x, (x,), (v,))[1], 2 * x * v)
    assert not (x * 2).requires_grad
