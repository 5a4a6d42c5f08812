"""docs/coming-from.md: each right-hand side runs, and gives the left-hand side's value where that library is here."""

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1].joinpath("docs", "coming-from.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(.+?)`(.*?) \| `(.+)` \|$", re.MULTILINE)
SECTIONS = {text.partition("\n")[0]: text for text in PAGE.split("\n## ")[1:]}
ROWS = [(title, *row) for title, text in SECTIONS.items() for row in ROW.findall(text)]

pytestmark = [
    pytest.mark.only("numpy"),
    pytest.mark.skipif(not find_spec("plugrad_nn"), reason="the page is about plugrad-nn, too"),
]


def setup(title):
    """The section's first block of Python."""
    return re.search(r"```python\n(.*?)```", SECTIONS[title], re.DOTALL)[1]


def run(code, names):
    """The value of an expression; None of a statement."""
    try:
        return eval(code, names)
    except SyntaxError:
        exec(code, names)
        return None


def flat(value):
    """The shape, and the numbers of arrays, tensors and tuples of them."""
    if isinstance(value, tuple | list):
        return [number for part in value for number in flat(part)]
    value = value.detach() if hasattr(value, "detach") else value
    return [*getattr(value, "shape", ()), *flatter(value.tolist() if hasattr(value, "tolist") else value)]


def flatter(value):
    return [number for part in value for number in flatter(part)] if isinstance(value, list) else [value]


def agree(found, wanted):
    if not isinstance(wanted, tuple) and not hasattr(wanted, "tolist"):
        return type(found).__name__ == type(wanted).__name__  # a mode
    return flat(found) == pytest.approx(flat(wanted), rel=1e-6)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PyTorch's own, inside of torch.func
@pytest.mark.parametrize("title, left, note, right", ROWS, ids=[f"{row[0].split()[0]}-{row[3]}" for row in ROWS])
def test_the_right_hand_side_runs_and_agrees(backend, title, left, note, right):
    names = {}
    exec(setup(title), names)
    found = run(right, names)
    if title == "NumPy":
        assert agree(found, eval(left, names))
    elif title == "PyTorch" and find_spec("torch"):
        assert agree(found, in_torch(left))


def in_torch(code):
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        names = {"torch": torch}
        made = setup("PyTorch").replace("plugrad_nn.functional", "torch.nn.functional")
        exec(made.replace("import plugrad\n", "import torch\n").replace("plugrad.", "torch."), names)
        return eval(code, names)
    finally:
        torch.set_default_dtype(before)


def test_every_table_was_read():
    assert {row[0] for row in ROWS} == set(SECTIONS)
    assert len(ROWS) == len(re.findall(r"^\| .*\|$", PAGE, re.MULTILINE)) - len(SECTIONS)
