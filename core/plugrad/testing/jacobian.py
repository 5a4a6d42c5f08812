"""What ``gradcheck`` does: Jacobians by the engine and by central differences, compared.

Both modes are one comparison. A probe moves elements of an input, a cotangent weights elements of an output; what
they measure together is a number. In slow mode each has one element, so that every entry of the Jacobian is measured;
in fast mode one random probe and one random cotangent have all elements.
"""

from __future__ import annotations

from random import Random

from ..autograd.function import Function
from ..autograd.gradients import grad
from ..func import jvp
from ..ops import stack
from ..registry.tensor import Tensor
from .numerical import GradcheckError, cotangent_for, index_of, inner, like, slopes, tensors_of, units
from .samples import flat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    Columns = list[list[complex]]
    Weights = Sequence[tuple[int, float]]  # places among an array's elements in C order, and numbers there


class Entry:
    """A number of the Jacobian: of an output's and an input's element, by the engine and by differences."""

    __slots__ = ("allowed", "analytic", "column", "numeric", "row")

    def __init__(self, row: Weights, column: Weights, analytic: complex, numeric: complex, allowed: float) -> None:
        self.row, self.column, self.analytic, self.numeric, self.allowed = row, column, analytic, numeric, allowed

    @property
    def fits(self) -> bool:
        """Are the two near enough? A NaN never is."""
        return self.analytic == self.numeric or abs(self.analytic - self.numeric) <= self.allowed


