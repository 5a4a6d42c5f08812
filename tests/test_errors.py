"""Bad input: each is an error of the kind that PyTorch's users expect, says what and where, and changes nothing."""

import pytest

import plugrad
from plugrad.registry.op import OPS
from values import assert_close

ones = plugrad.ones


def leaf(values, **keywords):
    return plugrad.tensor(values, requires_grad=True, **keywords)


def test_shapes_that_do_not_broadcast(backend):
    x, y = leaf([[1.0, 2.0, 3.0]] * 2), leaf([1.0, 2.0, 3.0, 4.0])
    message = (
        r"add\(x1: float64 \(2, 3\).*x2: float64 \(4,\).*size of tensor a \(3\) must match.*tensor b \(4\).*dimension 1"
    )
    for _ in range(2):
        with pytest.raises(RuntimeError, match=message):
            x + y
        with pytest.raises(ValueError, match="do not broadcast"):
            plugrad.multiply(x, y)
    assert x.grad_fn is None


def test_shapes_that_do_not_multiply(backend):
    x = leaf([[1.0, 2.0, 3.0]] * 2)
    with pytest.raises(RuntimeError, match=r"mat1 and mat2 shapes cannot be multiplied \(\(2, 3\) and \(2, 3\)\)"):
        x @ x
    with pytest.raises(RuntimeError, match=r"cannot be multiplied \(\(1, 3\) and \(2, 1\)\)"):
        ones(3) @ ones(2)
    with pytest.raises(RuntimeError, match="both arguments to matmul need to be at least 1D, but they are 0D and 1D"):
        leaf(1.0) @ ones(2)
    with pytest.raises(RuntimeError, match="do not broadcast"):
        ones(2, 3, 4) @ ones(3, 4, 5)


def test_other_shape_errors_name_the_op(backend):
    with pytest.raises(RuntimeError, match=r"reshape\(x: float64 \(2, 3\).*shape=\(4,\)\): .*shape"):
        ones(2, 3).reshape(4)
    with pytest.raises(IndexError) as caught:  # the library's own, with a note
        ones(2, 3)[5]
    assert any("plugrad.getitem(x: float64 (2, 3)" in note for note in caught.value.__notes__)


def test_a_backend_says_which_errors_of_its_library_are_of_shapes(backend, monkeypatch):
    class Misfit(Exception):
        pass

    def refuse(*arguments):
        raise Misfit("this does not fit")

    x = ones(2, 3)
    monkeypatch.setitem(OPS["flip"].kernels, type(x.array), refuse)
    with pytest.raises(Misfit):
        plugrad.flip(x, axis=7)
    monkeypatch.setattr(type(backend), "shape_errors", (Misfit,), raising=False)
    with pytest.raises(plugrad.errors.ShapeError, match=r"flip\(x: float64 \(2, 3\).*axis=7\): this does not fit"):
        plugrad.flip(x, axis=7)


def test_a_gradient_of_the_wrong_shape(backend):
    x = leaf([1.0, 2.0])
    y = x * x
    with pytest.raises(
        RuntimeError, match=r"Mismatch in shape: gradient 0 has a shape of \(3,\) and its tensor has \(2,\)"
    ):
        y.backward(ones(3))
    assert x.grad is None
    y.backward(ones(2))
    assert_close(x.grad, [2.0, 4.0])


@pytest.mark.parametrize("dtype", ["int64", "complex128"])
def test_a_gradient_of_the_wrong_kind(backend, dtype):
    y = leaf([1.0, 2.0]) * 2
    with pytest.raises(RuntimeError, match=f"gradient 0 has dtype {dtype}, but the tensor has float64"):
        y.backward(ones(2, dtype=dtype))


def test_a_gradient_of_another_precision_is_converted(backend):
    if backend.name == "tuples":
        pytest.skip("has one float dtype")
    x = leaf([1.0, 2.0], dtype="float32")
    (x * x).backward(ones(2, dtype="float64"))
    assert x.grad.dtype == "float32"
    assert_close(x.grad, [2.0, 4.0])


def test_backward_of_what_needs_no_gradient(backend):
    x = plugrad.tensor([1.0, 2.0])
    with pytest.raises(
        RuntimeError, match=r"element 0 of tensors does not require grad and does not have a grad_fn.*no_grad"
    ):
        x.sum().backward()


