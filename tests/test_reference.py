"""What docstrings promise: each public name has one, each function an example that runs, and errors are those named."""

import contextlib
import doctest
import importlib
import inspect
import io
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

import plugrad
from plugrad.errors import BackendError, DTypeError, GraphError, ShapeError

ROOT = Path(__file__).parents[1]
MODULES = [
    "plugrad", "plugrad.autograd", "plugrad.autograd.forward_ad", "plugrad.autograd.function",
    "plugrad.autograd.functional", "plugrad.autograd.graph", "plugrad.extend", "plugrad.func", "plugrad.ops",
    "plugrad.testing", "plugrad.utils.checkpoint",
    *(["plugrad_nn.functional"] if find_spec("plugrad_nn") else []),
]  # fmt: skip

pytestmark = pytest.mark.only("numpy")


def public(module):
    found = importlib.import_module(module)
    own = [name for name, value in vars(found).items() if getattr(value, "__module__", "") == module]
    return {name: getattr(found, name) for name in getattr(found, "__all__", own) if not name.startswith("_")}


NAMES = {f"{module}.{name}": value for module in MODULES for name, value in public(module).items()}
TENSOR = {
    f"plugrad.Tensor.{name}": value
    for name, value in vars(plugrad.registry.tensor.Tensor).items()
    if not name.startswith("_")
}
ONCE = list({id(value): (name, value) for name, value in reversed({**NAMES, **TENSOR}.items())}.values())[::-1]
"""Each object by the first of its names."""
EXAMPLES = [(name, value) for name, value in ONCE if ">>>" in (value.__doc__ or "")]
PAGES = [page.read_text(encoding="utf-8") for page in ROOT.joinpath("docs").rglob("*.md")]
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SHOWN = "\n".join(block for page in PAGES for block in BLOCK.findall(page))
"""The examples of the pages, which tests/test_docs.py runs."""
NEEDS_EXAMPLE = [
    (name, value)
    for name, value in NAMES.items()
    if not name.startswith("plugrad_nn")
    if inspect.isfunction(value) or (inspect.isclass(value) and not issubclass(value, Exception))
]


@pytest.mark.parametrize("name, value", ONCE, ids=[name for name, _ in ONCE])
def test_it_has_a_docstring(name, value):
    if not isinstance(value, int | float | str) and type(value).__module__ != "pluggy._hooks":
        assert value.__doc__, name


@pytest.mark.parametrize("name, value", NEEDS_EXAMPLE, ids=[name for name, _ in NEEDS_EXAMPLE])
def test_it_has_an_example(name, value):
    assert ">>> " in value.__doc__ or re.search(rf"\b{name.rpartition('.')[2]}\b", SHOWN), name


@pytest.mark.parametrize("name, value", EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_its_example_is_true(backend, name, value):
    names = {"plugrad": plugrad, "autograd": plugrad.autograd, "func": plugrad.func}
    if name.startswith("plugrad_nn"):
        names.update(public("plugrad_nn.functional"), F=importlib.import_module("plugrad_nn.functional"))
    plugrad.manual_seed(0)
    test = doctest.DocTestParser().get_doctest(inspect.cleandoc(value.__doc__), names, name, None, 0)
    said = io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()):
        result = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.write)
    assert not result.failed, said.getvalue()


M, V = "plugrad.zeros(2, 3)", "plugrad.tensor([1.0, 2.0])"
REFUSED = {
    f"plugrad.sum({M}, axis=5)": IndexError,
    f"plugrad.argmax({M}, axis=5)": IndexError,
    f"plugrad.reshape({M}, (4,))": ShapeError,
    f"plugrad.permute_dims({M}, (0, 0))": ShapeError,
    f"plugrad.matrix_transpose({V})": ShapeError,
    f"plugrad.expand_dims({V}, 5)": IndexError,
    f"plugrad.squeeze({M}, 0)": ShapeError,
    f"plugrad.concat({M}, {V})": ShapeError,
    f"plugrad.stack([{M}, {V}])": ShapeError,
    f"plugrad.broadcast_to({M}, (4,))": ShapeError,
    f"plugrad.take({V}, plugrad.tensor([7]))": IndexError,
    f"plugrad.getitem({V}, 7)": IndexError,
    f"plugrad.matmul({M}, {M})": ShapeError,
    f"plugrad.matmul({M}, plugrad.tensor(1.0))": ShapeError,
    f"plugrad.tensordot({M}, {M}, axes=1)": ShapeError,
    f"plugrad.imag({V})": DTypeError,
    f"plugrad.add({M}, {V})": ShapeError,
    f"plugrad.add({V}, [1.0, 2.0])": TypeError,
    f"plugrad.sum({V}, dim=0)": TypeError,
    f"plugrad.astype({V}, 'nonsense')": DTypeError,
    "plugrad.tensor('abc')": TypeError,
    "plugrad.tensor([1.0], dtype='nonsense')": DTypeError,
    "plugrad.tensor([1.0], device='nowhere')": BackendError,
    "plugrad.tensor([1.0], backend='nonsense')": BackendError,
    "plugrad.tensor([1], requires_grad=True)": GraphError,
    "plugrad.asarray([1.0], copy=False)": ValueError,
    "plugrad.zeros(-1)": ShapeError,
    "plugrad.arange(0, 3, 0)": ValueError,
    "plugrad.linspace(0, 1, -1)": ValueError,
    "plugrad.randint(3, 1, (2,))": ValueError,
    "plugrad.set_default_backend('nonsense')": BackendError,
    "plugrad.set_default_dtype('int64')": DTypeError,
    "plugrad.isdtype(plugrad.int8, 'nonsense')": DTypeError,
    f"{V}.item()": ShapeError,
    f"{V}.backward()": GraphError,
}


@pytest.mark.parametrize("program, error", REFUSED.items(), ids=REFUSED)
def test_it_is_refused_as_documented(backend, program, error):
    with pytest.raises(error):
        eval(program)
