"""What ``import plugrad`` does, and what it does not."""

import subprocess
import sys

import pytest


def run(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)


def test_it_imports_no_array_library_and_looks_for_no_plugin():
    heavy = "numpy, cupy, torch, pluggy, importlib.metadata, typing, inspect, ast, functools, dataclasses, enum, re"
    program = f"""
import sys
before = set(sys.modules)
import plugrad
names = {heavy!r}.split(", ")
print([name for name in names if name in sys.modules and name not in before])
"""
    assert run(program).stdout.strip() == "[]"


def test_a_free_threaded_build_is_warned_of():
    program = """
import sys, warnings
sys._is_gil_enabled = lambda: False
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import plugrad
print([str(w.message) for w in caught if w.category is RuntimeWarning])
"""
    assert "builds of Python with the GIL" in run(program).stdout


@pytest.mark.parametrize("module", ["plugrad", "plugrad.extend", "plugrad.testing", "plugrad_numpy", "plugrad_nn"])
def test_any_module_may_be_the_first(module):
    run(f"import {module}")
