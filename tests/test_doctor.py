"""``python -m plugrad``: the doctor's report, and the generated stubs."""

import json
import re
from pathlib import Path

import pytest

import plugrad
from house import BACKEND, KERNELS, OP, House
from plugrad import doctor, ops, stubs
from plugrad.__main__ import main
from plugrad.registry.tensor import Tensor


@pytest.fixture
def house(tmp_path):
    made = House(tmp_path)
    made.install("good", source=OP.format("good") + KERNELS.format("register('good.o', backend='numpy', kernel=abs)"))
    made.install("away", source=BACKEND.format("away", "no driver"))
    return made


def test_json(house):
    found, code = house.doctor()
    assert code == 0
    assert found["plugrad"] == plugrad.__version__
    assert found["api"] == 1
    assert re.fullmatch(r"3\.\d+\.\d+.*", found["python"])
    assert (found["default_backend"], found["default_backend_reason"]) == ("numpy", "")
    assert {
        "name": "good", "distribution": "good", "version": "1.0", "entry_point": "plug_good", "state": "ready",
        "reason": "", "ops": ["good.o"], "backends": [],
    } in found["plugins"]  # fmt: skip
    backends = {backend["name"]: backend for backend in found["backends"]}
    assert (backends["numpy"]["state"], backends["numpy"]["devices"]) == ("ready", ["cpu"])
    assert "numpy.ndarray" in backends["numpy"]["array_types"]
    assert backends["away"] == {
        "name": "away", "state": "unavailable here", "reason": "no driver", "devices": [], "plugin": "away",
        "array_types": ["away.Array"],
    }  # fmt: skip
    (kernel,) = [kernel for kernel in found["kernels"] if kernel["op"] == "good.o"]
    assert kernel == {
        "op": "good.o", "backend": "numpy", "kernel": "abs", "priority": 0, "may_decline": False, "plugin": "good",
    }  # fmt: skip
    assert found["problems"] == []


def test_plain_text(house):
    done = house.process("-m", "plugrad", "doctor")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"plugrad {plugrad.__version__} (plugin API 1), Python 3.")
    assert lines[1] == "default backend: numpy"
    assert any(re.fullmatch(r"  good +good 1\.0 +plug_good +ready", line) for line in lines)
    assert any(re.fullmatch(r"  away +away 1\.0 +plug_away +unavailable here +no driver", line) for line in lines)
    assert any(re.fullmatch(r"  good\.o +numpy +abs +0 +good", line) for line in lines)


def test_a_refused_plugin_is_exit_code_1(house):
    house.install("bad", source="import no_such_library")
    done = house.process("-m", "plugrad", "doctor")
    assert done.returncode == 1
    assert re.search(r"refused +ModuleNotFoundError: No module named 'no_such_library'", done.stdout)
    assert house.process("-m", "plugrad", "doctor", PLUGRAD_DISABLE_PLUGINS="bad").returncode == 0


def test_no_default_backend_is_said(house):
    found, code = house.doctor(PLUGRAD_BACKEND="nix")
    assert code == 0
    assert found["default_backend"] is None
    assert "there is no backend 'nix'" in found["default_backend_reason"]
    done = house.process("-m", "plugrad", "doctor", PLUGRAD_BACKEND="nix")
    assert "default backend: none: there is no backend 'nix'" in done.stdout


def test_names_that_match_nothing_are_problems(house):
    house.install("typo", source=BACKEND.format("typo", "").replace("typo.Array", "fractions.Fracton"))
    house.install("lost", source=KERNELS.format("register('good.oh', backend='numpy', kernel=abs)"))
    problems = house.doctor()[0]["problems"]
    assert "backend 'typo' claims 'fractions.Fracton'; there is no such type" in problems
    assert any("has a kernel of 'good.oh' on 'numpy'; there is no such op" in problem for problem in problems)
    assert "Problems" in house.process("-m", "plugrad", "doctor").stdout


def test_table_of_rich(capsys, monkeypatch):
    pytest.importorskip("rich")
    monkeypatch.setenv("COLUMNS", "200")  # narrow columns break words
    found = doctor.report()
    found["plugins"][0] |= {"reason": "[bold]brackets[/bold] stay"}
    doctor.show_rich(found)
    shown = capsys.readouterr().out
    assert "default backend" in shown
    assert "[bold]brackets" in shown.replace("\n", "")


def test_in_process(capsys):
    assert main(["doctor", "--json"]) in (0, 1)
    assert json.loads(capsys.readouterr().out)["plugrad"] == plugrad.__version__


def test_help_names_the_commands(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = capsys.readouterr().out
    assert "doctor" in shown
    assert "stubs" in shown


# -- stubs --------------------------------------------------------------------------------------------------------


def test_stubs_are_current(capsys):
    assert main(["stubs", "--check"]) == 0, capsys.readouterr().out


def test_stubs_show_every_op_method_and_public_name():
    for name in ops.__all__:
        assert f"\ndef {name}(" in stubs.ops_text()
    text = stubs.tensor_text()
    for name, value in vars(Tensor).items():
        if callable(value) or isinstance(value, property):
            assert f"    def {name}(self" in text, name
    for name in plugrad.__all__:
        assert re.search(rf"(as {name}\b)|(^{name}: )", stubs.namespace_text(), re.MULTILINE), name


def test_a_stale_stub_is_shown_and_written(tmp_path, monkeypatch, capsys):
    path = tmp_path / "some.pyi"
    monkeypatch.setattr(stubs, "generated", lambda module: {path: "now: int\n"})
    path.write_text("before: int\n")
    assert main(["stubs", "--check"]) == 1
    shown = capsys.readouterr().out
    assert "-before: int\n+now: int" in shown
    assert path.read_text() == "before: int\n"
    assert main(["stubs"]) == 0
    assert path.read_text() == "now: int\n"
    assert main(["stubs", "--check"]) == 0


def test_the_stub_of_a_third_party(house):
    declaration = "third.scale(x, weight~, /, *bias, axis=None, factor=2.0) -> first, second"
    house.install("third", source=f"scale = op({declaration!r})")
    assert house.process("-m", "plugrad", "stubs", "--module", "plug_third").returncode == 0
    text = Path(house.path, "plug_third.pyi").read_text()
    parameters = "axis: Axes | None = None, factor: Any = 2.0"
    tensors = "x: Tensor, weight: TensorLike, /, *bias: TensorLike"
    assert f"def scale({tensors}, {parameters}) -> tuple[Tensor, Tensor]: ..." in text
    arrays = "x: A | complex, weight: A | complex, /, *bias: A | complex"
    assert f"def scale({arrays}, {parameters}) -> tuple[A, A]: ..." in text
    assert text.endswith("def __getattr__(name: str) -> Any: ...\n")
    compile(text, "plug_third.pyi", "exec")


def test_the_annotations_of_a_third_party_are_kept(house):
    house.install("noted", source="o = op('noted.o(x, /, *, factor: float = 2.0)')")
    assert house.process("-m", "plugrad", "stubs", "--module", "plug_noted").returncode == 0
    assert "factor: float = 2.0" in Path(house.path, "plug_noted.pyi").read_text()


def test_what_an_attribute_is_must_be_told():
    with pytest.raises(LookupError, match=r"what Tensor\.odd returns is neither annotated nor in stubs\.RESULTS"):
        stubs.attribute_text("odd", property(lambda self: 1))
    with pytest.raises(LookupError, match="the type 'Odd' is not of"):
        stubs.home("Odd")
