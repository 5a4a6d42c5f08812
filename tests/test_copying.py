"""Copies and pickles of tensors, ``data``, and their elements as Python's numbers and text."""

import copy
import pickle
import subprocess
import sys

import pytest

import plugrad
from plugrad import autograd
from plugrad.errors import GraphError
from values import assert_close


def leaf(values, **keywords):
    return plugrad.tensor(values, requires_grad=True, **keywords)


VALUES = [2.5, [1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]]]


# -- copy and pickle ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("requires_grad", [False, True])
@pytest.mark.parametrize("way", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_leaf_is_copied_with_its_flag(backend, values, requires_grad, way):
    x = plugrad.tensor(values, requires_grad=requires_grad)
    y = way(x)
    assert y is not x
    assert y._spec is x._spec
    assert_close(y.detach(), values)
    assert (y.requires_grad, y.is_leaf, y.grad) == (requires_grad, True, None)
    if requires_grad:
        (y * y).sum().backward()
        assert x.grad is None
    if backend.writable:
        with plugrad.no_grad():
            y += 1
        assert_close(x.detach(), values)


@pytest.mark.parametrize("dtype", ["int64", "bool", "float32", "complex128"])
def test_pickles_keep_the_dtype(backend, dtype):
    if backend.name == "tuples" and dtype in ("float32", "complex128"):
        pytest.skip("has no such dtype")
    x = plugrad.ones((2, 2), dtype=dtype)
    y = pickle.loads(pickle.dumps(x))
    assert (y.dtype, y.tolist(), y.requires_grad) == (x.dtype, x.tolist(), False)


def test_deepcopy_takes_the_gradient_along_and_copies_once(backend):
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    a, b = copy.deepcopy([x, x])
    assert a is b
    assert a.grad is not x.grad
    assert_close(a.grad, [2.0, 4.0])
    frozen = leaf([1.0])
    frozen.sum().backward()
    frozen.requires_grad = False
    assert_close(copy.deepcopy(frozen).grad, [1.0])
    assert pickle.loads(pickle.dumps(x)).grad is None


def test_deepcopy_of_a_non_leaf_is_refused(backend):
    y = leaf([1.0, 2.0]) * 2
    with pytest.raises(RuntimeError, match=r"graph leaves.*deepcopy.*float64 \(2,\).*made by MulBackward0.*detach\(\)"):
        copy.deepcopy(y)


def test_a_pickled_non_leaf_comes_back_as_a_leaf(backend):
    y = pickle.loads(pickle.dumps(leaf([1.0, 2.0]) * 2))
    assert y.is_leaf
    assert y.requires_grad
    assert_close(y.detach(), [2.0, 4.0])


def test_shallow_copies(backend):
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    y = copy.copy(x)
    assert (y is x, y.is_leaf, y.requires_grad, y.grad) == (False, True, True, None)
    z = copy.copy(x * 3)
    (g,) = autograd.grad(z.sum(), x)
    assert_close(g, [3.0, 3.0])
    if backend.writable:
        with plugrad.no_grad():
            y[0] = 7.0
        assert x.tolist() == [7.0, 2.0], "they share memory"


@pytest.mark.only("numpy")
def test_a_pickle_is_read_where_nothing_was_imported(backend):
    data = pickle.dumps({"w": leaf([[1.0, 2.0]])})
    program = f"import pickle; w = pickle.loads({data!r})['w']; (w * w).sum().backward(); print(w, w.grad.tolist())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "tensor([[1., 2.]], requires_grad=True) [[2.0, 4.0]]"


# -- data -------------------------------------------------------------------------------------------------------------


def test_data_is_read_without_history(backend):
    x = leaf([1.0, 2.0])
    for t in (x, x * 2):
        assert_close(t.data, t.tolist())
        assert not t.data.requires_grad


@pytest.mark.writable
def test_a_write_into_data_is_seen(backend):
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    x.data[0] = 5.0
    assert x.tolist() == [5.0, 2.0]
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.backward()
    x.data -= 1
    assert x.tolist() == [4.0, 1.0]
    assert x.requires_grad


def test_data_is_assigned(backend):
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    y = (x * 3).sum()
    x.data = plugrad.tensor([5.0, 6.0])
    assert_close(x.detach(), [5.0, 6.0])
    assert_close(x.grad, [2.0, 4.0])
    y.backward()  # recorded before
    (x * x).sum().backward()
    assert_close(x.grad, [15.0, 19.0])
    z = x * 2
    z.data = plugrad.tensor([0.0, 1.0])
    assert_close(z.detach(), [0.0, 1.0])
    assert_close(autograd.grad(z.sum(), x)[0], [2.0, 2.0])


def test_data_of_another_shape(backend):
    x = leaf([1.0, 2.0])
    x.register_hook(lambda g: g * 10)
    before = (x * 2).sum()
    x.data = plugrad.tensor([1.0, 2.0, 3.0])
    assert x.shape == (3,)
    (x * x).sum().backward()
    assert_close(x.grad, [20.0, 40.0, 60.0])
    with pytest.raises(GraphError, match=r"was float64 \(2,\).*data was assigned since.*\(3,\).* now.*loss again"):
        before.backward()
    assert_close(x.grad, [20.0, 40.0, 60.0])
    frozen = plugrad.tensor([1.0])
    frozen.data = plugrad.tensor([1, 2])
    assert frozen.tolist() == [1, 2]


def test_data_leaves_views_behind(backend):
    base = plugrad.tensor([1.0, 2.0, 3.0])
    view = base[:2]
    base.data = plugrad.tensor([7.0, 8.0, 9.0])
    assert view.tolist() == [1.0, 2.0]
    base += 1
    assert (view.tolist(), base.tolist()) == ([1.0, 2.0], [8.0, 9.0, 10.0])
    view += 1
    assert (view.tolist(), base.tolist()) == ([2.0, 3.0], [8.0, 9.0, 10.0])


def test_data_that_does_not_fit(backend):
    x = leaf([1.0, 2.0])
    with pytest.raises(TypeError, match="Variable data has to be a tensor, but got list"):
        x.data = [1.0]
    with pytest.raises(RuntimeError, match="must be floating point or complex dtype; this is int64"):
        x.data = plugrad.tensor([1, 2])
    other = "numpy" if backend.name == "tuples" else "tuples"
    with pytest.raises(RuntimeError, match=f"incompatible tensor type: .* of {backend.name} and .* of {other}"):
        x.data = plugrad.tensor([1.0], backend=other)
    y = x * 2
    with pytest.raises(RuntimeError, match="does not fit into the history of a tensor that MulBackward0 made"):
        y.data = plugrad.tensor([1.0])
    assert (x.tolist(), y.tolist()) == ([1.0, 2.0], [2.0, 4.0])


# -- numbers and text --------------------------------------------------------------------------------------------------


def test_what_is_no_integer(backend):
    with pytest.raises(ValueError, match="NaN to integer"):
        int(plugrad.tensor(float("nan")))
    with pytest.raises(OverflowError, match="infinity to integer"):
        int(plugrad.tensor(float("inf")))
    assert int(plugrad.tensor([[-2.7]])) == -2
    assert bool(plugrad.tensor(float("nan")))


def test_complex_numbers(backend):
    if backend.name == "tuples":
        pytest.skip("has no complex dtype")
    assert (float(plugrad.tensor(2 + 0j)), int(plugrad.tensor(2 + 0j)), complex(plugrad.tensor(1.5))) == (2.0, 2, 1.5)
    for convert in (float, int):
        with pytest.raises(RuntimeError, match=r"cannot be converted to type .* without overflow: 1j of complex128"):
            convert(plugrad.tensor(1j))


def test_truth(backend):
    if backend.name == "tuples":
        pytest.skip("has no empty arrays")
    with pytest.raises(RuntimeError, match="Boolean value of Tensor with no values is ambiguous"):
        bool(plugrad.zeros(0))


def test_formats(backend):
    x = leaf(2.5)
    assert f"{x:.3f} {x} {x * 2:5.1f}" == "2.500 2.5   5.0"
    y = leaf([2.5])
    assert f"{y}" == repr(y)
    with pytest.raises(TypeError, match="only a 0-d tensor is formatted"):
        f"{y:.3f}"


def test_text_tells_of_the_graph(backend):
    x = leaf([1.0])
    assert repr(x).endswith("requires_grad=True)")
    assert repr(x * 2).endswith("grad_fn=<MulBackward0>)")
    assert "grad" not in repr(x.detach())


def test_kinds(backend):
    x = plugrad.ones((2, 1))
    assert (x.dim(), x.is_floating_point(), x.is_complex()) == (2, True, False)
    assert not plugrad.argmax(x).is_floating_point()