def test_integers_cannot_require_grad(backend):
    with pytest.raises(
        RuntimeError, match="only Tensors of floating point and complex dtype can require gradients.*int64"
    ):
        plugrad.tensor([1, 2], requires_grad=True)
    x = plugrad.tensor([1, 2])
    with pytest.raises(RuntimeError, match="only Tensors of floating point"):
        x.requires_grad = True
    assert not x.requires_grad


def test_requires_grad_of_a_non_leaf(backend):
    y = leaf(1.0) * 2
    with pytest.raises(RuntimeError, match="only change requires_grad flags of leaf variables.*MulBackward0"):
        y.requires_grad = False
    assert y.requires_grad


def test_in_place_on_a_leaf_that_requires_grad(backend):
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad is being used in an in-place operation"):
        x += 1
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        x[0] = 5.0
    assert_close(x.detach(), [1.0, 2.0])


def test_in_place_that_does_not_fit(backend):
    x, k = ones(3), plugrad.tensor([1, 2, 3])
    with pytest.raises(RuntimeError, match=r"output with shape \(3,\) doesn't match the broadcast shape \(2, 3\)"):
        x += ones(2, 3)
    with pytest.raises(TypeError, match="result type float64 can't be cast to the desired output type int64|promoted"):
        k += ones(3)
    with pytest.raises(RuntimeError, match=r"x\[0\] = value"):
        x[0] = ones(2)
    assert_close(x, [1.0, 1.0, 1.0])
    assert k.tolist() == [1, 2, 3]


@pytest.mark.only("tuples")
def test_in_place_where_memory_would_have_to_be_shared(backend):
    x = ones(2)
    alias = x.detach()
    with pytest.raises(RuntimeError, match=r"add_ in place into .*arrays of backend 'tuples' cannot be shared"):
        x += 1
    with pytest.raises(RuntimeError, match="cannot be shared"):
        alias[0] = 1.0
    assert x.tolist() == alias.tolist() == [1.0, 1.0]
    del alias
    x += 1
    assert x.tolist() == [2.0, 2.0]


def test_unknown_names(backend):
    with pytest.raises(TypeError, match="data type 'float33' is not known; there are bool, int8"):
        ones(2, dtype="float33")
    with pytest.raises(RuntimeError, match="there is no backend 'jumpy'; there are .*numpy.*pip install plugrad-jumpy"):
        ones(2, backend="jumpy")
    with pytest.raises(RuntimeError, match="there is no backend 'jumpy'"):
        plugrad.set_default_backend("jumpy")
    for make in (ones, plugrad.randn, plugrad.arange, plugrad.tensor):
        with pytest.raises(RuntimeError, match="no backend that can be used here has device 'moon': .*numpy has 'cpu'"):
            make(2, device="moon")
        with pytest.raises(RuntimeError, match="has devices? .*, not 'moon'|devices are .* not 'moon'"):
            make(2, device="moon", backend=backend.name)


def test_mixed_backends():
    x = plugrad.tensor([1.0, 2.0], backend="numpy", requires_grad=True)
    y = plugrad.tensor([1.0, 2.0], backend="tuples")
    for operation in (lambda: x + y, lambda: y * x, lambda: plugrad.where(x > 0, y, x), lambda: plugrad.concat([x, y])):
        with pytest.raises(
            RuntimeError, match="same backend and device, but .* of numpy.* of tuples|of tuples.*of numpy"
        ):
            operation()
    with pytest.raises(TypeError, match="same backend"):
        x @ plugrad.tensor([[1.0], [2.0]], backend="tuples")
    with pytest.raises(RuntimeError, match="gradient 0 is float64 .* of tuples, but the tensor is float64 .* of numpy"):
        (x * 2).backward(y)


def test_conversion_of_many_elements(backend):
    x = ones(2, 3)
    with pytest.raises(ValueError, match=r"a Tensor with 6 elements cannot be converted to Scalar.*\(2, 3\)"):
        float(x)
    with pytest.raises(RuntimeError, match="6 elements"):
        x.item()
    with pytest.raises(RuntimeError, match="Boolean value of Tensor with more than one value is ambiguous"):
        bool(x)
    with pytest.raises(TypeError, match="len.. of a 0-d tensor"):
        len(plugrad.tensor(1.0))
    with pytest.raises(TypeError, match="only integer tensors of a single element"):
        range(3)[plugrad.tensor(1.0)]


