"""Floor 5: samples of every op, and central differences to hold derivatives against. Needs no array library."""

from . import core_samples  # fills the table with the core's own
from .numerical import GradcheckError, check_gradients, gradient_of
from .samples import CannotHold, Sample, Values, add_samples, normal, positive, samples_of, signed

__all__ = [
    "CannotHold", "GradcheckError", "Sample", "Values", "add_samples", "check_gradients", "core_samples",
    "gradient_of", "normal", "positive", "samples_of", "signed",
]  # fmt: skip
