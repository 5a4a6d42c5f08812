"""Views and recorded writes: a write is seen through every tensor of the same memory, in values and in gradients."""

import gc

import pytest

import plugrad
from plugrad.autograd import grad
from values import assert_close


def leaf(values, **keywords):
    return plugrad.tensor(values, requires_grad=True, **keywords)


VIEWS = {
    "getitem": (lambda x: x[1:], lambda lists: lists[1:]),
    "getitem of one": (lambda x: x[0, 1], lambda lists: lists[0][1]),
    "getitem with steps": (lambda x: x[::2, ::-1], lambda lists: [row[::-1] for row in lists[::2]]),
    "reshape": (lambda x: x.reshape(-1), lambda lists: [v for row in lists for v in row]),
    "transpose": (lambda x: x.T, lambda lists: [list(column) for column in zip(*lists, strict=True)]),
    "mT": (lambda x: x.mT, lambda lists: [list(column) for column in zip(*lists, strict=True)]),
    "permute": (lambda x: x.permute(1, 0), lambda lists: [list(column) for column in zip(*lists, strict=True)]),
    "expand_dims": (lambda x: x.expand_dims(1), lambda lists: [[row] for row in lists]),
    "squeeze": (lambda x: x[:, None].squeeze(axis=1), lambda lists: lists),
    "views of views": (lambda x: x.T[1:].T[0], lambda lists: lists[0][1:]),
    "of one element of views": (lambda x: x.T[1][0], lambda lists: lists[0][1]),
}
START = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]


def doubled(lists):
    return [doubled(v) for v in lists] if isinstance(lists, list) else 2 * lists


@pytest.mark.parametrize("name", VIEWS)
def test_a_write_into_the_base_is_seen_in_the_view(backend, name):
    make, plain = VIEWS[name]
    w = leaf(START)
    x = w * 1.0
    view = make(x)
    x *= 2.0
    assert_close(view.detach(), plain(doubled(START)))
    assert view._base is x
    assert x._base is None
    (g,) = grad(view.sum(), w)
    (wanted,) = grad(make(w * 2.0).sum(), w)
    assert_close(g, wanted)


@pytest.mark.parametrize("name", VIEWS)
def test_a_write_into_the_view_is_seen_in_the_base(backend, name):
    make, _ = VIEWS[name]
    w, factor = leaf(START), leaf(3.0)
    x = w * 1.0
    other = x[0:2]
    make(x).mul_(factor)
    by_hand = w * plugrad.where(marked(make), factor, 1.0)
    assert_close(x.detach(), by_hand.detach())
    assert_close(other.detach(), by_hand[0:2].detach())
    weights = plugrad.tensor([[1.0, -2.0, 0.5], [3.0, 1.0, -1.0], [2.0, 0.25, 1.5]])
    for found, wanted in zip(
        grad((x * weights).sum() + (other * other).sum(), [w, factor]),
        grad((by_hand * weights).sum() + (by_hand[0:2] * by_hand[0:2]).sum(), [w, factor]),
        strict=True,
    ):
        assert_close(found, wanted)


def marked(make):
    """Where the view looks."""
    x = leaf(START)
    (hit,) = grad(make(x).sum(), x)
    return hit > 0


