"""NumPy's scalars in a process that has seen none yet."""

import subprocess
import sys

import pytest

PROGRAMS = {
    "a write": ["x = plugrad.tensor(2.0)", "x.mul_(3.0)"],
    "a sum of cotangents": ["w = plugrad.tensor(2.0, requires_grad=True)", "(w * w + w * w + w).backward()",
                            "x = w.grad - 3.0"],
    "a recorded write": ["w = plugrad.tensor(2.0, requires_grad=True)", "y = w * 3.0", "y.add_(0.0)", "y.backward()",
                         "x = w.grad * 2"],
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_first_scalar_of_a_process(name):
    code = "\n".join(["import plugrad", *PROGRAMS[name], "print(x.item())"])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "6.0", done.stderr
