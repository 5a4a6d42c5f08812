"""The convolutional demo: it learns, on every backend, and its last line says how well."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).parents[1] / "docs" / "demo"
NEEDS = "numpy", "plugrad_numpy", "plugrad_nn", "sklearn", "matplotlib", "tqdm"
MISSING = [name for name in NEEDS if importlib.util.find_spec(name) is None]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


@pytest.fixture(scope="module")
def convnet():
    """With one thread: its matrices are so small that more of them cost more than they bring."""
    from threadpoolctl import threadpool_limits  # scikit-learn needs it too

    spec = importlib.util.spec_from_file_location("convnet", DEMO / "convnet.py")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(DEMO))  # it takes the data from the other demo
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(DEMO))
    with threadpool_limits(1):
        yield module


@pytest.mark.only("numpy")
def test_three_epochs_read_96_of_100_held_out_digits(convnet, backend):
    losses, read = convnet.train(seed=0, epochs=3, progress=False)
    assert losses[-1] < losses[0]
    assert read >= 96


@pytest.mark.only("numpy", "strict", "cupy", "cupy-double")
def test_nothing_but_the_backends_name_changes(convnet, backend):
    """The composites and NumPy's kernels learn the same from the same parameters."""
    import plugrad

    plugrad.set_default_backend("numpy")
    plugrad.manual_seed(0)
    weights = [w.tolist() for w in convnet.parameters()]
    (images, labels), _ = convnet.digits(0)
    images, labels = images[:8].tolist(), labels[:8].tolist()

    def gradients(name):
        plugrad.set_default_backend(name)
        leaves = [plugrad.tensor(w, requires_grad=True) for w in weights]
        logits = convnet.network(plugrad.tensor(images), leaves, convnet.statistics(), training=True)
        convnet.F.cross_entropy(logits, plugrad.tensor(labels)).backward()
        return [leaf.grad.tolist() for leaf in leaves]

    from values import flat

    found, wanted = flat(gradients(backend.name)), flat(gradients("numpy"))
    assert found == pytest.approx(wanted, rel=1e-6, abs=1e-9)


def test_what_is_printed():
    asked = [sys.executable, DEMO / "convnet.py", "--backend", "numpy", "--seeds", "2", "--epochs", "1"]
    one_thread = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    run = subprocess.run(asked, capture_output=True, text=True, check=True, env=one_thread)
    first, second, last = run.stdout.splitlines()
    read = [float(line.split()[2]) for line in (first, second)]
    assert [line.split(":")[0] for line in (first, second)] == ["seed 0", "seed 1"]
    assert float(last) == pytest.approx(sum(read) / 2, abs=0.01)
    assert float(last) > 60
