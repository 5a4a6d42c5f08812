"""``Function.jvp``: a Function in forward mode, alone and nested with reverse mode."""

import pytest

import plugrad
import plugrad.autograd.forward_ad as fwAD
from plugrad.autograd import Function
from plugrad.errors import GraphError, MissingDerivative, ShapeError
from plugrad.func import grad, jvp, vjp
from values import assert_close


@pytest.fixture
def x(backend):
    return plugrad.tensor([1.0, 2.0, 3.0])


@pytest.fixture
def v(backend):
    return plugrad.tensor([1.0, 10.0, 100.0])


class Cube(Function):
    """Its forward leaves the ops, so that nothing but its formulas can tell of derivatives."""

    @staticmethod
    def forward(ctx, x, scale):
        ctx.save_for_backward(x)
        ctx.save_for_forward(x)
        ctx.scale = scale
        return plugrad.tensor([scale * a**3 for a in x.tolist()])

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 3 * ctx.scale * x * x, None

    @staticmethod
    def jvp(ctx, x_t, scale_t):
        assert scale_t is None
        (x,) = ctx.saved_tensors
        return x_t * 3 * ctx.scale * x * x


def test_jvp_gives_the_tangent(x, v):
    out, tangent = jvp(lambda x: Cube.apply(x * 1, 2.0), (x,), (v,))
    assert_close(out, 2 * x**3)
    assert_close(tangent, 6 * x * x * v)
    with fwAD.dual_level():
        assert_close(fwAD.unpack_dual(Cube.apply(fwAD.make_dual(x, v), 2.0)).tangent, 6 * x * x * v)
        assert fwAD.unpack_dual(Cube.apply(x, 2.0)).tangent is None


def test_with_reverse_mode_in_every_order(x, v):
    f = lambda x: (Cube.apply(x, 2.0) * x).sum()  # 2 x**4
    assert_close(jvp(grad(f), (x,), (v,))[1], 24 * x * x * v)
    assert_close(grad(lambda x: jvp(f, (x,), (v,))[1])(x), 24 * x * x * v)
    assert_close(vjp(grad(f), x)[1](v)[0], 24 * x * x * v)
    assert_close(jvp(lambda x: jvp(f, (x,), (v,))[1], (x,), (v,))[1], (24 * x * x * v * v).sum())
    leaf = x.detach().requires_grad_()
    with fwAD.dual_level():
        out = f(fwAD.make_dual(leaf, v))
        (g,) = plugrad.autograd.grad(out, leaf, retain_graph=True)
        assert_close(fwAD.unpack_dual(g).tangent, 24 * x * x * v)
        fwAD.unpack_dual(out).tangent.backward()
    assert_close(leaf.grad, 24 * x * x * v)


class Both(Function):
    @staticmethod
    def forward(x, y):
        return x * y, x + y, x > y

    @staticmethod
    def setup_context(ctx, inputs, output):
        x, y = inputs
        product, _, larger = output
        ctx.save_for_forward(x, y, product)
        ctx.save_for_backward(x, y)
        ctx.mark_non_differentiable(larger)

    @staticmethod
    def backward(ctx, g, h, _):
        x, y = ctx.saved_tensors
        return g * y + h, g * x + h

    @staticmethod
    def jvp(ctx, x_t, y_t):
        x, y, product = ctx.saved_tensors
        assert product.shape == x.shape
        x_t = plugrad.zeros_like(x) if x_t is None else x_t
        y_t = plugrad.zeros_like(y) if y_t is None else y_t
        return x_t * y + x * y_t, x_t + y_t, None


def test_several_outputs_and_setup_context(x, v):
    product, total, larger = jvp(lambda x: Both.apply(x, v), (x,), (v,))[1]
    assert_close(product, v * v)
    assert_close(total, v)
    assert_close(larger, [False, False, False])
    f = lambda x: sum((o * o).sum() for o in Both.apply(x, x * v)[:2])
    assert_close(jvp(grad(f), (x,), (v,))[1], vjp(grad(f), x)[1](v)[0])
    assert_close(grad(lambda x: jvp(f, (x,), (v,))[1])(x), vjp(grad(f), x)[1](v)[0])


