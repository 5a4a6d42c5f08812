"""``python -m plugrad new``: what it writes is complete and passes its own tests; what it refuses is not there.

Building wheels and installing them into a fresh environment is ``tox run -e template``.
"""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import plugrad
from plugrad.__main__ import main
from plugrad.cli import new
from plugrad.plugins import API

ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join(os.path.abspath(path) for path in sys.path if path),
    "PLUGRAD_DISABLE_PLUGINS": "plugrad-test-backends, plugrad-torch-arrays",  # the suite's own
}


def made(kind, tmp_path, name="waves", **more):
    namespace = more.get("namespace", "stand_in")
    assert new.run(kind, name, str(tmp_path), namespace) == 0
    return tmp_path / f"plugrad-{name}"


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """A namespace of the standard whose arrays no backend of the suite claims."""
    pytest.importorskip("array_api_strict")
    source = """
        import array_api_strict

        class Array:
            pass

        def __array_namespace_info__():
            return array_api_strict.__array_namespace_info__()

        def asarray(data):
            return Array()
    """
    from textwrap import dedent

    folder = tmp_path / "library"
    folder.mkdir()
    folder.joinpath("stand_in.py").write_text(dedent(source))
    monkeypatch.syspath_prepend(str(folder))


@pytest.mark.parametrize("kind", ["op-plugin", "backend"])
def test_every_file_is_whole(kind, tmp_path, stand_in):
    folder = made(kind, tmp_path, "wave-optics")
    files = {str(path.relative_to(folder)).replace("\\", "/"): path.read_text() for path in folder.rglob("*.*")
             if path.is_file()}  # fmt: skip
    assert {
        ".gitignore", "README.md", "pyproject.toml", "tox.ini", ".github/workflows/publish.yml",
        ".github/workflows/tests.yml", "src/plugrad_wave_optics/__init__.py", "tests/test_plugrad_wave_optics.py",
    } < set(files)  # fmt: skip
    for name, text in files.items():
        assert not re.search(r"\$\{?[a-z]", text.replace("$(ls", "")), name
        assert text.endswith("\n")
        assert "  \n" not in text
        if name.endswith(".py"):
            assert ast.get_docstring(ast.parse(text)), name
            assert max(map(len, text.splitlines())) <= 120, name
    project = tomllib.loads(files["pyproject.toml"])
    assert project["project"]["name"] == "plugrad-wave-optics"
    assert project["project"]["entry-points"] == {"plugrad": {"wave-optics": "plugrad_wave_optics"}}
    assert f"plugrad_api = {API} " in files["src/plugrad_wave_optics/__init__.py"]
    major, minor, _ = plugrad.__version__.split(".")
    assert f"plugrad>={major}.{minor},<{major}.{int(minor) + 1}" in project["project"]["dependencies"]
    assert "id-token: write" in files[".github/workflows/publish.yml"]
    assert "python-version: ${{ matrix.python }}" in files[".github/workflows/tests.yml"]


def test_every_template_is_used():
    root = Path(new.__file__).parent / "templates"
    there = {str(path.relative_to(root)).replace("\\", "/") for path in root.rglob("*.template")}
    used = set()
    for kind, files in new.OF_KIND.items():
        folder = kind.replace("-", "_")
        used |= {f"{name.format(kind=folder)}.template" for name in new.FILES}
        used |= {f"{folder}/{name}.template" for name in files}
    assert there == used


