"""Small programs on who owns what memory, each with the value that must come out.

A program gets no arguments, makes tensors on the backend under test, and returns pairs of a found and a right value.
"""

import threading

import pytest

import plugrad
from plugrad.autograd import grad
from values import assert_close

PROGRAMS = {}


def program(*needs):
    """``writable``: needs arrays that can be written and shared. ``indices``: needs advanced indexing."""

    def register(function):
        PROGRAMS[function.__name__] = (function, needs)
        return function

    return register


def tensor(values, **keywords):
    return plugrad.tensor(values, **keywords)


def leaf(values, **keywords):
    return plugrad.tensor(values, requires_grad=True, **keywords)


# -- cotangents that alias -----------------------------------------------------------------------------------


@program()
def reshape_returns_a_view_of_the_cotangent():
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    z = x + y
    (z.reshape((2, 1)).reshape((2,)) + z + z).sum().backward()
    return [(x.grad, [3.0, 3.0]), (y.grad, [3.0, 3.0])]


@program()
def add_hands_one_cotangent_to_both():
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    s = x + y
    t = s * tensor([2.0, 3.0])
    ((x + y) + t + x).sum().backward()
    return [(x.grad, [4.0, 5.0]), (y.grad, [3.0, 4.0])]


@program()
def the_same_tensor_twice():
    x = leaf([1.0, 2.0])
    (x + x).sum().backward()
    (x * x).sum().backward()
    return [(x.grad, [4.0, 6.0])]


@program()
def subtract_makes_one_new_cotangent_and_passes_the_other():
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    d = x - y
    (d + d + x - y).sum().backward()
    return [(x.grad, [3.0, 3.0]), (y.grad, [-3.0, -3.0])]


@program()
def fan_in_of_many():
    x = leaf([1.0, 2.0])
    parts = [x * float(k) for k in range(1, 6)]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    total.sum().backward()
    return [(x.grad, [15.0, 15.0])]


@program()
def a_broadcast_cotangent_is_summed_for_each_user():
    b = leaf([1.0, 2.0])
    x = tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    (x + b).sum().backward()
    (x * b).sum().backward()
    return [(b.grad, [3.0 + 9.0, 3.0 + 12.0])]


@program()
def an_expanded_cotangent_is_copied_into_grad():
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    x.sum().backward()
    y = leaf([[1.0, 2.0], [3.0, 4.0]])
    (y.sum() + x.detach().sum()).backward()
    return [(x.grad, [[1.0, 1.0], [1.0, 1.0]]), (y.grad, [[1.0, 1.0], [1.0, 1.0]])]


@program()
def two_leaves_never_share_a_gradient():
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (x + y).sum().backward()
    x.grad.zero_()
    return [(x.grad, [0.0, 0.0]), (y.grad, [1.0, 1.0])]


@program()
def grad_does_not_share_with_the_cotangent_that_was_passed():
    x = leaf([1.0, 2.0])
    g = tensor([1.0, 10.0])
    (x + 0.0).backward(g)
    x.grad.zero_()
    return [(g, [1.0, 10.0]), (x.grad, [0.0, 0.0])]


@program()
def grad_does_not_share_with_a_saved_value():
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    y = x * w
    y.sum().backward(retain_graph=True)
    w.grad.zero_()
    y.sum().backward()
    return [(x.grad, [6.0, 8.0]), (w.grad, [1.0, 2.0]), (x, [1.0, 2.0])]


@program()
def grad_of_a_retained_tensor_is_its_own():
    x = leaf([1.0, 2.0])
    h = x + 0.0
    h.retain_grad()
    (h + h).sum().backward()
    h.grad.zero_()
    return [(x.grad, [2.0, 2.0]), (h.grad, [0.0, 0.0])]


@program()
def gradients_of_autograd_grad_are_their_own():
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    gx, gy = grad((x + y).sum(), [x, y])
    gx.zero_()
    return [(gx, [0.0, 0.0]), (gy, [1.0, 1.0])]


@program()
def accumulation_into_a_gradient_of_the_user():
    x = leaf([1.0, 2.0])
    x.grad = tensor([10.0, 20.0])
    (x * x).sum().backward()
    return [(x.grad, [12.0, 24.0])]


@program()
def gradient_accumulates_in_the_same_tensor():
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    g = x.grad
    (x * x).sum().backward()
    return [(g, [4.0, 8.0]), (tensor(float(g is x.grad)), 1.0)]


