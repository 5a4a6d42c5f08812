"""The kit can fail: each check finds the fault that it is there for, and a run says so."""

import json
import re
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

import plugrad
from house import House
from plugrad import ops
from plugrad.extend import op
from plugrad.registry import kernels as tables
from plugrad.registry.kernels import Candidate
from plugrad.registry.op import OPS
from plugrad.testing import Sample, samples
from plugrad.testing.conformance import derivatives, formulas, memory, values
from plugrad.testing.conformance.call import Call, NothingToCheck
from plugrad.testing.conformance.kernels import kernel
from plugrad.testing.conformance.samples import samples as has_samples

X = Sample([[0.5, -1.0, 2.0]], dtypes=["float64"])


@pytest.fixture(autouse=True)
def _forgotten_afterwards(monkeypatch):
    monkeypatch.setitem(OPS, "fault.square", None)


def square(**declared):
    """An op to put a fault in."""
    given = {"elementwise": True, "composite": lambda x: x * x, "vjp": {"x": lambda g, x: 2 * g * x}} | declared
    OPS["fault.square"] = op("fault.square(x, /)", **given).__globals__["OP"]
    return OPS["fault.square"]


def call_of(declared, backend, sample=X, own=None):
    """A call of an op, on whose arrays a kernel of its own runs."""
    call = Call(declared, sample, sample.dtypes[0], backend)
    if own is not None:
        declared.kernels[type(sample.arguments(sample.dtypes[0])[0].array)] = own
    return call


def looks(x):
    return x * x if ops.sum(x) > 0 else x


def of_the_engine(g, x):
    return 2 * g * x if isinstance(x, plugrad.Tensor) else 3 * g * x


def cut(g, x):
    return 2 * g * (x.detach() if isinstance(x, plugrad.Tensor) else x)


KEPT = []


def keeping(x):
    KEPT.append(x)
    return x * x


