"""The checks by name, in the order of the table's columns, and which samples each is about."""

from __future__ import annotations

from ...registry.dtype import isdtype
from ..samples import samples_of
from . import derivatives, formulas, memory, values
from .call import Call, graded, smooth
from .derivatives import SECOND_ORDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

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
    """

    __slots__ = ("function", "inexact", "name", "wanted")

    def __init__(self, function: Callable[[Call], None], wanted: Wanted, inexact: bool) -> None:
        self.name, self.function, self.wanted, self.inexact = function.__name__, function, wanted, inexact

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
    Check(values.values, every, inexact=False),
    Check(values.shapes, every, inexact=False),
    Check(values.dtypes, every, inexact=False),
    Check(derivatives.vjp, smooth, inexact=True),
    Check(derivatives.jvp, smooth, inexact=True),
    Check(derivatives.second_order, small, inexact=True),
    Check(derivatives.engines, graded, inexact=True),
    Check(formulas.formulas, graded, inexact=True),
    Check(memory.views, every, inexact=False),
    Check(memory.freeing, graded, inexact=True),
)
OF_OPS = ("samples", "kernel", *(check.name for check in CHECKS))
"""Every check of an op: of the whole op, then of its calls."""
