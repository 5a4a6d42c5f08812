"""Planted faults: is each caught by the random programs? Run by hand, for some minutes:

    python tests/against_torch/mutations.py [NUMBER ...]

Each fault is planted in a copy of the sources, and programs run there until one sees a mismatch, or an error that no
program should. It prints a table, and exits with 1 if a fault survives or no longer applies to the sources.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

ROOT = Path(__file__).parents[2]
MOST = 6000

FAULTS = (
    # versions and saved values
    ("saved.py", "write.stamp > node.seq", "False", "a write into a saved value is not seen"),
    ("saved.py", "    write.count += 1\n", "", "versions stand still"),
    ("saved.py", "state.seq = state.stamp = write.stamp = state.seq + 1", "write.stamp = 1", "a write has no place in time"),
    ("saved.py", "owner = OWNERS[type(array)].owner(array)\n    return", "owner = array\n    return", "versions of views apart"),
    ("fast.py", "            if node.seq < state.stamp:\n                check_saved(node)\n", "", "backward checks nothing"),
    ("engine.py", "            if node.seq < state.stamp:\n                check_saved(node)\n", "", "grad checks nothing"),
    ("fast.py", "if node.seq < state.stamp", "if node.seq > state.stamp", "backward checks the new nodes"),
    # the fast engine
    ("fast.py", "heappush(heap, (-e.seq, e))", "heappush(heap, (e.seq, e))", "the oldest node runs first"),
    ("fast.py", "root.g = root.g + g", "root.g = g", "the second cotangent of a root replaces the first"),
    ("fast.py", "                node.rule = freed  # no", "                pass  # no", "a node is not freed"),
    ("fast.py", "if rule.saves and not keep", "if rule.saves", "retain_graph retains nothing"),
    ("rules.py", "        e.g = h + d\n", "        e.g = d\n", "fan-in loses the first cotangent"),
    ("rules.py", "        e.own = fresh\n        ready", "        e.own = True\n        ready", "adds into what others hold"),
    # the plain engine
    ("engine.py", "return d if total is None else total + d", "return d", "fan-in loses a cotangent"),
    ("engine.py", "heappush(heap, (-node.seq, id(node), node))", "heappush(heap, (node.seq, id(node), node))", "oldest first"),
    ("engine.py", "            rule.free(node)\n        for", "            rule.restore(node)\n        for", "grad frees nothing"),
    ("engine.py", "        if any(e in wanted for e in node.rule.edges(node)):\n            wanted", "        if True:\n            wanted",
     "nodes off the path run"),
    # gradients
    ("gradients.py", "switch(recording() if create_graph else PAUSED)", "switch(PAUSED)", "create_graph records nothing"),
    ("gradients.py", "if leaf.frozen or g is None", "if g is None", "a frozen leaf accumulates"),
    ("gradients.py", "g if own else", "g if True else", ".grad shares memory"),
    ("gradients.py", "g.requires_grad = create_graph", "pass", "materialized zeros are no leaf"),
    # views and writes
    ("views.py", "    _follow(base, shared, recorded)\n", "", "views keep their old nodes"),
    ("views.py", "                if recorded:\n                    _renew(view", "                if False:\n                    _renew(view",
     "views keep their nodes"),
    ("views.py", "        if recorded:\n            _renew(base, new._node)", "        if False:\n            _renew(base, new._node)",
     "the base keeps its node"),
    ("views.py", "new = _assigned(ties, new, shared)", "new = holding(ties.parent._array, ties.parent, ties.parent._node)",
     "the base forgets what a view was written"),
    ("views.py", "if recorded and ties.refusal", "if False", "a view made under no_grad is written"),
    ("views.py", "if recorded and asks and (t._node is None or not t._node.seq)", "if False", "a leaf is written"),
    ("views.py", "        move_retained(t._node, node)\n", "        pass\n", "a kept gradient stays behind"),
    ("views.py", "of.views = [ref(out)]", "of.views = []", "a base does not know its views"),
    ("../inplace.py", "backend.copy(x._array) if name in read else array", "array", "what a write reads is overwritten"),
    ("../inplace.py", "record(op, before, t)) if recorded else None", "t._node) if recorded else None", "a write is not recorded"),
    ("../inplace.py", "    stamp_write(array, name)\n    new", "    new", "a write is not stamped"),
    ("../inplace.py", "node = before_write(t) if x is t else x._node", "node = None if x is t else x._node", "the old value is cut off"),
    ("../inplace.py", "if base_of(self) is not self", "if False", "a view is detached in place"),
)
"""(file in core/plugrad/autograd, what stands there, what is planted, what is wrong then)."""

SOURCES = ("core", "backends", "plugins", "docs/door", "tests")


def hunt():
    """Programs until one finds something; how many that took."""
    import torch

    import plugrad
    from against_torch.test_random_programs import GENE, LENGTH, run
    from plugrad.plugins import plugins
    from plugrad.registry.claims import BACKENDS

    plugins()
    plugrad.set_default_backend("numpy")
    torch.set_default_dtype(torch.float64)
    warnings.simplefilter("ignore")
    genes = random.Random(2)
    for count in range(1, MOST + 1):
        try:
            run(genes.randbytes(2 + LENGTH * GENE), BACKENDS["numpy"])
        except Exception as error:
            what = next((line for line in str(error).splitlines() if line.startswith("# ") and line != "# program"), error)
            return f"{count:5} programs: {what}"
    return None


def caught(fault):
    """What the programs found of a planted fault, or of no fault; None for nothing.

    :raises LookupError: if it cannot be planted, or nothing runs then.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for source in SOURCES:
            shutil.copytree(ROOT / source, copy / source, ignore=shutil.ignore_patterns("__pycache__"))
        if fault is not None:
            file, old, new, _ = fault
            path = copy / "core" / "plugrad" / "autograd" / file
            text = path.read_text(encoding="utf-8")
            if text.count(old) != 1:
                raise LookupError(f"{file} has it {text.count(old)} times: {old}")
            path.write_text(text.replace(old, new), encoding="utf-8")
        places = (copy / p for p in ("core", "backends/numpy", "backends/cupy", "plugins/nn", "docs/door", "tests"))
        done = subprocess.run(
            [sys.executable, "-c", "from against_torch.mutations import hunt; print(hunt() or '')"],
            capture_output=True, text=True, check=False, cwd=folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places))},
        )  # fmt: skip
    if done.returncode:
        raise LookupError(done.stderr.splitlines()[-1])
    return done.stdout.rstrip() or None


def main():
    chosen = [int(a) for a in sys.argv[1:]] or range(1, len(FAULTS) + 1)
    survived = 0
    if not sys.argv[1:]:
        found = caught(None)
        print(f"without a fault: {found or f'{MOST} programs, and nothing'}", flush=True)
        if found:
            return 1
    for number in chosen:
        fault = FAULTS[number - 1]
        try:
            found = caught(fault)
        except LookupError as error:
            found, survived = f"  not planted: {error}", survived + 1
        survived += found is None
        print(f"{number:2} {fault[0]:14} {fault[3]:50} {(found or '  SURVIVED')[:110]}", flush=True)
    print(f"{survived} of {len(chosen)} survived")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
