"""The house's rules, read off the syntax tree of every module of the core as it is installed."""

import ast
import sys
from pathlib import Path

import pytest

import plugrad
from plugrad import hookspecs
from plugrad.ops.documentation import DOCS
from plugrad.registry.op import OPS, Op

ROOT = Path(plugrad.__file__).parent
FILES = {str(path.relative_to(ROOT)).replace("\\", "/"): path for path in sorted(ROOT.rglob("*.py"))}

FLOORS = {
    "errors": 0, "hookspecs": 0, "later": 0, "plugins": 0,
    "registry": 1,
    "autograd": 2,
    "ops": 3,
    "conversion": 4, "copying": 4, "creation": 4, "inplace": 4, "legacy": 4, "methods": 4, "random_numbers": 4,
    "random_state": 4, "transfer": 4,
    "autograd/forward_ad": 5, "autograd/functional": 5, "autograd/graph": 5, "autograd/saved_hooks": 5,
    "extend": 5, "func": 5, "show": 5, "testing": 5, "typing": 5, "utils": 5,
    "__init__": 6, "__main__": 6, "cli": 6, "stubs": 6,
}  # fmt: skip
"""A module imports from its own floor and from those below."""

OUTSIDERS = {
    "pluggy": {"extend", "plugins"}, "pytest": {"testing"}, "pytest_plugrad": {"testing"},
    "rich": {"cli"}, "matplotlib": {"show"}, "networkx": {"show"},
}  # fmt: skip
"""What the core imports beside Python's own library, and where. No array library is among them."""

ARRAYS = ("array_api", "cupy", "dask", "jax", "mpi4py", "numpy", "scipy", "tensorflow", "torch", "xarray")
NAMED_AT_RUN_TIME = {"cli/new.py", "later.py", "registry/claims.py", "registry/kernel_list.py", "registry/kernels.py",
                     "stubs.py", "testing/conformance/names.py"}  # fmt: skip
"""Files that import, or look up, a module whose name a plugin or a user gave."""

SLOW = {
    "ast", "contextlib", "dataclasses", "enum", "functools", "importlib.metadata", "inspect", "pluggy", "re", "typing",
}  # fmt: skip
"""What ``import plugrad`` must not wait for."""

LOADED_LATER = {"autograd/decorated.py", "registry/kernel_list.py", "registry/kernel_trace.py"}
"""Modules of the lower floors that nothing imports before they are needed."""

VAGUE = {"common", "helper", "helpers", "misc", "stuff", "tools", "util"}
"""``utils`` is PyTorch's name of the package that has its checkpoint."""


def top(name):
    """``autograd/node.py`` -> ``autograd``, the key of a floor, unless the module has one of its own."""
    module = name.removesuffix(".py")
    return module if module in FLOORS else module.split("/")[0]


def is_for_types(node):
    return isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"


def walked(node, into_functions=True):
    """Every node, but for what stands under ``if TYPE_CHECKING``: it never runs, so it can neither load nor cycle."""
    for child in ast.iter_child_nodes(node):
        if is_for_types(child) or (not into_functions and isinstance(child, ast.FunctionDef | ast.Lambda)):
            continue
        yield child
        yield from walked(child, into_functions)


def imported(tree, name, into_functions=True):
    """(line, absolute name) of each module that is imported, also inside of functions."""
    package = ["plugrad", *name.split("/")[:-1]]
    for node in walked(tree, into_functions):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{module}.{alias.name}" if module == "plugrad" else module


def looked_up(tree):
    """(line, name) of each module that is imported or looked up by a string; None where no constant tells the name."""
    for node in walked(tree):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            whose = ast.unparse(node.func)
            if called in ("__import__", "find_spec", "import_module") or whose.endswith("sys.modules.get"):
                yield node.lineno, node.args[0].value if isinstance(node.args[0], ast.Constant) else None
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("sys.modules"):
            yield node.lineno, node.slice.value if isinstance(node.slice, ast.Constant) else None


def floor_of(module):
    """The floor of an absolute name inside of plugrad; a name that is no module is the namespace's."""
    part = module.split(".")[1] if "." in module else "__init__"
    return FLOORS.get(part, FLOORS["__init__"])


def faults(name, source):
    """What a file does that it must not."""
    tree = ast.parse(source)
    for line, module in imported(tree, name):
        root = module.split(".")[0]
        if root == "plugrad":
            if floor_of(module) > FLOORS[top(name)]:
                yield f"{name}:{line} is on floor {FLOORS[top(name)]} and imports {module} of floor {floor_of(module)}"
        elif root not in sys.stdlib_module_names and top(name) not in OUTSIDERS.get(root, ()):
            yield f"{name}:{line} imports {module}"
    for line, module in looked_up(tree):
        if module is None and name not in NAMED_AT_RUN_TIME:
            yield f"{name}:{line} imports what a variable names"
        if module is not None and module.startswith(ARRAYS):
            yield f"{name}:{line} looks up {module}"


