"""Forward templates of the fast path for two inputs: ordinary functions, copied for each op with globals of its own.

``specialise`` copies them. A name in capitals stands for what a copy gets: the op's rule, its kernels, and the door to
go on to. Whatever a template does not know goes to the next door: from two tensors to a tensor and a number or raw
arrays, and from there to the ordinary door of ``doors``, where an exception of a kernel is met again and explained.
That door is called outside of the ``except``, so that what it raises stands alone. It is also where two specs meet for
the first time; what they make together is remembered, in ``spec.joins`` or ``JOINS``.

``n.saved1`` is what the formula of the first input reads: one value bare, several as a tuple.
"""

from __future__ import annotations

from ..registry.tensor import Tensor
from .mode import PAUSED, RECORDING, current
from .node import Node, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RULE: Any = None
KERNELS: Any = {}
NEXT: Any = None  # the door after this one
PICK1: Any = None  # (x1, x2, out) -> what the first input's formula reads
PICK2: Any = None
INHERITS: Any = False  # is the result's spec its input's
JOINS: Any = {}  # (spec, spec) -> the result's spec, and those that cotangents are fitted to
EXACT_NUMBERS: Any = False  # does a Python number stay one


# -- forward: two tensors ------------------------------------------------------------------------------


def binary(x1, x2, /):
    """Any elementwise op of two inputs."""
    if type(x1) is Tensor and type(x2) is Tensor:
        spec = x1._spec
        other = x2._spec
        if spec is other and spec.real:
            made = spec
            specs = None
        elif (joined := spec.joins.get(other)) is not None:
            made, specs = joined
        else:
            return NEXT(x1, x2)
        a1 = x1._array
        a2 = x2._array
        try:
            a = KERNELS[type(a1)](a1, a2)
        except Exception:
            a = None
        if a is None:
            return NEXT(x1, x2)
        out = Tensor()
        out._ties = None
        out._array = a
        out._spec = made
        n1 = x1._node
        n2 = x2._node
        if (n1 is None and n2 is None) or (mode := current()) is PAUSED:
            out._node = None
            return out
        n = out._node = Node()
        n.rule = RULE
        n.edge1 = n1
        n.edge2 = n2
        n.saved1 = PICK1((a1, a2, a)) if n1 is not None else None
        n.saved2 = PICK2((a1, a2, a)) if n2 is not None else None
        n.specs = specs
        n.g = None
        n.seq = state.seq = state.seq + 1
        if mode is not RECORDING:
            mode.recorded(n)
        return out
    return NEXT(x1, x2)


def binary_saving_nothing(x1, x2, /):
    """add, subtract: elementwise, and linear in both."""
    if type(x1) is Tensor and type(x2) is Tensor:
        spec = x1._spec
        other = x2._spec
        if spec is other and spec.real:
            made = spec
            specs = None
        elif (joined := spec.joins.get(other)) is not None:
            made, specs = joined
        else:
            return NEXT(x1, x2)
        a1 = x1._array
        try:
            a = KERNELS[type(a1)](a1, x2._array)
        except Exception:
            a = None
        if a is None:
            return NEXT(x1, x2)
        out = Tensor()
        out._ties = None
        out._array = a
        out._spec = made
        n1 = x1._node
        n2 = x2._node
        if (n1 is None and n2 is None) or (mode := current()) is PAUSED:
            out._node = None
            return out
        n = out._node = Node()
        n.rule = RULE
        n.edge1 = n1
        n.edge2 = n2
        n.saved1 = n.saved2 = None
        n.specs = specs
        n.g = None
        n.seq = state.seq = state.seq + 1
        if mode is not RECORDING:
            mode.recorded(n)
        return out
    return NEXT(x1, x2)


