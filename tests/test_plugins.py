"""Plugins: found late, each guarded, refused whole, and reported by name, while everything else works."""

import pytest

from house import BACKEND, KERNELS, OP, House

GRADIENT = """
import json, plugrad
x = plugrad.tensor([1.0, 2.0], requires_grad=True, backend="numpy")
(x * plugrad.exp(x)).sum().backward()
print(json.dumps(x.grad.tolist()))
"""


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


# -- late -----------------------------------------------------------------------------------------------------------


def test_import_loads_no_plugin_and_nothing_slow(house):
    house.install("eager", source="raise SystemExit")
    loaded = house.python("import json, sys, plugrad; print(json.dumps(sorted(sys.modules)))")
    assert "plugrad.methods" in loaded
    slow = "pluggy importlib.metadata numpy cupy typing inspect ast dataclasses enum functools contextlib plug_eager"
    assert not set(loaded) & set(slow.split()) - _loaded_anyway(house)


def _loaded_anyway(house):
    return set(house.python("import json, sys; print(json.dumps(sorted(sys.modules)))"))


@pytest.mark.parametrize(
    "asks",
    [
        "plugrad.zeros(2)",
        "plugrad.zeros(2, backend='numpy')",
        "plugrad.asarray(numpy.ones(2))",
        "plugrad.exp(numpy.ones(2))",
    ],
)
def test_the_first_need_discovers(house, asks):
    code = f"""
        import json, numpy, plugrad
        from plugrad import plugins
        before = len(plugins._plugins)
        {asks}
        print(json.dumps([before, [p.name for p in plugins._plugins.values()]]))
    """
    before, found = house.python(code)
    assert before == 0
    assert "numpy" in found


def test_two_threads_discover_once_and_both_wait(house):
    house.install("slow", source="import time; time.sleep(0.3)")
    code = """
        import json, threading, plugrad
        made = []
        make = lambda: made.append(plugrad.ones(1, backend="numpy").item())
        threads = [threading.Thread(target=make) for _ in range(4)]
        [t.start() for t in threads]; [t.join() for t in threads]
        print(json.dumps(made))
    """
    assert house.python(code) == [1.0] * 4


# -- guarded --------------------------------------------------------------------------------------------------------

WELL = {
    "a-op": OP.format("a"),
    "a-backend": BACKEND.format("a", ""),
    "a-kernel": KERNELS.format("register('exp', backend='a', kernel='math:exp', priority=5)"),
    "a-kernel-that-is-not-there": KERNELS.format("register('log', backend='numpy', kernel='math:lok', priority=-1)"),
}
ILL = {
    "x-import": ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
    "x-exit": ("raise SystemExit('no licence')", "SystemExit: no licence"),
    "x-api": ("plugrad_api = 99", "built for plugin API 99, and this plugrad has API 1"),
    "x-no-api": ("# plugrad_api is not stated", "states no plugrad_api"),
    "x-op": (OP.format("a"), "op 'a.o' is there already, from plugin 'a-op' (plug_a_op) of a-op 1.0"),
    "x-core-op": (OP.format("a").replace("a.o", "exp"), "op 'exp' is there already, from plugrad"),
    "x-backend": (BACKEND.format("a", ""), "backend 'a' is there already, from plug_a_backend"),
    "x-array-type": (
        BACKEND.format("b", "").replace("b.Array", "numpy.ndarray"),
        "array type 'numpy.ndarray' is there already, from backend 'numpy'",
    ),
    "x-kernel": (
        KERNELS.format("register('exp', backend='a', kernel=abs, priority=5)"),
        "a kernel of exp on backend 'a' with priority 5 is there already, from plugin 'a-kernel'",
    ),
    "x-kernel-of-the-backend": (
        KERNELS.format("register('exp', backend='numpy', kernel=abs)"),
        "a kernel of exp on backend 'numpy' with priority 0 is there already, from backend 'numpy'",
    ),
    "x-kernel-form": (KERNELS.format("register('exp', backend='a', kernel='math.exp')"), "not 'math.exp'"),
    "x-priority": (KERNELS.format("register('exp', backend='a', kernel=abs, priority='high')"), "not 'high'"),
    "x-declaration": (OP.format("x").replace("(x, /)", "(x, /, *"), "ValueError: 'x.o(x, /, *'"),
    "x-grammar": (OP.format("x").replace("(x, /)", "(x, **more)"), "an op takes no **keywords"),
    "x-no-op": ("@hookimpl\ndef plugrad_ops(register): register(len)", "is not what plugrad.extend.op returned"),
    "x-no-backend": ("@hookimpl\ndef plugrad_backends(register): register(Backend())", "is no plugrad.extend.Backend"),
    "x-midway": (
        OP.format("midway") + BACKEND.format("midway", "") + KERNELS.format("register('exp', backend='midway')"),
        "missing 1 required keyword-only argument: 'kernel'",
    ),
    "x-raises": (
        OP.format("raises") + BACKEND.format("raises", "") + KERNELS.format("1 / 0"),
        "ZeroDivisionError: division by zero",
    ),
    "x-hook": ("@hookimpl\ndef plugrad_opps(register): ...", "unknown hook 'plugrad_opps'"),
    "x-argument": ("@hookimpl\ndef plugrad_ops(registry): ...", "registry"),
    "x-mark": ("def plugrad_ops(register): ...", "its plugrad_ops is not marked: put @hookimpl before it"),
}  # fmt: skip


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    """A house where good and bad plugins live together."""
    house = House(tmp_path_factory.mktemp("crowd"))
    for name, source in WELL.items():
        house.install(name, source=source)
    for name, (source, _) in ILL.items():
        house.install(name, source=source, version="2.5")
    house.install("x-away", source=BACKEND.format("away", "no driver"))
    house.install("x-cannot-tell", source=BACKEND.format("mute", "").replace("return ''", "1 / 0"))
    broken = house.path / "unreadable-1.0.dist-info"
    broken.mkdir()
    broken.joinpath("entry_points.txt").write_text("[plugrad]\nno value\n")
    return house


