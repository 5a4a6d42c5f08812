"""The suite runs once for each backend that is here, or for those named by ``--backend``."""

import importlib.util
import os
from contextlib import contextmanager

import pytest

import plugrad
from known_failures import KNOWN_FAILURES
from notes import pytest_runtest_logreport, pytest_sessionfinish, pytest_terminal_summary  # noqa: F401
from plugrad.extend import register
from plugrad.plugins import plugins
from plugrad.registry.claims import BACKENDS, asking
from plugrad.registry.spec import PLAIN, SPECS
from plugrad_test_backends import tuples
from registry import registry  # noqa: F401  a fixture

# Where plugrad-test-backends is installed, these were found already.
register(tuples, "tuples")
plugins()
if importlib.util.find_spec("array_api_strict"):
    from plugrad_test_backends import strict

    register(strict, "strict")
if importlib.util.find_spec("numpy") and importlib.util.find_spec("plugrad_cupy"):
    from plugrad_test_backends import cupy_double

    register(cupy_double, "cupy-double")

if importlib.util.find_spec("plugrad_torch_arrays") and importlib.util.find_spec("torch"):
    import plugrad_torch_arrays

    if "torch-arrays" not in BACKENDS:
        register(plugrad_torch_arrays, "torch-arrays")

NAMES = [name for name, backend in BACKENDS.items() if not backend.unavailable()]


def pytest_addoption(parser):
    parser.addoption("--backend", action="append", metavar="NAME", help="run for this backend alone; may be repeated")


def pytest_configure(config):
    os.environ.pop("PYTEST_ADDOPTS", None)  # read by now; the runs of pytest that tests start are a stranger's
    config.addinivalue_line("markers", "writable: needs a backend whose arrays can be written")
    config.addinivalue_line("markers", "only(*names): needs one of these backends")


def pytest_generate_tests(metafunc):
    if "backend" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--backend") or [name for name in NAMES if name != "torch-arrays"]
        metafunc.parametrize("backend", chosen, indirect=True)


def pytest_report_header(config):
    if "cupy-double" in NAMES:
        from plugrad_test_backends.cupy_double.face import FACE

        return f"cupy-double: names, keywords and dtypes are of {FACE.source}"
    return None


def pytest_collection_modifyitems(config, items):
    if "cupy" in (config.getoption("--backend") or NAMES):  # a GPU tells first what the double is worth
        items.sort(key=lambda item: item.path.name != "test_double.py")
    for item in items:
        chosen = getattr(item, "callspec", None) and item.callspec.params.get("backend")
        reason = KNOWN_FAILURES.get(chosen, {}).get(item.name)
        if reason:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


@contextmanager
def float64_by_default(name):
    """The suite is written for it; torch-arrays has PyTorch's default."""
    if name != "torch-arrays":
        yield
        return
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.fixture(autouse=True)
def no_strays():
    """A second device that a test used would keep all later tests from the fast engine."""
    yield
    for reason in asking:
        met = getattr(getattr(reason, "gpus", None), "met", set())
        if met - {0}:
            met.clear()
            SPECS.clear()  # so that a device that is used again is met again
            PLAIN.clear()


@pytest.fixture
def backend(request):
    """The backend that tensors are made on, as the default one."""
    name = request.param
    if name not in NAMES:
        reason = BACKENDS[name].unavailable() if name in BACKENDS else f"there are {NAMES}"
        pytest.fail(f"--backend {name}: {reason}")
    found = BACKENDS[name]
    only = request.node.get_closest_marker("only")
    if only is not None and name not in only.args:
        pytest.skip(f"is about {', '.join(only.args)}")
    if request.node.get_closest_marker("writable") and not found.writable:
        pytest.skip(f"arrays of backend {name!r} cannot be written")
    plugrad.set_default_backend(name)
    plugrad.set_default_dtype(None)
    with float64_by_default(name):
        yield found
    plugrad.set_default_backend(None)
    plugrad.set_default_dtype(None)