# -- views, detach, shared memory ----------------------------------------------------------------------------


@program()
def views_of_views():
    x = leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    v = x.T[1:].reshape((4,))[::2]
    (v * v).sum().backward()
    return [(x.grad, [[0.0, 4.0, 6.0], [0.0, 0.0, 0.0]])]


@program()
def overlapping_views():
    x = leaf([1.0, 2.0, 3.0])
    (x[:2] * x[1:]).sum().backward()
    return [(x.grad, [2.0, 4.0, 2.0])]


@program("writable")
def detach_shares_memory():
    x = leaf([1.0, 2.0])
    d = x.detach()
    d[0] = 7.0
    return [(x.detach(), [7.0, 2.0]), (tensor(float(d.requires_grad)), 0.0)]


@program("writable")
def asarray_of_an_array_shares_and_tensor_copies():
    x = tensor([1.0, 2.0])
    shared, copied = plugrad.asarray(x.array), plugrad.tensor(x.array)
    x[0] = 5.0
    return [(shared, [5.0, 2.0]), (copied, [1.0, 2.0])]


@program()
def an_op_returns_memory_of_its_own():
    x = tensor([1.0, 2.0])
    copies = [+x, plugrad.flip(plugrad.flip(x)), x.astype(x.dtype), plugrad.clip(x), plugrad.concat([x]), x + 0.0]
    x[0] = 9.0
    return [(c, [1.0, 2.0]) for c in copies]


# -- saved values and in-place writes ----------------------------------------------------------------------------------


def refused(backward):
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        backward()
    return []


@program("writable")
def a_saved_input_is_written():
    x, w = leaf([1.0, 2.0]), tensor([3.0, 4.0])
    y = (x * w).sum()
    w += 1.0
    refused(y.backward)
    return [(tensor(float(x.grad is None)), 1.0)]


@program("writable")
def a_saved_input_is_written_under_no_grad():
    w = leaf([1.0, 2.0])
    y = (w * w).sum()
    with plugrad.no_grad():
        w -= 0.5
    return refused(y.backward)


@program("writable")
def a_saved_output_is_written():
    x = leaf([1.0, 2.0])
    y = plugrad.exp(x)
    z = y.sum()
    with plugrad.no_grad():
        y *= 2.0
    return refused(z.backward)


@program()
def a_write_that_no_formula_reads_is_fine():
    x, w = leaf([1.0, 2.0]), tensor([3.0, 4.0])
    y = (x + w).sum()
    w += 1.0
    y.backward()
    return [(x.grad, [1.0, 1.0])]


@program()
def a_write_before_the_node_is_fine():
    x, w = leaf([1.0, 2.0]), tensor([3.0, 4.0])
    w += 1.0
    y = (x * w).sum()
    y.backward()
    return [(x.grad, [4.0, 5.0])]


@program("writable")
def a_write_through_a_detached_tensor():
    x, w = leaf([1.0, 2.0]), tensor([3.0, 4.0])
    y = (x * w).sum()
    w.detach().zero_()
    return refused(y.backward)


@program("writable")
def a_saved_view_is_written_through_its_base():
    x, w = leaf([1.0, 2.0]), tensor([[3.0], [4.0]])
    y = (x * w.reshape(2)).sum()
    w[0, 0] = 9.0
    return refused(y.backward)


@program("writable")
def a_saved_base_is_written_through_a_view_of_a_view():
    x, w = leaf([[1.0], [2.0]]), tensor([[3.0], [4.0]])
    y = (x * w).sum()
    w.mT[0][1:].zero_()
    return refused(y.backward)


@program("writable")
def a_saved_0d_value_is_written():
    x, w = leaf([1.0, 2.0]), leaf(3.0)
    y = (x * w).sum()
    with plugrad.no_grad():
        w -= 1.0
    return refused(y.backward)


@program("writable")
def a_0d_parameter_trains_in_place():
    w = leaf(3.0)
    alias = w.detach()
    for _ in range(2):
        (w * w).backward()
        with plugrad.no_grad():
            w -= 0.25 * w.grad
        w.grad = None
    return [(w.detach(), 0.75), (alias, 0.75)]


@program("writable")
def the_version_counts_writes():
    x = tensor([1.0, 2.0])
    before = x._version
    x += 1.0
    x[0] = 5.0
    return [(tensor(float(x._version - before)), 2.0), (tensor(float(x.detach()._version - before)), 2.0)]