FAULTS = {
    "a kernel that does something else": (values.values, {}, lambda x: x * x * x, "by the composite, gives"),
    "a kernel of another shape": (values.shapes, {}, lambda x: ops.reshape(x, (3, 1)), r"the array has shape \(3, 1\)"),
    "a kernel of another dtype": (values.dtypes, {}, lambda x: ops.astype(x, "complex128"), "array is .*complex128"),
    "a wrong vjp": (derivatives.vjp, {"vjp": {"x": lambda g, x: 3 * g * x}}, None, "by central differences"),
    "a wrong jvp": (derivatives.jvp, {"elementwise": False, "jvp": {"x": lambda t, x: 3 * t * x}}, None, "forward"),
    "a vjp that cuts the graph": (derivatives.second_order, {"vjp": {"x": cut}}, None, "order.*by the engine"),
    "a vjp that asks who runs it": (derivatives.engines, {"vjp": {"x": of_the_engine}}, None, "create_graph gives"),
    "a vjp that looks": (formulas.formulas, {"vjp": {"x": lambda g, x: g * (x or 2)}}, None, "__bool__"),
    "a composite that looks": (formulas.formulas, {"vjp": {}, "composite": looks}, None, "ops.greater"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(backend, fault):
    check, declared, own, message = FAULTS[fault]
    call = call_of(square(**declared), backend, own=own)
    with pytest.raises((AssertionError, plugrad.testing.GradcheckError), match=rf"(?s)fault\.square.*{message}"):
        check(call)


@pytest.mark.parametrize("check", [c for c, *_ in FAULTS.values()] + [memory.freeing])
def test_what_is_right_passes(backend, check):
    check(call_of(square(), backend, own=lambda x: x * x))


@pytest.mark.writable
def test_memory_that_is_shared_is_found(backend):
    with pytest.raises(AssertionError, match="gives memory of its input"):
        memory.views(call_of(square(), backend, own=lambda x: x))
    declared = square(fresh=True, vjp={"x": lambda g, x: g})
    with pytest.raises(AssertionError, match="declared fresh and returns what it got"):
        memory.views(call_of(declared, backend))
    memory.views(call_of(square(fresh=True), backend))


@pytest.mark.only("numpy", "strict")
def test_what_is_kept_is_found(backend):
    with pytest.raises(AssertionError, match="the array of input 0.* still alive"):
        memory.freeing(call_of(square(), backend, own=keeping))
    KEPT.clear()


def cyclic(x):
    loop = [x]
    loop.append(loop)
    return x * x


@pytest.mark.only("numpy", "strict")
def test_a_cycle_of_references_is_found(backend):
    with pytest.raises(AssertionError, match="a cycle of references holds"):
        memory.freeing(call_of(square(), backend, own=cyclic))


@pytest.mark.parametrize(
    "accepts, priority, message",
    [
        (lambda x: "too small", 1, r"plugin 'a' never ran: it declined each of 1 calls: too small \(1 times\)"),
        (None, -1, "plugin 'a' never ran: another took every call"),
    ],
)
def test_a_dead_kernel_is_found(backend, monkeypatch, accepts, priority, message):
    declared = square()
    call = call_of(declared, backend)
    dead = Candidate(lambda x: x * x, priority, accepts, "plugin 'a'")
    alive = Candidate(lambda x: x * x, 0, lambda x: None, "plugin 'b'")
    chain = [dead, alive] if priority > 0 else [Candidate(alive.kernel, 0, lambda x: None, "plugin 'b'"), dead]
    monkeypatch.setattr(tables, "candidates", lambda *_: chain)
    with pytest.raises(AssertionError, match=message):
        kernel(declared, [call])
    monkeypatch.setattr(tables, "candidates", lambda *_: [alive])
    assert kernel(declared, [call]) == "plugin 'b' 1"
    monkeypatch.setattr(tables, "candidates", lambda *_: [])
    with pytest.raises(NothingToCheck, match="its composite runs"):
        kernel(declared, [call])


@pytest.mark.parametrize("place", [("fault.square", "nunpy"), ("fault.squaer", "numpy")])
def test_a_misspelt_kernel_is_found(backend, monkeypatch, place):
    stray = Candidate(lambda x: x * x, 0, None, "plugin 'a'")
    monkeypatch.setitem(tables.CANDIDATES, place, [stray])
    with pytest.raises(AssertionError, match=rf"plugin 'a' has a kernel of {place[0]} on '{place[1]}', which is not"):
        kernel(square(), [call_of(square(), backend)])


@pytest.mark.only("numpy")
@pytest.mark.parametrize("check", [derivatives.vjp, derivatives.jvp, derivatives.second_order])
def test_a_backend_without_double_precision_is_checked_in_single(backend, monkeypatch, check):
    def native_dtype(name):
        if name in ("float64", "complex128"):
            raise plugrad.errors.DTypeError(f"there is no {name}")
        return type(backend).native_dtype(backend, name)

    monkeypatch.setattr(backend, "native_dtype", native_dtype)
    with pytest.raises(plugrad.testing.CannotHold):
        call_of(square(), backend).arguments()
    check(Call(square(), X, "float64", backend))
    wrong = square(vjp={"x": lambda g, x: 1.05 * cut(g, x)})
    with pytest.raises((AssertionError, plugrad.testing.GradcheckError), match="float32"):
        check(Call(wrong, X, "float64", backend))


def test_samples_that_say_nothing_are_found(monkeypatch):
    monkeypatch.setattr(samples, "SAMPLES", {})
    declared = square()
    with pytest.raises(AssertionError, match=r"no samples.*hook plugrad_samples"):
        has_samples(declared)
    samples.add_samples(declared.name, Sample([[0.5]], smooth=False))
    with pytest.raises(AssertionError, match="no sample is smooth and of floats"):
        has_samples(declared)
    samples.add_samples(declared.name, X)
    has_samples(declared)


def test_values_are_compared_with_what_a_sample_states(backend):
    stated = Sample([[0.5, -1.0]], dtypes=["float64"], out=[0.25, 1.0])
    computed = Sample([[0.5, -1.0]], dtypes=["float64"], out=lambda x: [v * v for v in x])
    for sample in (stated, computed):
        values.values(call_of(square(), backend, sample))
        with pytest.raises(AssertionError, match="by the sample's out, gives"):
            values.values(call_of(square(composite=lambda x: x * x * x), backend, sample))


def test_a_backend_states_how_exact_it_is():
    rough = SimpleNamespace(tolerances={"float32": 1e-3})
    assert Call(square(), X, "float32", rough).tolerance() == 1e-3
    assert Call(square(), X, "float64", rough).tolerance() == 1e-12


# -- a stranger's run ---------------------------------------------------------------------------------------------

MINE = """
from plugrad.ops import exp, maximum, where
swish = op("mine.swish(x, /)", elementwise=True, composite=lambda x: x / (1 + exp(-x)),
           vjp={"x": lambda g, x: g * (1 + exp(-x) + x * exp(-x)) / (1 + exp(-x)) ** 2})
cube = op("mine.cube(x, /)", elementwise=True, composite=lambda x: x * x * x, vjp={"x": lambda g, x: 3 * g * x * x})
scale = op("mine.scale(x, /, *, by=2.0)", composite=lambda x, by: x * by, vjp={"x": lambda g, by: g * by})

@hookimpl
def plugrad_ops(register):
    for function in (swish, cube, scale):
        register(function)

@hookimpl
def plugrad_kernels(register):
    register("mine.cube", backend="numpy", kernel=lambda x: x * x * x)
    register("mine.swish", backend="numpy", kernel=lambda x: x / 0, accepts=lambda x: None if x.size > 99 else "small")

@hookimpl
def plugrad_samples(register):
    from plugrad.testing import Sample
    for name in ("swish", "cube", "scale"):
        register(f"mine.{name}", Sample([[0.5, -1.0, 2.0]], dtypes=["float64"]))

@hookimpl
def plugrad_known_failures(register):
    register(op="mine.swish", backend="numpy", check="kernel", reason="its samples are small")
    register(op="mine.scale", backend="*", check="jvp", reason="to be written")
"""
CONFIG = """
[pytest]
python_files = check_*.py
python_functions = check_*
filterwarnings = error
addopts = --strict-markers --strict-config
"""


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """Who has a plugin, pytest, and habits of his own."""
    house = House(tmp_path_factory.mktemp("stranger"))
    house.install("plugrad-mine", source=MINE, entry="mine")
    (house.path / "pytest.ini").write_text(CONFIG)
    (house.path / "conftest.py").write_text("import pytest\n@pytest.fixture(autouse=True)\ndef mine(): pass\n")
    return house


def run(house, *options):
    """Exit code and output."""
    core = str(Path(plugrad.__file__).parents[1])
    done = house.process(
        "-m", "pytest", "-p", "pytest_plugrad", "-p", "no:cacheprovider", "--pyargs", "plugrad.testing", "-q", *options,
        folders=("", core), cwd=house.path,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def report(stranger):
    """What a run of his ops on NumPy says: two known failures, of which one is none."""
    path = stranger.path / "report.json"
    code, text = run(stranger, "--plugrad-ops", "mine.*", "--plugrad-backend", "numpy", "--plugrad-report", str(path))
    assert code == 1, text
    return json.loads(path.read_text()), text


def outcomes(report, op, outcome):
    return {check for check, found in report["table"]["numpy"][op].items() if found == outcome}


def test_a_strangers_run_says_what_holds(report):
    found, text = report
    assert outcomes(found, "mine.cube", "failed") == set()
    assert outcomes(found, "mine.cube", "passed") >= {"kernel", "values", "vjp", "jvp", "second_order", "freeing"}
    assert found["badge"]["message"] == "2 of 3 hold, 1 known failures"
    assert re.search(r"^mine.cube +ok +ok +ok", text, re.MULTILINE)


def test_a_known_failure_is_none_and_one_that_passes_is(report):
    found, text = report
    assert outcomes(found, "mine.swish", "known") == {"kernel"}
    assert "known: mine.swish on numpy, kernel: its samples are small (plugin 'mine'" in text
    assert outcomes(found, "mine.scale", "failed") == {"jvp"}
    assert "[XPASS(strict)] to be written (plugin 'mine'" in text


def test_a_planted_fault_fails_the_run(stranger):
    asked = ["--plugrad-backend", "numpy", "--plugrad-ops", "mine.*", "--plugrad-ops", "exp"]
    code, text = run(stranger, *asked, "--plugrad-plant", "*")
    assert code == 1
    for name in ("mine.swish", "mine.cube", "mine.scale", "exp"):
        assert re.search(rf"planted in {name}: its vjp of x gives .*; found by .*second_order, vjp", text), text


WRONG = {
    (): "--pyargs plugrad.testing needs to know what to check",
    ("--plugrad-ops", "mime.*"): "--plugrad-ops mime.*: no op has such a name. Beside plugrad's own ops there are",
    ("--plugrad-backend", "mine"): "there is no backend 'mine'",
    ("--plugrad-plant", "equal"): "equal has no vjp to plant a fault in",
}


@pytest.mark.parametrize("options", WRONG)
def test_wrong_use_teaches(stranger, options):
    code, text = run(stranger, *options)
    assert code == 4
    assert f"ERROR: {WRONG[options]}" in text


def test_a_known_failure_of_no_check_is_wrong_use(tmp_path):
    house = House(tmp_path)
    house.install("plugrad-mine", source=MINE.replace('check="jvp"', 'check="jpv"'), entry="mine")
    code, text = run(house, "--plugrad-ops", "mine.*", "--plugrad-backend", "numpy")
    assert code == 4
    assert "jpv of mine.scale on *, which plugin 'mine' (plug_plugrad_mine) of plugrad-mine 1.0 lists" in text
    assert "there is no such check; there are samples, kernel, values" in text


def test_pytest_imports_nothing_of_plugrad_where_no_option_is_given(tmp_path):
    (tmp_path / "test_x.py").write_text("import sys\ndef test_x(): assert 'plugrad' not in sys.modules\n")
    core = str(Path(plugrad.__file__).parents[1])
    done = House(tmp_path).process("-m", "pytest", "-p", "pytest_plugrad", "-q", folders=(core,), cwd=tmp_path)
    assert done.returncode == 0, done.stdout


LAME = """
from plugrad.extend import NamespaceBackend
import array_api_strict

class Lame(NamespaceBackend):
    name = "lame"
    array_types = ("array_api_strict._array_object.Array", "array_api_strict.Aray")
    kernels = {"expp": "math:exp", "exp": "math:expo"}

    def set_rng_state(self, state):
        pass

    def accumulate(self, total, more):
        more += total
        return more

@hookimpl
def plugrad_backends(register):
    register(Lame(array_api_strict))
"""


@pytest.mark.skipif(find_spec("array_api_strict") is None, reason="array-api-strict is not installed")
def test_what_a_backend_promises_and_does_not_keep_is_found(tmp_path):
    house = House(tmp_path)
    house.install("plugrad-lame", source=LAME, entry="lame")
    code, text = run(house, "--plugrad-backend", "lame", "-k", "test_backend or exp-kernel")
    assert code == 1
    for message in (
        "claims array type 'array_api_strict.Aray', which cannot be imported",
        "has a kernel of 'expp', and no op has that name",
        "names 'math:expo' as the kernel of exp on 'lame', and it cannot be imported",
        "the second argument of accumulate, afterwards, gives",
        "set_rng_state(rng_state()) does not give the same numbers again",
    ):
        assert message in text, text
    assert re.search("^round_trip +ok", text, re.MULTILINE)
