"""The ten errors that cost people hours. Each says what happened, to what, from where, and the way out."""

import array
import ctypes
import math
import types

import pytest

import plugrad
from plugrad import autograd
from plugrad.errors import GraphError, MissingDerivative, MissingKernel
from plugrad.extend import hookimpl, op
from plugrad.plugins import refresh
from values import assert_close

NUMPY = pytest.mark.only("numpy")


def leaf(values, **keywords):
    return plugrad.tensor(values, requires_grad=True, **keywords)


def said(error, *parts):
    """Each of the parts is in the message, in this order."""
    text, at = str(error), 0
    for part in parts:
        at = text.find(part, at)
        assert at >= 0, f"{part!r} is not where it should be in: {text}"
        at += len(part)


# -- 1 and 2: saved values ------------------------------------------------------------------------------------------


@pytest.mark.writable
def test_1_a_saved_value_was_written(backend):
    x = leaf([1.0, 2.0])
    y = x * 2
    z = plugrad.exp(y)
    z += 1
    with pytest.raises(GraphError) as caught:
        z.sum().backward()
    said(
        caught.value, "modified by an inplace operation", "ExpBackward0 (op exp) saved 'out'", "float64 (2,)",
        "add_ wrote into it", "version 1", "use the out-of-place form",
    )  # fmt: skip
    assert x.grad is None


def test_2_backward_a_second_time(backend):
    x = leaf([1.0, 2.0])
    y = (x * x).sum()
    y.backward()
    with pytest.raises(GraphError) as caught:
        y.backward()
    said(caught.value, "backward through the graph a second time", "MulBackward0 (op multiply)", "retain_graph=True")
    assert_close(x.grad, [2.0, 4.0])


# -- 3: into a plain array ------------------------------------------------------------------------------------------


def cause_of(error):
    """NumPy puts a ValueError of its own before an error of ``__float__``."""
    return error if isinstance(error, GraphError) else error.__cause__


def store(buffer, key, value):
    buffer[key] = value


def add_to(buffer, key, value):
    buffer[key] += value


@NUMPY
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "complex128"])
@pytest.mark.parametrize("write", [store, add_to])
def test_3_a_tensor_that_requires_grad_is_assigned_into_an_ndarray(backend, dtype, write):
    import numpy as np

    buffer, t = np.zeros(3, dtype), leaf(2.0)
    for value in (t, t * 2, leaf([2.0])[:1]):
        for _ in range(50):  # the interpreter specialises the instruction
            with pytest.raises((GraphError, ValueError)) as caught:
                write(buffer, 1, value)
        said(
            cause_of(caught.value), "buffer[i] = t: the buffer is no tensor", "gradient through t would be lost",
            "Make the buffer a tensor", "numpy.zeros_like(t)", "t.item() leaves the graph",
        )  # fmt: skip
    said(cause_of(caught.value), "(1,) of numpy and was made by")
    assert buffer.tolist() == [0, 0, 0]


@NUMPY
@pytest.mark.parametrize("key", [slice(None), slice(0, 2), [0, 1], ...])
def test_3_many_at_once(backend, key):
    import numpy as np

    buffer = np.zeros(2)
    with pytest.raises(GraphError, match=r"requires grad.*detach\(\).*\(2,\).*is a leaf.*cannot hold its gradient"):
        buffer[key] = leaf([1.0, 2.0])
    with pytest.raises(GraphError, match="requires grad"):
        buffer[0:1] = leaf(1.0)
    assert buffer.tolist() == [0, 0]


def test_3_other_arrays_than_numpys(backend):
    buffer = array.array("d", [0.0])
    with pytest.raises(GraphError, match="the buffer is no tensor"):
        buffer[0] = leaf(1.0)
    assert buffer[0] == 0
    found = {}
    found["t"] = t = leaf(1.0)  # a dict keeps the tensor
    assert found["t"] is t


@NUMPY
def test_3_what_stays_allowed(backend):
    import numpy as np

    t, buffer = leaf(2.0), np.zeros(6)
    buffer[0] = float(t)
    buffer[1] = t.item()
    buffer[2] = t.detach()
    buffer[3] = plugrad.tensor(2.0)
    with plugrad.no_grad():
        buffer[4] = t
    buffer[5] = math.sqrt(t * 2)  # cannot be told from float(t)
    assert buffer.tolist() == [2.0] * 6
    assert (int(t), complex(t)) == (2, 2 + 0j)
    assert [0, 1, 2][int(t)] == 2


