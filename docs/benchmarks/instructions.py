"""How many machine instructions a commit adds to what does not use its news: callgrind's counts, which repeat exactly.

    python docs/benchmarks/instructions.py BASE [HEAD]

Six small workloads of two commits, on this machine, in this environment (which needs valgrind, NumPy and pluggy).
Each count is the difference of two run lengths, so neither start nor import is in it. A difference of more than
3 % fails.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALLOWED = 0.03
LENGTHS = 20, 120
SOURCES = "core", "backends/numpy", "plugins/nn"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", help="the commit to compare with")
    parser.add_argument("head", nargs="?", default="HEAD", help="the commit that is judged")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        runs = [start(commit, Path(scratch) / name) for name, commit in (("base", given.base), ("head", given.head))]
        base, head = [counts(run, folder) for run, folder in runs]
    print(f"{'workload':<24}{'base':>12}{'head':>12}{'change':>9}")
    worst = 0.0
    for name, before in base.items():
        change = head[name] / before - 1
        worst = max(worst, change)
        print(f"{name:<24}{before:>12,.0f}{head[name]:>12,.0f}{change:>+9.2%}")
    if worst > ALLOWED:
        print(f"more than {ALLOWED:.0%} on what does not use the news")
    return worst > ALLOWED


def start(commit: str, folder: Path) -> tuple[subprocess.Popen, Path]:
    """Run the workloads of a commit under callgrind."""
    tree = folder / "tree"
    tree.mkdir(parents=True)
    archive = subprocess.run(["git", "-C", ROOT, "archive", commit, *SOURCES], check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", tree], input=archive.stdout, check=True)
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join(str(tree / source) for source in SOURCES), "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    }  # fmt: skip
    valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/%p.out"]
    workloads = Path(__file__).with_name("small_workloads.py")
    command = [*valgrind, sys.executable, str(workloads), *map(str, LENGTHS)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True), folder


def counts(run: subprocess.Popen, folder: Path) -> dict[str, float]:
    """Each workload's instructions for one repetition. A child process ran each length of each."""
    out, err = run.communicate()
    if run.returncode:
        raise SystemExit(err)
    found: dict[str, list[int]] = {}
    for line in out.splitlines():
        pid, name = line.split(maxsplit=1)
        text = (folder / f"{pid}.out").read_text()
        found.setdefault(name, []).append(int(re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE)[1]))
    return {name: (long - short) / (LENGTHS[1] - LENGTHS[0]) for name, (short, long) in found.items()}


if __name__ == "__main__":
    sys.exit(main())
