"""Where CuPy cannot be used, the backend says why, and everything else works."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from plugrad.plugins import UNAVAILABLE, plugins

plugrad_cupy = pytest.importorskip("plugrad_cupy", reason="plugrad-cupy is not installed")

from plugrad_cupy import CupyBackend  # noqa: E402
from plugrad_cupy.availability import missing  # noqa: E402


class CUDARuntimeError(RuntimeError):
    """CuPy's is one, too."""


def fails(name):
    def call():
        raise CUDARuntimeError(f"{name}: what CUDA says of it")

    return call


def namespace(version=13000, count=lambda: 1):
    runtime = SimpleNamespace(driverGetVersion=lambda: version, getDeviceCount=count)
    return SimpleNamespace(ndarray=object, cuda=SimpleNamespace(runtime=runtime))


def refusing(error):
    def load():
        raise error

    return load


def test_with_a_gpu_nothing_is_missing():
    assert missing(namespace) == ""


def test_not_installed():
    reason = missing(refusing(ModuleNotFoundError("No module named 'cupy'", name="cupy")))
    assert reason.startswith("CuPy is not installed: pip install plugrad[cupy13x]")


def test_a_folder_named_cupy_is_not_cupy():
    assert missing(SimpleNamespace).startswith("CuPy is not installed")


@pytest.mark.parametrize("error", [ImportError("libnvrtc.so: not found\nmore"), ModuleNotFoundError("no x", name="x")])
def test_an_import_that_fails_is_told_from_a_missing_cupy(error):
    reason = missing(refusing(error))
    assert reason == f"CuPy is installed and cannot be imported: {str(error).splitlines()[0]}"


def test_no_driver():
    asked = []
    assert missing(lambda: namespace(0, lambda: asked.append(1))) == "there is no NVIDIA driver, so no GPU can be used"
    assert not asked  # to count devices without a driver raises


def test_no_visible_gpu(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    expected = "the driver shows no GPU: cudaErrorNoDevice: what CUDA says of it (CUDA_VISIBLE_DEVICES is '')"
    assert missing(lambda: namespace(count=fails("cudaErrorNoDevice"))) == expected
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert missing(lambda: namespace(count=lambda: 0)) == "the driver shows no GPU"


def test_a_driver_too_old_for_this_cupy_is_said():
    reason = missing(lambda: namespace(count=fails("cudaErrorInsufficientDriver")))
    assert "cudaErrorInsufficientDriver" in reason


def test_it_is_asked_once():
    asked = []
    backend = CupyBackend(namespace(count=lambda: asked.append(1) or 1))
    assert backend.unavailable() == backend.unavailable() == ""
    assert len(asked) == 1


def test_the_installed_plugin_is_ready_or_says_why():
    (plugin,) = [p for p in plugins() if p.value == "plugrad_cupy"]
    reason = CupyBackend().unavailable()
    assert plugin.reason == reason
    if reason:
        assert plugin.state == UNAVAILABLE


def test_asking_for_it_by_name_gives_the_reason():
    import plugrad

    reason = CupyBackend().unavailable()
    if not reason:
        pytest.skip("CuPy can be used here")
    with pytest.raises(plugrad.errors.BackendError, match="backend 'cupy' is unavailable here") as caught:
        plugrad.ones(2, backend="cupy")
    assert reason in str(caught.value)


def test_the_real_probe_without_a_driver():
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed")
    if not hasattr(cupy, "ndarray"):
        pytest.skip("a folder named cupy is on the path, and CuPy is not installed")
    if cupy.cuda.runtime.driverGetVersion():
        pytest.skip("a driver is here")
    assert CupyBackend().unavailable() == "there is no NVIDIA driver, so no GPU can be used"


def test_registering_imports_no_cupy():
    code = (
        "import sys, plugrad\nfrom plugrad.plugins import plugins\nplugins()\n"
        "from plugrad.registry.claims import CLAIMS\n"
        "assert 'cupy.ndarray' in CLAIMS and 'cupy' not in sys.modules and 'plugrad_cupy.protocols' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_everything_else_works_in_a_process_that_cannot_import_cupy():
    code = (
        "import sys\nsys.modules['cupy'] = None\nimport plugrad\nfrom plugrad.plugins import plugins\n"
        "(p,) = [p for p in plugins() if p.value == 'plugrad_cupy']\n"
        "assert p.state == 'unavailable here' and 'not installed' in p.reason, p.reason"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
