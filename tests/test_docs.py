"""The Python of the pages runs, block after block, and prints what the block of text below it says."""

import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

import plugrad
from plugrad import show

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCS = sorted(ROOT.joinpath("docs").rglob("*.md"))
PAGES = [README, *(page for page in DOCS if not page.with_name("pyproject.toml").exists())]  # those are distributions
LINKING = [*DOCS, *sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("*/*/README.md"))]
BLOCK = re.compile(r"^```(.*)\n((?:.*\n)*?)```$", re.MULTILINE)
END = "\x1e"  # printed after each block

pytestmark = pytest.mark.only("numpy")


def examples(page):
    """Each block of Python that is run, with the text that it prints."""
    blocks = [(m[1].strip(), m[2]) for m in BLOCK.finditer(page.read_text(encoding="utf-8"))]
    for (language, code), (next_language, text) in pairwise([*blocks, ("", "")]):
        if language == "python":
            yield code, text if next_language == "text" else ""


@pytest.mark.parametrize("page", [page for page in PAGES if list(examples(page))], ids=lambda page: page.name)
def test_the_page_is_true(page, backend, tmp_path):
    found = list(examples(page))
    script = tmp_path / "page.py"
    script.write_text("".join(f"{code}\nprint({END!r})\n" for code, _ in found), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-W", "error", script], capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "PLUGRAD_BACKEND": "numpy", "PLUGRAD_DISABLE_PLUGINS": "plugrad-test-backends"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed = done.stdout.split(f"{END}\n")[:-1]
    for (code, text), got in zip(found, printed, strict=True):
        assert got == text, f"{page.name} shows otherwise what is printed by\n{code}"


def test_the_tutorials_picture_is_that_of_its_network(backend):
    a, w1, w2, w3, w4 = (plugrad.tensor(v, requires_grad=True) for v in (1.5, 2.0, 3.0, 4.0, 5.0))
    b, c = w1 * a, w2 * a
    d = w3 * b + w4 * c
    L = 10 - d
    picture = show.svg(L, a=a, w1=w1, w2=w2, w3=w3, w4=w4, b=b, c=c, d=d, L=L)
    assert ROOT.joinpath("docs", "five-neurons.svg").read_text(encoding="utf-8") == picture


def anchors(page):
    """The names that a forge, and the site, give to a page's headings."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_the_links_lead_somewhere(backend):
    for page in LINKING:
        for target, anchor in re.findall(r"\]\(([^)#:\s]*)(?:#([^)\s]*))?\)", page.read_text(encoding="utf-8")):
            found = page.parent / target if target else page
            assert found.exists(), f"{page.name} links to {target}"
            assert not anchor or anchor in anchors(found), f"{page.name} links to {target}#{anchor}"


def test_the_readme_shows_the_plugin_as_it_is(backend):
    plugin = ROOT.joinpath("docs", "door", "plugrad_foo.py")
    assert plugin.read_text(encoding="utf-8") in README.read_text(encoding="utf-8")
