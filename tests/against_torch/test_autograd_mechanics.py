"""The note on autograd mechanics: history, saved values, modes, gradients at singular points, threads."""

import threading

import pytest

from against_torch.both import both, raised, warned


@both
def test_the_graph_is_of_nodes_from_root_to_leaves(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = lib.exp(x) * x
    node = y.grad_fn
    assert x.grad_fn is None
    assert x.is_leaf
    assert not y.is_leaf
    inner, leaf = (n for n, _ in node.next_functions)
    assert leaf.variable is x
    assert inner.next_functions[0][0] is leaf
    return node.name(), inner.name(), y.requires_grad


@both
def test_what_runs_is_what_is_differentiated(lib):
    grads = []
    for n in (1, 3):
        x = lib.tensor(1.5, requires_grad=True)
        y = x
        for _ in range(n):
            y = y * x if n > 1 else lib.sin(y)
        y.backward()
        grads.append(x.grad)
    return grads


@both
def test_an_op_is_recorded_if_an_input_requires_grad(lib):
    x, c = lib.tensor([1.0], requires_grad=True), lib.tensor([2.0])
    return (c * c).requires_grad, (c * x).requires_grad, (c * c).grad_fn is None


@both
def test_only_leaves_that_require_grad_accumulate(lib):
    x, c = lib.tensor([1.0, 2.0], requires_grad=True), lib.tensor([3.0, 4.0])
    y = x * c
    z = lib.sum(y * y)
    z.backward()
    has_warned, kept = warned(lambda: y.grad)
    return x.grad, c.grad, kept, has_warned


@both
def test_the_flag_of_a_non_leaf_does_not_change(lib):
    y = lib.tensor([1.0], requires_grad=True) * 2.0
    return raised(lambda: y.requires_grad_(False)), y.requires_grad_().requires_grad


@both
def test_frozen_parameters_get_no_gradient(lib):
    w, v = lib.tensor([2.0], requires_grad=True), lib.tensor([3.0], requires_grad=True)
    w.requires_grad_(False)
    lib.sum(w * v).backward()
    w.requires_grad_()
    return w.grad, v.grad, w.requires_grad


@both
def test_integers_do_not_require_grad(lib):
    return raised(lambda: lib.tensor([1, 2]).requires_grad_())


@both
def test_no_grad_records_nothing_and_its_results_are_used_later(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    with lib.no_grad():
        c = x * 2.0
        made = lib.tensor([1.0], requires_grad=True)
    lib.sum(c * x).backward()
    return c.requires_grad, c.is_leaf, made.requires_grad, x.grad


@both
def test_modes_nest_and_decorate(lib):
    @lib.no_grad()
    def quiet(x):
        inside = lib.is_grad_enabled()
        with lib.enable_grad():
            return inside, (x * 2.0).requires_grad, lib.is_grad_enabled()

    x = lib.tensor(1.0, requires_grad=True)
    with lib.set_grad_enabled(False):
        switched = (x * 2.0).requires_grad
    return quiet(x), switched, lib.is_grad_enabled()


@pytest.mark.writable
@both
def test_an_optimizer_updates_parameters_in_place_under_no_grad(lib):
    w = lib.tensor([1.0, -2.0], requires_grad=True)
    for _ in range(3):
        lib.sum(w * w).backward()
        with lib.no_grad():
            w -= 0.1 * w.grad
        w.grad = None
    return w, w.requires_grad, w.is_leaf


@pytest.mark.only("numpy", "strict")  # Python refuses to divide by zero
@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
@both
def test_masking_after_a_division_by_zero_gives_nan_and_masking_before_does_not(lib):
    x, d = lib.tensor([1.0, 1.0], requires_grad=True), lib.tensor([0.0, 1.0])
    mask = d != 0.0
    after = lib.autograd.grad(lib.sum((x / d)[mask]), [x])
    safe = lib.zeros(2)
    safe[mask] = x[mask] / d[mask]
    return after, lib.autograd.grad(lib.sum(safe), [x])


@pytest.mark.only("numpy", "strict")
@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
@both
def test_gradients_where_there_is_none(lib):
    """Subgradients of least norm (abs, relu-like maximum), by continuity (sqrt), outside of the domain (log)."""
    found = []
    for function in (
        lambda x: lib.abs(x),
        lambda x: lib.maximum(x, lib.tensor(0.0)),
        lambda x: -lib.abs(x),
        lambda x: lib.sqrt(x),
        lambda x: x**0.5,
        lambda x: lib.sign(x),
    ):
        x = lib.tensor(0.0, requires_grad=True)
        found += lib.autograd.grad(function(x), [x])
    x = lib.tensor([2.0, 1.0, 2.0], requires_grad=True)
    return found, lib.autograd.grad(lib.max(x), [x])


@both
def test_threads_have_their_own_mode_and_share_leaves(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    modes = []

    def train():
        modes.append(lib.is_grad_enabled())
        lib.sum((x + 3.0) * (x + 4.0) * 0.5).backward()

    with lib.no_grad():
        threads = [threading.Thread(target=train) for _ in range(4)]
        for t in threads:
            t.start()
            t.join()
    return x.grad, modes


@both
def test_a_graph_runs_once_unless_it_is_retained(lib):
    x = lib.tensor([0.5, 2.0], requires_grad=True)
    y = lib.sum(lib.exp(x))
    y.backward(retain_graph=True)
    y.backward()
    return x.grad, raised(y.backward), x.grad


@both
def test_a_graph_that_saved_nothing_runs_again(lib):
    x = lib.tensor([0.5, 2.0], requires_grad=True)
    y = lib.sum(x + x)
    y.backward()
    y.backward()
    return x.grad


@both
def test_create_graph_differentiates_again(lib):
    x = lib.tensor(0.7, requires_grad=True)
    (first,) = lib.autograd.grad(lib.sin(x) * x, [x], create_graph=True)
    (second,) = lib.autograd.grad(first, [x], create_graph=True)
    (third,) = lib.autograd.grad(second, [x])
    return first, second, third, first.requires_grad, third.requires_grad


@both
def test_unused_inputs(lib):
    x, z = lib.tensor(2.0, requires_grad=True), lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    grad = lib.autograd.grad
    return (
        raised(grad, y, [z], retain_graph=True),
        grad(y, [x, z], retain_graph=True, allow_unused=True),
        grad(y, [z], retain_graph=True, materialize_grads=True),
        raised(grad, y, [z], allow_unused=False, materialize_grads=True),
        raised(grad, y, [], retain_graph=True),
        raised(grad, y, [lib.tensor(1.0)], allow_unused=True),
    )


@both
def test_where_backward_starts(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    errors = (
        raised(y.backward),
        raised(y.backward, lib.tensor([1.0])),
        raised(lib.tensor(1.0).backward),
        raised(lib.autograd.backward, [y, y], [lib.tensor([1.0, 1.0])]),
    )
    lib.autograd.backward([y, lib.sum(y)], [lib.tensor([1.0, 10.0]), None])
    return errors, x.grad


@both
def test_layout_of_gradients(lib):
    """``.grad`` of None becomes a gradient of its own, is added to in place, and with create_graph out of place."""
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = lib.tensor([3.0, 4.0], requires_grad=True)
    (lib.sum(x + y)).backward()
    apart = x.grad is not y.grad
    first = x.grad
    lib.sum(x * 2.0).backward()
    same = x.grad is first
    warned(lambda: lib.sum(x * x * x).backward(create_graph=True))  # PyTorch warns once a process
    return apart, same, x.grad is first, x.grad, y.grad, x.grad.requires_grad


@both
def test_assigned_gradients(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    x.grad = lib.tensor([10.0, 20.0])
    lib.sum(x).backward()
    kept = x.grad
    return kept, raised(setattr, x, "grad", lib.tensor([1.0])), raised(setattr, x, "grad", 1.0)


@both
def test_detach_shares_memory_and_has_no_history(lib):
    x = lib.tensor([1.0, 2.0], requires_grad=True)
    y = lib.exp(x)
    d = y.detach()
    lib.sum(d * x).backward()
    return d.requires_grad, d.is_leaf, x.grad, d
