"""``autograd.Function``: the same classes, made of PyTorch's Function and of plugrad's, see the same."""

import pytest

from against_torch.both import Raised, both, raised, warned


def leaf(lib, values):
    return lib.tensor(values, requires_grad=True)


def function(lib, forward, backward=None, **others):
    """A Function of two functions. By default its backward hands on the first gradient."""
    methods = {"forward": forward, "backward": backward or (lambda ctx, *gs: gs[0]), **others}
    return type("Made", (lib.autograd.Function,), {name: staticmethod(f) for name, f in methods.items()})


def noting(seen, then):
    """A backward that notes its arguments."""

    def backward(ctx, *gs):
        seen.extend(g if g is None else g + 0 for g in gs)
        return then(*gs)

    return backward


@both
def test_outputs_of_every_kind(lib):
    seen = []

    def forward(ctx, x):
        return x * 2, "text", x * 3, None, lib.argmax(x)

    x = leaf(lib, [1.0, 2.0])
    a, text, b, none, place = function(lib, forward, noting(seen, lambda *gs: gs[0] * 2 + gs[2] * 3)).apply(x)
    (a * b).sum().backward()
    return x.grad, seen[0], seen[1], seen[2], seen[3], text, none, a.requires_grad, place.requires_grad


@both
def test_unused_outputs(lib):
    found = []
    for materialize in (True, False):

        def forward(ctx, x, materialize=materialize):
            ctx.set_materialize_grads(materialize)
            return x * 2, x * 3, "text"

        x = leaf(lib, [1.0, 2.0])
        _, y, _ = function(lib, forward, noting(found, lambda *gs: gs[1] * 3)).apply(x)
        y.sum().backward()
        found.append(x.grad)
    return found


@both
def test_the_same_tensor_returned_twice(lib):
    def forward(ctx, x):
        y = x * 2
        return y, y

    seen = []
    x = leaf(lib, 1.0)
    y, z = function(lib, forward, noting(seen, lambda g, h: g + h)).apply(x)
    (y + 3 * z).backward()
    return y is z, seen, x.grad


@both
def test_inputs_returned(lib):
    seen = []
    x = leaf(lib, 1.0)
    y, z = function(lib, lambda ctx, x: (x, x), noting(seen, lambda g, h: g + h)).apply(x)
    (y + 3 * z).backward()
    c = lib.tensor(2.0)
    d = function(lib, lambda ctx, x: x).apply(c)
    with lib.no_grad():
        w = function(lib, lambda ctx, x: x).apply(x)
    return y is x, y is z, seen, x.grad, x.is_leaf, d is c, d.requires_grad, w is x, w.requires_grad


@both
def test_non_differentiable(lib):
    def forward(ctx, x):
        y, z = x * 2, x * 3
        ctx.mark_non_differentiable(y)
        return y, z

    seen = []
    x = leaf(lib, 1.0)
    y, z = function(lib, forward, noting(seen, lambda g, h: h * 3)).apply(x)
    z.backward()
    w = function(lib, lambda ctx, x: (ctx.mark_non_differentiable(x), x)[1]).apply(x)
    return y.requires_grad, y.grad_fn is None, seen, x.grad, w is x, w.requires_grad, x.requires_grad


def doubled(ctx, x):
    ctx.mark_dirty(x)
    x *= 2
    return x


@pytest.mark.writable
@both
def test_dirty_inputs(lib):
    made = function(lib, doubled, lambda ctx, g: g * 2)
    x = leaf(lib, [1.0, 2.0])
    z = x * 1
    y = made.apply(z)
    y.sum().backward()
    c = lib.tensor([1.0])
    with lib.no_grad():
        quiet = made.apply(x)
    not_returned = function(lib, lambda ctx, x: (ctx.mark_dirty(x), x * 1)[1])
    not_an_input = function(lib, lambda ctx, x: [y := x * 1, ctx.mark_dirty(y)][0])
    return (
        [y is z, z.grad_fn.name(), z.is_leaf, z._version, x.grad],
        [made.apply(c) is c, c.requires_grad, c],
        [quiet is x, quiet.requires_grad, x, x.requires_grad],
        raised(made.apply, x),
        raised(not_returned.apply, x * 1),
        warned(not_an_input.apply, x),
    )


@pytest.mark.writable
@both
def test_a_dirty_input_and_a_new_output(lib):
    def forward(ctx, x, y):
        ctx.mark_dirty(y)
        y *= x
        ctx.save_for_backward(x, y)
        return y, x * 3

    def backward(ctx, g, h):
        x, y = ctx.saved_tensors
        return g * y / x + 3 * h, g * x

    x, y = leaf(lib, [1.0, 2.0]), leaf(lib, [3.0, 4.0])
    z = y * 1
    a, b = function(lib, forward, backward).apply(x, z)
    (gx,) = lib.autograd.grad((a * b).sum(), [x], create_graph=True)
    return a is z, a.grad_fn.name(), gx, lib.autograd.grad(gx.sum(), [x, y])


