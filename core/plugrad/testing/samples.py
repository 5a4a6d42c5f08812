"""Samples: calls of an op, as data. The suite, the conformance kit and the comparison with PyTorch read the same ones.

A plugin adds samples of its ops by ``add_samples("foo.swish", Sample([[0.5, -1.0]]))``.
"""

from __future__ import annotations

from random import Random

from ..creation import tensor, zeros
from ..errors import PlugradError
from ..registry.dtype import isdtype
from ..registry.op import OPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    Shape = tuple[int, ...]


class CannotHold(PlugradError):
    """A backend has no array of a sample's shape or dtype."""


class Values:
    """An array of a sample: its shape, and its elements in C order.

    Floats take the dtype that the sample is run in, and get imaginary parts where that is complex, zeros excepted.
    Integers and bools stay what they are.
    """

    __slots__ = ("numbers", "shape")

    def __init__(self, shape: Shape, numbers: Iterable[complex] = ()) -> None:
        self.shape = shape
        self.numbers = tuple(numbers)

    def __repr__(self) -> str:
        return f"Values({self.shape}, {self.numbers})"

    @property
    def floating(self) -> bool:
        """Do the elements take the sample's dtype?"""
        return all(type(v) in (float, complex) for v in self.numbers)

    def tensor(self, dtype: str, backend: str | None = None, requires_grad: bool = False) -> Any:
        """
        :raises CannotHold: if the backend has no such array.
        """
        numbers: Sequence[complex] = self.numbers
        chosen: Any = None
        if self.floating:
            chosen = dtype
            if isdtype(dtype, "complex floating"):
                draw = Random(len(numbers)).uniform
                numbers = [complex(v, draw(-1, 1)) if type(v) is float and v else complex(v) for v in numbers]
        else:
            requires_grad = False
        try:
            if numbers:
                made = tensor(nested(numbers, self.shape), dtype=chosen, backend=backend, requires_grad=requires_grad)
            else:
                made = zeros(self.shape, dtype=chosen, backend=backend, requires_grad=requires_grad)
        except TypeError as error:
            raise CannotHold(f"no {dtype} here: {error}") from error
        if made.shape != self.shape or (chosen and made.dtype != chosen):
            raise CannotHold(f"an array of {dtype} and shape {self.shape} becomes {made.dtype} of {made.shape}")
        return made


class Sample:
    """A call of an op, and what must hold for it.

    :param inputs: the op's inputs in order, a variadic one spread out: nested lists or ``Values`` for arrays, Python
        numbers, or None.
    :param parameters: by name.
    :param dtypes: what the op takes its floats in. Lower precisions of these are derived.
    :param smooth: whether the derivative is one; at a kink it is a convention, which central differences miss.
    :param rtol: how far values and derivatives may be from what they should be, relative to it.
    :param atol: the same, added.
    :param out: what comes out, for ops that the kit has nothing to compare with: nested lists (in real dtypes), or a
        function that makes them of the inputs as nested lists and of the parameters.
    """

    __slots__ = ("atol", "dtypes", "inputs", "out", "parameters", "rtol", "smooth")

    def __init__(
        self,
        inputs: Iterable[Any],
        parameters: dict[str, Any] | None = None,
        *,
        dtypes: Sequence[str] = ("float64", "complex128"),
        smooth: bool = True,
        rtol: float = 1e-6,
        atol: float = 1e-8,
        out: Any = None,
    ) -> None:
        self.inputs = tuple(as_values(i) if isinstance(i, (list, tuple)) else i for i in inputs)
        self.parameters = parameters or {}
        self.dtypes = tuple(dtypes)
        self.smooth, self.rtol, self.atol, self.out = smooth, rtol, atol, out

    def __repr__(self) -> str:
        return f"Sample({self.inputs}, {self.parameters})"

    @property
    def size(self) -> int:
        """How many elements the inputs have together."""
        return sum(len(i.numbers) for i in self.inputs if isinstance(i, Values))

    def arguments(self, dtype: str, backend: str | None = None, requires_grad: bool = False) -> tuple[Any, ...]:
        """The inputs: tensors, numbers and None.

        :raises CannotHold: if the backend has no array of a shape or dtype.
        """
        return tuple(i.tensor(dtype, backend, requires_grad) if isinstance(i, Values) else i for i in self.inputs)


SAMPLES: dict[str, list[Sample]] = {}
"""An op's name -> its samples."""


def add_samples(op: str, *samples: Sample) -> None:
    """Add to the samples of an op, by its name."""
    SAMPLES.setdefault(op, []).extend(samples)


def samples_of(op: str) -> tuple[Sample, ...]:
    """The samples of an op.

    :raises LookupError: if it has none.
    """
    found = SAMPLES.get(op)
    if not found:
        known = "" if op in OPS else " (and no op has that name)"
        raise LookupError(f"{op!r} has no samples{known}; plugrad.testing.add_samples({op!r}, Sample(...)) adds some")
    return tuple(found)


# -- arrays ---------------------------------------------------------------------------------------------


def flat(given: Any) -> list[Any]:
    """The leaves of nested lists."""
    return [leaf for part in given for leaf in flat(part)] if isinstance(given, (list, tuple)) else [given]


def nested(numbers: Sequence[Any], shape: Shape) -> Any:
    """The reverse, for a shape."""
    if not shape:
        return numbers[0]
    step = len(numbers) // shape[0] if shape[0] else 0
    return [nested(numbers[i * step : (i + 1) * step], shape[1:]) for i in range(shape[0])]


def as_values(lists: Any) -> Values:
    """Nested lists as ``Values``."""
    shape, inner = [], lists
    while isinstance(inner, (list, tuple)):
        shape.append(len(inner))
        inner = inner[0] if inner else None
    return Values(tuple(shape), flat(lists))


def _drawn(shape: Shape, draw: Callable[[], float]) -> Values:
    count = 1
    for extent in shape:
        count *= extent
    return Values(shape, [draw() for _ in range(count)])


def normal(shape: Shape, seed: int) -> Values:
    """Normal random numbers."""
    draw = Random(seed).gauss
    return _drawn(shape, lambda: draw(0, 1))


def positive(shape: Shape, seed: int) -> Values:
    """Random numbers from 0.5 to 2."""
    draw = Random(seed).uniform
    return _drawn(shape, lambda: draw(0.5, 2))


def signed(shape: Shape, seed: int) -> Values:
    """Random numbers from 0.5 to 2, and their negatives."""
    choose = Random(seed)
    return _drawn(shape, lambda: choose.choice((-1, 1)) * choose.uniform(0.5, 2))
