"""Floor 6: a gradient on a backend, compared with what is known of it."""

from __future__ import annotations

from math import cos, isclose, sin
from typing import TYPE_CHECKING

import plugrad

if TYPE_CHECKING:
    from ..registry.backend import Backend

POINTS = [0.5, -1.25, 2.0]


def failure(backend: Backend) -> str:
    """What is wrong with the gradient of ``sum(x * sin(x))`` on a backend that is ready; empty if nothing is.

    It is compared with ``sin(x) + x * cos(x)``, to six digits.
    """
    try:
        with plugrad.enable_grad():
            x = plugrad.tensor(POINTS, requires_grad=True, backend=backend.name)
            (x * plugrad.sin(x)).sum().backward()
        found = None if x.grad is None else x.grad.tolist()
    except Exception as error:  # a backend may raise whatever it likes; the doctor goes on
        return f"{type(error).__name__}: {error}".partition("\n")[0]
    expected = [sin(v) + v * cos(v) for v in POINTS]
    if found and all(isclose(v, w, rel_tol=1e-6, abs_tol=1e-6) for v, w in zip(found, expected, strict=True)):
        return ""
    return f"the gradient of sum(x * sin(x)) at {POINTS} is {found}, and should be {expected}"