class Head(Function):
    @staticmethod
    def forward(ctx, x):
        return x[:2]

    @staticmethod
    def jvp(ctx, x_t):
        return x_t[:2]


class Same(Function):
    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def jvp(ctx, x_t):
        return x_t


def test_views_and_inputs_as_outputs(x, v):
    with fwAD.dual_level():
        dual = fwAD.make_dual(x, v)
        assert_close(fwAD.unpack_dual(Head.apply(dual)).tangent, [1.0, 10.0])
        same = Same.apply(dual)
        assert same is not dual
        assert_close(fwAD.unpack_dual(same).primal, x)
        assert_close(fwAD.unpack_dual(same).tangent, v)


class Double(Function):
    """In place."""

    @staticmethod
    def forward(ctx, x):
        x *= 2
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx, g):
        return g * 2

    @staticmethod
    def jvp(ctx, x_t):
        return x_t * 2


@pytest.mark.writable
def test_inputs_that_forward_writes_into(x, v):
    with fwAD.dual_level():
        dual = fwAD.make_dual(x, v) * 1
        part = dual[1:]
        assert Double.apply(dual) is dual
        assert_close(fwAD.unpack_dual(dual).primal, [2.0, 4.0, 6.0])
        assert_close(fwAD.unpack_dual(dual).tangent, [2.0, 20.0, 200.0])
        assert_close(fwAD.unpack_dual(part).tangent, [20.0, 200.0])

    def f(x):
        y = x * x
        Double.apply(y)
        return (y * y).sum()  # 4 x**4

    assert_close(jvp(grad(f), (x,), (v,))[1], 48 * x * x * v)
    assert_close(grad(lambda x: jvp(f, (x,), (v,))[1])(x), 48 * x * x * v)


def returning(result):
    class Wrong(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1, x.sum()

        @staticmethod
        def jvp(ctx, x_t):
            return result(x_t)

    return Wrong


def test_what_jvp_may_not_do(x, v):
    class Without(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

    with pytest.raises(MissingDerivative, match="You must implement the jvp function"):
        jvp(Without.apply, (x,), (v,))
    assert_close(jvp(lambda x: Without.apply(x.detach()) * x, (x,), (v,))[1], x * v)
    with pytest.raises(GraphError, match=r"Wrong.jvp returned an incorrect number of tangents \(expected 2, got 1\)"):
        jvp(returning(lambda t: t).apply, (x,), (v,))
    with pytest.raises(ShapeError, match=r"invalid tangent at index 1 - got \(3,\) but expected shape \(\)"):
        jvp(returning(lambda t: (t, t)).apply, (x,), (v,))
    with pytest.raises(GraphError, match="Wrong.jvp returned float for output 1"):
        jvp(returning(lambda t: (t, 1.0)).apply, (x,), (v,))
    assert_close(jvp(returning(lambda t: (None, t.sum())).apply, (x,), (v,))[1][0], [0.0, 0.0, 0.0])


@pytest.mark.parametrize("materialize", [True, False])
def test_an_absent_tangent_is_zeros_unless_they_are_not_wanted(backend, materialize):
    seen = []

    class Sum(plugrad.autograd.Function):
        @staticmethod
        def forward(ctx, x, y):
            ctx.set_materialize_grads(materialize)
            return x + y

        @staticmethod
        def jvp(ctx, s, t):
            seen.append(t)
            return s

    _, tangent = plugrad.func.jvp(lambda x: Sum.apply(x, plugrad.tensor([1.0, 2.0])), (plugrad.tensor([3.0, 4.0]),),
                                  (plugrad.tensor([5.0, 6.0]),))  # fmt: skip
    assert_close(tangent, [5.0, 6.0])
    if materialize:
        assert_close(seen[0], [0.0, 0.0])
    else:
        assert seen == [None]
