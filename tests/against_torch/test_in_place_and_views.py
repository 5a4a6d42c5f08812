"""The notes on in-place operations and on views."""

import pytest

from against_torch.both import both, raised

pytestmark = pytest.mark.writable


@both
def test_the_version_counts_writes_and_is_shared(lib):
    x = lib.tensor([[1.0, 2.0], [3.0, 4.0]])
    row, cut = x[0], x.detach()
    seen = [x._version]
    for write in (lambda: x.add_(1.0), lambda: row.mul_(2.0), lambda: cut.zero_(), lambda: x.__setitem__((0, 1), 5.0)):
        write()
        seen.append((x._version, row._version, cut._version))
    return seen, x, row, cut, x.clone()._version


@both
def test_a_saved_value_that_was_written_is_an_error(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    errors = []
    for op, write in (
        (lib.exp, lambda x, y: y.add_(1.0)),  # its result
        (lib.sin, lambda x, y: x.add_(1.0)),  # its input
        (lib.square, lambda x, y: x.detach().add_(1.0)),  # an input, through other tensors
        (lib.sin, lambda x, y: x[0].zero_()),
    ):
        middle = x * 1.0
        y = op(middle)
        write(middle, y)
        errors.append(raised(lib.sum(y).backward))
    return errors, x.grad


@both
def test_a_backward_that_failed_leaves_nothing_pending(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    middle = x * 1.0
    y = lib.sin(middle)
    z = y * 2.0
    middle.add_(1.0)
    ones = lib.tensor([1.0, 1.0])
    return [raised(t.backward, ones, retain_graph=True) for t in (z, y, z)], x.grad


@both
def test_what_was_not_saved_may_be_written(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    middle = x * 1.0
    y = middle + middle
    middle.mul_(3.0)
    z = lib.exp(x)
    w = lib.sin(x)
    w.mul_(2.0)
    lib.sum(y + z + w).backward()
    return x.grad, middle


@both
def test_a_leaf_is_not_written_while_recording(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    errors = raised(x.mul_, 2.0), raised(x[0].mul_, 2.0), raised(x.__setitem__, 0, 1.0), raised(x.zero_)
    with lib.no_grad():
        x.mul_(2.0)
    return errors, x, x._version, x.is_leaf


@both
def test_a_write_rebases_the_base_and_its_views(lib):
    x = lib.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    base = x * 1.0
    row, column = base[0], base[:, 0]
    row.mul_(3.0)
    lib.sum(base * base + column).backward()
    return base, row, column, x.grad, base._version


@both
def test_a_view_of_a_view_tells_its_base(lib):
    x = lib.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    base = x * 2.0
    inner = lib.matrix_transpose(base)[1]
    inner.mul_(inner.detach() * 0.0 + 3.0)
    lib.sum(base * base).backward()
    return base, x.grad, inner


@both
def test_assignment_is_differentiable_in_both(lib):
    x, v = lib.tensor([1.0, 2.0, 3.0], requires_grad=True), lib.tensor([5.0, 6.0], requires_grad=True)
    buffer = x * 1.0
    buffer[1:] = v
    buffer[[0, 0]] = v[0]
    lib.sum(buffer * buffer).backward()
    return buffer, x.grad, v.grad


@both
def test_a_buffer_without_history_gets_one(lib):
    v = lib.tensor(2.0, requires_grad=True)
    buffer = lib.zeros(3)
    before = buffer.requires_grad
    buffer[1] = v * v
    lib.sum(buffer).backward()
    return before, buffer.requires_grad, buffer.is_leaf, v.grad


@both
def test_writes_that_are_refused(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * 1.0
    with lib.no_grad():
        quiet = y[:1]
    wide = lib.broadcast_to(y, (2, 2))
    errors = (
        raised(quiet.mul_, 2.0),
        raised(wide.mul_, 2.0),
        raised(y.add_, lib.tensor([[1.0, 2.0], [3.0, 4.0]])),
        raised(y[:1].detach_),
    )
    lib.sum(y).backward()
    return errors, y, y._version, x.grad


@both
def test_basic_indexing_is_a_view_and_advanced_indexing_a_copy(lib):
    x = lib.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    views = [
        x[0], x[:, ::2], x[..., 1], x[None], lib.permute_dims(x, (1, 0)), lib.matrix_transpose(x), x.reshape(3, 2),
        lib.expand_dims(x, 1), lib.squeeze(lib.expand_dims(x, 0), 0), lib.broadcast_to(x, (2, 2, 3)), x.detach(),
    ]  # fmt: skip
    copies = [x[[1, 0]], x[x > 2.0], x.clone(), x + 0.0, lib.matrix_transpose(x).reshape(-1)]
    x.zero_()
    return views, copies, [v._base is x for v in views[:-1]], [c._base is None for c in copies[:-1]]


@both
def test_a_view_shares_its_base_s_memory(lib):
    x = lib.tensor([[1.0, 2.0], [3.0, 4.0]])
    row = x[0]
    row[1] = 9.0
    return x, row


@both
def test_detach_in_place(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = lib.exp(x)
    z = y * y
    y.detach_()
    return y.requires_grad, y.is_leaf, z.requires_grad, y.grad_fn is None


@both
def test_in_place_methods(lib):
    found = []
    for name, args in (
        ("add_", (2.0,)), ("sub_", (2.0,)), ("mul_", (2.0,)), ("div_", (2.0,)), ("pow_", (2.0,)), ("neg_", ()),
        ("exp_", ()),
        ("zero_", ()), ("fill_", (3.0,)), ("clamp_", (0.75, 1.75)), ("sin_", ()), ("tanh_", ()), ("square_", ()),
    ):  # fmt: skip
        x = lib.tensor([0.5, 1.0, 2.0], requires_grad=True)
        y = x * 1.0
        same = getattr(y, name)(*args) is y
        lib.sum(y * y).backward()
        found.append((name, same, y, x.grad))
    return found


@both
def test_copy_broadcasts_and_converts(lib):
    v = lib.tensor([1.0, 2.0], requires_grad=True)
    y = lib.zeros(2, 2)
    y.copy_(v)
    lib.sum(y * y).backward()
    return y, v.grad
