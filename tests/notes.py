"""The table of PyTorch's statements: its tests are there, and in a run of the whole suite each of them passed."""

import ast
import re
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]
passed = set()


def rows():
    """Each statement of the table, and what stands beside it."""
    lines = (ROOT / "docs" / "torch-notes.md").read_text(encoding="utf-8").splitlines()
    cells = [re.split(r" \| ", line.strip("| ")) for line in lines if line.startswith("| ")]
    return [tuple(row) for row in cells if row[0] != "PyTorch says"]


def tests():
    """The ids of the tests in the table."""
    return [found[1] for _, shown in rows() if (found := re.fullmatch(r"`(tests/\S+::test_\w+)`", shown))]


def is_there(test):
    """Whether a module has a test of that name."""
    path, _, name = test.partition("::")
    if not (ROOT / path).is_file():
        return False
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return any(isinstance(node, ast.FunctionDef) and node.name == name for node in tree.body)


def everything_runs(config):
    """Whether this is the whole suite, on a backend that can hold it all, with PyTorch."""
    chosen = config.getoption("--backend")
    asked = [Path(a).resolve() for a in config.args] == [ROOT / "tests"] and not config.option.collectonly
    options = ("keyword", "markexpr", "deselect", "lf")  # the last is of a plugin that may be off
    selected = any(getattr(config.option, name, None) for name in options)
    return asked and not selected and (not chosen or "numpy" in chosen) and find_spec("torch") is not None


# -- pytest's hooks


def pytest_runtest_logreport(report):
    if report.when == "call" and report.passed:
        passed.add(report.nodeid.partition("[")[0])


def pytest_sessionfinish(session, exitstatus):
    if exitstatus == 0 and everything_runs(session.config) and not passed.issuperset(tests()):
        session.exitstatus = 1


def pytest_terminal_summary(terminalreporter, config):
    if everything_runs(config):
        for test in tests():
            if test not in passed:
                terminalreporter.write_line(f"docs/torch-notes.md names {test}, which did not pass", red=True)