def outcome(folder, *arguments):
    """The distribution's own tests, run as if it were installed."""
    info = folder / "src" / f"{folder.name.replace('-', '_')}-0.1.0.dist-info"
    info.mkdir(exist_ok=True)
    info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {folder.name}\nVersion: 0.1.0\n")
    entry = folder.name.removeprefix("plugrad-")
    info.joinpath("entry_points.txt").write_text(f"[plugrad]\n{entry} = plugrad_{entry.replace('-', '_')}\n")
    paths = os.pathsep.join([str(folder / "src"), ENVIRONMENT["PYTHONPATH"]])
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "pytest_plugrad", "-q", "--color=no", *arguments], cwd=folder,
        env={**ENVIRONMENT, "PYTHONPATH": paths}, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_a_new_op_plugin_passes_its_own_tests_and_the_kit_can_fail_it(tmp_path):
    folder = made("op-plugin", tmp_path)
    done = outcome(folder)
    assert done.returncode == 0, done.stdout
    assert re.search(r"\nwaves\.gaussian( +ok)+\n", done.stdout)
    assert "plugrad: 1 of 1 hold" in done.stdout
    planted = outcome(folder, "--plugrad-plant", "waves.*")
    assert planted.returncode == 1
    assert "planted in waves.gaussian" in planted.stdout


def test_a_new_backend_passes_the_kit(tmp_path):
    """On a few ops, that it may not take minutes; every op is run by ``tox run -e template``."""
    pytest.importorskip("array_api_strict")
    folder = tmp_path / "plugrad-strict-arrays"
    done = subprocess.run(
        [sys.executable, "-m", "plugrad", "new", "backend", "strict-arrays", "--directory", str(tmp_path)],
        env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    few = ("--plugrad-ops=exp", "--plugrad-ops=getitem", "--plugrad-ops=matmul", "--plugrad-ops=square")
    done = outcome(folder, *few)
    assert done.returncode == 0, done.stdout
    assert "plugrad: 4 of 4 hold" in done.stdout
    done = outcome(folder, "-k", "test_backend")
    assert done.returncode == 0, done.stdout
    assert "plugrad: 1 of 1 hold" in done.stdout


# -- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Waves", "9waves", "a b", "wave--optics", "-waves", "../waves", "", "wäves", "a.b"])
def test_a_name_that_is_none_is_refused(name, tmp_path, capsys):
    assert main(["new", "op-plugin", f"plugrad-{name}", "--directory", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "makes no name of a distribution and of a module: lower-case letters" in told.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["waves", "plugrad-waves", "plugrad_waves"])
def test_the_prefix_may_be_given(name, tmp_path, capsys):
    assert main(["new", "op-plugin", name, "--directory", str(tmp_path)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["plugrad-waves"]
    told = capsys.readouterr().out
    assert f"cd {tmp_path / 'plugrad-waves'}\n" in told
    assert "python -m pytest" in told


def test_what_is_there_is_not_overwritten(tmp_path, capsys):
    folder = tmp_path / "plugrad-waves"
    folder.mkdir()
    folder.joinpath("mine.txt").write_text("mine")
    assert main(["new", "op-plugin", "waves", "--directory", str(tmp_path)]) == 1
    assert "is there already, and nothing is overwritten" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


def test_an_installed_plugins_name_is_refused(tmp_path, capsys):
    assert main(["new", "op-plugin", "numpy", "--directory", str(tmp_path)]) == 1
    assert "plugin 'numpy' (plugrad_numpy)" in capsys.readouterr().err


@pytest.mark.parametrize(
    "namespace, reason",
    [
        ("no_such_library", "which cannot be imported: No module named 'no_such_library'"),
        ("math", "math does not follow the array API standard: module 'math' has no attribute 'asarray'"),
        ("numpy", "arrays of numpy are numpy.ndarray, and backend 'numpy' is there for them already"),
    ],
)
def test_a_namespace_that_will_not_do(namespace, reason, tmp_path, capsys):
    assert main(["new", "backend", "mine", "--directory", str(tmp_path), "--namespace", namespace]) == 1
    assert reason in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_failure_midway_leaves_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(new, "filled", lambda kind, words: {"one.txt": "1", "one.txt/two.txt": "2"})
    assert main(["new", "op-plugin", "waves", "--directory", str(tmp_path)]) == 1
    assert "cannot be written" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert main(["new", "op-plugin", "waves", "--directory", str(tmp_path / "nowhere")]) == 1
    assert "there is no folder" in capsys.readouterr().err
