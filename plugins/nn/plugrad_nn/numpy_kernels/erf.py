"""The error function: SciPy's where it is installed."""

from __future__ import annotations

from ..ops.erf import erf_composite
from ..ops.precision import widened

try:
    from scipy.special import erf
except ImportError:
    erf = widened(erf_composite)
