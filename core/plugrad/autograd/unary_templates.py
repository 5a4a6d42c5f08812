"""Forward templates of the fast path for one input, copied for each op as those of ``templates`` are."""

from __future__ import annotations

from ..registry.spec import spec_of
from ..registry.tensor import Tensor
from .mode import PAUSED, RECORDING, current
from .node import Node, state
from .views import NO_GRAD, note_view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OP: Any = None
RULE: Any = None
KERNELS: Any = {}
NEXT: Any = None  # the ordinary door
PICK1: Any = None  # (x, its spec, out, *parameters) -> what the formula reads
INHERITS: Any = False  # is the result's spec its input's


def unary(x, /):
    """Any op of one input."""
    if type(x) is Tensor:
        spec = x._spec
        if spec.real:
            a1 = x._array
            try:
                a = KERNELS[type(a1)](a1)
            except Exception:
                a = None
            if a is None:
                return NEXT(x)
            out = Tensor()
            out._ties = None
            out._array = a
            out._spec = spec if INHERITS else spec_of(a)
            n1 = x._node
            if n1 is None or (mode := current()) is PAUSED:
                out._node = None
                return out
            n = out._node = Node()
            n.rule = RULE
            n.edge1 = n1
            n.saved1 = PICK1((a1, spec, a))
            n.edge2 = n.saved2 = n.specs = n.g = None
            n.seq = state.seq = state.seq + 1
            if mode is not RECORDING:
                mode.recorded(n)
            return out
        return NEXT(x)
    try:
        return KERNELS[type(x)](x)
    except Exception:
        pass
    return NEXT(x)


def view(x, /, *parameters):
    """An op whose result looks into its input's memory."""
    if type(x) is Tensor:
        spec = x._spec
        if spec.real:
            a1 = x._array
            try:
                a = KERNELS[type(a1)](a1, *parameters)
            except Exception:
                a = None
            if a is None:
                return NEXT(x, *parameters)
            out = Tensor()
            out._array = a
            out._spec = spec_of(a)
            mode = current()
            note_view(out, x, OP, parameters, NO_GRAD if mode is PAUSED else "")
            n1 = x._node
            if n1 is None or mode is PAUSED:
                out._node = None
                return out
            n = out._node = Node()
            n.rule = RULE
            n.edge1 = n1
            n.saved1 = PICK1((a1, spec, a, *parameters))
            n.edge2 = n.saved2 = n.specs = n.g = None
            n.seq = state.seq = state.seq + 1
            if mode is not RECORDING:
                mode.recorded(n)
            return out
        return NEXT(x, *parameters)
    try:
        return KERNELS[type(x)](x, *parameters)
    except Exception:
        pass
    return NEXT(x, *parameters)


def unary_with_parameters(x, *parameters):
    """The same with parameters, which stand in the order of the declaration."""
    if type(x) is Tensor:
        spec = x._spec
        if spec.real:
            a1 = x._array
            try:
                a = KERNELS[type(a1)](a1, *parameters)
            except Exception:
                a = None
            if a is None:
                return NEXT(x, *parameters)
            out = Tensor()
            out._ties = None
            out._array = a
            out._spec = made = spec_of(a)
            if made.complex:
                return NEXT(x, *parameters)
            n1 = x._node
            if n1 is None or not made.real or (mode := current()) is PAUSED:
                out._node = None
                return out
            n = out._node = Node()
            n.rule = RULE
            n.edge1 = n1
            n.saved1 = PICK1((a1, spec, a, *parameters))
            n.specs = None if made.dtype is spec.dtype else (spec,)
            n.edge2 = n.saved2 = n.g = None
            n.seq = state.seq = state.seq + 1
            if mode is not RECORDING:
                mode.recorded(n)
            return out
        return NEXT(x, *parameters)
    try:
        return KERNELS[type(x)](x, *parameters)
    except Exception:
        pass
    return NEXT(x, *parameters)