@pytest.mark.writable
@both
def test_saved_tensors_that_were_written(lib):
    made = function(
        lib, lambda ctx, x: (ctx.save_for_backward(x), x * x)[1], lambda ctx, g: 2 * g * ctx.saved_tensors[0]
    )
    x = leaf(lib, [1.0, 2.0]) * 1
    y = made.apply(x)
    with lib.no_grad():
        x *= 3
    z = x * x
    function(lib, doubled).apply(x)
    return raised(y.sum().backward), raised(z.sum().backward)


@both
def test_what_saved_tensors_are(lib):
    seen, made = [], []

    def forward(ctx, x):
        inner, y = x * 3, x * 2
        made.extend([inner, y])
        ctx.save_for_backward(x, None, inner, y)
        return y

    def backward(ctx, g):
        seen.extend(ctx.saved_tensors)
        return g * 2

    x = leaf(lib, 1.0)
    for given in (x, x * 1):
        y = function(lib, forward, backward).apply(given)
        y.backward()
        seen[-4:] = [seen[-4] is given, seen[-3], seen[-2] is made[-2], seen[-2].requires_grad, seen[-1] - y]
    return seen


@both
def test_after_backward(lib):
    kept = []

    def forward(ctx, x):
        kept.append(ctx)
        ctx.note = "mine"
        ctx.save_for_backward(x)
        return x * 2

    y = function(lib, forward).apply(leaf(lib, 1.0))
    y.backward(retain_graph=True)
    alive = kept[0].saved_tensors
    y.backward()
    y.backward()
    nothing_saved = function(lib, lambda ctx, x: x * 2, lambda ctx, g: (ctx.saved_tensors, g)[1]).apply(leaf(lib, 1.0))
    nothing_saved.backward()
    return (
        alive, kept[0].note, kept[0].needs_input_grad, raised(lambda: kept[0].saved_tensors),
        raised(nothing_saved.backward),
    )  # fmt: skip


@both
def test_setup_context(lib):
    def setup_context(ctx, inputs, output):
        ctx.k = inputs[1]
        ctx.save_for_backward(output)

    made = function(lib, lambda x, k=2: x * k, lambda ctx, g: (g * ctx.k, None), setup_context=setup_context)
    found = []
    for args, keywords in (((), {}), ((3,), {}), ((), {"k": 4})):
        x = leaf(lib, 1.0)
        made.apply(x, *args, **keywords).backward()
        found.append(x.grad)
    x = leaf(lib, 1.0)
    by_name = function(lib, lambda x, *, k: x * k, setup_context=lambda ctx, inputs, output: None)
    return (
        found, raised(made.apply, x, q=1), raised(made.apply, x, 1, 2), raised(made.apply),
        raised(by_name.apply, x, k=1), raised(by_name.apply, x),
    )  # fmt: skip


@both
def test_class_methods(lib):
    class Made(lib.autograd.Function):
        @classmethod
        def forward(cls, x, k=2):
            return x * k

        @classmethod
        def setup_context(cls, ctx, inputs, output):
            ctx.note = (cls.__name__, inputs[1])

        @classmethod
        def vjp(cls, ctx, g):
            return g * ctx.note[1], None

    x = leaf(lib, 1.0)
    y = Made.apply(x)
    y.backward()
    return x.grad, y.grad_fn.name()


@both
def test_methods_that_are_missing_or_too_many(lib):
    x = leaf(lib, 1.0)
    both_names = function(lib, lambda ctx, x: x * 2, vjp=lambda ctx, g: g).apply(x)
    neither = type("Made", (lib.autograd.Function,), {"forward": staticmethod(lambda ctx, x: x * 2)}).apply(x)
    warns, instance = warned(function(lib, lambda ctx, x: x))
    return (
        raised(both_names.backward), raised(neither.backward), raised(lib.autograd.Function.apply, x),
        warns, raised(instance, x),
    )  # fmt: skip


GRADIENTS = {
    "nothing": lambda lib, g: (),
    "too few": lambda lib, g: g,
    "too many": lambda lib, g: (g, None, g),
    "surplus None": lambda lib, g: (g, None, None, None),
    "a list": lambda lib, g: [g, None],
    "a number": lambda lib, g: (1.0, None),
    "for what is no tensor": lambda lib, g: (g, g),
    "None": lambda lib, g: (None, None),
    "integers": lambda lib, g: (lib.tensor([3, 4]), None),
    "a scalar": lambda lib, g: (g.sum(), None),
    "too long": lambda lib, g: (lib.ones(3), None),
    "broadcast": lambda lib, g: (lib.ones((3, 2)), None),
}


@pytest.mark.parametrize("gradients", GRADIENTS.values(), ids=GRADIENTS)
def test_what_backward_returns(backend, gradients):
    @both
    def program(lib):
        x = leaf(lib, [1.0, 2.0])
        y = function(lib, lambda ctx, x, k: x * k, lambda ctx, g: gradients(lib, g)).apply(x, 2)
        try:
            y.sum().backward()
        except Exception as error:
            return Raised(error), x.grad
        return [x.grad]

    program(backend)