class Undefined(Function):
    """The identity, whose backward hands on no cotangent."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> None:
        return None


class Check:
    """A function at a point, whose derivatives are checked.

    :raises ValueError: if no input requires grad.
    """

    def __init__(self, func: Callable[..., Any], inputs: tuple[Any, ...], eps: float, atol: float, rtol: float) -> None:
        self.func, self.inputs, self.eps, self.atol, self.rtol = func, inputs, eps, atol, rtol
        self.asked = {k: x for k, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad}
        if not self.asked:
            raise ValueError(
                "gradcheck expects at least one input tensor to require gradient, but none of them have "
                "requires_grad=True."
            )
        self.imprecise = [k for k, x in self.asked.items() if x.dtype not in ("float64", "complex128")]
        for k in self.imprecise:
            import warnings

            warnings.warn(
                f"Input #{k} requires gradient and is not a double precision floating point or complex, but "
                f"{self.asked[k]._spec}. This check will likely fail if all the inputs are not of double precision "
                "floating point or complex.",
                stacklevel=4,
            )
        self.outputs = tensors_of(func(*inputs))

    def backward(self, fast: bool, nondet_tol: float) -> None:
        """Compare each output's Jacobian by backward with that by differences."""
        numeric = {k: [(probe, self._moved(k, probe)) for probe in vectors(x, fast)] for k, x in self.asked.items()}
        if not any(out.requires_grad for out in self.outputs):
            self._expect_constant(numeric)
        for i, out in enumerate(self.outputs):
            if not out.requires_grad:
                continue
            entries: dict[tuple[int, complex], list[Entry]] = {}
            for weights in vectors(out, fast):
                for part in units(out):
                    w = [part * v for v in spread(weights, out)]
                    gs = self._pulled(out, w, nondet_tol)
                    for (k, x), g in zip(self.asked.items(), gs, strict=True):
                        for probe, columns in numeric[k]:
                            analytic = sum(far * g[place] for place, far in probe)
                            slope = sum(
                                unit * inner(w, column[i]) for unit, column in zip(units(x), columns, strict=True)
                            )
                            entries.setdefault((k, part), []).append(self._entry(weights, probe, analytic, slope))
            for (k, part), found in entries.items():
                which = "" if not out._spec.complex else "real part of " if part == 1 else "imaginary part of "
                self._compare(f"{which}output {i}", i, k, found, fast, lambda: self.backward(False, nondet_tol))

    def forward(self, fast: bool, check_undefined: bool) -> None:
        """Compare each output's Jacobian by forward mode with that by differences."""
        for k, x in self.asked.items():
            for part in units(x):
                entries: dict[int, list[Entry]] = {}
                for probe in vectors(x, fast):
                    moved = [(place, part * far) for place, far in probe]
                    columns = slopes(self.func, self.inputs, k, moved, self.eps, -self.eps)
                    for i, (pushed, column) in enumerate(zip(self._pushed({k: moved}), columns, strict=True)):
                        for place, (analytic, numeric) in enumerate(zip(pushed, column, strict=True)):
                            entry = self._entry([(place, 1.0)], probe, analytic, numeric)
                            entries.setdefault(i, []).append(entry)
                which = "" if not x._spec.complex else "the real part of " if part == 1 else "the imaginary part of "
                for i, found in entries.items():
                    mode = "computed with forward mode "
                    self._compare(f"output {i}", i, k, found, fast, lambda: self.forward(False, False), mode, which)
        if check_undefined:
            self._compare_undefined_tangents()

    def _compare_undefined_tangents(self) -> None:
        """An input without a tangent counts as one whose tangent is zero."""
        ones: dict[int, Weights] = {k: [(place, 1.0) for place in range(x.size)] for k, x in self.asked.items()}
        for k in self.asked if len(self.asked) > 1 else ():
            others = {j: tangent for j, tangent in ones.items() if j != k}
            missing, zero = self._pushed(others), self._pushed({**others, k: []})
            for i, pair in enumerate(zip(missing, zero, strict=True)):
                if pair[0] != pair[1]:
                    raise GradcheckError(
                        f"Mismatch in tangent values for output {i} when input {k} has an undefined tangent value, "
                        f"which is to count as zeros. Got {pair[0]} but expected {pair[1]}"
                    )

    def zero_cotangents(self) -> None:
        """Backward is linear: of zeros it makes zeros."""
        outputs = [out for out in self.outputs if out.requires_grad]
        self._expect_zero(outputs, "backward not multiplied by grad_output: of cotangents that are all zero")

    def undefined_cotangents(self) -> None:
        """A cotangent that is missing counts as zeros: all of them, and each alone."""
        count = len(differentiable(self.func(*self.inputs)))
        for missing in [set(range(count)), *({i} for i in range(count if count > 1 else 0))]:
            outputs = differentiable(self.func(*self.inputs))
            outs = [Undefined.apply(out) if i in missing else out for i, out in enumerate(outputs)]
            which = "all outputs" if len(missing) == count else f"output {min(missing)}"
            try:
                self._expect_zero(outs, f"Expected a missing cotangent of {which} to count as zeros:")
            except GradcheckError:
                raise
            except Exception as error:
                raise GradcheckError(
                    f"Expected backward function to handle undefined output grads, here that of {which}, as if they "
                    f"were zeros, but it raised {type(error).__name__}: {error}"
                ) from error

    def batched(self) -> None:
        """``autograd.grad`` with ``is_grads_batched`` gives what one backward for each cotangent gives."""
        asked = list(self.asked.values())
        for i, out in enumerate(self.outputs):
            if not out.requires_grad:
                continue
            cotangents = [cotangent_for(out, seed) for seed in range(2)]
            alone = [grad(out, asked, w, retain_graph=True, materialize_grads=True) for w in cotangents]
            together = grad(
                out, asked, stack(cotangents), retain_graph=True, is_grads_batched=True, materialize_grads=True
            )
            for k, batch, rows in zip(self.asked, together, zip(*alone, strict=True), strict=True):
                if numbers(batch) != numbers(stack(rows)):
                    raise GradcheckError(
                        f"For output {i} and input {k}: gradcheck failed while testing batched gradient computation. "
                        f"Got {batch} from cotangents in one batch, and {stack(rows)} from one after the other"
                    )

    # -- the two sides --------------------------------------------------------------------------------------------

    def _moved(self, k: int, probe: Weights) -> list[Columns]:
        """For each unit of input ``k``, how the outputs change with a probe along it."""
        return [
            slopes(self.func, self.inputs, k, [(place, unit * far) for place, far in probe], self.eps, -self.eps)
            for unit in units(self.inputs[k])
        ]

    def _pulled(self, out: Tensor, w: list[complex], nondet_tol: float) -> list[list[complex]]:
        """The inputs' gradients from a cotangent, twice, because the two must agree."""
        cotangent, inputs = like(out, w, False), list(self.asked.values())
        first, second = (
            grad(out, inputs, cotangent, retain_graph=True, allow_unused=True) for _ in range(2)
        )
        for k, g, again in zip(self.asked, first, second, strict=True):
            apart = max((abs(a - b) for a, b in zip(numbers(g), numbers(again), strict=True)), default=0.0)
            if apart > nondet_tol:
                raise GradcheckError(
                    "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times "
                    f"gives different values: the gradient of input {k} by up to {apart}. The tolerance for "
                    f"nondeterminism was {nondet_tol}; nondet_tol= sets it"
                )
        return [numbers(g) or [0.0] * x.size for g, x in zip(first, inputs, strict=True)]

    def _pushed(self, tangents: dict[int, Any]) -> list[list[complex]]:
        """The outputs' tangents from those of some inputs, each given by the elements that are not zero."""

        def of_moved(*moved: Tensor) -> tuple[Tensor, ...]:
            given = dict(zip(tangents, moved, strict=True))
            return tensors_of(self.func(*(given.get(k, x) for k, x in enumerate(self.inputs))))

        primals = tuple(self.inputs[k] for k in tangents)
        pairs = zip(primals, tangents.values(), strict=True)
        _, pushed = jvp(of_moved, primals, tuple(like(x, spread(elements, x), False) for x, elements in pairs))
        return [numbers(t) for t in pushed]

    def _entry(self, row: Weights, column: Weights, analytic: complex, numeric: complex) -> Entry:
        scale = sum(v for _, v in row) * sum(v for _, v in column)
        return Entry(row, column, analytic, numeric, self.atol * scale + self.rtol * abs(numeric))

    # -- what must hold -------------------------------------------------------------------------------------------

    def _expect_constant(self, numeric: dict[int, list[tuple[Weights, list[Columns]]]]) -> None:
        for k, probes in numeric.items():
            for _, columns in probes:
                for i, column in ((i, c) for outputs in columns for i, c in enumerate(outputs)):
                    if any(column):
                        raise GradcheckError(
                            f"Numerical gradient for function expected to be zero, for no output requires grad; but "
                            f"output {i} changes with input {k}. {CUT}"
                        )

    def _expect_zero(self, outputs: Sequence[Tensor], what: str) -> None:
        if not outputs:
            return
        zeros = [like(out, [0.0] * out.size, False) for out in outputs]
        gs = grad(outputs, list(self.asked.values()), zeros, retain_graph=True, allow_unused=True)
        for k, g in zip(self.asked, gs, strict=True):
            place = next((place for place, v in enumerate(numbers(g)) if v != 0), None)
            if g is not None and place is not None:
                raise GradcheckError(
                    f"{what} the gradient of input {k} ({g._spec}) at {index_of(place, g.shape)} is not "
                    f"zero but {numbers(g)[place]}"
                )

    def _compare(
        self,
        output: str,
        i: int,
        k: int,
        entries: list[Entry],
        fast: bool,
        slowly: Callable[[], None],
        mode: str = "",
        part: str = "",
    ) -> None:
        wrong = [entry for entry in entries if not entry.fits]
        if not wrong:
            return
        if fast:
            slowly()  # its message names an element
        entry, x, out = wrong[0], self.inputs[k], self.outputs[i]
        where = (
            "along a random direction" if fast else
            f"element {index_of(entry.row[0][0], out.shape)} of the output by element "
            f"{index_of(entry.column[0][0], x.shape)} of the input"
        )  # fmt: skip
        rest = [] if fast else [f"{len(wrong)} of {len(entries)} elements differ."]
        rest.append(self._hint(k, i, wrong, entries, fast))
        raise GradcheckError(
            f"Jacobian {mode}mismatch for {output} ({out._spec}) with respect to {part}input {k} ({x._spec}), "
            f"{where}:\n"
            f"numerical:{entry.numeric}\nanalytical:{entry.analytic}\n{' '.join(filter(None, rest))}"
        )

    def _hint(self, k: int, i: int, wrong: list[Entry], entries: list[Entry], fast: bool) -> str:
        """What is wrong, as far as the numbers tell."""
        entry = wrong[0]
        if fast:
            return "Element by element the differences are small enough: this passes with fast_mode=False."
        if not all(e.numeric - e.numeric == 0 for e in wrong):
            return "The function is infinite or NaN beside the point: move the input, or choose a smaller eps."
        if not all(e.analytic - e.analytic == 0 for e in wrong):
            return "The derivative is infinite or NaN: plugrad.autograd.detect_anomaly() tells in which op."
        if not any(e.analytic for e in entries):
            return CUT
        if not any(e.numeric for e in entries):
            return "The function does not change with this input: does it use the one that it is given, or another?"
        if k in self.imprecise:
            return f"Of {self.inputs[k].dtype} the differences are too coarse for an eps of {self.eps}: use float64."
        sides = [self._one_sided(k, i, entry, *steps) for steps in ((0.0, -self.eps), (self.eps, 0.0))]
        if abs(sides[0] - sides[1]) > 0.01 * max(map(abs, sides)) + self.atol:
            return f"The function has a kink there: its slope is {sides[0]} below and {sides[1]} above. Move the input."
        if all(self._entry(e.row, e.column, e.analytic.conjugate(), e.numeric).fits for e in wrong):
            return "The analytical values are the conjugates: a gradient is dL/dRe(z) + i dL/dIm(z)."
        factor = entry.numeric / entry.analytic if entry.analytic else 0.0
        if len(wrong) > 1 and all(self._entry(e.row, e.column, factor * e.analytic, e.numeric).fits for e in wrong):
            factor = factor.real if abs(factor.imag) < 1e-6 else factor
            return f"Each numerical value is {factor:.6g} times the analytical one."
        return ""

    def _one_sided(self, k: int, i: int, entry: Entry, upper: float, lower: float) -> complex:
        """The slope at an entry, on one side, with input ``k`` moved along the real axis."""
        columns = slopes(self.func, self.inputs, k, entry.column, upper, lower)
        return columns[i][entry.row[0][0]]


