"""Which kernel runs: what ``plugrad.kernels`` lists, ``trace_kernels`` saw, and a user switches off."""

import threading

import pytest

import plugrad
from house import KERNELS, OP, House
from plugrad.errors import BackendError, PluginError
from plugrad.extend import op
from plugrad.plugins import register, set_kernels_enabled
from plugrad.registry.registration import op_of
from registry import a_module
from values import assert_close


def small(x):
    return None if x.size > 1 else "too small"


@pytest.fixture
def chosen(registry):
    """An op with two kernels on NumPy, of two plugins; one declines what is small. They give 2, 1; the composite 0."""
    function = op("chosen.o(x, /)", composite=lambda x: x * 0, vjp={"x": lambda g: g})
    register(a_module("chosen", [function]))
    fast = {"op": "chosen.o", "backend": "numpy", "kernel": lambda x: x * 0 + 2, "priority": 1, "accepts": small}
    register(a_module("fast", kernels=[fast]))
    register(a_module("plain", kernels=[{"op": "chosen.o", "backend": "numpy", "kernel": lambda x: x * 0 + 1}]))
    return function


def runs(function, count=2):
    return function(plugrad.ones(count, backend="numpy")).tolist()[0]


# -- listed -------------------------------------------------------------------------------------------------------


def test_the_order_in_which_they_are_asked(chosen):
    (listed,) = plugrad.kernels(chosen, "numpy")
    assert (listed.op, listed.backend, listed.runs, listed.composite) == ("chosen.o", "numpy", "kernel", True)
    assert [(k.plugin, k.priority, k.may_decline, k.off) for k in listed.kernels] == [
        ("fast", 1, True, False), ("plain", 0, False, False),
    ]  # fmt: skip
    shown = str(plugrad.kernels("chosen.o", "numpy"))
    assert shown.splitlines()[0].split("  ")[0] == "op"
    assert "of plugin 'fast' (priority 1, may decline); " in shown
    assert shown.endswith("of plugin 'plain' (priority 0)")


def test_every_op_on_every_backend_runs_something(backend):
    listed = plugrad.kernels(backend=backend.name)
    assert [one.op for one in listed] == sorted({one.op for one in listed})
    by_name = {one.op: one for one in listed}
    assert {"exp", "matmul", "scatter_add"} <= set(by_name)
    assert (by_name["exp"].runs, by_name["exp"].kernels[0].source) == ("kernel", f"backend {backend.name!r}")
    for one in listed:
        assert one.runs == ("kernel" if one.kernels else "composite" if one.composite else "none")


def test_a_pattern_a_name_and_a_function():
    assert {one.op for one in plugrad.kernels("*_equal", "numpy")} == {"greater_equal", "less_equal", "not_equal"}
    assert plugrad.kernels(plugrad.exp) == plugrad.kernels("exp")
    assert {one.backend for one in plugrad.kernels("exp")} >= {"numpy", "tuples"}


def test_an_op_without_a_kernel_or_composite(registry):
    (listed,) = plugrad.kernels(op("bare.o(x, /)"), "numpy")
    assert (listed.runs, listed.kernels, listed.composite) == ("none", (), False)
    assert repr(listed).splitlines()[1].split() == ["bare.o", "numpy", "none", "none"]


def test_a_backend_that_is_unavailable(tmp_path):
    house = House(tmp_path)
    away = """
class B(Backend):
    name = "away"
    array_types = ("no_such_library.Array",)
    kernels = {"exp": "no_such_library:exp"}
    def unavailable(self):
        return "no driver"
@hookimpl
def plugrad_backends(register):
    register(B())
"""
    house.install("away", source=away)
    code = "import json, plugrad; print(json.dumps([plugrad.kernels(op, 'away')[0] for op in ('exp', 'log')]))"
    found = house.python(code)
    own = [["no_such_library:exp", "backend 'away'", "", 0, False, False]]
    assert found == [
        ["exp", "away", "unavailable here", own, False, "no driver"],
        ["log", "away", "unavailable here", [], False, "no driver"],
    ]


def test_two_of_one_priority_are_listed_as_a_clash_with_a_way_out(registry):
    # a kernel that only the namespace tells of is met at the first call, and no earlier
    register(a_module("taker", kernels=[{"op": "sinh", "backend": "strict", "kernel": abs}]))
    (listed,) = plugrad.kernels("sinh", "strict")
    assert listed.runs == "clash"
    assert "taker" in listed.reason
    assert "backend 'strict'" in listed.reason
    with pytest.raises(PluginError, match=r"two kernels of sinh on 'strict' have priority 0.*set_kernels_enabled"):
        plugrad.sinh(plugrad.ones(1, backend="strict"))
    set_kernels_enabled("taker", False)
    assert_close(plugrad.sinh(plugrad.zeros(1, backend="strict")), [0.0])


