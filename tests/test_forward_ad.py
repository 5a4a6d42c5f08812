"""``autograd.forward_ad``: dual tensors of one level, as PyTorch's."""

import pytest

import plugrad
import plugrad.autograd.forward_ad as fwAD
from plugrad import func
from plugrad.autograd.graph import get_gradient_edge
from plugrad.errors import BackendError, DTypeError, GraphError, ShapeError
from values import assert_close


@pytest.fixture
def x(backend):
    return plugrad.tensor([1.0, 2.0, 3.0])


@pytest.fixture
def v(backend):
    return plugrad.tensor([1.0, 10.0, 100.0])


def test_tangents_follow_the_program_and_end_with_the_level(x, v):
    with fwAD.dual_level() as level:
        assert level == 0
        dual = fwAD.make_dual(x, v)
        out = dual * dual + 1
        primal, tangent = fwAD.unpack_dual(out)
        assert_close(primal, [2.0, 5.0, 10.0])
        assert_close(tangent, [2.0, 40.0, 600.0])
        assert fwAD.unpack_dual(out).tangent is tangent
        assert fwAD.unpack_dual(x) == (x, None)
        assert_close(fwAD.unpack_dual(dual > 1).primal, [False, True, True])
        assert fwAD.unpack_dual(dual > 1).tangent is None
    assert fwAD.unpack_dual(out).tangent is None
    assert_close(out, [2.0, 5.0, 10.0])
    assert_close(out * 2 + x, [5.0, 12.0, 23.0])
    assert_close(tangent, [2.0, 40.0, 600.0])
    with fwAD.dual_level():
        assert fwAD.unpack_dual(out * 2).tangent is None  # of a level that has ended
        mixed = out * fwAD.make_dual(x, v)
        assert_close(fwAD.unpack_dual(mixed).tangent, [2.0, 50.0, 1000.0])


def test_the_level_decorates_a_function(x, v):
    @fwAD.dual_level()
    def slope():
        return fwAD.unpack_dual(fwAD.make_dual(x, v).sum()).tangent

    assert_close(slope(), 111.0)
    assert_close(slope(), 111.0)


def test_there_is_one_level(backend):
    with fwAD.dual_level(), pytest.raises(GraphError, match="Nested forward mode AD is not supported"):
        fwAD.enter_dual_level()
    fwAD.enter_dual_level()
    fwAD.exit_dual_level(level=0)
    with pytest.raises(GraphError, match="not the last one"):
        fwAD.exit_dual_level()


def test_what_cannot_be_made_dual(x, v):
    with pytest.raises(GraphError, match="no level exists, make sure to enter_dual_level"):
        fwAD.make_dual(x, v)
    with fwAD.dual_level():
        with pytest.raises(ShapeError, match=r"is of size \[3\] while the given forward gradient is of size \[2\]"):
            fwAD.make_dual(x, v[:2])
        with pytest.raises(ValueError, match="Expected primal to be floating point or complex, but got: int64"):
            fwAD.make_dual(plugrad.tensor([1, 2, 3]), v)
        with pytest.raises(ValueError, match="Expected tangent to be floating point or complex, but got: int64"):
            fwAD.make_dual(x, plugrad.tensor([1, 2, 3]))
        with pytest.raises(DTypeError, match="the tangent is complex128, but the primal is float64"):
            fwAD.make_dual(x, v * 1j)
        dual = fwAD.make_dual(x, v)
        with pytest.raises(GraphError, match="already has a forward gradient at the same level 0"):
            fwAD.make_dual(dual, v)
        with pytest.raises(GraphError, match="itself has a forward gradient at the same level 0"):
            fwAD.make_dual(x, dual)


@pytest.mark.only("numpy")
def test_a_tangent_of_another_backend_or_precision(x, v):
    with fwAD.dual_level():
        with pytest.raises(BackendError, match="nothing is converted unasked"):
            fwAD.make_dual(x, plugrad.tensor([1.0, 2.0, 3.0], backend="tuples"))
        tangent = fwAD.unpack_dual(fwAD.make_dual(x, v.astype("float32")) * 2).tangent
    assert tangent.dtype == "float64"
    assert_close(tangent, [2.0, 20.0, 200.0])


def test_detach_stops_tangents(x, v):
    with fwAD.dual_level():
        dual = fwAD.make_dual(x, v)
        assert fwAD.unpack_dual(dual.detach()).tangent is None
        assert_close(fwAD.unpack_dual(dual.detach() * dual).tangent, [1.0, 20.0, 300.0])


def test_tensor_and_numbers_leave_the_tangent(x, v):
    with fwAD.dual_level():
        dual = fwAD.make_dual(x, v)
        assert dual.tolist() == [1.0, 2.0, 3.0]
        assert fwAD.unpack_dual(plugrad.tensor(dual)).tangent is None
        assert float(dual.sum()) == 6.0
        assert "tangent=" in repr(dual)
        assert "with tangents" not in repr(dual)
        assert fwAD.unpack_dual(plugrad.zeros_like(dual)).tangent is None


