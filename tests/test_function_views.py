"""Views and a Function: an output that looks into an input or another output, and a view that forward wrote into."""

import gc
import weakref

import pytest

import plugrad
from plugrad.autograd import Function
from values import assert_close


def leaf(values):
    return plugrad.tensor(values, requires_grad=True)


def function(forward, backward=None):
    """A Function of two functions. By default its backward hands on the first gradient."""
    return type(
        "Made",
        (Function,),
        {"forward": staticmethod(forward), "backward": staticmethod(backward or (lambda ctx, *gs: gs[0]))},
    )


def doubled(ctx, x):
    ctx.mark_dirty(x)
    x *= 2
    return x


VIEWS = {
    "the input": lambda ctx, x: x,
    "a view of the input": lambda ctx, x: x[:1],
    "a view of something new": lambda ctx, x: (x * 2)[:1],
}


@pytest.mark.parametrize("forward", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("start", ["leaf", "result"])
def test_an_output_that_is_a_view_is_not_written(backend, forward, start):
    x = leaf([1.0, 2.0])
    y = function(forward).apply(x if start == "leaf" else x * 1)
    with pytest.raises(RuntimeError, match=r"Output of MadeBackward is a view and is being modified inplace.*Clone"):
        y *= 2
    with pytest.raises(RuntimeError, match="Output of MadeBackward is a view"):
        y[0] = 5.0
    assert y.grad_fn.name() == "MadeBackward"


def test_nor_is_one_of_several(backend):
    x = leaf([1.0, 2.0]) * 1
    first, both = function(lambda ctx, x: (x[:1], x * 2), lambda ctx, g, h: h).apply(x)
    both *= 2
    with pytest.raises(RuntimeError, match="Output of MadeBackward .*returns multiple views"):
        first *= 2


def test_it_shares_memory_and_a_write_elsewhere_makes_it_useless(backend):
    x = leaf([1.0, 2.0]) * 1
    y = function(lambda ctx, x: x, lambda ctx, g: g * 10).apply(x)
    fine = y * 2
    x *= 3
    assert_close(y, [3.0, 6.0])
    with pytest.raises(RuntimeError, match="Output of MadeBackward .*its base or another view .* has been modified"):
        (y * 2).sum().backward()
    with pytest.raises(RuntimeError, match="its base or another view"):
        plugrad.autograd.grad(y.sum(), [x])
    if backend.writable:
        return
    fine.sum().backward()


def test_a_view_of_another_output(backend):
    def forward(ctx, x):
        y = x * 2
        return y, y[:1]

    x = leaf([1.0, 2.0])
    y, part = function(forward, lambda ctx, g, h: 2 * g).apply(x)
    y *= 3
    y.sum().backward()
    assert_close(x.grad, [6.0, 6.0])
    assert_close(part, [6.0])
    with pytest.raises(RuntimeError, match="its base or another view"):
        part.sum().backward()


def test_where_nothing_is_recorded_views_are_views(backend):
    x, c = leaf([1.0, 2.0]), plugrad.tensor([1.0, 2.0])
    y = function(VIEWS["a view of the input"]).apply(c)
    y *= 5
    assert_close(c, [5.0, 2.0])
    with plugrad.no_grad():
        y = function(VIEWS["a view of the input"]).apply(x)
        y *= 5
    assert_close(x, [5.0, 2.0])


@pytest.mark.writable
def test_an_input_returned_where_nothing_is_recorded_shares_memory(backend):
    x, c = leaf([1.0, 2.0]), plugrad.tensor([1.0, 2.0])
    y = function(lambda ctx, x: x).apply(c)
    with plugrad.no_grad():
        z = function(lambda ctx, x: x).apply(x)
        z *= 5
        y *= 5
    assert_close(x, [5.0, 10.0])
    assert_close(c, [5.0, 10.0])
    with pytest.raises(RuntimeError, match="view was created in no_grad mode"):
        y *= x


def test_a_dirty_view_tells_its_base(backend):
    x = leaf([1.0, 2.0])
    base = x * 1
    part = base[:1]
    out = function(doubled, lambda ctx, g: g * 2).apply(part)
    assert out is part
    assert_close(base, [2.0, 2.0])
    (out.sum() + base.sum()).backward()
    assert_close(x.grad, [4.0, 1.0])


def test_a_dirty_base_tells_its_views(backend):
    x = leaf([1.0, 2.0])
    base = x * 1
    part = base[:1]
    function(doubled, lambda ctx, g: g * 2).apply(base)
    assert_close(part, [2.0])
    part.sum().backward()
    assert_close(x.grad, [2.0, 0.0])


def test_a_dirty_view_saved_as_an_output(backend):
    def forward(ctx, x):
        x *= x
        ctx.mark_dirty(x)
        ctx.save_for_backward(x)
        return x

    x = leaf([3.0, 2.0])
    part = (x * 1)[:1]
    function(forward, lambda ctx, g: g * 2 * plugrad.sqrt(ctx.saved_tensors[0])).apply(part)
    (g,) = plugrad.autograd.grad(part.sum(), [x], create_graph=True)
    assert_close(g, [6.0, 0.0])
    (h,) = plugrad.autograd.grad(g.sum(), [x])
    assert_close(h, [2.0, 0.0])


def test_a_dirty_view_is_the_only_output(backend):
    def forward(ctx, x):
        return doubled(ctx, x), x * 3

    part = (leaf([1.0, 2.0]) * 1)[:1]
    with pytest.raises(RuntimeError, match="Made modifies in place an input that is a view .*more than one tensor"):
        function(forward).apply(part)


def test_a_view_of_a_leaf_is_not_written(backend):
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match="view of a leaf Variable that requires grad"):
        function(doubled).apply(x[:1])


def test_what_forward_recorded_itself_is_returned_as_an_output(backend):
    def forward(ctx, x):
        with plugrad.enable_grad():
            return x * 3

    x = leaf(1.0)
    y = function(forward, lambda ctx, g: g * 10).apply(x)
    y.backward()
    assert x.grad.item() == 10
    assert y.grad_fn.name() == "MadeBackward"


def test_no_circles_with_views(backend):
    gc.collect()
    gc.disable()
    try:
        x = leaf([1.0, 2.0]) * 1
        y = function(lambda ctx, x: x).apply(x)
        part = x[:1]
        function(doubled).apply(part)
        dead = [weakref.ref(o) for o in (x, y, part, x.grad_fn, y.grad_fn)]
        del x, y, part
        assert [d() for d in dead] == [None] * 5
    finally:
        gc.enable()
