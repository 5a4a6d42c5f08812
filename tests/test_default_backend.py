"""Which backend creation functions use: the program's, the environment's, NumPy's, the only one that is ready."""

import pytest

import plugrad
from house import BACKEND, House
from plugrad.errors import BackendError
from plugrad.plugins import plugins
from plugrad.registry.claims import default_backend


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.fixture
def alone(house):
    """A house with the backends ``one``, which is ready, and ``away``, which is not; those installed anyway are off."""
    house.install("one", source=BACKEND.format("one", ""))
    house.install("away", source=BACKEND.format("away", "no driver"))
    off = ",".join(plugin.name for plugin in plugins())

    def ask(code="", off=off, **environment):
        text = f"""
            import json, plugrad
            from plugrad.registry.claims import default_backend
            try:
                {code or "pass"}
                print(json.dumps(default_backend().name))
            except plugrad.errors.BackendError as error:
                print(json.dumps(str(error)))
        """
        return house.python(text, PLUGRAD_DISABLE_PLUGINS=off, **environment)

    ask.house = house
    return ask


def test_default_is_the_only_one_that_is_ready(alone):
    assert alone() == "one"


def test_default_is_numpy_where_it_is_ready(alone):
    assert alone(off="") == "numpy"


def test_default_from_the_environment_and_from_the_program(alone):
    alone.house.install("two", source=BACKEND.format("two", ""))
    assert alone(PLUGRAD_BACKEND="two") == "two"
    assert alone("plugrad.set_default_backend('one')", PLUGRAD_BACKEND="two") == "one"
    again = "plugrad.set_default_backend('one'); plugrad.set_default_backend(None)"
    assert alone(again, PLUGRAD_BACKEND="two") == "two"


def test_default_of_several_must_be_chosen(alone):
    alone.house.install("two", source=BACKEND.format("two", ""))
    assert alone() == "choose one of the backends one, two: plugrad.set_default_backend('one')"


def test_default_that_is_not_there_or_away(alone):
    assert "there is no backend 'nix'; there are away, one" in alone(PLUGRAD_BACKEND="nix")
    assert "pip install plugrad-nix" in alone("plugrad.set_default_backend('nix')")
    assert alone(PLUGRAD_BACKEND="away") == "backend 'away' is unavailable here: no driver"


def test_no_backend_says_what_is_there_and_why_not(alone):
    message = alone(off=",".join(["one", *(plugin.name for plugin in plugins())]))
    assert "no backend is installed that can be used here; away is unavailable here: no driver" in message
    assert "pip install plugrad[numpy]" in message


def test_a_refused_default_changes_nothing(monkeypatch):
    plugrad.set_default_backend(None)
    before = default_backend()
    with pytest.raises(BackendError):
        plugrad.set_default_backend("nix")
    assert default_backend() is before
    plugrad.set_default_backend(None)
    monkeypatch.setenv("PLUGRAD_BACKEND", "nix")
    with pytest.raises(BackendError):
        default_backend()
    monkeypatch.delenv("PLUGRAD_BACKEND")
    assert default_backend() is before
    plugrad.set_default_backend(None)
