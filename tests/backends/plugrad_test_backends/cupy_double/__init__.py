"""CupyBackend on a double of CuPy: NumPy's arithmetic behind CuPy's names, keywords, dtypes and refusals.

It shows that the backend asks CuPy for what CuPy has, brings no value to the host unasked, mixes neither devices nor
libraries, and frees what it saved. It shows nothing of rounding, the order of sums, streams, hidden waits inside of
CuPy, or speed. NumPy and CuPy are imported when an array is first needed; a device is never asked for.
"""

from __future__ import annotations

from typing import Any

from plugrad.extend import hookimpl
from plugrad_cupy import CupyBackend

plugrad_api = 1


class CupyDouble(CupyBackend):
    """The backend ``cupy-double``."""

    name = "cupy-double"
    array_types = (f"{__name__}.ndarray",)

    @property
    def xp(self) -> Any:
        if self._xp is None:
            from .functions import double

            self._xp = double
        return self._xp


@hookimpl
def plugrad_backends(register: Any) -> None:
    register(CupyDouble())


def __getattr__(name: str) -> Any:
    """The array type by the name that is claimed."""
    if name != "ndarray":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .array import ndarray

    return ndarray