def test_wrong_names_teach():
    with pytest.raises(ValueError, match=r"no op is called 'sofmax'; did you mean .*softmax"):
        plugrad.kernels("sofmax")
    with pytest.raises(ValueError, match="no op is called 'zzz.*'; `python -m plugrad ops` lists them"):
        plugrad.kernels("zzz.*")
    with pytest.raises(BackendError, match="there is no backend 'nunpy'; there are .*numpy"):
        plugrad.kernels("exp", "nunpy")
    with pytest.raises(PluginError, match="is not what plugrad.extend.op returned"):
        plugrad.kernels(len)


# -- traced -------------------------------------------------------------------------------------------------------


def test_forward_and_backward_are_traced(backend):
    x = plugrad.tensor([1.0, 2.0], requires_grad=True)
    plugrad.sin(x).sum().backward()
    with plugrad.trace_kernels() as calls:
        plugrad.sin(x).sum().backward()
    assert [call.op for call in calls][:2] == ["sin", "sum"]
    assert "cos" in [call.op for call in calls]
    assert {call.backend for call in calls} == {backend.name}
    assert {call.source for call in calls if call.kernel != "composite"} == {f"backend {backend.name!r}"}
    seen = len(calls)
    plugrad.sin(x).sum().backward()
    assert len(calls) == seen


def test_reasons_for_declining_are_traced(chosen):
    with plugrad.trace_kernels() as calls:
        assert runs(chosen, 1) == 1
        assert runs(chosen, 2) == 2
    first, second = [call for call in calls if call.op == "chosen.o"]
    assert first.source.startswith("plugin 'plain'")
    assert [(d.source.split("'")[1], d.reason) for d in first.declined] == [("fast", "too small")]
    assert second.source.startswith("plugin 'fast'")
    assert second.declined == ()
    assert "declined by plugin 'fast' (fast) of registered by hand: too small" in repr(calls)


def test_a_composite_is_traced_after_what_it_runs(chosen):
    with set_kernels_enabled("fast", False), set_kernels_enabled("plain", False), plugrad.trace_kernels() as calls:
        assert runs(chosen) == 0
    assert [(c.op, c.kernel) for c in calls][-1] == ("chosen.o", "composite")
    assert calls[-1].source.startswith("plugin 'chosen'")


def test_traces_nest_and_an_exception_closes_them(backend):
    x = plugrad.ones(2)
    with plugrad.trace_kernels() as outer:
        with pytest.raises(ZeroDivisionError), plugrad.trace_kernels() as inner:
            plugrad.exp(x) / (1 / 0)
        plugrad.exp(x)
    assert [len(inner), len(outer)] == [1, 2]


def test_a_call_that_raised_is_not_listed_and_one_that_works_is_listed_once(backend):
    x, y = plugrad.ones((2, 3)), plugrad.ones((2, 3))
    with plugrad.trace_kernels() as calls:
        with pytest.raises(RuntimeError):
            x @ y
        x + y
    assert [call.op for call in calls] == ["add"]


def test_what_another_thread_runs_is_its_own():
    x = plugrad.ones(2, backend="numpy")
    seen = []

    def work():
        with plugrad.trace_kernels() as calls:
            plugrad.exp(x)
        seen.append([call.op for call in calls])

    with plugrad.trace_kernels() as calls:
        threads = [threading.Thread(target=work) for _ in range(4)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        plugrad.sin(x)
    assert [call.op for call in calls] == ["sin"]
    assert seen == [["exp"]] * 4


def test_nothing_of_a_trace_is_left(backend):
    x = plugrad.ones(2)
    plugrad.exp(x)
    kernels = op_of(plugrad.exp).kernels
    before = dict(kernels)
    with plugrad.trace_kernels():
        plugrad.exp(x)
        assert kernels[type(x.array)] is not before[type(x.array)]
    plugrad.exp(x)
    found = kernels[type(x.array)]
    assert found == before[type(x.array)] or found.__qualname__ == before[type(x.array)].__qualname__


def test_the_environment_prints_calls(tmp_path):
    code = """
        import threading, plugrad
        x = plugrad.ones(2, backend="numpy", requires_grad=True)
        t = threading.Thread(target=lambda: plugrad.exp(x).sum().backward()); t.start(); t.join()
    """
    from textwrap import dedent

    house = House(tmp_path)
    for value, expected in (("1", True), ("0", False)):
        done = house.process("-c", dedent(code), PLUGRAD_TRACE_KERNELS=value)
        assert ("plugrad: exp on numpy: " in done.stderr) is expected
        assert ("plugrad: sum on numpy: " in done.stderr) is expected


# -- switched off -----------------------------------------------------------------------------------------------------


def test_a_plugins_kernels_are_switched_off_and_its_ops_stay(chosen):
    x = plugrad.ones(2, backend="numpy", requires_grad=True)
    assert runs(chosen) == 2
    set_kernels_enabled("fast", False)
    assert runs(chosen) == 1
    assert [k.off for k in plugrad.kernels(chosen, "numpy")[0].kernels] == [True, False]
    assert "(priority 1, may decline, off)" in repr(plugrad.kernels(chosen, "numpy"))
    chosen(x).sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]
    set_kernels_enabled("fast", True)
    assert runs(chosen) == 2


