"""Anomaly mode switches, and finds NaN, as PyTorch's does."""

import warnings

import pytest

import plugrad

torch = pytest.importorskip("torch", minversion="2.13", reason="PyTorch is not installed: pip install torch==2.13.0")

pytestmark = [
    pytest.mark.only("numpy"),
    pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning"),
]


def states(xp):
    """What is on before, in and after contexts, and what was warned of."""
    found = []

    def note():
        found.append((xp.is_anomaly_enabled(), xp.is_anomaly_check_nan_enabled()))

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        note()
        with xp.autograd.detect_anomaly(check_nan=False):
            note()
            with xp.autograd.set_detect_anomaly(False):
                note()
            with xp.autograd.set_detect_anomaly(True, True):
                note()
            note()
        note()
        found.append(sorted((xp.tensor(1.0, requires_grad=True) * 2).grad_fn.metadata))
        with xp.autograd.set_detect_anomaly(True):
            y = xp.tensor(1.0, requires_grad=True) * 2
            found.append("traceback_" in y.grad_fn.metadata)
        note()
    return found, [(w.category, str(w.message)) for w in caught]


def test_the_switch(backend):
    assert states(plugrad) == states(torch)


PROGRAMS = {
    "where": lambda xp, x: xp.where(x > 0, xp.sqrt(x), x).sum(),
    "zero times inf": lambda xp, x: (xp.sqrt(x) * 0.0).sum(),
    "log of negative": lambda xp, x: (xp.log(x - 1) * xp.log(x - 1)).sum(),
    "nothing": lambda xp, x: (x * x).sum(),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_is_found(backend, program):
    found = []
    for xp in (torch, plugrad):
        x = xp.tensor([0.0, 4.0], dtype=xp.float64, requires_grad=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with xp.autograd.detect_anomaly():
                y = PROGRAMS[program](xp, x)
                try:
                    y.backward()
                    found.append(x.grad.tolist())
                except RuntimeError as error:
                    found.append((str(error).split(".", maxsplit=1)[0].split(":")[0], x.grad))
    assert found[0] == found[1]