@NUMPY
def test_3_the_idiom_works_on_a_buffer_that_is_a_tensor(backend):
    import numpy as np

    x = leaf([1.0, 2.0, 3.0])
    for make in (
        np.zeros_like, np.empty_like, np.ones_like, lambda t: np.full_like(t, 7.0), lambda t: np.zeros(3, like=t),
        lambda t: np.empty((3,), like=t), lambda t: np.zeros_like(t, shape=3), lambda t: np.full(3, 1.0, like=t),
    ):  # fmt: skip
        x.grad = None
        buffer = make(x)
        assert isinstance(buffer, plugrad.Tensor)
        for i in range(3):
            buffer[i] = x[i] ** 2
        buffer.sum().backward()
        assert_close(x.grad, [2.0, 4.0, 6.0])


# -- 4: no history --------------------------------------------------------------------------------------------------


def test_4_nothing_requires_grad(backend):
    x = leaf([1.0, 2.0])
    programs = {
        "shares memory with a tensor that requires grad: detach()": lambda: x.detach(),
        "asarray() or tensor() takes from lists": lambda: plugrad.asarray([1.0, 2.0]) * 2,
        "is of int64": lambda: plugrad.argmax(x),
        "is of bool": lambda: x[0] > 0,
    }
    for why, program in programs.items():
        y = program()
        with pytest.raises(GraphError) as caught:
            y.backward(plugrad.ones_like(y))
        said(caught.value, "element 0 of tensors does not require grad and does not have a grad_fn", str(y._spec), why)
    with plugrad.no_grad():
        y = (x * x).sum()
        with pytest.raises(GraphError) as caught:
            y.backward()
    said(caught.value, "does not require grad", "Recording is off here")
    with pytest.raises(GraphError, match="computed under no_grad"):
        y.backward()


@pytest.mark.writable
def test_4_a_view_made_under_no_grad(backend):
    x = leaf([[1.0, 2.0]])
    with plugrad.no_grad():
        row = x[0]
    with pytest.raises(GraphError, match="a view that was made under no_grad"):
        autograd.grad(row, x, plugrad.ones(2))


def test_4_the_output_does_not_depend_on_the_input(backend):
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0, 5.0])
    with pytest.raises(GraphError) as caught:
        autograd.grad(w.sum() * x.detach().sum(), x)
    said(
        caught.value, "not have been used in the graph", "inputs[0] (float64 (2,)", "ends at 1 other leaf (float64 (3,",
        "through detach(), no_grad, an op without a derivative", "allow_unused=True",
    )  # fmt: skip
    y = (x * 2).sum()
    later = x * 3
    with pytest.raises(GraphError, match="got its present value after the outputs were computed, by MulBackward0"):
        autograd.grad(y, later)
    if backend.writable:
        again = x.detach().requires_grad_()
        with pytest.raises(GraphError, match="another tensor of the same memory, which detach"):
            autograd.grad((again * 2).sum(), x)
    with pytest.raises(GraphError, match=r"does not require grad: inputs\[0\].*requires_grad_\(\) on it before"):
        autograd.grad((x * 2).sum(), x.detach())


# -- 5, 6, 7, 8 -----------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:Anomaly")
def test_5_a_gradient_that_is_nan(backend):
    x = leaf([0.0, 4.0])
    with autograd.detect_anomaly(), pytest.raises(GraphError) as caught:
        plugrad.where(x > 0, plugrad.sqrt(x), x).sum().backward()
    said(
        caught.value, "'SqrtBackward0' returned nan", "gradient of 'x'", "op sqrt was called at line", "0.0 to 4.0",
        "the where at line", "took the other branch", "Replace the argument before the op", "zero_cotangents_stop()",
    )  # fmt: skip


def test_6_an_op_that_is_not_differentiable(backend):
    x = leaf([1.0, 3.0])
    for y in (plugrad.argmax(x), (x > 2).astype("float64").sum()):
        with pytest.raises(GraphError, match="does not require grad"):
            y.backward()


def test_6_a_derivative_that_is_not_there(backend):
    half = op("ten_errors.half(x, y, /)", vjp={"x": lambda g: g / 2}, composite=lambda x, y: x / 2)
    x, y = leaf([1.0, 3.0]), leaf([1.0, 3.0])
    assert_close(autograd.grad(half(x, y.detach()).sum(), x)[0], [0.5, 0.5])
    with pytest.raises(MissingDerivative) as caught:
        half(x, y).sum().backward()
    said(caught.value, "ten_errors.half has no derivative with respect to 'y'", "pass y.detach()")
    assert x.grad is None


