"""What a Function returns: outputs with and without gradients, inputs written into, inputs handed on."""

import pytest

import plugrad
from plugrad.autograd import Function, grad
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


# -- cotangents that nothing reached ----------------------------------------------------------------------------------


@pytest.mark.parametrize("materialize", [True, False])
def test_cotangents_that_nothing_reached_are_zeros_or_none(backend, materialize):
    seen = []

    def forward(ctx, x):
        ctx.set_materialize_grads(materialize)
        return x * 2, x * 3, plugrad.argmax(x), "no tensor"

    x = leaf([1.0, 2.0])
    _, y, place, text = function(forward, lambda ctx, *gs: (seen.extend(gs), gs[1])[1]).apply(x)
    assert text == "no tensor"
    assert not place.requires_grad
    y.sum().backward()
    assert_close(x.grad, [1.0, 1.0])
    assert_close(seen[1], [1.0, 1.0])
    assert seen[3] is None
    if materialize:
        assert_close(seen[0], [0.0, 0.0])
        assert_close(seen[2], 0)
        assert seen[2].dtype == place.dtype
    else:
        assert seen[0] is None
        assert seen[2] is None


def test_none_is_no_gradient(backend):
    x = leaf(1.0)
    function(lambda ctx, x: x * 2, lambda ctx, g: None).apply(x).backward()
    assert x.grad is None
    with pytest.raises(RuntimeError, match="allow_unused"):
        grad(function(lambda ctx, x: x * 2, lambda ctx, g: None).apply(x), [x])


# -- outputs that have no gradient ------------------------------------------------------------------------------------


def test_non_differentiable_outputs(backend):
    def forward(ctx, x):
        y = x * 2
        ctx.mark_non_differentiable(y)
        return y, x * 3

    x = leaf(1.0)
    y, z = function(forward, lambda ctx, g, h: g + 3 * h).apply(x)
    assert not y.requires_grad
    assert y.grad_fn is None
    z.backward()
    assert x.grad.item() == 3


def test_an_input_marked_non_differentiable_is_left_as_it_was(backend):
    x = leaf(1.0)
    y = function(lambda ctx, x: (ctx.mark_non_differentiable(x), x)[1]).apply(x)
    assert y is not x
    assert not y.requires_grad
    assert x.requires_grad


# -- inputs that forward wrote into -----------------------------------------------------------------------------------


def doubled_in_place(ctx, x):
    ctx.mark_dirty(x)
    x *= 2
    return x


def test_a_dirty_input_becomes_the_output(backend):
    x = leaf([1.0, 2.0])
    z = x * 1
    before = z._version
    y = function(doubled_in_place, lambda ctx, g: g * 2).apply(z)
    assert y is z
    assert z.grad_fn.name() == "MadeBackward"
    assert z._version == before + 2 * backend.writable  # the write and the mark
    y.sum().backward()
    assert_close(x.grad, [2.0, 2.0])


def test_a_dirty_input_without_grad_becomes_an_output_with_it(backend):
    def forward(ctx, x, y):
        ctx.mark_dirty(y)
        y *= x
        return y

    x, y = leaf([1.0, 2.0]), plugrad.tensor([3.0, 4.0])
    z = function(forward, lambda ctx, g: (g * plugrad.tensor([3.0, 4.0]), None)).apply(x, y)
    assert z is y
    assert y.requires_grad
    z.sum().backward()
    assert_close(x.grad, [3.0, 4.0])


def test_a_dirty_output_can_be_saved(backend):
    def forward(ctx, x):
        x *= x
        ctx.mark_dirty(x)
        ctx.save_for_backward(x)
        return x

    def backward(ctx, g):
        seen.extend(ctx.saved_tensors)
        return g * 2 * plugrad.sqrt(seen[0])

    seen = []
    x = leaf([2.0, 3.0])
    z = function(forward, backward).apply(x * 1)
    z.sum().backward()
    assert_close(x.grad, [4.0, 6.0])
    assert seen[0] is z


@pytest.mark.writable
def test_what_needed_the_old_value_of_a_dirty_input_says_so(backend):
    x = leaf([1.0, 2.0]) * 1
    y = x * x
    function(lambda ctx, x: (ctx.mark_dirty(x), x)[1]).apply(x)
    with pytest.raises(RuntimeError, match="modified by an inplace operation.*Made wrote into it"):
        y.sum().backward()


def test_marks_that_do_not_hold(backend):
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"leaf Variable that requires grad .*Made would write into float64 \(2,\)"):
        function(doubled_in_place).apply(x)
    with pytest.raises(RuntimeError, match="Made: some elements marked as dirty .* were not returned"):
        function(lambda ctx, x: (ctx.mark_dirty(x), x * 1)[1]).apply(x * 1)
    with pytest.warns(UserWarning, match="Made: .*received a tensor that was not an input"):
        function(lambda ctx, x: (y := x * 1, ctx.mark_dirty(y))[0]).apply(x)


def test_under_no_grad_a_leaf_may_be_dirty(backend):
    x, c = leaf([1.0, 2.0]), plugrad.tensor([1.0])
    with plugrad.no_grad():
        y = function(doubled_in_place).apply(x)
    assert y is not x
    assert not y.requires_grad
    assert x.is_leaf
    assert x.requires_grad
    assert_close(x, [2.0, 4.0])
    assert function(doubled_in_place).apply(c) is c


# -- what apply returns -----------------------------------------------------------------------------------------------


def test_the_same_tensor_returned_twice_is_the_last_output(backend):
    seen = []

    def forward(ctx, x):
        y = x * 2
        return y, y

    x = leaf(1.0)
    y, z = function(forward, lambda ctx, g, h: (seen.extend([g, h]), g + h)[1]).apply(x)
    assert y is z
    (y + 3 * z).backward()
    assert [g.item() for g in seen] == [0, 4]


def test_an_input_returned_twice_is_two_outputs(backend):
    seen = []
    x = leaf(1.0)
    y, z = function(lambda ctx, x: (x, x), lambda ctx, g, h: (seen.extend([g, h]), g + h)[1]).apply(x)
    assert len({id(t) for t in (x, y, z)}) == 3
    (y + 3 * z).backward()
    assert [g.item() for g in seen] == [1, 3]
    assert x.grad.item() == 4


def test_an_input_returned_where_nothing_is_recorded_is_another_tensor(backend):
    c, x = plugrad.tensor(1.0), leaf(1.0)
    with plugrad.no_grad():
        y = function(lambda ctx, x: x).apply(x)
    assert y is not x
    assert not y.requires_grad
    assert x.requires_grad
    assert function(lambda ctx, x: x).apply(c) is not c


def test_a_leaf_of_the_closure_keeps_its_place(backend):
    x, other = leaf(1.0), leaf(5.0)
    y = function(lambda ctx, x: other).apply(x)
    y.backward()
    assert x.grad.item() == 1
    assert other.is_leaf
    assert other.grad is None


def test_other_things_are_returned_as_they_are_and_lists_of_tensors_refused(backend):
    x = leaf(1.0)
    assert function(lambda ctx, x: None).apply(x) is None
    assert function(lambda ctx, x: ("text", [1, 2])).apply(x) == ("text", [1, 2])
    with pytest.raises(TypeError, match="forward returned a list of tensors, .*return a tuple"):
        function(lambda ctx, x: [x * 2]).apply(x)
