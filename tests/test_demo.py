"""The demo: it learns, it draws, and its last line says how well."""

import importlib.util
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from statistics import fmean

import pytest

SCRIPT = Path(__file__).parents[1] / "docs" / "demo" / "digits.py"
NEEDS = "numpy", "plugrad_numpy", "plugrad_nn", "sklearn", "matplotlib", "tqdm"
INSTALLED = any(distribution.name == "plugrad-test-backends" for distribution in distributions())
MISSING = [name for name in NEEDS if importlib.util.find_spec(name) is None]

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


@pytest.fixture(scope="module")
def digits():
    spec = importlib.util.spec_from_file_location("digits", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.only("numpy")
def test_it_reads_97_of_100_held_out_digits(digits, backend):
    assert fmean(digits.train(seed, progress=False)[1] for seed in range(5)) >= 97


@pytest.mark.only("numpy", "strict", "cupy", "cupy-double")
def test_nothing_but_the_backends_name_changes(digits, backend):
    losses, read = digits.train(seed=0, epochs=1, progress=False)
    assert losses[-1] < losses[0]
    assert read > 70


@pytest.mark.skipif(not INSTALLED, reason="plugrad-test-backends is not installed")
@pytest.mark.parametrize("name", ["strict", "cupy-double"])
def test_the_command_line_takes_any_installed_backend(name, tmp_path):
    asked = ["--backend", name, "--epochs", "1", "--output", tmp_path]
    run = subprocess.run([sys.executable, SCRIPT, *asked], capture_output=True, text=True, check=True)
    assert float(run.stdout.splitlines()[-1]) > 70


def test_what_is_printed_and_drawn(tmp_path):
    asked = ["--backend", "numpy", "--seed", "1", "--epochs", "5", "--output", tmp_path / "new"]
    run = subprocess.run([sys.executable, SCRIPT, *asked], capture_output=True, text=True, check=True)
    *_, report, wrote, last = run.stdout.splitlines()
    assert report.split()[0] == "epoch"
    assert "loss" in report
    assert "accuracy" in report
    assert 80 < float(last) <= 100
    assert last == f"{float(last):.2f}"
    assert "5/5" in run.stderr  # the progress bar
    for name in ("loss.svg", "graph.svg"):
        picture = tmp_path / "new" / name
        assert str(picture) in wrote
        assert "</svg>" in picture.read_text(encoding="utf-8")
    for shown in ("w1 = 2", "a = 1.5", "L = -24.5", "MulBackward0", "()"):
        assert f">{shown}</text>" in picture.read_text(encoding="utf-8")
