"""The docstrings of the ops' functions, apart from their mathematics: what each op takes, returns and raises, and an
example, which the suite runs on NumPy. What all ops of a family raise is said once, on its page of docs/reference.
"""

from __future__ import annotations

from ...registry.op import OPS
from .arrangement import DOCS as ARRANGEMENT
from .elements import DOCS as ELEMENTS
from .reduction import DOCS as REDUCTION

DOCS = {**ELEMENTS, **REDUCTION, **ARRANGEMENT}

for _name, _doc in DOCS.items():
    OPS[_name].function.__doc__ = _doc