@pytest.fixture(scope="module")
def report(crowd):
    found, code = crowd.doctor()
    assert code == 1
    return found


def of(report, name):
    (plugin,) = [plugin for plugin in report["plugins"] if plugin["name"] == name]
    return plugin


@pytest.mark.parametrize("name", ILL)
def test_refused_by_name_and_cause(report, name):
    plugin = of(report, name)
    assert (plugin["state"], plugin["distribution"], plugin["version"]) == ("refused", name, "2.5")
    assert plugin["entry_point"] == f"plug_{name.replace('-', '_')}"
    assert ILL[name][1] in plugin["reason"]
    assert plugin["ops"] == plugin["backends"] == []


def test_refused_whole(report):
    assert {"midway", "raises", "b"}.isdisjoint(backend["name"] for backend in report["backends"])


@pytest.mark.parametrize("name", [*WELL, "numpy"])
def test_the_others_are_ready(report, name):
    assert (of(report, name)["state"], of(report, name)["reason"]) == ("ready", "")


def test_unavailable_with_the_reason(report):
    assert (of(report, "x-away")["state"], of(report, "x-away")["reason"]) == ("unavailable here", "no driver")
    assert of(report, "x-cannot-tell")["reason"] == "its unavailable() raised ZeroDivisionError: division by zero"


def test_everything_else_works(crowd):
    assert crowd.python(GRADIENT) == pytest.approx([2 * 2.718281828459045, 3 * 7.38905609893065])


def test_a_kernel_that_cannot_be_imported_is_an_error_where_it_is_needed(house):
    lacks = OP.format("lacks") + KERNELS.format("register('lacks.o', backend='numpy', kernel='math:no_such')")
    house.install("lacks", source=lacks)
    code = """
        import json, plugrad, plug_lacks
        x = plugrad.ones(2, backend="numpy")
        try:
            plug_lacks.o(x)
        except plugrad.errors.PluginError as error:
            print(json.dumps([str(error), (x + x).tolist()]))
    """
    message, other = house.python(code)
    assert message.startswith("plugin 'lacks' (plug_lacks) of lacks 1.0 names 'math:no_such' as the kernel of lacks.o")
    assert other == [2.0, 2.0]
    (problem,) = house.doctor()[0]["problems"]
    assert "math:no_such" in problem


# -- found once, and again --------------------------------------------------------------------------------------------


def test_one_entry_point_in_two_places_is_one_plugin(house):
    for where in ("lib", "lib64"):
        house.install("twice", source=OP.format("twice"), where=where)
    house.install("thrice", source=OP.format("twice"), where="lib64", entry="twice", module="plug_twice")
    found, code = house.doctor(folders=("lib", "lib64"))
    assert code == 0
    assert of(found, "twice")["ops"] == ["twice.o"]


def test_an_older_one_behind_it_on_the_path_does_not_count(house):
    house.install("moved", source=OP.format("moved"), where="new", module="plug_new", version="2.0")
    house.install("moved", source=OP.format("moved"), where="old", module="plug_old", version="1.0")
    found, code = house.doctor(folders=("new", "old"))
    assert code == 0
    assert (of(found, "moved")["version"], of(found, "moved")["entry_point"]) == ("2.0", "plug_new")


@pytest.mark.parametrize("named", ["good", "plugrad-good", "plugrad_good", "other, good"])
def test_off_by_name(house, named):
    house.install("plugrad-good", source=OP.format("good"), entry="good")
    found, code = house.doctor(PLUGRAD_DISABLE_PLUGINS=named)
    assert code == ("other" in named)  # a name that matches nothing is a problem
    plugin = of(found, "good")
    assert (plugin["state"], plugin["ops"], plugin["reason"]) == ("off", [], "PLUGRAD_DISABLE_PLUGINS names it")
    assert of(found, "numpy")["state"] == "ready"


def test_refresh_finds_what_was_installed_since(house):
    house.install("mended", source="import mended_later")
    house.install("late", source=OP.format("late"), where="later")
    code = f"""
        import json, pathlib, sys, plugrad
        from plugrad import plugins
        states = lambda: {{p.name: p.state for p in plugins.plugins()}}
        before = states()
        sys.path.append({str(house.path / "later")!r})
        pathlib.Path({str(house.path / "mended_later.py")!r}).touch()
        assert states() == before
        plugins.refresh()
        print(json.dumps([before, states()]))
    """
    before, after = house.python(code)
    assert "late" not in before
    assert before["mended"] == "refused"
    assert after["late"] == after["mended"] == after["numpy"] == "ready"


def test_a_kernel_that_refresh_finds_runs_at_the_next_call(house):
    house.install("op", source=OP.format("op"))
    kernel = "register('op.o', backend='numpy', kernel=lambda x: x * 0 + 7)"
    house.install("late", source=KERNELS.format(kernel), where="later")
    code = f"""
        import json, sys, plugrad, plug_op
        x = plugrad.ones(2, backend="numpy")
        made = [plug_op.o(x).tolist()]
        sys.path.append({str(house.path / "later")!r})
        made.append(plug_op.o(x).tolist())
        plugrad.plugins.refresh()
        made.append(plug_op.o(x).tolist())
        print(json.dumps(made + [plugrad.kernels("op.o", "numpy")[0].kernels[0].plugin]))
    """
    assert house.python(code) == [[1.0, 1.0], [1.0, 1.0], [7.0, 7.0], "late"]
