"""plugrad beside PyTorch, HIPS autograd, MyGrad and NumPy by hand: one thread each, interleaved, values checked.

A ratio is the median, over the rounds, of plugrad's time by the other's in the same round. Engines that are not
installed are left out; without plugrad, the first engine that is there is compared with the others.
"""

import os

for variable in "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS":
    os.environ[variable] = "1"  # read when NumPy and PyTorch are imported, so set before

# ruff: noqa: E402
import argparse
import json
import platform
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

import imports
import nodes
import numpy as np
from engines import ENGINES, installed
from table import Row, Table, compared
from timing import interleaved, ratio
from workloads import Workload, workloads

NAMES = "chain", "0-d chain", "tutorial", "perceptron", "elementwise", "nodes", "import"


def rows(names: list[str], wanted: list[str], rounds: int) -> Iterator[Row]:
    engines = {name: ENGINES[name].load() for name in names}
    for workload in workloads():
        if workload.name.partition(",")[0] in wanted:
            yield workload_row(workload, engines, rounds)
    if "nodes" in wanted:
        yield from node_rows(names, max(1, rounds // 5))  # a round takes a minute
    if "import" in wanted:
        yield from import_rows(names, rounds)


def workload_row(workload: Workload, engines: Mapping[str, Any], rounds: int) -> Row:
    calls = {name: workload.call(engine) for name, engine in engines.items()}
    by_hand = workload.call_by_hand()
    expected = workload.judged(by_hand())
    for name, engine in engines.items():
        got = workload.judged([engine.array(result) for result in calls[name]()])
        for value, wanted in zip(got, expected, strict=True):
            what = f"{name}: {workload.name}"
            np.testing.assert_allclose(value, wanted, rtol=1e-4, atol=1e-6, strict=True, err_msg=what)
    return compared(workload.name, interleaved(calls | {"numpy": by_hand}, rounds), next(iter(engines)), workload.bars)


def node_rows(names: list[str], rounds: int) -> Iterator[Row]:
    subject = names[0]
    first, *_, last = nodes.SIZES
    for collector in "on", "off":
        samples = nodes.measured(names, collector, rounds)
        for size in nodes.SIZES:
            there = {name: sizes[size] for name, sizes in samples.items() if size in sizes}
            bars = {"torch": 0.5} if size == last and collector == "on" else {}
            yield compared(f"a node of {size:,}, gc {collector}", there, subject, bars)
        growth = {name: ratio(sizes[last], sizes[first]) for name, sizes in samples.items() if last in sizes}
        bars = {"plugrad": 1.6} if subject == "plugrad" and collector == "off" else {}
        yield Row(f"own growth to {last:,}, gc {collector}", None, growth, bars)


def import_rows(names: list[str], rounds: int) -> Iterator[Row]:
    samples = imports.measured(names, rounds)
    first_tensor = samples.pop(imports.FIRST_TENSOR, None)
    yield compared("import", samples, names[0], {"numpy": 0.21})
    if first_tensor:
        samples["plugrad"] = first_tensor
        yield compared("import, first tensor, after NumPy's", samples, "plugrad", {"numpy": 0.95})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workload", nargs="+", choices=NAMES, default=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    options = parser.parse_args()

    names = installed()
    missing = [entry.title for name, entry in ENGINES.items() if name not in names]
    if missing:
        print("not installed, left out:", ", ".join(missing), file=sys.stderr)
    found = rows(names, options.workload, options.rounds)
    versions = {"python": platform.python_version(), "numpy": np.__version__}
    versions |= {ENGINES[name].package: version(ENGINES[name].package) for name in names}
    if options.json:
        print(json.dumps({"versions": versions, "rows": [row.as_dict() for row in found]}, indent=2))
        return
    print(", ".join(f"{package} {number}" for package, number in versions.items()))
    table = Table({name: ENGINES[name].title for name in names} | {"numpy": "NumPy"})
    print(table.head())
    for row in found:
        print(table.row(row), flush=True)


if __name__ == "__main__":
    main()