@pytest.mark.only("numpy")
def test_numpy_of_a_tensor_that_requires_grad(backend):
    import numpy as np

    x = leaf([1.0, 2.0])
    message = r"Can't call numpy\(\) on Tensor that requires grad. Use tensor.detach\(\).numpy\(\) instead"
    with pytest.raises(RuntimeError, match=message):
        x.numpy()
    with pytest.raises(RuntimeError, match=message):
        np.asarray(x)
    with pytest.raises(BufferError, match="detach"):
        np.from_dlpack(x)
    assert x.detach().numpy().tolist() == [1.0, 2.0]


def test_strangers(backend):
    x = ones(2)

    class Stranger:
        def __rmul__(self, other):
            return "mine"

    assert x * Stranger() == "mine"
    with pytest.raises(TypeError, match="unsupported operand"):
        x + None
    with pytest.raises(TypeError, match="exp: x is of type builtins.NoneType"):
        plugrad.exp(None)
    with pytest.raises(TypeError, match="unsupported operand"):
        x + "a"
    with pytest.raises(TypeError, match="add: x2 is of type builtins.str"):
        plugrad.add(x, "a")
    with pytest.raises(TypeError, match="list that holds tensors.*plugrad.stack"):
        plugrad.tensor([x, x])


def test_keywords_of_pytorch_teach(backend):
    x = ones(2, 3)
    with pytest.raises(TypeError, match="'dim'. Here it is called axis"):
        plugrad.sum(x, dim=0)
    with pytest.raises(TypeError, match="'keepdim'. Here it is called keepdims"):
        x.mean(axis=0, keepdim=True)
    with pytest.raises(TypeError, match=r"max\(1\) is a pair of values and indices in PyTorch.*t.max\(axis=1\)"):
        x.max(1)
    with pytest.raises(TypeError, match="unexpected keyword argument 'nonsense'"):
        x.sum(nonsense=1)


def test_inputs_of_grad(backend):
    x = leaf(1.0)
    y = x * x
    with pytest.raises(RuntimeError, match=r"does not require grad: inputs\[0\]"):
        plugrad.autograd.grad(y, [plugrad.tensor(1.0)])
    with pytest.raises(RuntimeError, match="cannot be empty"):
        plugrad.autograd.grad(y, [])
    with pytest.raises(RuntimeError, match="1 tensors and 2 gradients"):
        plugrad.autograd.backward([y], [None, None])
    y.backward()
    assert x.grad.item() == 2


def test_assigned_gradients_fit(backend):
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match="assigned grad has data of a different size"):
        x.grad = ones(3)
    with pytest.raises(TypeError, match="expected to be a Tensor or None"):
        x.grad = 1.0
    with pytest.raises(RuntimeError, match="its own grad"):
        x.grad = x
    with pytest.raises(RuntimeError, match="different type"):
        x.grad = ones(2, dtype="int64")
    assert x.grad is None


def test_hooks_check_what_they_get_and_give(backend):
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match="doesn't require gradient"):
        x.detach().register_hook(lambda g: g)
    with pytest.raises(RuntimeError, match="retain_grad on Tensor that has requires_grad=False"):
        x.detach().retain_grad()
    x.register_hook(lambda g: g.sum())
    with pytest.raises(RuntimeError, match=r"has changed the size of value \(was \(2,\), got \(\)\)"):
        (x * 2).sum().backward()
    assert x.grad is None


@pytest.mark.only("numpy")
def test_subclasses_and_objects_of_numpy(backend):
    import numpy as np

    class Mine(np.ndarray):
        pass

    for refused in (np.ma.masked_array([1.0, 2.0]), np.ones(2).view(Mine)):
        for call in (lambda a: ones(2) + a, plugrad.exp, plugrad.tensor, plugrad.asarray):
            with pytest.raises(RuntimeError, match="subclass of numpy.ndarray.*plain numpy.ndarray first"):
                call(refused)
    with pytest.raises(TypeError, match="dtype object"):
        plugrad.tensor(np.array([1, None], dtype=object))


def test_no_array_anywhere():
    with pytest.raises(TypeError, match="exp: x is of type builtins.str"):
        plugrad.exp("1")
    with pytest.raises(TypeError, match="concat: expected a tensor or an array among its arguments, got none"):
        plugrad.concat()
