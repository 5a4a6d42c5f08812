"""Nothing crosses between host and device in forward and backward, and what was saved is freed while backward runs.

Counted on the double. The waits that CuPy makes inside of its own functions are not seen here.
"""

import gc
import random

import pytest

import plugrad
from plugrad.registry.op import OPS
from plugrad.testing import CannotHold, samples_of

pytest.importorskip("numpy", reason="the double has NumPy underneath")
pytest.importorskip("plugrad_cupy", reason="plugrad-cupy is not installed")

from plugrad_test_backends.cupy_double.device import count

pytestmark = [
    pytest.mark.only("cupy-double"),
    pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning"),
]

NAMES = sorted(name for name, op in OPS.items() if op.source.startswith("plugrad") and samples_of(name))


def excepted(name, sample, arguments):
    """Why a call may cross: CuPy must know how large the result is, or the user's own numbers are on the host."""
    if name == "repeat" and len(arguments) > 1:
        return "its counts say how large the result is"
    indices = [a for a in arguments if isinstance(a, plugrad.Tensor) and a.dtype == "bool"]
    if name in ("index", "index_put", "scatter_add") and indices:
        return "CuPy counts a mask"
    key = sample.parameters.get("key")
    if any(isinstance(part, list) for part in (key if isinstance(key, tuple) else (key,))):
        return "a list in a key is the host's"
    return ""


@pytest.mark.parametrize("name", NAMES)
def test_an_op_crosses_neither_forward_nor_backward(backend, name):
    for sample in samples_of(name):
        for dtype in sample.dtypes[-2:]:
            try:
                given = sample.arguments(dtype, requires_grad=True)
            except CannotHold:
                continue
            count.reset()
            out = OPS[name].function(*given, **sample.parameters)
            outs = [o for o in (out if isinstance(out, tuple) else (out,)) if isinstance(o, plugrad.Tensor)]
            for one in outs:
                if one.requires_grad:
                    one.backward(plugrad.ones_like(one), retain_graph=True)
            if not excepted(name, sample, given):
                assert not count.crossed, (name, sample, dtype, count.crossed)


def perceptron():
    """The demo's network, small, and its parameters; and a batch as it lies on the device."""
    functional = pytest.importorskip("plugrad_nn.functional", reason="plugrad-nn is not installed")
    plugrad.manual_seed(0)
    images, labels = plugrad.rand(8, 16), plugrad.tensor([random.Random(0).randrange(4) for _ in range(8)])
    parameters = [plugrad.randn(16, 32, requires_grad=True), plugrad.zeros(32, requires_grad=True)]
    parameters += [plugrad.randn(32, 4, requires_grad=True), plugrad.zeros(4, requires_grad=True)]

    def loss():
        weight1, bias1, weight2, bias2 = parameters
        hidden = functional.relu(images @ weight1 + bias1)
        return functional.cross_entropy(hidden @ weight2 + bias2, labels)

    return loss, parameters


def test_a_step_of_training_crosses_nowhere(backend):
    loss, parameters = perceptron()
    velocities = [plugrad.zeros_like(p) for p in parameters]
    count.reset()
    loss().backward()
    assert count.launches
    with plugrad.no_grad():
        for parameter, velocity in zip(parameters, velocities):
            velocity *= 0.9
            velocity += parameter.grad
            parameter -= 0.1 * velocity
            parameter.grad = None
    assert not count.crossed


def test_a_batch_that_is_chosen_by_a_list_brings_the_list_alone(backend):
    images = plugrad.rand(8, 16)
    count.reset()
    images[[3, 1]]
    assert count.crossed == ["asarray to the device"]


def chain(x, length):
    for _ in range(length):
        x = x.sin()
    return x.sum()


def test_saved_values_are_freed_while_backward_runs(backend):
    """By reference counting alone: the garbage collector is off."""
    x = plugrad.rand(1000, requires_grad=True)
    gc.collect()
    gc.disable()
    try:
        before, live = count.live_bytes, []
        y = x
        for _ in range(20):
            y = y.sin()
            y.register_hook(lambda g: live.append(count.live_bytes - before))
        out = y.sum()
        del y
        assert count.live_bytes - before >= 19 * 8000
        out.backward()
        assert len(live) == 20
        assert live[-1] <= live[0] - 15 * 8000
        assert live == sorted(live, reverse=True)
        del out
        assert count.live_bytes - before == 8000  # the gradient
        x.grad = None
        assert count.live_bytes == before
    finally:
        gc.enable()


def test_a_graph_that_is_dropped_frees_its_memory_at_once(backend):
    x = plugrad.rand(1000, requires_grad=True)
    gc.collect()
    gc.disable()
    try:
        before = count.live_bytes
        out = chain(x, 50)
        assert count.live_bytes - before >= 49 * 8000
        del out
        assert count.live_bytes == before
    finally:
        gc.enable()


def test_a_step_of_training_leaves_only_gradients(backend):
    loss, parameters = perceptron()
    loss().backward()
    for parameter in parameters:
        parameter.grad = None
    gc.collect()
    gc.disable()
    try:
        before = count.live_bytes
        loss().backward()
        assert count.live_bytes - before == sum(p.grad.array.nbytes for p in parameters)
    finally:
        gc.enable()
