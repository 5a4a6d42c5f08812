"""ResNet-152 of random weights, in float64: NumPy's gradients are PyTorch's.

The model is one program for both libraries, ``docs/demo/resnet.py``. Each parameter's gradient, as a vector, is off by
less than a millionth of its norm; so are the logits and the running statistics.
"""

import importlib.util
from pathlib import Path

import pytest

import plugrad
from plugrad_nn import functional as F

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch==2.13.0")
np = pytest.importorskip("numpy")

SCRIPT = Path(__file__).parents[2] / "docs" / "demo" / "resnet.py"


@pytest.fixture(scope="module")
def resnet():
    threads = pytest.importorskip("threadpoolctl").threadpool_limits
    spec = importlib.util.spec_from_file_location("resnet", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with threads(1):  # most of its matrices are small
        yield module


def run(resnet, functional, tensor, weights, running, data, training):
    """The logits, the gradients and the running statistics, as NumPy arrays."""
    leaves = {name: tensor(value, requires_grad=True) for name, value in weights.items()}
    moving = {name: tensor(value.copy()) for name, value in running.items()}
    images, labels = map(tensor, data)
    logits = resnet.network(functional, images, leaves, moving, training)
    functional.cross_entropy(logits, labels).backward()
    gradients = {name: leaf.grad.numpy() for name, leaf in leaves.items()}
    return logits.detach().numpy(), gradients, {name: value.numpy() for name, value in moving.items()}


def off(found, wanted):
    """Relative to the norm of what is wanted."""
    return np.linalg.norm(found - wanted) / np.linalg.norm(wanted)


@pytest.mark.only("numpy")
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
def test_its_gradients_are_pytorchs(resnet, backend, training):
    parts = *resnet.parameters(), resnet.data(batch=2, size=64), training
    ours = run(resnet, F, plugrad.tensor, *parts)
    theirs = run(resnet, torch.nn.functional, torch.tensor, *parts)
    assert sum(g.size for g in ours[1].values()) == 60_192_808  # what the paper's network has
    assert off(ours[0], theirs[0]) < 1e-6
    for number in (1, 2):
        assert max(off(ours[number][name], theirs[number][name]) for name in theirs[number]) < 1e-6
    assert all(np.linalg.norm(g) > 0 for g in theirs[1].values())