@program("writable")
def the_gradient_that_a_graph_saved_is_accumulated_into():
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    y = (x * x.grad).sum()
    (x * x).sum().backward()
    return refused(y.backward)


# -- hooks, failures, threads --------------------------------------------------------------------------------


@program()
def a_hook_keeps_its_cotangent():
    x = leaf([1.0, 2.0])
    h = x * 1.0
    kept = []
    h.register_hook(lambda g: kept.append(g))
    (h + h + x).sum().backward()
    return [(kept[0], [2.0, 2.0]), (x.grad, [3.0, 3.0])]


@program()
def a_hook_changes_its_cotangent():
    x = leaf([1.0, 2.0])
    h = x * 1.0
    h.register_hook(lambda g: g * 10)
    (h + x).sum().backward()
    return [(x.grad, [11.0, 11.0])]


@program()
def a_hook_that_kept_a_cotangent_sees_no_later_write():
    x, y = leaf([1.0, 2.0]), leaf([1.0, 1.0])
    kept = []
    h = x * 2.0
    h.register_hook(lambda g: kept.append(g))
    ((h + y) + (h + y) * 2.0).sum().backward()
    return [(kept[0], [3.0, 3.0]), (x.grad, [6.0, 6.0]), (y.grad, [3.0, 3.0])]


@program()
def an_exception_midway_leaves_no_pending_cotangent():
    x, z = leaf([1.0, 2.0]), leaf([1.0, 2.0])
    h = x * z
    bad = h * 1.0
    handle = bad.register_hook(lambda g: 1 / 0)
    y = (bad + h * 3.0).sum()
    with pytest.raises(ZeroDivisionError):
        y.backward(retain_graph=True)
    handle.remove()
    y.backward()
    return [(x.grad, [4.0, 8.0]), (z.grad, [4.0, 8.0])]


@program()
def two_threads_on_one_trunk():
    x = leaf([1.0, 2.0])
    trunk = x + x
    threads = [threading.Thread(target=lambda k=k: (trunk + float(k)).sum().backward()) for k in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return [(x.grad, [12.0, 12.0])]


# -- dtypes and shapes ---------------------------------------------------------------------------------------


@program()
def leading_axes_of_matmul_are_undone():
    a = leaf([[1.0, 2.0], [3.0, 4.0]])
    b = leaf([[[1.0, 0.0], [0.0, 1.0]]] * 5)
    (a @ b).sum().backward()
    return [(a.grad, [[5.0, 5.0], [5.0, 5.0]]), (b.grad, [[[4.0, 4.0], [6.0, 6.0]]] * 5)]


@program("indices")
def float32_against_float64_in_matmul():
    a, b = leaf([[1.0, 2.0]], dtype="float32"), leaf([[3.0], [4.0]], dtype="float64")
    (a @ b).sum().backward()
    same = a.grad.dtype == "float32" and plugrad.asarray(a.grad.array).dtype == "float32"
    return [(a.grad, [[3.0, 4.0]]), (b.grad, [[1.0], [2.0]]), (tensor(float(same)), 1.0)]


@program()
def a_zero_size_broadcast():
    x = leaf([[1.0], [2.0]])
    y = x * plugrad.zeros((2, 0))
    y.sum().backward()
    return [(x.grad, [[0.0], [0.0]])]


@program("indices")
def repeated_indices_accumulate():
    x = leaf([1.0, 2.0, 3.0])
    (x[[0, 2, 0, 0]] * tensor([1.0, 2.0, 3.0, 4.0])).sum().backward()
    return [(x.grad, [8.0, 0.0, 2.0])]


@program()
def where_routes_each_element():
    x, y = leaf([1.0, -2.0]), leaf([3.0, 4.0])
    plugrad.where(x > 0, x * 2, y * 3).sum().backward()
    return [(x.grad, [2.0, 0.0]), (y.grad, [0.0, 3.0])]


@pytest.mark.parametrize("name", PROGRAMS)
def test_program(backend, name):
    function, needs = PROGRAMS[name]
    if "writable" in needs and not backend.writable:
        pytest.skip(f"arrays of backend {backend.name!r} cannot be written")
    if "indices" in needs and backend.name == "tuples":
        pytest.skip("backend 'tuples' has one float dtype and no advanced indexing")
    for found, right in function():
        assert_close(found, right)