CUT = (
    "The output does not reach this input in the graph: it was detached, computed under no_grad or outside of plugrad, "
    "or a backward returned None."
)


def differentiable(result: Any) -> tuple[Tensor, ...]:
    """The outputs that require grad."""
    return tuple(t for t in tensors_of(result) if t.requires_grad)


def several(given: Any) -> tuple[Any, ...]:
    """One or several, as a tuple."""
    return tuple(given) if isinstance(given, (tuple, list)) else (given,)


def numbers(g: Tensor | None) -> list[complex]:
    """The elements in C order; none of None."""
    return [] if g is None else flat(g.tolist())


def vectors(t: Tensor, fast: bool) -> Iterable[Weights]:
    """Of each element one, or in fast mode one of all: random, positive and of length 1."""
    if not fast:
        return [[(place, 1.0)] for place in range(t.size)]
    draw = Random(t.size).random
    drawn = [1.0 - draw() for _ in range(t.size)]
    length = sum(v * v for v in drawn) ** 0.5
    return [[(place, v / length) for place, v in enumerate(drawn)]] if drawn else []


def spread(weights: Weights, t: Tensor) -> list[complex]:
    """A number for each element."""
    dense: list[complex] = [0.0] * t.size
    for place, v in weights:
        dense[place] = v
    return dense
