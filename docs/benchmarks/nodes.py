"""What a node costs in graphs of a thousand to a million: built, run backward and dropped.

Each engine runs in a process of its own (`python nodes.py ENGINE on|off`, with Python's garbage collector on or off),
because the collector scans all that is alive: beside another engine's modules every node would cost more.
"""

import gc
import json
import subprocess
import sys
from collections.abc import Sequence

from engines import ENGINES
from timing import rotated, seconds

SIZES = (1_000, 10_000, 100_000, 1_000_000)


def chain_of(nodes: int):
    def program(engine, x, w):
        for _ in range(nodes):
            x = x * w
        return x

    return program


def node_seconds(name: str) -> dict[int, float]:
    import numpy as np

    entry = ENGINES[name]
    engine = entry.load()
    found = {}
    for size in SIZES:
        if size > entry.deepest:
            break
        call = engine.gradient(chain_of(size), [np.float64(0.5)], [np.float64(-1)])  # 0-d: no array's time
        if size == SIZES[0] and engine.array(call()[0]) != 1:  # (-1)^size
            raise AssertionError(f"{name}: wrong gradient of a chain")
        found[size] = seconds(call, max(1, 50_000 // size)) / size
    return found


def measured(names: Sequence[str], collector: str, rounds: int) -> dict[str, dict[int, list[float]]]:
    """Seconds of a node by engine, size and round."""
    samples: dict[str, dict[int, list[float]]] = {name: {} for name in names}
    for turn in range(rounds):
        for name in rotated(list(names), turn):
            child = subprocess.run([sys.executable, __file__, name, collector], check=True, stdout=subprocess.PIPE)
            for size, value in json.loads(child.stdout):
                samples[name].setdefault(size, []).append(value)
    return samples


if __name__ == "__main__":
    if sys.argv[2] == "off":
        gc.disable()
    print(json.dumps(list(node_seconds(sys.argv[1]).items())))