def test_in_a_block_and_back(chosen):
    with set_kernels_enabled("fast", False):
        assert runs(chosen) == 1
        with set_kernels_enabled("plain", False):
            assert runs(chosen) == 0
            assert plugrad.kernels(chosen, "numpy")[0].runs == "composite"
        with set_kernels_enabled("fast", True):
            assert runs(chosen) == 2
        assert runs(chosen) == 1
    with pytest.raises(ZeroDivisionError), set_kernels_enabled("fast", False):
        1 / 0
    assert runs(chosen) == 2


def test_an_op_that_no_plugin_registered_is_told_too(registry):
    loose = op("loose.o(x, /)", composite=lambda x: x * 0)
    register(a_module("helpful", kernels=[{"op": "loose.o", "backend": "numpy", "kernel": lambda x: x * 0 + 1}]))
    assert runs(loose) == 1
    with set_kernels_enabled("helpful", False):
        assert runs(loose) == 0
    assert runs(loose) == 1


def test_while_other_threads_compute(chosen):
    x = plugrad.ones(2, backend="numpy")
    wrong, stop = [], threading.Event()

    def work():
        while not stop.is_set():
            if chosen(x).tolist() not in ([1.0, 1.0], [2.0, 2.0]):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(3)]
    [t.start() for t in threads]
    for _ in range(50):
        set_kernels_enabled("fast", False)
        assert runs(chosen) == 1
        set_kernels_enabled("fast", True)
        assert runs(chosen) == 2
    stop.set()
    [t.join() for t in threads]
    assert not wrong


def test_a_name_that_is_no_plugin_teaches(tmp_path):
    with pytest.raises(PluginError, match="there is no plugin 'fats'; there are .*numpy"):
        set_kernels_enabled("fats", False)
    house = House(tmp_path)
    house.install("broken", source="1 / 0")
    code = """
        import json, plugrad
        try:
            plugrad.plugins.set_kernels_enabled("broken", False)
        except plugrad.errors.PluginError as error:
            print(json.dumps(str(error)))
    """
    assert house.python(code).endswith("is refused, so no kernel of it runs: ZeroDivisionError: division by zero")


@pytest.mark.parametrize("named", ["good", "plugrad-good", "other,plugrad_good"])
def test_off_by_the_environment(tmp_path, named):
    house = House(tmp_path)
    source = OP.format("good") + KERNELS.format("register('good.o', backend='numpy', kernel='math:no_such')")
    house.install("plugrad-good", source=source, entry="good")
    code = """
        import json, plugrad, plug_plugrad_good as plug
        x = plugrad.ones(1, backend="numpy")
        print(json.dumps([plug.o(x).tolist(), plugrad.kernels("good.o", "numpy")[0].runs]))
    """
    assert house.python(code, PLUGRAD_DISABLE_KERNELS=named) == [[1.0], "composite"]


def test_what_accepts_returns_is_checked(registry):
    yes = op("yes.o(x, /)", composite=lambda x: x)
    taken = {"op": "yes.o", "backend": "numpy", "kernel": lambda x: x, "accepts": lambda x: True}
    register(a_module("yes", [yes], kernels=[taken]))
    with pytest.raises(PluginError, match="accepts of plugin 'yes' .* returned True; it returns None to take a call"):
        yes(plugrad.ones(1, backend="numpy"))


# -- a faster kernel for an op of ours --------------------------------------------------------------------------------


def test_a_plugin_brings_a_faster_kernel_for_an_op_of_ours(registry):
    """``logaddexp`` of float64 on large arrays, by a plugin of priority 1: within tolerance; NumPy's elsewhere."""
    import numpy as np

    def faster(x1, x2):
        return np.maximum(x1, x2) + np.log1p(np.exp(-np.abs(x1 - x2)))

    def accepts(x1, x2):
        if not getattr(x1, "dtype", None) == getattr(x2, "dtype", None) == np.float64:
            return "takes float64 alone"
        return None if x1.size >= 1000 else "not worth it below 1000 elements"

    def gradient(x1, x2):
        a, b = (plugrad.tensor(v, requires_grad=True) for v in (x1, x2))
        out = plugrad.logaddexp(a, b)
        out.sum().backward()
        return out, a.grad, b.grad

    large = np.random.default_rng(0).normal(size=(2, 1000))
    plain = gradient(*large)
    taken = {"op": "logaddexp", "backend": "numpy", "kernel": faster, "priority": 1, "accepts": accepts}
    register(a_module("faster", kernels=[taken]))
    with plugrad.trace_kernels() as calls:
        found = gradient(*large)
        gradient(*large[:, :9])
        gradient(*large.astype("float32"))
    for ours, theirs in zip(found, plain, strict=True):
        assert_close(ours, theirs, rel=1e-14)
    large_call, small_call, single = [call for call in calls if call.op == "logaddexp"]
    assert large_call.source.startswith("plugin 'faster'")
    assert small_call.source == single.source == "backend 'numpy'"
    assert small_call.declined[0].reason == "not worth it below 1000 elements"
    assert single.declined[0].reason == "takes float64 alone"
    with set_kernels_enabled("faster", False), plugrad.trace_kernels() as calls:
        gradient(*large)
    assert calls[0].source == "backend 'numpy'"
