"""What of the site can be seen without building it: the reference is whole, and the coverage page is computed."""

import importlib
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

import plugrad
from plugrad.__main__ import COMMANDS
from plugrad.extend import Backend
from plugrad.registry.op import OPS

DOCS = Path(__file__).parents[1] / "docs"
REFERENCE = {page.stem: page.read_text(encoding="utf-8") for page in DOCS.joinpath("reference").glob("*.md")}
MODULES = (
    "plugrad", "plugrad.autograd", "plugrad.autograd.forward_ad", "plugrad.autograd.functional",
    "plugrad.autograd.graph", "plugrad.extend", "plugrad.func", "plugrad.testing",
)  # fmt: skip

pytestmark = pytest.mark.only("numpy")


def directives():
    """module.name for each thing that a page of the reference is asked to show."""
    for text in REFERENCE.values():
        module = ""
        for line in text.splitlines():
            if line.startswith(".. currentmodule::"):
                module = line.split()[-1]
            elif line.startswith(".. automodule::"):
                yield from members(line.split()[-1])
            elif re.match(r"\.\. auto(function|class|method|attribute|data)::", line):
                yield f"{module}.{line.split()[-1]}"


def members(module):
    """What autodoc takes for a module's members."""
    if find_spec(module.partition(".")[0]) is None:
        return
    found = importlib.import_module(module)
    own = [name for name, value in vars(found).items() if getattr(value, "__module__", "") == module]
    for name in getattr(found, "__all__", [name for name in own if not name.startswith("_")]):
        yield f"{module}.{name}"


def named(path):
    module, *rest = path.split(".")
    found = importlib.import_module(module)
    for part in rest:
        if not hasattr(found, part):
            importlib.import_module(f"{found.__name__}.{part}")
        found = getattr(found, part)
    return found


SHOWN = list(directives())


def test_nothing_is_shown_twice_and_all_of_it_is_there():
    assert len(set(SHOWN)) == len(SHOWN)
    for path in SHOWN:
        assert named(path) is not None


@pytest.mark.parametrize("module", MODULES)
def test_the_reference_has_every_public_name(module):
    there = {id(named(path)) for path in SHOWN}
    texts = "".join(REFERENCE.values())
    found = importlib.import_module(module)
    for name in found.__all__:
        value = getattr(found, name)
        shown = id(value) in there or f"`{name}`" in texts or f"`{module}.{name}`" in texts
        assert shown or isinstance(value, ModuleType), f"{module}.{name} is on no page of docs/reference"


def test_the_reference_has_every_attribute_of_a_tensor():
    page = REFERENCE["tensor"]
    for name in vars(plugrad.registry.tensor.Tensor):
        if not name.startswith("_"):
            assert f"`{name}`" in page or f"Tensor.{name}\n" in page, name


def test_the_guide_names_the_whole_contract():
    text = DOCS.joinpath("write-a-backend.md").read_text(encoding="utf-8")
    told = set(re.findall(r"\b\w+\b", " ".join(re.findall(r"`([^`\n]+)`", text))))
    assert {name for name in vars(Backend) if not name.startswith("_")} <= told


def test_the_reference_has_every_command():
    assert set(re.findall(r"^\| `(\w+)` ", REFERENCE["command-line"], re.MULTILINE)) >= set(COMMANDS)


def test_the_reference_has_every_environment_variable():
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(plugrad.__file__).parent.rglob("*.py"))
    for name in set(re.findall(r"""["'](PLUGRAD_[A-Z_]+)["']""", sources)):
        assert f"| `{name}` |" in REFERENCE["command-line"], name


@pytest.fixture(scope="module")
def coverage():
    pytest.importorskip("array_api_strict")
    sys.path.insert(0, str(DOCS))
    try:
        return importlib.import_module("coverage_tables")
    finally:
        sys.path.remove(str(DOCS))


def test_the_coverage_page_has_every_op(backend, coverage):
    page = coverage.filled(DOCS.joinpath("coverage.md").read_text(encoding="utf-8"))
    assert "<!--" not in page
    rows = dict(re.findall(r"^\| `([\w.]+)\(.*?\)` \| (.*) \|$", page, re.MULTILINE))
    assert set(rows) >= set(OPS)
    assert rows["multiply"].startswith("yes | yes | yes | integer, real, complex | ")
    assert rows["equal"].startswith("– | – | – | ")


def test_what_of_the_standard_is_not_here_has_a_reason(coverage):
    _, names = coverage.standard()
    assert {name for name in names if not hasattr(plugrad, name)} == set(coverage.WHY_NOT)
