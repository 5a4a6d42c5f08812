"""``Function``: an op of the user's own."""

import gc
import math
import weakref

import pytest

import plugrad
from plugrad.autograd import Function, grad
from values import assert_close


class Exp(Function):
    @staticmethod
    def forward(ctx, x):
        y = plugrad.exp(x)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, g):
        (y,) = ctx.saved_tensors
        return g * y


class Polar(Function):
    """Two outputs, an argument that is no tensor, and an attribute on the context."""

    @staticmethod
    def forward(ctx, r, phi, scale):
        ctx.save_for_backward(r, phi)
        ctx.scale = scale
        return scale * r * plugrad.cos(phi), scale * r * plugrad.sin(phi)

    @staticmethod
    def backward(ctx, gx, gy):
        r, phi = ctx.saved_tensors
        c, s = plugrad.cos(phi), plugrad.sin(phi)
        return ctx.scale * (gx * c + gy * s), ctx.scale * r * (gy * c - gx * s), None


def leaf(values):
    return plugrad.tensor(values, requires_grad=True)


def test_first_and_second_order(backend):
    x = leaf([0.5, 1.0])
    y = Exp.apply(x)
    assert y.grad_fn.name() == "ExpBackward"
    (g,) = grad(y.sum(), [x], create_graph=True)
    (h,) = grad((g * g).sum(), [x])
    assert_close(h, [2 * math.exp(1.0), 2 * math.exp(2.0)])


def test_several_outputs(backend):
    r, phi = leaf(2.0), leaf(0.3)
    x, y = Polar.apply(r, phi, 3.0)
    assert x.grad_fn is y.grad_fn
    (x * y).backward()
    assert r.grad.item() == pytest.approx(2 * 9 * 2 * math.cos(0.3) * math.sin(0.3))
    assert phi.grad.item() == pytest.approx(9 * 4 * math.cos(0.6))


def test_an_unused_output_has_a_zero_cotangent(backend):
    r, phi = leaf(2.0), leaf(0.3)
    x, _ = Polar.apply(r, phi, 3.0)
    x.backward()
    assert r.grad.item() == pytest.approx(3 * math.cos(0.3))


def test_second_order_of_several_outputs(backend):
    r, phi = leaf(2.0), leaf(0.3)
    x, y = Polar.apply(r, phi, 1.0)
    (g,) = grad(x * y, [phi], create_graph=True)
    (h,) = grad(g, [phi])
    assert h.item() == pytest.approx(-2 * 4 * math.sin(0.6))


def test_needs_input_grad_and_none(backend):
    seen = []

    class Product(Function):
        @staticmethod
        def forward(ctx, x, y):
            seen.append(ctx.needs_input_grad)
            ctx.save_for_backward(x, y)
            return x * y

        @staticmethod
        def backward(ctx, g):
            x, y = ctx.saved_tensors
            return g * y if ctx.needs_input_grad[0] else None, g * x if ctx.needs_input_grad[1] else None

    x, y = leaf(2.0), plugrad.tensor(3.0)
    Product.apply(x, y).backward()
    assert seen == [(True, False)]
    assert x.grad.item() == 3


def test_nothing_is_recorded_where_nothing_is_asked(backend):
    y = Exp.apply(plugrad.tensor(1.0))
    assert y.grad_fn is None
    with plugrad.no_grad():
        assert Exp.apply(leaf(1.0)).grad_fn is None


def test_forward_is_not_recorded(backend):
    y = Exp.apply(leaf(1.0))
    assert [n.name() for n, _ in y.grad_fn.next_functions] == ["AccumulateGrad"]


def test_an_input_returned_as_it_is(backend):
    class Identity(Function):
        @staticmethod
        def forward(ctx, x):
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 10

    x = leaf(2.0)
    y = Identity.apply(x)
    assert y is not x
    y.backward()
    assert x.grad.item() == 10
    assert x.is_leaf


def test_saved_tensors_are_freed(backend):
    y = Exp.apply(leaf(1.0))
    y.backward(retain_graph=True)
    y.backward()
    with pytest.raises(RuntimeError, match="ExpBackward.*retain_graph=True"):
        y.backward()


def test_a_saved_output_makes_no_cycle(backend):
    gc.disable()
    try:
        y = Exp.apply(leaf(1.0))
        node = weakref.ref(y.grad_fn)
        del y
        assert node() is None
    finally:
        gc.enable()


@pytest.mark.writable
def test_saved_tensors_are_checked(backend):
    x = leaf([1.0, 2.0])
    y = Exp.apply(x)
    with plugrad.no_grad():
        y += 1.0
    with pytest.raises(RuntimeError, match=r"ExpBackward.*saved 'saved_tensors\[0\]'.*add_ wrote"):
        y.sum().backward()


def returning(value):
    class Wrong(Function):
        @staticmethod
        def forward(ctx, x, k):
            return x * k

        @staticmethod
        def backward(ctx, g):
            return value(g)

    return Wrong


@pytest.mark.parametrize(
    "value, message",
    [
        (lambda g: g, r"incorrect number of gradients \(expected 2, got 1\)"),
        (lambda g: (g, g, g), r"incorrect number of gradients \(expected 2, got 3\)"),
        (lambda g: (g, g), "gradient other than None at position 1"),
        (
            lambda g: (plugrad.ones(5), None),
            r"invalid gradient at index 0 - got \(5,\) but expected shape compatible with \(2,\)",
        ),
    ],
)
def test_wrong_gradients(backend, value, message):
    x = leaf([1.0, 2.0])
    y = returning(value).apply(x, 2)
    with pytest.raises(RuntimeError, match=message):
        y.sum().backward()
    assert x.grad is None


def test_surplus_nones_and_broadcast_gradients_are_taken(backend):
    x = leaf([1.0, 2.0])
    y = returning(lambda g: (plugrad.ones(3, 2), None, None)).apply(x, 2)
    y.sum().backward()
    assert_close(x.grad, [3.0, 3.0])


def test_misuse(backend):
    class Nothing(Function):
        @staticmethod
        def forward(ctx, x):
            return "nothing"

    with pytest.raises(TypeError, match="Nothing.forward returned str; expected a tensor"):
        Nothing.apply(leaf(1.0))
    with pytest.raises(NotImplementedError, match="forward"):
        Function.apply(leaf(1.0))

    class Forward(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward("x")
            return x * 1

    with pytest.raises(TypeError, match="save_for_backward can only save tensors, but got str"):
        Forward.apply(leaf(1.0))
    assert plugrad.is_grad_enabled()
