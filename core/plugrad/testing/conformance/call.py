"""A sample of an op, in a dtype, on a backend: what the checks are of."""

from __future__ import annotations

from ...creation import zeros
from ...errors import MissingKernel, PlugradError
from ...registry.kernels import kernel_for
from ...registry.op import OPS
from ...registry.tensor import Tensor
from ..samples import Values, flat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ...registry.backend import Backend
    from ...registry.op import Op
    from ..samples import Sample

INEXACT = ("float64", "complex128")
SINGLE = {"float64": "float32", "complex128": "complex64"}
TOLERANCES = {"float64": 1e-12, "complex128": 1e-12, "float32": 2e-5, "complex64": 2e-5, "float16": 2e-3}
"""How far values may be apart, relative to them, where a backend's ``tolerances`` do not say."""


class NothingToCheck(PlugradError):
    """A check says nothing about a call here, and why."""


class Call:
    """A sample of an op, in a dtype, on a backend.

    :param number: the sample's place among the op's, for messages.
    """

    __slots__ = ("backend", "dtype", "number", "op", "sample")

    def __init__(self, op: Op | str, sample: Sample, dtype: str, backend: Backend, number: int = 0) -> None:
        self.op = OPS[op] if isinstance(op, str) else op
        self.sample, self.dtype, self.backend, self.number = sample, dtype, backend, number

    def __str__(self) -> str:
        return f"{self.op.name} on {self.backend.name}, {self.dtype}, {self.sample}"

    def of_dtype(self, dtype: str) -> Call:
        """The same call in another dtype."""
        return Call(self.op, self.sample, dtype, self.backend, self.number)

    def on(self, backend: Backend) -> Call:
        """The same call on another backend."""
        return Call(self.op, self.sample, self.dtype, backend, self.number)

    def __call__(self, *inputs: Any) -> Any:
        """The op of these inputs and the sample's parameters."""
        return self.op.function(*inputs, **self.sample.parameters)

    def arguments(self, requires_grad: bool = False) -> tuple[Any, ...]:
        """The inputs on the backend: tensors, numbers and None.

        :raises CannotHold: if the backend has no array of a shape or dtype.
        :raises NothingToCheck: if the backend has no kernel, or does not know the dtype of an empty array.
        """
        name = self.backend.name
        if "dtype" in self.sample.parameters:
            Values((1,), [1.0]).tensor(self.sample.parameters["dtype"], name)
        arguments = self.sample.arguments(self.dtype, name, requires_grad)
        if requires_grad and self.op.signature.nondifferentiable:
            arguments = tuple(a.detach() if self._is_cut_off(k, a) else a for k, a in enumerate(arguments))
        tensors = [a for a in arguments if isinstance(a, Tensor)]
        try:
            kernel_for(self.op, type(tensors[0].array))
        except MissingKernel as reason:
            raise NothingToCheck(str(reason)) from reason
        if zeros(0, dtype="bool", backend=name).dtype != "bool" and self._any_empty(arguments):
            raise NothingToCheck(f"backend {name!r} does not know the dtype of an empty array")
        return arguments

    def _is_cut_off(self, place: int, argument: Any) -> bool:
        """Does no gradient reach an argument?"""
        inputs = self.op.signature.inputs
        name = inputs[min(place, len(inputs) - 1)]  # a variadic input is the last
        return isinstance(argument, Tensor) and name in self.op.signature.nondifferentiable

    def _any_empty(self, arguments: Sequence[Any]) -> bool:
        def empty(tensors: Sequence[Any]) -> bool:
            return any(isinstance(t, Tensor) and 0 in t.shape for t in tensors)

        return empty(arguments) or empty(outputs_of(self(*arguments)))

    @property
    def floats(self) -> bool:
        """Are there arrays that take the sample's dtype?"""
        return any(isinstance(i, Values) and i.floating for i in self.sample.inputs)

    @property
    def runs_composite(self) -> bool:
        """Is there no node of the op itself, because an input has too few axes?"""
        shapes = [i.shape for i in self.sample.inputs if isinstance(i, Values)]
        return bool(self.op.batched) and any(len(shape) < self.op.batched for shape in shapes)

    def in_order(self, arguments: Sequence[Any]) -> list[Any]:
        """The arguments as a kernel or a composite gets them."""
        signature = self.op.signature
        values = {**signature.defaults, **self.sample.parameters}
        for place, name in enumerate(signature.inputs):
            if name == signature.variadic:
                values[name] = tuple(arguments[place:])
            elif place < len(arguments):
                values[name] = arguments[place]
        return [values[name] for name in signature.arguments]

    def expect(self, holds: object, what: str) -> None:
        """
        :raises AssertionError: if it does not hold; the message names the call.
        """
        if not holds:
            raise AssertionError(f"{self}: {what}")

    def tolerance(self, dtype: str | None = None) -> float:
        """How far values may be apart, relative to them, in a dtype on this backend."""
        dtype = dtype or self.dtype
        return self.backend.tolerances.get(dtype) or TOLERANCES.get(dtype, 0.0)

    def expect_close(self, found: Any, wanted: Any, what: str, rtol: float, atol: float) -> None:
        """Compare nested lists, element by element; two NaNs are equal.

        :raises AssertionError: if they differ.
        """
        left, right = flat(found), flat(wanted)
        same = len(left) == len(right) and all(map(near, left, right, [rtol] * len(left), [atol] * len(left)))
        self.expect(same, f"{what} {found}, and should be {wanted} to a relative {rtol:g}")


def near(a: Any, b: Any, rtol: float, atol: float) -> bool:
    """Is one number near to the other? Two NaNs are."""
    return bool(a == b or (a != a and b != b) or abs(a - b) <= atol + rtol * abs(b))


def outputs_of(result: Any) -> tuple[Any, ...]:
    """The outputs of an op, also where it has one."""
    return tuple(result) if type(result) in (tuple, list) else (result,)


def leaves_of(arguments: Sequence[Any]) -> list[Tensor]:
    """The arguments that a gradient is wanted of."""
    return [a for a in arguments if isinstance(a, Tensor) and a.requires_grad]


def raw(argument: Any) -> Any:
    """A tensor's array, and everything else as it is."""
    return argument.array if isinstance(argument, Tensor) else argument


def graded(op: Op, sample: Sample) -> bool:
    """Is there something to differentiate?"""
    return bool(op.differentiable or op.composite) and any(isinstance(i, Values) and i.floating for i in sample.inputs)


def smooth(op: Op, sample: Sample) -> bool:
    """Is there something that central differences can tell about?"""
    return graded(op, sample) and sample.smooth and sample.size > 0


def two_floats(op: Op, sample: Sample) -> bool:
    """Can two inputs be of different precision?"""
    arrays = [i for i in sample.inputs if isinstance(i, Values) and i.floating]
    return graded(op, sample) and len(arrays) > 1 and op.elementwise
