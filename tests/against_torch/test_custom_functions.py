"""The note on extending autograd: custom Functions."""

import pytest

from against_torch.both import both, raised


def functions(lib):
    """A Function written in the combined and in the separate form."""

    class Combined(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x, k=2.0, bias=None):
            ctx.save_for_backward(x, bias)
            ctx.k = k
            return x * x * k if bias is None else x * x * k + bias

        @staticmethod
        def backward(ctx, g):
            x, bias = ctx.saved_tensors
            needs = ctx.needs_input_grad
            return 2.0 * x * g * ctx.k if needs[0] else None, None, g if bias is not None and needs[2] else None

    class Separate(lib.autograd.Function):
        @staticmethod
        def forward(x, k=2.0, bias=None):
            return x * x * k if bias is None else x * x * k + bias

        @staticmethod
        def setup_context(ctx, inputs, output):
            x, k, bias = inputs
            ctx.save_for_backward(x, bias)
            ctx.k = k

        backward = staticmethod(Combined.backward)

    return Combined, Separate


@both
def test_forward_combined_and_separate(lib):
    found = []
    for function in functions(lib):
        x, bias = lib.tensor([1.0, 2.0], requires_grad=True), lib.tensor([3.0, 4.0], requires_grad=True)
        y = function.apply(x, 3.0, bias)
        lib.sum(y * y).backward()
        found.append((y, x.grad, bias.grad, function.apply(x.detach(), 3.0, None).requires_grad))
    return found


@both
def test_a_backward_of_ops_is_differentiated(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = functions(lib)[0].apply(x, 3.0, None)
    (first,) = lib.autograd.grad(lib.sum(y * y), [x], create_graph=True)
    return first, lib.autograd.grad(lib.sum(first * first), [x])


@both
def test_once_differentiable(lib):
    class Once(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @lib.autograd.function.once_differentiable
        def backward(ctx, g):
            (x,) = ctx.saved_tensors
            return 2.0 * x * g

    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = Once.apply(x)
    (first,) = lib.autograd.grad(lib.sum(y * y), [x], create_graph=True)
    return first, raised(lib.sum(first).backward)


@both
def test_undefined_cotangents_are_zeros_or_none(lib):
    def two_outputs(materialize):
        seen = []

        class Two(lib.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.set_materialize_grads(materialize)
                return x * 2.0, x * 3.0

            @staticmethod
            def backward(ctx, g, h):
                seen.append(h)
                return g * 2.0

        x = lib.tensor([1.0, 2.0], requires_grad=True)
        lib.sum(Two.apply(x)[0]).backward()
        return seen, x.grad

    return two_outputs(True), two_outputs(False)


@both
def test_non_differentiable_outputs(lib):
    class Marked(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            count = x * 0.0 + 1.0
            ctx.mark_non_differentiable(count)
            return x * 2.0, count

        @staticmethod
        def backward(ctx, g, h):
            return g * 2.0 + h

    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y, count = Marked.apply(x)
    lib.sum(y * count).backward()
    return y.requires_grad, count.requires_grad, x.grad


@pytest.mark.writable
@both
def test_dirty_inputs(lib):
    class Double(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            x.mul_(2.0)
            ctx.mark_dirty(x)
            return x

        @staticmethod
        def backward(ctx, g):
            return g * 2.0

    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1.0
    z = Double.apply(y)
    lib.sum(y * y).backward()
    return z is y, y._version, x.grad, raised(Double.apply, lib.tensor([1.0], requires_grad=True))


@both
def test_wrong_gradients_are_refused(lib):
    def with_gradient(made):
        class Wrong(lib.autograd.Function):
            @staticmethod
            def forward(ctx, x, y):
                return x * y

            @staticmethod
            def backward(ctx, g):
                return made(g)

        x = lib.tensor([1.0, 2.0], requires_grad=True)
        return raised(lib.sum(Wrong.apply(x, lib.tensor([3.0, 4.0]))).backward)

    return with_gradient(lambda g: g), with_gradient(lambda g: (g[:1].reshape(1, 1), None))


@both
def test_surplus_nones_are_ignored(lib):
    class Square(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return 2.0 * g * ctx.saved_tensors[0], None, None

    x = lib.tensor([1.0, 2.0], requires_grad=True)
    lib.sum(Square.apply(x)).backward()
    return x.grad


@both
def test_forward_sees_no_history_and_saved_tensors_are_freed(lib):
    seen = []

    class Square(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            seen.append(((x * x).requires_grad, lib.is_grad_enabled()))
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx, g):
            return 2.0 * g * ctx.saved_tensors[0]

    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = lib.sum(Square.apply(x))
    y.backward()
    return seen, x.grad, raised(y.backward)


@both
def test_only_tensors_are_saved(lib):
    class Wrong(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x, 3.0)
            return x * 1.0

        @staticmethod
        def backward(ctx, g):
            return g

    return raised(Wrong.apply, lib.tensor([1.0], requires_grad=True))


@both
def test_vjp_is_another_name_of_backward(lib):
    class Square(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def vjp(ctx, g):
            return 2.0 * g * ctx.saved_tensors[0]

    x = lib.tensor([1.0, 2.0], requires_grad=True)
    lib.sum(Square.apply(x)).backward()
    return x.grad


@both
def test_a_function_is_a_class_with_static_methods(lib):
    class Instance(lib.autograd.Function):
        def forward(self, x):
            return x

        def backward(self, g):
            return g

    return raised(lambda: Instance()(lib.tensor([1.0], requires_grad=True)))


@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")  # PyTorch's own
@both
def test_undefined_tangents_are_zeros_or_none(lib):
    def sum_of(materialize):
        seen = []

        class Sum(lib.autograd.Function):
            @staticmethod
            def forward(ctx, x, y):
                ctx.set_materialize_grads(materialize)
                return x + y

            @staticmethod
            def jvp(ctx, s, t):
                seen.append(t)
                return s if t is None else s + t

        forward_ad = lib.autograd.forward_ad
        with forward_ad.dual_level():
            x = forward_ad.make_dual(lib.tensor([1.0, 2.0]), lib.tensor([1.0, 10.0]))
            out = forward_ad.unpack_dual(Sum.apply(x, lib.tensor([3.0, 4.0])))
        return out.primal, out.tangent, seen

    return sum_of(True), sum_of(False)
