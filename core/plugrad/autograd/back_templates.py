"""Backward templates of the fast path, copied for each op as the forward ones are: cotangents are filed on the nodes.

Where an input's spec is another than the output's, the engine undoes what broadcasting and promotion did; that makes
new memory.
"""

from __future__ import annotations

from .fit import fit
from .rules import file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FORMULA1: Any = None  # (g, saved1) -> the first input's cotangent
FORMULA2: Any = None
FRESH1: Any = False  # is what the formula returns new memory that nobody else holds
FRESH2: Any = False


def back_binary(n, g, ready):
    """Two inputs."""
    specs = n.specs
    e = n.edge1
    if e is not None:
        d = FORMULA1(g, n.saved1)
        if specs is None or specs[0] is None:
            file(e, d, FRESH1, ready)
        else:
            fitted = fit(d, specs[0])
            file(e, fitted, FRESH1 or fitted is not d, ready)
    e = n.edge2
    if e is not None:
        d = FORMULA2(g, n.saved2)
        if specs is None or specs[1] is None:
            file(e, d, FRESH2, ready)
        else:
            fitted = fit(d, specs[1])
            file(e, fitted, FRESH2 or fitted is not d, ready)


def back_sum(n, g, ready):
    """add: each input's cotangent is g itself."""
    specs = n.specs
    e = n.edge1
    if e is not None:
        d = g if specs is None or specs[0] is None else fit(g, specs[0])
        file(e, d, d is not g, ready)
    e = n.edge2
    if e is not None:
        d = g if specs is None or specs[1] is None else fit(g, specs[1])
        file(e, d, d is not g, ready)


def back_unary(n, g, ready):
    """One input."""
    d = FORMULA1(g, n.saved1)
    if n.specs is None:
        file(n.edge1, d, FRESH1, ready)
    else:
        fitted = fit(d, n.specs[0])
        file(n.edge1, fitted, FRESH1 or fitted is not d, ready)
