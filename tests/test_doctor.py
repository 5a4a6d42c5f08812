"""``python -m plugrad``: the doctor's report, and the generated stubs."""

import json
import re
from pathlib import Path

import pytest

import plugrad
from house import BACKEND, KERNELS, OP, House
from plugrad import ops, stubs
from plugrad.__main__ import COMMANDS, main, parser
from plugrad.cli import doctor, tables
from plugrad.cli.self_test import failure
from plugrad.extend import Backend
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
        "reason": "", "kernels_off": False, "ops": ["good.o"], "backends": [],
    } in found["plugins"]  # fmt: skip
    backends = {backend["name"]: backend for backend in found["backends"]}
    assert (backends["numpy"]["state"], backends["numpy"]["devices"]) == ("ready", ["cpu"])
    assert (backends["numpy"]["self_test"], set(backends["numpy"]["ops"])) == ("ok", {"kernel", "composite"})
    assert "numpy.ndarray" in backends["numpy"]["array_types"]
    assert backends["away"] == {
        "name": "away", "state": "unavailable here", "reason": "no driver", "devices": [], "plugin": "away",
        "array_types": ["away.Array"], "self_test": "not run",
        "ops": {"unavailable here": sum(backends["numpy"]["ops"].values())},
    }  # fmt: skip
    (kernel,) = [kernel for kernel in found["kernels"] if kernel["op"] == "good.o"]
    assert kernel == {
        "op": "good.o", "backend": "numpy", "kernel": "abs", "priority": 0, "may_decline": False, "plugin": "good",
        "state": "runs",
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
    assert any(re.fullmatch(r"  good\.o +numpy +0 +abs +good +runs", line) for line in lines)
    assert any(re.fullmatch(r"  numpy +ready +cpu +numpy +\d+ kernels, \d+ composites +ok", line) for line in lines)
    (away,) = [line for line in lines if line.startswith("  away: none of its kernels ran on this machine; ")]
    assert away.endswith("is in the README of away")


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


def test_kernels_in_force(house):
    house.install("first", source=OP.format("first") + KERNELS.format(
        "register('first.o', backend='numpy', kernel=abs, priority=2, accepts=lambda x: 'no')"
    ))  # fmt: skip
    for name, priority in (("second", 1), ("third", 0), ("gone", 3)):
        kernel = f"register('first.o', backend='numpy', kernel=abs, priority={priority})"
        house.install(name, source=KERNELS.format(kernel))
    found, code = house.doctor(PLUGRAD_DISABLE_KERNELS="gone")
    assert code == 0
    assert [(k["plugin"], k["state"]) for k in found["kernels"] if k["op"] == "first.o"] == [
        ("gone", "off"), ("first", "runs"), ("second", "runs where those before it decline"),
        ("third", "never asked: one before it takes every call"),
    ]  # fmt: skip
    assert next(p for p in found["plugins"] if p["name"] == "gone")["kernels_off"]


MISSPELT = {
    "typo": (
        BACKEND.format("typo", "").replace("typo.Array", "fractions.Fracton"),
        "backend 'typo' claims 'fractions.Fracton'; there is no such type",
    ),
    "lost": (
        KERNELS.format("register('good.oh', backend='numpy', kernel=abs)"),
        "has a kernel of 'good.oh' on 'numpy'; there is no such op; did you mean 'good.o'?",
    ),
    "where": (
        KERNELS.format("register('good.o', backend='nunpy', kernel=abs)"),
        "has a kernel of 'good.o' on 'nunpy'; there is no such backend; did you mean 'numpy'?",
    ),
    "own": (
        BACKEND.format("own", "").replace("def un", "kernels = {'expp': 'math:exp', 'sin': 'math:sine'}\n    def un"),
        "backend 'own' has a kernel of 'expp'; there is no such op; did you mean 'exp'?",
    ),
    "method": (
        BACKEND.format("method", "").replace("def un", "def kernel_summ(self, x): ...\n    def un"),
        "backend 'method' has a kernel of 'summ'; there is no such op; did you mean 'sum'?",
    ),
}


def test_names_that_match_nothing_are_problems(house):
    for name, (source, _) in MISSPELT.items():
        house.install(name, source=source)
    found, code = house.doctor(PLUGRAD_DISABLE_KERNELS="goood", PLUGRAD_DISABLE_PLUGINS="nix")
    assert code == 1
    for _, problem in MISSPELT.values():
        assert any(problem in one for one in found["problems"]), problem
    assert any("backend 'own' names 'math:sine' as the kernel of sin" in one for one in found["problems"])
    assert "PLUGRAD_DISABLE_KERNELS names 'goood'; there is no such plugin; did you mean 'good'?" in found["problems"]
    assert "PLUGRAD_DISABLE_PLUGINS names 'nix'; there is no such plugin" in found["problems"]
    assert "Problems" in house.process("-m", "plugrad", "doctor").stdout


def test_a_backend_that_raises_when_it_is_asked_for_kernels_is_a_problem(house):
    source = BACKEND.format("mad", "").replace("def un", "def kernel(self, op, array_type): 1 / 0\n    def un")
    house.install("mad", source=source)
    found, code = house.doctor()
    assert code == 1
    asked = "backend 'mad', asked for its kernel of exp, raised ZeroDivisionError: division by zero"
    assert asked in found["problems"]
    assert next(b["ops"] for b in found["backends"] if b["name"] == "mad").keys() == {"broken"}
    assert [b["self_test"] for b in found["backends"] if b["name"] == "numpy"] == ["ok"]


def test_a_kernel_for_a_backend_that_is_not_here_is_no_problem(house):
    house.install("far", source=KERNELS.format("register('good.o', backend='someone', kernel='nowhere:kernel')"))
    found, code = house.doctor()
    assert (code, found["problems"]) == (0, [])


# -- the gradient that is tried --------------------------------------------------------------------------------------


def test_the_gradient_is_right(backend):
    with plugrad.no_grad():
        assert failure(backend) == ""


def test_a_wrong_kernel_fails_it(backend, monkeypatch):
    real = type(backend).kernel

    def wrong(self, op, array_type):
        return real(self, "sin" if op == "cos" else op, array_type)

    monkeypatch.setattr(type(backend), "kernel", wrong)
    plugrad.cos.__globals__["OP"].kernels.clear()
    message = failure(backend)
    plugrad.cos.__globals__["OP"].kernels.clear()
    assert re.match(r"the gradient of sum\(x \* sin\(x\)\) at .* is \[.*\], and should be \[", message)


def test_a_backend_that_raises_is_reported(house):
    house.install("poor", source=BACKEND.format("poor", ""))
    found, code = house.doctor()
    (poor,) = [backend for backend in found["backends"] if backend["name"] == "poor"]
    assert code == 1
    assert poor["self_test"] == "failed: NotImplementedError: backend 'poor' makes no arrays"
    assert failure(Backend()).startswith("BackendError: there is no backend ''")


# -- tables -------------------------------------------------------------------------------------------------------


def test_table_of_rich(capsys, monkeypatch):
    pytest.importorskip("rich")
    monkeypatch.setenv("COLUMNS", "300")
    found = doctor.report()
    found["plugins"][0] |= {"reason": "[bold]brackets[/bold] stay"}
    tables.show_rich(doctor.head(found), doctor.tables(found))
    shown = capsys.readouterr().out
    assert "default backend" in shown
    assert "[bold]brackets" in shown.replace("\n", "")


def test_rich_is_asked_on_a_terminal_alone(capsys, monkeypatch):
    asked = []
    monkeypatch.setattr(tables, "show_rich", lambda head, filled: asked.append(head))
    for terminal in (False, True):
        monkeypatch.setattr("sys.stdout.isatty", lambda terminal=terminal: terminal)
        tables.show({}, False, "head", [tables.Table("Title", ["column"], [["cell"]])])
    assert asked == ["head"]
    assert capsys.readouterr().out == "head\n\nTitle\n  column\n  cell\n"


def test_plugins(house):
    done = house.process("-m", "plugrad", "plugins")
    assert (done.returncode, done.stderr) == (0, "")
    assert any(re.fullmatch(r"  good +good 1\.0 +plug_good +ready", line) for line in done.stdout.splitlines())
    found = json.loads(house.process("-m", "plugrad", "plugins", "--json").stdout)
    assert [p["state"] for p in found if p["name"] in ("good", "away")] == ["unavailable here", "ready"]


def test_ops(house):
    done = house.process("-m", "plugrad", "ops", "good.*", "--json")
    assert json.loads(done.stdout) == [{
        "name": "good.o", "signature": "good.o(x, /)", "differentiable": "as its composite is",
        "source": "plugin 'good' (plug_good) of good 1.0",
        "backends": {
            name: "kernel" if name == "numpy" else "unavailable here" if name in ("away", "cupy") else "composite"
            for name in json.loads(done.stdout)[0]["backends"]
        },
    }]  # fmt: skip
    lines = house.process("-m", "plugrad", "ops").stdout.splitlines()
    assert lines[1].split()[:2] == ["op", "differentiable"]
    assert any(re.match(r"  exp\(x, /\) +yes +", line) for line in lines)
    assert any(re.match(r"  equal\(x1, x2, /\) +no +", line) for line in lines)


def test_in_process(capsys):
    assert main(["doctor", "--json"]) in (0, 1)
    assert json.loads(capsys.readouterr().out)["plugrad"] == plugrad.__version__


def test_without_arguments_it_helps(capsys):
    assert main([]) == 0
    bare = capsys.readouterr().out
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    assert capsys.readouterr().out == bare
    for command in COMMANDS:
        assert f"\n    {command} " in bare
    assert "exit codes:" in bare


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_helps(command, capsys):
    with pytest.raises(SystemExit, match="0"):
        parser().parse_args([command, "--help"])
    assert f"usage: python -m plugrad {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    "typed, told",
    [
        (["docter"], "did you mean `python -m plugrad doctor`? `python -m plugrad --help` tells more"),
        (["ops", "softmx"], "no op is called 'softmx'; did you mean "),
        (["doctor", "--jsn"], "unrecognized arguments: --jsn"),
    ],
)
def test_wrong_use_teaches(typed, told, house):
    done = house.process("-m", "plugrad", *typed)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


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
