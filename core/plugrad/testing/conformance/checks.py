"""The checks by name, in the order of the table's columns, and which samples each is about."""

from __future__ import annotations

from ...errors import MissingKernel
from ...registry.dtype import isdtype
from ..numerical import GradcheckError
from ..samples import CannotHold, samples_of
from . import derivatives, formulas, memory, values
from .call import Call, NothingToCheck, graded, smooth
from .derivatives import SECOND_ORDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...registry.backend import Backend
    from ...registry.op import Op
    from ..samples import Sample

    Wanted = Callable[[Op, Sample], bool]


class Check:
    """A promise of an op, checked sample by sample.

    :param function: raises ``AssertionError`` where the promise does not hold for a call, and ``NothingToCheck`` or
        ``CannotHold`` where it says nothing.
    :param wanted: the samples that it is about.
    :param inexact: whether it is about floating point and complex dtypes alone.
    :param advice: what to do where it fails.
    """

    __slots__ = ("advice", "function", "inexact", "name", "wanted")

    def __init__(self, function: Callable[[Call], None], wanted: Wanted, inexact: bool, advice: str) -> None:
        self.name, self.function, self.wanted, self.inexact = function.__name__, function, wanted, inexact
        self.advice = advice

    def calls(self, op: Op, backend: Backend) -> dict[str, list[Call]]:
        """By dtype, the calls that are checked."""
        found: dict[str, list[Call]] = {}
        for number, sample in enumerate(samples_of(op.name)):
            if self.wanted(op, sample):
                for dtype in sample.dtypes:
                    if not self.inexact or isdtype(dtype, ("real floating", "complex floating")):
                        found.setdefault(dtype, []).append(Call(op, sample, dtype, backend, number))
        return found


def every(op: Op, sample: Sample) -> bool:
    """Each sample."""
    return True


def small(op: Op, sample: Sample) -> bool:
    """Are second derivatives of each pair of elements soon told?"""
    return smooth(op, sample) and sample.size <= SECOND_ORDER


CHECKS = (
    Check(values.values, every, False, "Correct the kernel; or state a tolerance, Backend.tolerances."),
    Check(values.shapes, every, False, "Correct the kernel, or what the formula of the gradient returns."),
    Check(values.dtypes, every, False, "Correct the kernel: each dtype in gives its own out, of two the wider one."),
    Check(derivatives.vjp, smooth, True, "Correct the op's vjp; plugrad.autograd.gradcheck tells each element."),
    Check(derivatives.jvp, smooth, True, "Correct the op's jvp; or the vjp or the kernel that it follows from."),
    Check(derivatives.second_order, small, True, "Write each vjp as ops of its inputs: nothing in it may be detached."),
    Check(derivatives.engines, graded, True, "A vjp must not depend on whether it gets arrays or tensors."),
    Check(formulas.formulas, graded, True, "Write formulas and composites over plugrad.ops and + - * / ** @ alone."),
    Check(memory.views, every, False, "Copy in the kernel; declare the op a view; or do not declare fresh."),
    Check(memory.freeing, graded, True, "Keep no tensor or array in a kernel, a formula or a cache."),
)
OF_OPS = ("samples", "kernel", *(check.name for check in CHECKS))
"""Every check of an op: of the whole op, then of its calls."""


def each(check: Check, calls: Sequence[Call]) -> str:
    """Run a check on calls, and go on where one fails.

    :returns: how many there was something to check of.
    :raises NothingToCheck: if there was nothing to check of any.
    :raises AssertionError: if one fails: the first one's message, and how many there are.
    """
    first: Exception | None = None
    failed, nothing, reason = 0, 0, ""
    for call in calls:
        try:
            check.function(call)
        except (CannotHold, NothingToCheck, MissingKernel) as error:  # the last of an op in the composite
            nothing, reason = nothing + 1, str(error)
        except Exception as error:
            first, failed = first or named(call, error), failed + 1
    if first is not None:
        others = f"{failed} of {len(calls)} samples fail. " if len(calls) > 1 else ""
        raise AssertionError(f"{first}\n{others}{check.advice}") from first.__cause__
    if nothing == len(calls):
        raise NothingToCheck(reason)
    return f"{len(calls) - nothing} of {len(calls)} samples"


def named(call: Call, error: Exception) -> Exception:
    """The error with the call that it is of."""
    if isinstance(error, AssertionError | GradcheckError):
        return error
    made = AssertionError(f"{call}: raises {type(error).__name__}: {error}")
    made.__cause__ = error
    return made