@pytest.mark.parametrize("name", FILES)
def test_imports_nothing_from_above_and_no_array_library(name):
    assert top(name) in FLOORS, f"on which floor is {name}? FLOORS in {Path(__file__).name} says it"
    assert list(faults(name, FILES[name].read_text(encoding="utf-8"))) == []


PLANTED = {
    "def f():\n    import numpy": "registry/x.py:2 imports numpy",
    "from array_api_compat import torch": "registry/x.py:1 imports array_api_compat",
    "import importlib\nimportlib.import_module('cupy')": "registry/x.py:2 looks up cupy",
    "def f():\n    __import__('torch.linalg')": "registry/x.py:2 looks up torch.linalg",
    "import sys\nsys.modules['numpy']": "registry/x.py:2 looks up numpy",
    "import sys\nsys.modules.get('jax')": "registry/x.py:2 looks up jax",
    "from importlib import import_module\nimport_module(name)": "registry/x.py:2 imports what a variable names",
    "from ..ops.shape import reshape": "registry/x.py:1 is on floor 1 and imports plugrad.ops.shape of floor 3",
    "from .. import creation": "registry/x.py:1 is on floor 1 and imports plugrad.creation of floor 4",
    "import plugrad": "registry/x.py:1 is on floor 1 and imports plugrad of floor 6",
    "from .. import exp": "registry/x.py:1 is on floor 1 and imports plugrad.exp of floor 6",
    "class A:\n    def f(self):\n        from ..autograd import node": "registry/x.py:3 is on floor 1 and imports",
    "import rich": "registry/x.py:1 imports rich",
}


@pytest.mark.parametrize("source", PLANTED)
def test_a_planted_fault_is_found(source):
    (found,) = faults("registry/x.py", source)
    assert found.startswith(PLANTED[source])


def test_what_is_allowed():
    below = "from ..errors import PluginError\nfrom . import op\nimport sys\n"
    for_types = "if TYPE_CHECKING:\n    from ..autograd import node\n"
    assert list(faults("registry/x.py", below + for_types)) == []


@pytest.mark.parametrize("name", [name for name in FILES if FLOORS.get(top(name), 0) < 5 or name == "__init__.py"])
def test_import_waits_for_nothing_slow(name):
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"))
    assert name in LOADED_LATER or not {module for _, module in imported(tree, name, into_functions=False)} & SLOW


@pytest.mark.parametrize(
    "name", ["autograd/templates.py", "autograd/unary_templates.py", "autograd/back_templates.py"]
)
def test_templates_know_only_what_is_fast(name):
    tree = ast.parse(FILES[name].read_text(encoding="utf-8"))
    modules = {module for _, module in imported(tree, name)}
    fast = {f"plugrad.autograd.{part}" for part in ("fit", "mode", "node", "rules", "views")}
    assert modules <= {*fast, "plugrad.registry.spec", "plugrad.registry.tensor", "__future__", "operator"}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not names & {"claims", "discover", "doors", "importlib", "isinstance", "plugins", "pluggy"}


@pytest.mark.parametrize("name", FILES)
def test_file_is_short_and_its_name_tells(name):
    lines = FILES[name].read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 350
    assert not set(name.removesuffix(".py").split("/")) & VAGUE


@pytest.mark.parametrize("name", FILES)
def test_file_says_what_it_is_and_on_which_floor(name):
    doc = ast.get_docstring(ast.parse(FILES[name].read_text(encoding="utf-8")))
    assert doc
    if doc.startswith("Floor"):
        assert doc.startswith(f"Floor {FLOORS[top(name)]}:")


def test_every_hook_is_listed_and_documented():
    declared = {name for name in vars(hookspecs) if name.startswith("plugrad_")}
    assert {hook.__name__ for hook in hookspecs.HOOKS + hookspecs.KIT_HOOKS} == declared
    for hook in hookspecs.HOOKS + hookspecs.KIT_HOOKS:
        assert ":param register:" in hook.__doc__
        assert set(hook.__annotations__) == {"register", "return"}


def is_op(value):
    return isinstance(getattr(value, "__globals__", {}).get("OP"), Op)


NAMES = {name: getattr(plugrad, name) for name in plugrad.__all__}


@pytest.mark.parametrize("name", [name for name, value in NAMES.items() if not is_op(value)])
def test_public_name_is_documented(name):
    assert NAMES[name].__doc__


def test_every_op_has_a_docstring_of_its_own():
    docs = [value.__doc__ for value in NAMES.values() if is_op(value)]
    assert all(docs)
    assert set(DOCS) == {name for name in OPS if "." not in name}
    assert len(set(docs)) == len(docs)
