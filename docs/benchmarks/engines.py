"""The engines that are compared, each as the few things in which its spelling differs from the others'.

A workload's program is written once, as `program(engine, *leaves, *constants)`, in operators and methods that all
engines share and in the functions of `engine`. An engine's `forward`, `gradient` and `descent` make of it a call
without arguments, ready to be timed.
"""

import importlib.util
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

Program = Callable[..., Any]
Call = Callable[[], Any]


@dataclass
class TensorEngine:
    """Leaves collect gradients in `.grad`: PyTorch, and so plugrad; MyGrad too, but that it clears them itself."""

    leaf: Callable
    constant: Callable
    array: Callable  # back to a plain array, to compare values
    no_grad: Callable[[], AbstractContextManager]
    exp: Callable
    sin: Callable
    relu: Callable
    clears_gradients: bool = False

    def forward(self, program: Program, leaves: Sequence, constants: Sequence = (), record: bool = True) -> Call:
        arguments = [*map(self.leaf, leaves), *map(self.constant, constants)]
        mode = nullcontext if record else self.no_grad

        def call():
            with mode():
                return [program(self, *arguments)]

        return call

    def gradient(self, program: Program, leaves: Sequence, constants: Sequence = (), cotangent: Any = None) -> Call:
        tensors = [self.leaf(array) for array in leaves]
        arguments = [*tensors, *map(self.constant, constants)]
        seed = () if cotangent is None else (self.constant(cotangent),)

        def call():
            self.clear(tensors)
            program(self, *arguments).backward(*seed)
            return [tensor.grad for tensor in tensors]

        return call

    def descent(self, program: Program, leaves: Sequence, constants: Sequence, rate: float) -> Call:
        parameters = [self.leaf(array) for array in leaves]
        arguments = [*parameters, *map(self.constant, constants)]

        def call():
            program(self, *arguments).backward()
            with self.no_grad():
                for parameter in parameters:
                    parameter -= rate * parameter.grad
            self.clear(parameters)
            return parameters

        return call

    def clear(self, tensors: list) -> None:
        if not self.clears_gradients:
            for tensor in tensors:
                tensor.grad = None


@dataclass
class FunctionEngine:
    """Gradients are functions of functions: HIPS autograd, whose leaves are plain arrays."""

    make_vjp: Callable
    array: Callable
    exp: Callable
    sin: Callable
    relu: Callable

    def forward(self, program: Program, leaves: Sequence, constants: Sequence = (), record: bool = True) -> Call:
        if not record:
            return lambda: [program(self, *leaves, *constants)]
        trace = self.make_vjp(lambda *leaves: program(self, *leaves, *constants), argnum=tuple(range(len(leaves))))
        return lambda: [trace(*leaves)[1]]

    def gradient(self, program: Program, leaves: Sequence, constants: Sequence = (), cotangent: Any = None) -> Call:
        trace = self.make_vjp(lambda *leaves: program(self, *leaves, *constants), argnum=tuple(range(len(leaves))))

        def call():
            vjp, out = trace(*leaves)
            return vjp(out.dtype.type(1) if cotangent is None else cotangent)

        return call

    def descent(self, program: Program, leaves: Sequence, constants: Sequence, rate: float) -> Call:
        parameters = [array.copy() for array in leaves]
        gradient = self.gradient(program, parameters, constants)

        def call():
            for parameter, slope in zip(parameters, gradient(), strict=True):
                parameter -= rate * slope
            return parameters

        return call


def plugrad() -> TensorEngine:
    import plugrad

    try:
        from plugrad_nn.functional import relu
    except ImportError:  # the op plugin is not installed

        def relu(x):
            return plugrad.maximum(x, 0)

    return TensorEngine(
        leaf=lambda array: plugrad.tensor(array, requires_grad=True),
        constant=plugrad.asarray,
        array=lambda tensor: tensor.array,
        no_grad=plugrad.no_grad,
        exp=plugrad.exp,
        sin=plugrad.sin,
        relu=relu,
    )


def torch() -> TensorEngine:
    import torch

    torch.set_num_threads(1)
    return TensorEngine(
        leaf=lambda array: torch.tensor(array, requires_grad=True),
        constant=torch.tensor,
        array=lambda tensor: tensor.detach().numpy(),
        no_grad=torch.no_grad,
        exp=torch.exp,
        sin=torch.sin,
        relu=torch.relu,
    )


def mygrad() -> TensorEngine:
    import mygrad
    import numpy
    from mygrad.nnet import relu  # mygrad.maximum(x, 0) would make float64 of float32

    return TensorEngine(
        leaf=mygrad.tensor,
        constant=lambda array: mygrad.tensor(array, constant=True),
        array=numpy.asarray,
        no_grad=lambda: mygrad.no_autodiff,
        exp=mygrad.exp,
        sin=mygrad.sin,
        relu=relu,
        clears_gradients=True,
    )


def hips() -> FunctionEngine:
    import autograd
    from autograd import numpy

    return FunctionEngine(
        make_vjp=autograd.make_vjp,
        array=numpy.asarray,
        exp=numpy.exp,
        sin=numpy.sin,
        relu=lambda x: numpy.maximum(x, 0),
    )


@dataclass
class Entry:
    title: str
    package: str
    load: Callable[[], TensorEngine | FunctionEngine]
    deepest: int = 1_000_000  # the largest graph that it is asked to build


ENGINES = {
    "plugrad": Entry("plugrad", "plugrad", plugrad),
    "torch": Entry("PyTorch", "torch", torch),
    "hips": Entry("HIPS autograd", "autograd", hips, 100_000),
    "mygrad": Entry("MyGrad", "mygrad", mygrad, 100_000),
}


def installed() -> list[str]:
    return [name for name, entry in ENGINES.items() if importlib.util.find_spec(entry.package)]