@both
def test_needs_input_grad_and_the_mode(lib):
    seen = []

    def forward(ctx, x, y, k):
        seen.extend([ctx.needs_input_grad, lib.is_grad_enabled(), x.requires_grad])
        ctx.save_for_backward(x, y)
        return x * y

    def backward(ctx, g):
        seen.extend([ctx.needs_input_grad, lib.is_grad_enabled()])
        x, y = ctx.saved_tensors
        return g * y, g * x, None

    made = function(lib, forward, backward)
    x, c = leaf(lib, 2.0), lib.tensor(3.0)
    made.apply(x, c, 1).backward()
    with lib.no_grad():
        made.apply(x, c, 1)
    lib.autograd.grad(made.apply(c, x, None), [x], create_graph=True)
    return seen, x.grad, c.grad


@both
def test_nested_to_third_order(lib):
    class Exp(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            y = lib.exp(x)
            ctx.save_for_backward(y)
            return y

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0]

    class Outer(lib.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return Exp.apply(x) * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2 * Exp.apply(ctx.saved_tensors[0])

    x = leaf(lib, [0.5, 1.0])
    found = [Outer.apply(x)]
    for _ in range(3):
        found += lib.autograd.grad(found[-1].sum(), [x], create_graph=True)
    return found


@both
def test_once_differentiable(lib):
    once = lib.autograd.function.once_differentiable
    backward = once(lambda ctx, g: 2 * g * ctx.saved_tensors[0])
    made = function(lib, lambda ctx, x: (ctx.save_for_backward(x), x * x)[1], backward)
    x = leaf(lib, [1.0, 2.0])
    y = made.apply(x)
    y.sum().backward()
    (g,) = lib.autograd.grad((made.apply(x) * x).sum(), [x], create_graph=True)
    return x.grad, g, raised(g.sum().backward)


@both
def test_backward_inside_of_backward(lib):
    def forward(ctx, x):
        ctx.x = x.detach()
        return x * x

    def backward(ctx, g):
        with lib.enable_grad():
            x = ctx.x.requires_grad_()
            (x * x).sum().backward()
        return g * x.grad

    x = leaf(lib, [3.0, 4.0])
    function(lib, forward, backward).apply(x).sum().backward()
    return x.grad


@both
def test_recording_in_forward_is_not_seen(lib):
    def forward(ctx, x):
        with lib.enable_grad():
            return x * 3

    x = leaf(lib, 1.0)
    y = function(lib, forward, lambda ctx, g: g * 10).apply(x)
    y.backward()
    return y.grad_fn.name(), x.grad


def attempted(call, *args):
    """What a call returns, or what it raises."""
    try:
        return call(*args)
    except RuntimeError as error:
        return Raised(error)


def double(x):
    x *= 2


VIEWS = {
    "the input": lambda ctx, x: x,
    "a view": lambda ctx, x: x[:1],
    "a view of something new": lambda ctx, x: (x * 2)[:1],
    "two views": lambda ctx, x: (x[:1], x[1:]),
    "a view and something new": lambda ctx, x: (x[:1], x * 2),
    "something new and its view": lambda ctx, x: (y := x * 2, y[:1]),
    "something new": lambda ctx, x: x * 2,
}


@pytest.mark.writable
@pytest.mark.parametrize("forward", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("start", ["leaf", "result", "no grad", "under no_grad"])
@pytest.mark.parametrize("write_into", [0, 1, -1])
def test_writes_into_inputs_and_outputs(backend, forward, start, write_into):
    """PyTorch refuses a view whose base was written when it is next used, plugrad when a gradient arrives there."""

    @both
    def program(lib):
        root = lib.tensor([1.0, 2.0], requires_grad=start != "no grad")
        x = root * 1 if start == "result" else root
        made = function(lib, forward, lambda ctx, *gs: gs[-1].sum() + lib.tensor([1.0, 2.0]))
        with lib.set_grad_enabled(start != "under no_grad"):
            outputs = made.apply(x)
            tensors = (x, *(outputs if isinstance(outputs, tuple) else (outputs,)))
            found = [attempted(double, tensors[write_into])]
        if found == [None]:
            values = [t.detach() for t in tensors]
            found += values
        return found + [attempted(lambda t=t: lib.autograd.grad(t.sum(), [root], retain_graph=True)) for t in tensors]

    program(backend)


@pytest.mark.writable
@both
def test_dirty_views(lib):
    made = function(lib, doubled, lambda ctx, g: g * 2)
    several = function(lib, lambda ctx, x: (doubled(ctx, x), x * 3))
    x = leaf(lib, [1.0, 2.0])
    base = x * 1
    part, other = base[:1], base[1:]
    out = made.apply(part)
    (out.sum() + base.sum() + other.sum()).backward()
    whole = x * 1
    view = whole[1:]
    made.apply(whole)
    return (
        [out is part, base, x.grad, part.is_leaf, other],
        [view, lib.autograd.grad(view.sum(), [x])],
        raised(several.apply, (x * 1)[:1]), raised(made.apply, x[:1]),
    )  # fmt: skip