def test_6_a_kernel_that_no_plugin_has(backend):
    lonely = op("ten_errors.lonely(x, /)")
    with pytest.raises(MissingKernel) as caught:
        lonely(leaf([1.0]))
    said(caught.value, f"backend {backend.name!r} has no kernel", "no composite", "plugrad_kernels", "register(")


def test_7_integers(backend):
    with pytest.raises(GraphError) as caught:
        leaf([1, 2])
    said(caught.value, "only Tensors of floating point and complex dtype can require gradients", "int64 (2,)", "astype")


def test_8_grad_of_a_non_leaf(backend):
    x = leaf([1.0, 2.0])
    y = x * 2
    y.sum().backward()
    with pytest.warns(UserWarning, match=r"grad attribute of a Tensor that is not a leaf.*retain_grad\(\)"):
        assert y.grad is None


# -- 9: to NumPy and to compiled functions --------------------------------------------------------------------------


@NUMPY
def test_9_a_tensor_that_requires_grad_leaves_plugrad(backend):
    import numpy as np

    x = leaf([1.0, 2.0])
    for leave in (
        np.asarray, np.array, lambda t: t.numpy(), lambda t: np.array([t, t]), lambda t: np.full(2, t),
        lambda t: t.__array__(), lambda t: np.ctypeslib.as_array(np.asarray(t)),
    ):  # fmt: skip
        with pytest.raises(GraphError) as caught:
            leave(x * 2)
        said(
            caught.value, "on Tensor that requires grad", "tensor.detach().numpy()", "float64 (2,) of numpy",
            "was made by MulBackward0", "cannot hold its gradient",
        )  # fmt: skip
    with pytest.raises(BufferError) as caught:
        np.from_dlpack(x)
    said(caught.value, "Can't export tensors that require gradient, use tensor.detach()", "is a leaf")
    for function in (np.linalg.det, np.interp, np.fft.fft):
        with pytest.raises(TypeError, match=r"no op of plugrad answers numpy.*detach\(\).numpy\(\)"):
            function(x) if function is not np.interp else function(0.5, x, x)
    with pytest.raises(TypeError, match=r"numpy.add would write a tensor into a plain ndarray.*a tensor on the left"):
        np.add(x, x, out=np.zeros(2))
    assert x.detach().numpy().tolist() == x.numpy(force=True).tolist() == [1.0, 2.0]
    with plugrad.no_grad():
        assert x.numpy().tolist() == np.asarray(x).tolist() == [1.0, 2.0]


def test_9_compiled_functions(backend):
    x = leaf([1.0, 2.0])
    with pytest.raises(TypeError):
        memoryview(x)
    with pytest.raises(ctypes.ArgumentError):
        ctypes.CDLL(None).abs(x)


# -- 10: backends and plugins ----------------------------------------------------------------------------------------


def test_10_mixed_backends():
    x, y = leaf([1.0], backend="numpy"), leaf([1.0], backend="tuples")
    with pytest.raises(plugrad.errors.BackendError) as caught:
        x * y
    said(caught.value, "multiply", "same backend and device", "of numpy", "of tuples", "as by x2.to(x1)")
    with pytest.raises(plugrad.errors.BackendError) as caught:
        x.to("cuda:7")
    said(caught.value, "no backend that can be used here has device 'cuda:7'", "numpy has 'cpu'", "plugrad doctor")


def test_10_a_plugin_that_failed(monkeypatch):
    from plugrad import plugins

    broken = types.ModuleType("plugrad_broken")
    broken.plugrad_api = 99
    broken.plugrad_backends = hookimpl(lambda register: None)

    class Entry:
        name, value = "broken", "plugrad_broken"

        @staticmethod
        def load():
            return broken

    entries = plugins._entries
    monkeypatch.setattr(plugins, "_entries", lambda: [*entries(), ("plugrad-broken", "1.0", Entry)])
    refresh()
    try:
        with pytest.raises(plugrad.errors.BackendError) as caught:
            plugrad.ones(2, backend="broken")
        said(
            caught.value, "no backend 'broken'", "plugin 'broken' (plugrad_broken) of plugrad-broken 1.0 is refused",
            "built for plugin API 99", "python -m plugrad doctor",
        )  # fmt: skip
    finally:
        monkeypatch.undo()
        plugins._plugins.pop(("broken", "plugrad_broken"), None)
