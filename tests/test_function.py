"""``Function``: an op of the user's own."""

import gc
import math
import weakref

import pytest

import plugrad
from plugrad.autograd import Function, grad
from plugrad.autograd.function import once_differentiable
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
        (lambda g: (g.sum(), None), r"invalid gradient at index 0 - got \(\) but expected .* \(2,\)"),
        (lambda g: (1.0, None), r"WrongBackward returned at index 0: expected a tensor or None \(got float\)"),
        (lambda g: [g, None], r"incorrect number of gradients \(expected 2, got 1\)"),
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


@pytest.mark.only("numpy", "strict")
def test_a_complex_gradient_of_a_real_input_is_refused_and_a_real_one_of_a_complex_input_taken(backend):
    x = leaf([1.0, 2.0])
    y = returning(lambda g: (g * 1j, None)).apply(x, 2)
    with pytest.raises(RuntimeError, match="complex gradient at index 0 .*Return its real part"):
        y.sum().backward()
    z = plugrad.tensor([1j, 2.0], requires_grad=True)
    y = returning(lambda g: (plugrad.ones(2), None)).apply(z, 2)
    y.backward(plugrad.ones_like(y))
    assert_close(z.grad, [1 + 0j, 1 + 0j])
    assert z.grad.dtype == plugrad.complex128


def test_a_gradient_for_what_needs_none_is_dropped_and_integers_are_converted(backend):
    x, c = leaf([1.0, 2.0]), plugrad.tensor([5.0])
    y = returning(lambda g: (plugrad.asarray([3, 4]), plugrad.ones(7))).apply(x, c)
    y.sum().backward()
    assert_close(x.grad, [3.0, 4.0])
    assert c.grad is None


# -- how it is declared and called ------------------------------------------------------------------------------------


def declared(**methods):
    return type("Declared", (Function,), {name: staticmethod(method) for name, method in methods.items()})


def test_vjp_is_another_name_of_backward(backend):
    x = leaf(3.0)
    declared(forward=lambda ctx, x: x * 2, vjp=lambda ctx, g: g * 2).apply(x).backward()
    assert x.grad.item() == 2
    both = declared(forward=lambda ctx, x: x * 2, vjp=lambda ctx, g: g, backward=lambda ctx, g: g).apply(x)
    with pytest.raises(RuntimeError, match="both 'backward' and 'vjp'.*Declared"):
        both.backward()
    neither = declared(forward=lambda ctx, x: x * 2).apply(x)
    with pytest.raises(NotImplementedError, match="either the backward or vjp method"):
        neither.backward()


class Scaled(Function):
    """``setup_context`` beside a ``forward`` with a default, as class methods."""

    @classmethod
    def forward(cls, x, k=2):
        return x * k

    @classmethod
    def setup_context(cls, ctx, inputs, output):
        assert not plugrad.is_grad_enabled()
        x, ctx.k = inputs
        ctx.save_for_backward(x, output)

    @classmethod
    def backward(cls, ctx, g):
        x, y = ctx.saved_tensors
        return g * y / x, None


@pytest.mark.parametrize("args, keywords, k", [((), {}, 2), ((5,), {}, 5), ((), {"k": 7}, 7)])
def test_setup_context_gets_defaults_and_takes_names(backend, args, keywords, k):
    x = leaf(3.0)
    y = Scaled.apply(x, *args, **keywords)
    assert y.item() == 3 * k
    y.backward()
    assert x.grad.item() == k


def test_keywords_that_no_gradient_would_reach_are_refused(backend):
    x = leaf(1.0)
    with pytest.raises(TypeError, match="Exp.apply takes no keyword arguments, got x: .*by position"):
        Exp.apply(x=x)
    with pytest.raises(TypeError, match="unexpected keyword argument 'q'"):
        Scaled.apply(x, q=1)
    by_name = declared(forward=lambda x, *, k=1: x * k, setup_context=lambda ctx, inputs, output: None)
    with pytest.raises(TypeError, match="Declared.apply: k can only be given to forward by keyword"):
        by_name.apply(x, k=2)
    assert plugrad.is_grad_enabled()


def test_instances_are_of_no_use(backend):
    with pytest.warns(DeprecationWarning, match="should not be instantiated"):
        instance = Exp()
    with pytest.raises(RuntimeError, match="non-static forward method is deprecated: .*call Exp.apply"):
        instance(leaf(1.0))
    with pytest.raises(NotImplementedError, match="must implement the forward function"):
        Function.apply(leaf(1.0))


def test_functions_call_functions_to_any_order(backend):
    class Twice(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return Exp.apply(x) * 2

        @staticmethod
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return g * 2 * Exp.apply(x)

    x = leaf(1.0)
    found = Twice.apply(x)
    for _ in range(3):
        (found,) = grad(found, [x], create_graph=True)
        assert found.item() == pytest.approx(2 * math.e)


def test_backward_inside_of_backward(backend):
    class Square(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.x = x.detach()
            return x * x

        @staticmethod
        def backward(ctx, g):
            assert not plugrad.is_grad_enabled()
            with plugrad.enable_grad():
                x = ctx.x.requires_grad_()
                (x * x).sum().backward()
            return g * x.grad

    x = leaf([3.0, 4.0])
    Square.apply(x).sum().backward()
    assert_close(x.grad, [6.0, 8.0])


def test_once_differentiable(backend):
    class Square(Function):
        @staticmethod
        def forward(ctx, x, k):
            ctx.save_for_backward(x)
            return k * x * x

        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            assert not plugrad.is_grad_enabled()
            (x,) = ctx.saved_tensors
            return 2 * g * x, None

    x = leaf(3.0)
    Square.apply(x, 1).backward()
    assert x.grad.item() == 6
    (g,) = grad(Square.apply(x, 1), [x], create_graph=True)
    assert g.item() == 6
    assert g.grad_fn.name() == "Error"
    with pytest.raises(RuntimeError, match="differentiate twice a function that was marked with @once_differentiable"):
        (g * g).backward()
    with pytest.raises(RuntimeError, match="differentiate twice"):
        grad(g, [x])


def test_an_exception_in_forward_restores_the_mode(backend):
    with pytest.raises(ZeroDivisionError):
        declared(forward=lambda ctx, x: 1 / 0).apply(leaf(1.0))
    assert plugrad.is_grad_enabled()