def test_assignment_is_differentiable_in_both(backend):
    w, v = leaf([1.0, 2.0, 3.0]), leaf(5.0)
    x = w * 2.0
    x[1] = v * v
    assert_close(x.detach(), [2.0, 25.0, 6.0])
    (x * plugrad.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert_close(w.grad, [2.0, 0.0, 200.0])
    assert_close(v.grad, 100.0)


@pytest.mark.only("numpy", "strict")
def test_assignment_at_arrays_of_indices(backend):
    w, v = leaf([1.0, 2.0, 3.0]), leaf([5.0, 7.0])
    x = w * 2.0
    x[[2, 0]] = v
    x[x > 6.0] = 0.0
    assert_close(x.detach(), [0.0, 4.0, 5.0])
    (x * plugrad.tensor([1.0, 10.0, 100.0])).sum().backward()
    assert_close(w.grad, [0.0, 20.0, 0.0])
    assert_close(v.grad, [100.0, 0.0])


def test_a_buffer_without_history_gets_one(backend):
    w = leaf(3.0)
    buffer = plugrad.zeros(3)
    first = buffer[0]
    assert not buffer.requires_grad
    buffer[0] = w * w
    buffer[1:].fill_(w)
    assert buffer.requires_grad
    assert not buffer.is_leaf
    assert first.requires_grad
    assert_close(first.detach(), 9.0)
    (buffer.sum() + first).backward()
    assert_close(w.grad, 2 * 6.0 + 2.0)


def test_a_loop_of_writes_like_a_simulation(backend):
    speed = leaf(0.5)
    state = plugrad.zeros(4)
    state[0] = 1.0
    for i in range(3):
        state[i + 1] = +state[i] * speed  # the copy is saved, and not what is written next
    state.sum().backward()
    assert_close(speed.grad, 1 + 2 * 0.5 + 3 * 0.25)


METHODS = [
    ("add_", lambda x, y: x.add_(y), lambda x, y: x + y),
    ("add_ with alpha", lambda x, y: x.add_(y, alpha=3), lambda x, y: x + 3 * y),
    ("sub_", lambda x, y: x.sub_(y, alpha=2), lambda x, y: x - 2 * y),
    ("mul_", lambda x, y: x.mul_(y), lambda x, y: x * y),
    ("div_", lambda x, y: x.div_(y), lambda x, y: x / y),
    ("pow_", lambda x, y: x.pow_(y), lambda x, y: x**y),
    ("neg_", lambda x, y: x.neg_(), lambda x, y: -x),
    ("exp_", lambda x, y: x.exp_(), lambda x, y: x.exp()),
    ("sin_", lambda x, y: x.sin_(), lambda x, y: x.sin()),
    ("sqrt_", lambda x, y: x.sqrt_(), lambda x, y: x.sqrt()),
    ("tanh_", lambda x, y: x.tanh_(), lambda x, y: x.tanh()),
    ("log_", lambda x, y: x.log_(), lambda x, y: x.log()),
    ("square_", lambda x, y: x.square_(), lambda x, y: x * x),
    ("clamp_", lambda x, y: x.clamp_(1.2, 2.5), lambda x, y: x.clip(1.2, 2.5)),
    ("clamp_ by name", lambda x, y: x.clamp_(max=2.5), lambda x, y: x.clip(max=2.5)),
    ("clip_ by tensors", lambda x, y: x.clip_(min=y), lambda x, y: x.clip(min=y)),
    ("maximum_", lambda x, y: x.maximum_(y), lambda x, y: plugrad.maximum(x, y)),
    ("zero_", lambda x, y: x.zero_(), lambda x, y: x * 0.0),
    ("fill_", lambda x, y: x.fill_(y[0]), lambda x, y: x * 0.0 + y[0]),
    ("copy_", lambda x, y: x.copy_(y), lambda x, y: x * 0.0 + y),
    ("+=", lambda x, y: x.__iadd__(y), lambda x, y: x + y),
    ("-=", lambda x, y: x.__isub__(y), lambda x, y: x - y),
    ("*=", lambda x, y: x.__imul__(y), lambda x, y: x * y),
    ("/=", lambda x, y: x.__itruediv__(y), lambda x, y: x / y),
    ("**=", lambda x, y: x.__ipow__(2), lambda x, y: x**2),
    ("%=", lambda x, y: x.__imod__(y), lambda x, y: x % y),
    ("by itself", lambda x, y: x.mul_(x), lambda x, y: x * x),
    ("by a view of itself", lambda x, y: x.mul_(x[0]), lambda x, y: x * x[0]),
]


@pytest.mark.parametrize("name, written, plain", METHODS, ids=[m[0] for m in METHODS])
def test_in_place_methods_have_the_gradients_of_their_ops(backend, name, written, plain):
    results = []
    for apply in (written, plain):
        a, b = leaf([1.0, 2.0, 3.0]), leaf([1.5, 0.75, 2.0])
        x, y = a * 1.0, b * 1.0
        out = apply(x, y)
        if apply is written:
            assert out is x
        weighted = (out * plugrad.tensor([1.0, -2.0, 3.0])).sum()
        gradients = grad(weighted, [a, b], create_graph=True, materialize_grads=True)
        second = sum(((g * g).sum() for g in gradients), plugrad.tensor(0.0))
        twice = grad(second, [a, b], materialize_grads=True) if second.requires_grad else ()
        results.append((out, *gradients, *twice))
    for found, wanted in zip(*results, strict=True):
        assert_close(found.detach(), wanted.detach())


def test_methods_on_a_leaf_without_history(backend):
    x = plugrad.tensor([1.0, 4.0])
    assert_close(x.sqrt_().add_(1.0).mul_(2.0), [4.0, 6.0])
    assert x.is_leaf
    assert not x.requires_grad


def test_no_name_is_missing(backend):
    x = plugrad.tensor([1.0])
    for name in ("add_", "sub_", "mul_", "div_", "pow_", "neg_", "exp_", "zero_", "fill_", "copy_", "clamp_", "log_"):
        assert callable(getattr(x, name)), name
    assert not hasattr(x, "less_")


def test_wrong_arguments(backend):
    x = plugrad.tensor([1.0])
    with pytest.raises(TypeError, match=r"Tensor.clamp_\(\) takes min, max"):
        x.clamp_(low=1.0)
    with pytest.raises(TypeError, match=r"Tensor.exp_\(\) takes no arguments"):
        x.exp_(1.0)
    with pytest.raises(ValueError, match="rounding_mode None or 'floor'"):
        x.div_(2.0, rounding_mode="up")
    with pytest.raises(RuntimeError, match="fill_ only supports a 0-d value tensor"):
        x.fill_(x)


def test_what_is_refused(backend):
    w = leaf([1.0, 2.0])
    for write in (lambda: w.add_(1.0), lambda: w[0:1].add_(1.0), lambda: w.__setitem__(0, 1.0)):
        with pytest.raises(RuntimeError, match="a (view of a )?leaf Variable that requires grad is being used"):
            write()
    x = w * 1.0
    with plugrad.no_grad():
        hidden = x[0:1]
    with pytest.raises(RuntimeError, match="A view was created in no_grad mode and is being modified inplace"):
        hidden.mul_(2.0)
    with pytest.raises(RuntimeError, match="more than one element of the written-to tensor refers to a single memory"):
        plugrad.broadcast_to(x, (3, 2)).mul_(2.0)
    with pytest.raises(RuntimeError, match="Can't detach views in-place"):
        x[0:1].detach_()
    assert_close(x.detach(), [1.0, 2.0])
    assert x.grad_fn.name() == "MulBackward0"


def test_a_write_under_no_grad_leaves_the_history(backend):
    w = leaf([1.0, 2.0])
    x = w * 3.0
    part = x[0]
    with plugrad.no_grad():
        x.mul_(2.0)
        w.sub_(0.5)
    assert x.grad_fn.name() == "MulBackward0"
    assert_close(part.detach(), 6.0)
    assert_close(w.detach(), [0.5, 1.5])
    (x.sum() + part).backward()
    assert_close(w.grad, [6.0, 3.0])


@pytest.mark.writable
def test_a_saved_value_that_a_recorded_write_changed(backend):
    w = leaf([1.0, 2.0])
    x = w * 1.0
    y = x.exp()
    y.add_(1.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation: ExpBackward0.*add_ wrote"):
        y.sum().backward()


def test_retain_grad_follows_the_newest_value(backend):
    w = leaf([1.0, 2.0])
    x = w * 1.0
    part = x[0:1]
    x.retain_grad()
    part.retain_grad()
    seen = []
    x.register_hook(lambda g: seen.append(g.tolist()))
    x.mul_(3.0)
    (x * 2.0 + part).sum().backward()
    assert_close(x.grad, [4.0, 2.0])
    assert_close(part.grad, [2.0])
    assert seen == [[12.0, 6.0]]  # of the value that the hook was registered on
    assert_close(w.grad, [12.0, 6.0])


def test_detach_in_place(backend):
    w = leaf([1.0, 2.0])
    x = w * 2.0
    y = x.exp()
    assert x.detach_() is x
    assert x.is_leaf
    assert not x.requires_grad
    assert x.grad_fn is None
    y.sum().backward()
    assert w.grad is not None
    assert not w.detach_().requires_grad


@pytest.mark.writable
def test_versions_are_shared(backend):
    x = plugrad.tensor([[1.0, 2.0], [3.0, 4.0]])
    row, one, alias = x[0], x[1, 1], x.detach()
    before = x._version
    one.mul_(5.0)
    row.add_(1.0)
    alias.zero_()
    assert [t._version - before for t in (x, row, one, alias)] == [3, 3, 3, 3]
    assert_close(x, [[0.0, 0.0], [0.0, 0.0]])
    assert_close(one, 0.0)


@pytest.mark.writable
def test_a_number_of_a_view_shares_memory_when_it_is_asked_for(backend):
    x = plugrad.tensor([1.0, 2.0])
    one = x[1]
    array = one.array
    x[1] = 7.0
    assert_close(one, 7.0)
    assert float(array) == 7.0
    s = plugrad.tensor(3.0)
    line = s.reshape(1)
    s.add_(1.0)
    assert_close(line, [4.0])
    line.mul_(2.0)
    assert_close(s, 8.0)


def test_a_reshape_that_copies_is_no_view(backend):
    x = plugrad.tensor(START)
    flat = x.T.reshape(-1)
    if backend.name == "numpy":
        assert not flat._is_view()
        assert flat._base is None
        flat.zero_()
        assert_close(x, START)
    assert x.T._is_view()


def test_views_leave_no_cycle(backend):
    gc.disable()
    try:
        import weakref

        x = leaf([1.0, 2.0]) * 1.0
        part = x[0:1]
        part.mul_(2.0)
        refs = [weakref.ref(x), weakref.ref(part)]
        del x, part
        assert [r() for r in refs] == [None, None]
    finally:
        gc.enable()


def test_many_views_of_one_tensor_leave_nothing_behind(backend):
    x = plugrad.tensor([1.0, 2.0])
    for _ in range(1000):
        x[0:1]
    assert len(x._ties.views) < 20
    for _ in range(1000):
        x.detach()
    assert len(x._ties.aliases) < 20


def test_a_failed_write_changes_nothing(backend):
    w = leaf([1.0, 2.0])
    x = w * 2.0
    node, version = x.grad_fn, x._version
    for write in (
        lambda: x.add_(plugrad.ones(2, 2)),
        lambda: x.__setitem__(slice(None), plugrad.ones(3)),
        lambda: x.copy_(plugrad.tensor([1j, 2j])),
    ):
        with pytest.raises(RuntimeError):
            write()
    assert x.grad_fn is node
    assert x._version == version
    assert_close(x.detach(), [2.0, 4.0])


def test_complex_values_do_not_go_into_real_ones_and_real_gradients_stay_real(backend):
    r, c = leaf([1.0, 2.0]), leaf([1j, 2 + 1j])
    z = c * 1.0
    z[0] = r[0]
    z.add_(r)
    (z * z.detach()).sum().backward(plugrad.tensor(1.0 + 0j))
    assert r.grad.dtype == r.dtype
    assert c.grad.dtype == c.dtype


def test_writes_into_the_parts_of_a_complex_tensor(backend):
    c, r = leaf([1 + 2j, 3 - 1j]), leaf([5.0, 7.0])
    z = c * 1.0
    part, whole = z.imag, z[:]
    z.real.mul_(r)
    z.imag[0] = r[0] * r[1]
    assert_close(z.detach(), [5 + 35j, 21 - 1j])
    assert_close(part.detach(), [35.0, -1.0])
    assert part._base is z
    by_hand = plugrad.stack([c.real[0] * r[0], c.real[1] * r[1], r[0] * r[1], c.imag[1]])
    weights = plugrad.tensor([1.0, -2.0, 3.0, 0.5])
    found = plugrad.concat([whole.real * weights[:2], whole.imag * weights[2:]]).sum()
    for g, wanted in zip(grad(found, [c, r]), grad((by_hand * weights).sum(), [c, r]), strict=True):
        assert_close(g, wanted)


def test_a_view_that_is_written_gets_its_old_value_from_the_base_past_its_own_hooks(backend):
    w = leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    x = w * 1.0
    row = x[0]
    row.register_hook(lambda g: g * 10.0)
    row.mul_(3.0)
    row[0:1].mul_(2.0)
    x.sum().backward()
    assert_close(w.grad, [[6.0, 3.0, 3.0], [1.0, 1.0, 1.0]])


def test_a_write_into_a_number_that_fails_leaves_what_was_saved(backend):
    w = leaf(2.0)
    x = w * 3.0
    y = x * x
    with pytest.raises(RuntimeError):
        x.add_(plugrad.ones(2))
    y.backward()
    assert_close(w.grad, 36.0)


@pytest.mark.writable
def test_a_library_s_number_is_assigned(backend):
    """NumPy's reductions give numbers of its own, which astype of its version 2.0 does not take."""
    t = plugrad.zeros(3)
    t[1] = plugrad.tensor([2.0, 3.0]).sum()
    t[2:] = plugrad.tensor([1.0, 4.0]).max()
    assert t.tolist() == [0.0, 5.0, 4.0]
