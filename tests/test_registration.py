"""What plugins register, by hand here, and which of several kernels runs."""

from fractions import Fraction

import pluggy
import pytest

import plugrad
from plugrad import plugins
from plugrad.errors import MissingKernel, PluginError
from plugrad.extend import Backend, dtype_of, op
from plugrad.hookspecs import HOOKS
from plugrad.registry.op import OPS
from plugrad.registry.registration import op_of
from registry import a_module


class Numbers(Backend):
    name = "numbers"
    array_types = ("fractions.Fraction",)
    kernels = {"add": lambda a, b: a + b}

    def shape(self, array):
        return ()

    def dtype(self, array):
        return "float64"


def test_each_hook_takes_effect(registry):
    double = op("mine.double(x, /)", elementwise=True, vjp={"x": lambda g: g + g})
    made = a_module(
        "mine", [double], [Numbers()], [{"op": "mine.double", "backend": "numbers", "kernel": lambda x: x * 2}]
    )
    assert {hook.__name__ for hook in HOOKS} <= set(vars(made))
    plugin = plugins.register(made)
    assert (plugin.state, plugin.reason, plugin.distribution) == ("ready", "", "registered by hand")
    assert double(Fraction(1, 3)) == Fraction(2, 3)
    assert plugrad.add(Fraction(1, 2), Fraction(1, 4)) == Fraction(3, 4)
    assert op_of(double).source == str(plugin)


def test_register_is_idempotent(registry):
    made = a_module("again", [op("again.o(x, /)", composite=lambda x: x)])
    first = plugins.register(made)
    assert plugins.register(made) is first
    assert plugins.register(made, "another name") is first
    assert plugins.plugins().count(first) == 1


def test_register_of_a_plugin_with_an_entry_point_is_that_plugin():
    import plugrad_numpy

    assert plugins.register(plugrad_numpy).name == "numpy"


def test_register_refuses_whole_and_keeps_the_one_before(registry):
    first = plugins.register(a_module("same", [op("same.o(x, /)", composite=lambda x: x)]))
    known = set(OPS)
    other = a_module("same", [op("other.o(x, /)"), op("same.o(x, /)")])
    with pytest.raises(PluginError, match=r"'same' .* is refused: .*op 'same.o' is there already, from plugin 'same'"):
        plugins.register(other)
    assert set(OPS) == known
    assert first in plugins.plugins()
    assert first.state == "ready"


# -- which kernel runs ------------------------------------------------------------------------------------------


@pytest.fixture
def ranked(registry):
    """Registers kernels of an op on NumPy, each of which says its name, and runs the op."""
    chosen = op("chosen.o(x, /)", composite=lambda x: x * 0)

    def run(*kernels, composite=True):
        declared = op_of(chosen)
        declared.composite = declared.composite if composite else None
        plugins.register(a_module("chosen", [chosen]))
        for number, (value, options) in enumerate(kernels):
            entry = {"op": "chosen.o", "backend": "numpy", "kernel": lambda x, value=value: x * 0 + value, **options}
            plugins.register(a_module(f"kernel{number}", kernels=[entry]))
        return chosen(plugrad.ones(1, backend="numpy")).item()

    run.op = chosen
    return run


def small(x):
    return None if x.size > 1 else "too small"


def picky(x):
    return "never on Mondays"


def test_the_highest_priority_runs(ranked):
    assert ranked((1, {"priority": 1}), (3, {"priority": 3}), (2, {"priority": 2})) == 3


def test_who_declines_is_followed_by_the_next(ranked):
    kernels = (3, {"priority": 3, "accepts": picky}), (2, {"priority": 2, "accepts": small}), (1, {"priority": 1})
    assert ranked(*kernels) == 1
    assert ranked.op(plugrad.ones(2, backend="numpy")).tolist() == [2.0, 2.0]


def test_nobody_is_asked_after_one_that_takes_every_call(ranked):
    assert ranked((3, {"priority": 3}), (1, {"priority": 1, "kernel": "math:no_such"})) == 3


def test_all_decline_and_the_composite_runs(ranked):
    assert ranked((3, {"priority": 3, "accepts": picky})) == 0


def test_all_decline_and_no_composite(ranked):
    with pytest.raises(MissingKernel, match="every kernel on backend 'numpy' declined: .*'kernel0'.*: never on Mon"):
        ranked((3, {"priority": 3, "accepts": picky}), composite=False)


def test_a_kernel_that_comes_later_is_in_force_at_once(registry):
    x = plugrad.ones(1, backend="numpy", requires_grad=True)
    assert plugrad.exp(x).item() == pytest.approx(2.718281828459045)
    nine = {"op": "exp", "backend": "numpy", "kernel": lambda x: x * 0 + 9, "priority": 1}
    plugins.register(a_module("nine", kernels=[nine]))
    assert plugrad.exp(x).item() == 9
    plugrad.exp(x).sum().backward()
    assert x.grad.item() == 9


def test_no_op_calls_pluggy(monkeypatch, backend, registry):
    calls = []
    real = pluggy.HookCaller.__call__
    monkeypatch.setattr(pluggy.HookCaller, "__call__", lambda self, **kw: calls.append(self.name) or real(self, **kw))
    x = plugrad.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    (plugrad.exp(x) @ x + x.reshape(4).reshape(2, 2) * 2).sum().backward()
    assert calls == []
    plugins.register(a_module("counted"))
    assert calls == [hook.__name__ for hook in HOOKS]


def test_an_elementwise_op_that_does_not_promote_is_named_and_spoils_no_other(backend):
    wrong = op("foo.first(x1, x2, /)", elementwise=True, vjp={"x1": lambda g: g, "x2": lambda g: 0 * g},
               composite=lambda x1, x2: x1 + 0 * plugrad.astype(x2, dtype_of(x1)))  # fmt: skip
    try:
        narrow = plugrad.ones((1, 3), dtype="float32", requires_grad=True)
    except TypeError as reason:
        pytest.skip(f"one dtype alone: {reason}")
    wide = plugrad.ones((2, 1), dtype="float64")
    if narrow.dtype == wide.dtype:
        pytest.skip("the backend has one floating dtype")
    with pytest.raises(TypeError, match=r"foo\.first is declared elementwise.*float32.*Mend the kernel"):
        wrong(narrow, wide)
    assert (narrow / wide).dtype == "float64"
