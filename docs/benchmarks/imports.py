"""What an import costs: each in a fresh, isolated interpreter, on the installed packages, timed from inside."""

import subprocess
import sys
from collections.abc import Sequence

from engines import ENGINES
from timing import rotated

FIRST_TENSOR = "first tensor"
CHILD = """
{before}
from time import perf_counter
start = perf_counter()
{timed}
print(perf_counter() - start)
"""


def measured(names: Sequence[str], rounds: int) -> dict[str, list[float]]:
    """Seconds in each round: NumPy's and each engine's import; and plugrad's with a first tensor, NumPy being there."""
    programs = {name: ("", f"import {ENGINES[name].package}") for name in names}
    programs["numpy"] = ("", "import numpy")
    if "plugrad" in names:
        programs[FIRST_TENSOR] = ("import numpy", "import plugrad; plugrad.tensor([1.0, 2.0], requires_grad=True)")
    samples: dict[str, list[float]] = {name: [] for name in programs}
    for turn in range(-1, rounds):  # round -1 fills the caches of bytecode and files
        for name in rotated(list(programs), turn):
            before, timed = programs[name]
            code = CHILD.format(before=before, timed=timed)
            child = subprocess.run([sys.executable, "-I", "-c", code], check=True, stdout=subprocess.PIPE)
            if turn >= 0:
                samples[name].append(float(child.stdout))
    return samples