# -- writes and views -----------------------------------------------------------------------------------------


def test_in_place_operations_carry_tangents(x, v):
    with fwAD.dual_level():
        out = fwAD.make_dual(x, v) * 1
        out *= 3
        out.exp_()
        out[0] = 5.0
        primal, tangent = fwAD.unpack_dual(out)
        e = plugrad.exp(x * 3)
        assert_close(primal, [5.0, *(e[1:]).tolist()])
        assert_close(tangent, [0.0, *((e * 3 * v)[1:]).tolist()])


def test_a_plain_tensor_that_is_written_gets_a_tangent_with_its_base_and_views(x, v):
    with fwAD.dual_level():
        dual = fwAD.make_dual(x, v)
        whole = plugrad.zeros(3)
        head = whole[:2]
        first = head[0]
        late = whole.reshape(3, 1)
        head.copy_(dual[1:])
        assert_close(fwAD.unpack_dual(whole).primal, [2.0, 3.0, 0.0])
        assert_close(fwAD.unpack_dual(whole).tangent, [10.0, 100.0, 0.0])
        assert_close(fwAD.unpack_dual(first).tangent, 10.0)
        assert_close(fwAD.unpack_dual(late).tangent, [[10.0], [100.0], [0.0]])
        whole[0] = dual[0] * dual[0]
        assert_close(fwAD.unpack_dual(head).tangent, [2.0, 100.0])
        assert_close(fwAD.unpack_dual(first).primal, 1.0)
        assert_close(fwAD.unpack_dual(first).tangent, 2.0)
        late += dual.sum()
        assert_close(fwAD.unpack_dual(head).tangent, [113.0, 211.0])
    assert_close(whole, [7.0, 9.0, 6.0])


def test_integers_take_values_alone(x, v):
    with fwAD.dual_level():
        counts = plugrad.tensor([1, 2, 3])
        counts[0] = fwAD.make_dual(x, v)[2]
        assert counts.dtype == "int64"
        assert_close(counts, [3, 2, 3])


@pytest.mark.writable
def test_a_dual_shares_memory_with_its_primal(x, v):
    with fwAD.dual_level():
        dual = fwAD.make_dual(x, v)
        dual *= 2
        assert_close(x, [2.0, 4.0, 6.0])
        assert_close(fwAD.unpack_dual(dual).tangent, [2.0, 20.0, 200.0])


# -- with reverse mode --------------------------------------------------------------------------------------------


def test_backward_of_a_dual(x, v):
    x.requires_grad_()
    with fwAD.dual_level():
        out = (fwAD.make_dual(x, v) ** 3).sum()
        assert out.requires_grad
        (g,) = plugrad.autograd.grad(out, x, retain_graph=True)
        primal, tangent = fwAD.unpack_dual(g)
        out.backward()
    assert_close(primal, [3.0, 12.0, 27.0])
    assert_close(tangent, [6.0, 120.0, 1800.0])  # the Hessian times v
    assert_close(x.grad, [3.0, 12.0, 27.0])
    assert type(x.grad.array) is type(x.array)


def test_the_edge_of_a_dual(x, v):
    x.requires_grad_()
    with fwAD.dual_level():
        edge = get_gradient_edge((fwAD.make_dual(x, v) ** 3).sum())
        (g,) = plugrad.autograd.grad(edge, x)
        assert_close(fwAD.unpack_dual(g).tangent, [6.0, 120.0, 1800.0])


def test_backward_after_the_level(x, v):
    x.requires_grad_()
    with fwAD.dual_level():
        out = (fwAD.make_dual(x, v) ** 3).sum()
    (out * 2).backward()
    assert_close(x.grad, [6.0, 24.0, 54.0])


def test_backward_of_a_tangent(x, v):
    x.requires_grad_()
    v.requires_grad_()
    with fwAD.dual_level():
        out = (fwAD.make_dual(x, v) ** 3).sum()
        fwAD.unpack_dual(out).tangent.backward()
    assert_close(x.grad, [6.0, 120.0, 1800.0])
    assert_close(v.grad, [3.0, 12.0, 27.0])


def test_transforms_nest_in_the_level(x, v):
    with fwAD.dual_level():
        dual = fwAD.make_dual(x, v)
        g = func.grad(lambda y: (y**3).sum())(dual)
        assert_close(fwAD.unpack_dual(g).tangent, [6.0, 120.0, 1800.0])
        inner = func.jvp(lambda y: y * dual, (x,), (v,))[1]
        assert_close(fwAD.unpack_dual(inner).tangent, [1.0, 100.0, 10000.0])


def test_hooks_see_tangents(x, v):
    x.requires_grad_()
    seen = []
    with fwAD.dual_level():
        out = fwAD.make_dual(x, v) ** 2
        out.register_hook(lambda g: seen.append(fwAD.unpack_dual(g * 1)) or g * 2)
        out.sum().backward()
    assert_close(seen[0].primal, [1.0, 1.0, 1.0])
    assert_close(x.grad, [4.0, 8.0, 12.0])
