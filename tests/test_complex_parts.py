"""Real and imaginary parts as views, clone, and what else of the ops is no matter of one call's values."""

import pytest

import plugrad
from plugrad.errors import GraphError
from values import assert_close


def leaf(data):
    return plugrad.tensor(data, requires_grad=True)


# -- parts of complex tensors -----------------------------------------------------------------------------------------


def test_the_real_part_of_a_real_tensor_is_the_tensor_and_there_is_no_imaginary_one(backend):
    x = leaf([1.0, 2.0])
    assert x.real is x
    with pytest.raises(RuntimeError, match="imag is not implemented for tensors with non-complex dtypes") as caught:
        _ = x.imag
    assert "plugrad.imag" in caught.value.__notes__[0]


def test_parts_are_of_the_real_dtype_and_differentiable(backend):
    z = leaf([1 + 2j, 3 - 1j])
    assert z.real.dtype == z.imag.dtype == plugrad.float64
    assert z.real.grad_fn.name() == "SelectBackward0"
    (z.real * 2 + z.imag * z.imag).sum().backward()
    assert_close(z.grad, [2 + 4j, 2 - 2j])


def test_a_write_into_a_part_goes_into_the_whole_and_is_recorded(backend):
    z = leaf([1 + 2j, 3 - 1j])
    y = z * 1
    part = y.imag
    part.mul_(3)
    assert_close(y.detach(), [1 + 6j, 3 - 3j])
    y.real[:1] = 5
    assert_close(y.detach(), [5 + 6j, 3 - 3j])
    assert_close(part.detach(), [6.0, -3.0])
    (y * (1 - 2j)).real.sum().backward()  # Re(y) + 2 Im(y)
    assert_close(z.grad, [6j, 1 + 6j])


@pytest.mark.writable
def test_parts_share_memory(backend):
    z = plugrad.tensor([1 + 2j])
    z.real.zero_()
    z.imag.add_(1)
    assert_close(z, [3j])
    assert z._version == z.real._version == 2


def test_parts_are_assigned(backend):
    z, v = leaf([1 + 2j, 3 - 1j]), leaf([4.0, 5.0])
    y = z * 1
    y.imag = v
    y.real += 1
    assert_close(y.detach(), [2 + 4j, 4 + 5j])
    (y * (1 - 2j)).real.sum().backward()
    assert_close(z.grad, [1.0 + 0j, 1.0 + 0j])
    assert_close(v.grad, [2.0, 2.0])
    x = plugrad.tensor([1.0])
    x.real = plugrad.tensor([3.0])
    assert x.tolist() == [3]


# -- clone ----------------------------------------------------------------------------------------------------------


def test_a_clone_is_a_copy_that_gradients_pass(backend):
    x = leaf([1.0, 2.0])
    y = x.clone()
    assert y.grad_fn.name() == "CloneBackward0"
    y.mul_(3)
    assert_close(x.detach(), [1.0, 2.0])
    y.sum().backward()
    assert_close(x.grad, [3.0, 3.0])
    assert plugrad.clone(plugrad.tensor(2.0)).item() == 2


# -- several outputs --------------------------------------------------------------------------------------------------


def test_unstack_undoes_stack(backend):
    x = leaf([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    rows = plugrad.unstack(x)
    assert [r.tolist() for r in rows] == x.tolist()
    columns = x.unstack(axis=-1)
    assert [c.tolist() for c in columns] == [[1, 4], [2, 5], [3, 6]]
    assert_close(plugrad.stack(columns, axis=1).detach(), x.tolist())
    (columns[0] * rows[1][0] + columns[2]).sum().backward()
    assert_close(x.grad, [[4.0, 0.0, 1.0], [9.0, 0.0, 1.0]])


def test_no_write_into_an_unstacked_part_is_recorded(backend):
    x = leaf([[1.0, 2.0], [3.0, 4.0]]) * 1
    first, _ = plugrad.unstack(x)
    with pytest.raises(GraphError, match="returns multiple views"):
        first.mul_(2)


@pytest.mark.writable
def test_unstacked_parts_share_memory(backend):
    x = plugrad.tensor([[1.0, 2.0], [3.0, 4.0]])
    plugrad.unstack(x)[1].zero_()
    assert_close(x, [[1.0, 2.0], [0.0, 0.0]])
    assert type(plugrad.unstack(x.array)) is tuple


def test_moveaxis_is_a_view_that_writes_go_through(backend):
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    y = x * 1
    moved = y.moveaxis(0, 1)
    moved[0] = 0
    assert_close(y.detach(), [[0.0, 2.0], [0.0, 4.0]])
    y.sum().backward()
    assert_close(x.grad, [[0.0, 1.0], [0.0, 1.0]])


# -- arguments ------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:Degrees of freedom:RuntimeWarning", "ignore:.*encountered in:RuntimeWarning")
def test_variance_with_no_degree_of_freedom_left(backend):
    """Inf, or nan from 0 / 0, and such gradients."""
    for data, correction, wanted in (([2.0, 1.0], 2, "inf"), ([2.0], 1, "nan")):
        x = leaf(data)
        v = x.var(correction=correction)
        v.backward()
        assert {str(v.item()), *map(str, x.grad.tolist())} == {wanted}


def test_names_of_pytorch_are_refused_with_a_hint(backend):
    x = plugrad.tensor([[1.0, 2.0]])
    for call in (x.var, x.std, x.sort, x.cumulative_sum):
        with pytest.raises(TypeError, match="Here it is called axis"):
            call(dim=0)


@pytest.mark.only("numpy", "tuples")
def test_cumulative_ops_need_an_axis_unless_of_a_vector(backend):
    if backend.name == "numpy":
        with pytest.raises(ValueError, match="an array of 2 axes needs an axis"):
            plugrad.cumulative_sum(plugrad.ones(2, 2))
    assert plugrad.cumulative_prod(plugrad.tensor([2.0, 3.0])).tolist() == [2, 6]


def test_tensordot_of_axes_that_differ_is_refused(backend):
    x1, x2 = plugrad.ones(2, 3, requires_grad=True), plugrad.ones(3, 2)
    with pytest.raises(RuntimeError, match=r"shapes \(2, 3\) and \(3, 2\): their axes \(0, 1\) and \(0, 1\)"):
        plugrad.tensordot(x1, x2)
    with pytest.raises(RuntimeError):
        plugrad.tensordot(x1.detach(), x2)


@pytest.mark.only("numpy", "strict")
def test_counts_of_repeat_may_be_a_tensor(backend):
    x = leaf([1.0, 2.0, 3.0])
    y = plugrad.repeat(x, plugrad.tensor([2, 0, 1]))
    assert y.tolist() == [1, 1, 3]
    (y * plugrad.tensor([1.0, 2.0, 4.0])).sum().backward()
    assert_close(x.grad, [3.0, 0.0, 4.0])