def binary_saving_the_other(x1, x2, /):
    """multiply: elementwise, and each formula reads the other input."""
    if type(x1) is Tensor and type(x2) is Tensor:
        spec = x1._spec
        other = x2._spec
        if spec is other and spec.real:
            made = spec
            specs = None
        elif (joined := spec.joins.get(other)) is not None:
            made, specs = joined
        else:
            return NEXT(x1, x2)
        a1 = x1._array
        a2 = x2._array
        try:
            a = KERNELS[type(a1)](a1, a2)
        except Exception:
            a = None
        if a is None:
            return NEXT(x1, x2)
        out = Tensor()
        out._ties = None
        out._array = a
        out._spec = made
        n1 = x1._node
        n2 = x2._node
        if (n1 is None and n2 is None) or (mode := current()) is PAUSED:
            out._node = None
            return out
        n = out._node = Node()
        n.rule = RULE
        n.edge1 = n1
        n.edge2 = n2
        n.saved1 = a2 if n1 is not None else None
        n.saved2 = a1 if n2 is not None else None
        n.specs = specs
        n.g = None
        n.seq = state.seq = state.seq + 1
        if mode is not RECORDING:
            mode.recorded(n)
        return out
    return NEXT(x1, x2)


def binary_of_own_shape(x1, x2, /):
    """matmul: what two specs make together is this op's own knowledge."""
    if type(x1) is Tensor and type(x2) is Tensor:
        spec = x1._spec
        other = x2._spec
        joined = JOINS.get((spec, other))
        if joined is None:
            return NEXT(x1, x2)
        made, specs = joined
        a1 = x1._array
        a2 = x2._array
        try:
            a = KERNELS[type(a1)](a1, a2)
        except Exception:
            a = None
        if a is None:
            return NEXT(x1, x2)
        out = Tensor()
        out._ties = None
        out._array = a
        out._spec = made
        n1 = x1._node
        n2 = x2._node
        if (n1 is None and n2 is None) or (mode := current()) is PAUSED:
            out._node = None
            return out
        n = out._node = Node()
        n.rule = RULE
        n.edge1 = n1
        n.edge2 = n2
        n.saved1 = PICK1((a1, a2, a)) if n1 is not None else None
        n.saved2 = PICK2((a1, a2, a)) if n2 is not None else None
        n.specs = specs
        n.g = None
        n.seq = state.seq = state.seq + 1
        if mode is not RECORDING:
            mode.recorded(n)
        return out
    return NEXT(x1, x2)


# -- forward: a tensor and a Python number, two raw arrays --------------------------------------------


def binary_mixed(x1, x2, /):
    """An elementwise op on a tensor and a number, or on raw arrays. Two tensors that meet for the first time go on."""
    t1 = type(x1)
    t2 = type(x2)
    if t1 is Tensor:
        spec = x1._spec
        if (t2 is not float and t2 is not int) or not spec.real:
            return NEXT(x1, x2)
        a1 = x1._array
        a2 = x2
        if not EXACT_NUMBERS and (a2 := spec.scalars.get(x2)) is None:
            a2 = spec.backend.scalar(spec, x2)
        kind = type(a1)
        n1 = x1._node
        n2 = None
    elif t2 is Tensor:
        spec = x2._spec
        if (t1 is not float and t1 is not int) or not spec.real or EXACT_NUMBERS:
            return NEXT(x1, x2)
        if (a1 := spec.scalars.get(x1)) is None:
            a1 = spec.backend.scalar(spec, x1)
        a2 = x2._array
        kind = type(a2)
        n1 = None
        n2 = x2._node
    else:
        try:
            return KERNELS[t1](x1, x2)
        except Exception:
            pass
        return NEXT(x1, x2)
    try:
        a = KERNELS[kind](a1, a2)
    except Exception:
        a = None
    if a is None:
        return NEXT(x1, x2)
    out = Tensor()
    out._ties = None
    out._array = a
    out._spec = spec
    if (n1 is None and n2 is None) or (mode := current()) is PAUSED:
        out._node = None
        return out
    n = out._node = Node()
    n.rule = RULE
    n.edge1 = n1
    n.edge2 = n2
    n.saved1 = PICK1((a1, a2, a)) if n1 is not None else None
    n.saved2 = PICK2((a1, a2, a)) if n2 is not None else None
    n.specs = None
    n.g = None
    n.seq = state.seq = state.seq + 1
    if mode is not RECORDING:
        mode.recorded(n)
    return out


def reflected(x2, x1, /):
    """``2 * t``: Python calls ``t.__rmul__(2)``."""
    return NEXT(x1, x2)
