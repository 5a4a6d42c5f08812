"""The ordinary door: every call that no template knows. Ordinary, readable Python, and the place where errors teach."""

from __future__ import annotations

from ..errors import BackendError, MissingKernel, PluginError, ShapeError
from ..registry.claims import NUMBERS, base_taken, disowned, is_array
from ..registry.kernels import kernel_for
from ..registry.op import Op
from ..registry.spec import is_number, wrap
from ..registry.tensor import Tensor
from .mode import PAUSED, current
from .recording import Input, node_of_call, taken
from .rules import port
from .views import NO_GRAD, base_of, note_view

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Stranger = Callable[[Op, str, Any], Any]


def call(op: Op, arguments: Sequence[Any], stranger: Stranger) -> Any:
    """Run an op on tensors, arrays and numbers; record it if a tensor asks for it.

    :param arguments: in the order of the declaration, a variadic input as one tuple.
    :param stranger: answers where an argument is neither tensor, array nor number.
    """
    signature = op.signature
    given, inputs, unknown = taken(op, arguments)
    if unknown is not None:
        return stranger(op, *unknown)
    recording = any(i.node is not None for i in inputs) and current() is not PAUSED
    if op.composite is not None and not op.vjp and recording:
        return _composed(op, arguments, inputs)
    chief = _chief(op, inputs, given)
    if (
        op.batched
        and op.composite is not None
        and any(i.spec is not None and len(i.spec.shape) < op.batched for i in inputs)
    ):
        return _composed(op, arguments, inputs)
    if chief is not None and chief.spec.level:  # type: ignore[union-attr]
        _lift(op, inputs, given, chief)
    values = [given[name] for name in signature.arguments]
    kernel = kernel_for(op, _dispatching(op, inputs) if chief is None else type(chief.raw))
    try:
        result = kernel(*values)
    except (MissingKernel, PluginError):
        raise
    except Exception as error:
        shown = _shown(inputs)
        shown += "".join(f", {name}={given[name]!r}" for name in signature.parameters)
        clash = _clash(op, [i.spec.shape for i in inputs if i.spec is not None])
        expected = (ValueError,) if chief is None else chief.spec.backend.library.shape_errors  # type: ignore[union-attr]
        if not clash and not op.elementwise and type(error) in expected:
            clash = str(error)  # of reshape, concat, ...: it speaks of shapes
        if clash:
            raise ShapeError(f"{op.name}({shown}): {clash}") from error
        error.add_note(f"in plugrad.{op.name}({shown})")
        raise
    if not any(i.tensor is not None for i in inputs):
        return result
    return _wrapped(op, arguments, inputs, given, result, recording)


def _composed(op: Op, arguments: Sequence[Any], inputs: list[Input]) -> Any:
    """What the composite makes. A view of its own temporary is no view to the program."""
    out = op.composite(*arguments)  # type: ignore[misc]
    base = base_of(out) if type(out) is Tensor else out
    if base is not out and not any(type(i.tensor) is Tensor and base_of(i.tensor) is base for i in inputs):
        out._ties = None
    return out


def _chief(op: Op, inputs: list[Input], given: dict[str, Any]) -> Input | None:
    """The input that chooses the kernel: the first of the highest level that is no Python number, if there is one.

    A library's own number counts as Python's beside another library's arrays.
    """
    first: Input | None = None
    chief: Input | None = None
    for i in inputs:
        if i.spec is None:
            continue
        if first is None or chief is None:
            first = chief = i
            continue
        have, want = i.spec, first.spec
        if have.backend.library is not want.backend.library or have.device != want.device:  # type: ignore[union-attr]
            numbers = [n for n in inputs if n.tensor is None and is_number(n.raw)]
            if numbers:
                for n in numbers:
                    n.raw, n.spec = n.spec.backend.tolist(n.raw), None  # type: ignore[union-attr]
                _give(op, inputs, given)
                return _chief(op, inputs, given)
            raise BackendError(
                f"{op.name}: expected all tensors to be of the same backend and device, but {first.name} is "
                f"{first.spec} and {i.name} is {i.spec}. Nothing is converted unasked; convert one of them, as by "
                f"{i.name}.to({first.name})"
            )
        if have.level > chief.spec.level:  # type: ignore[union-attr]
            chief = i
    return chief


def _lift(op: Op, inputs: list[Input], given: dict[str, Any], chief: Input) -> None:
    """Wrap those of lower levels that require grad: what records them there goes on recording inside of the wrapper."""
    spec: Any = chief.spec
    for i in inputs:
        if i.node is not None and i.spec is not None and i.spec.level < spec.level:
            i.raw = spec.backend.lift(i.tensor, chief.raw)
    _give(op, inputs, given)


def _give(op: Op, inputs: list[Input], given: dict[str, Any]) -> None:
    """The inputs, which have changed, as the kernel is to get them."""
    for name in op.signature.inputs:
        raws = tuple([i.raw for i in inputs if i.name == name])
        given[name] = raws if name == op.signature.variadic else raws[0]


def _dispatching(op: Op, inputs: list[Input]) -> type:
    """The array type that chooses the kernel where all inputs are Python numbers."""
    for i in inputs:
        if type(i.raw) in NUMBERS and is_array(type(i.raw)):
            return type(i.raw)
    raise TypeError(
        f"{op.name}: expected a tensor or an array among {', '.join(i.name for i in inputs) or 'its arguments'}, got "
        f"{', '.join(type(i.raw).__name__ for i in inputs) or 'none'}. Make one by plugrad.tensor"
    )


def _wrapped(
    op: Op, arguments: Sequence[Any], inputs: list[Input], given: dict[str, Any], result: Any, recording: bool
) -> Any:
    outputs = op.signature.outputs
    several = len(outputs) > 1
    tensors = [wrap(r) for r in (result if several else (result,))]
    if op.view:  # a view is memory
        note_view(tensors[0], arguments[0], op, tuple(arguments[1:]), NO_GRAD if current() is PAUSED else "")
    else:
        for t in tensors:
            t._array = t._spec.backend.held(t._array)
    raws = [t._array for t in tensors]
    if recording and any(t._spec.inexact for t in tensors):
        n = node_of_call(op, inputs, given, raws, [t._spec for t in tensors])
        for number, t in enumerate(tensors):
            if t._spec.inexact:
                t._node = port(n, number) if several else n
    return tuple(tensors) if several else tensors[0]


def raise_for_stranger(op: Op, name: str, value: Any) -> Any:
    """An op's function refuses what it does not know."""
    kind = type(value)
    base = base_taken(kind)
    if base:
        raise BackendError(f"{op.name}: {name}: {disowned(kind)}")
    raise TypeError(
        f"{op.name}: {name} is of type {kind.__module__}.{kind.__qualname__}; expected a tensor, a number or an array "
        "of a backend. plugrad.asarray makes a tensor from lists; `python -m plugrad doctor` tells which there are"
    )


def not_implemented_for_stranger(op: Op, name: str, value: Any) -> Any:
    """An operator leaves it to the other operand, unless that is a subclass of arrays that plugrad takes."""
    return raise_for_stranger(op, name, value) if base_taken(type(value)) else NotImplemented


def _shown(inputs: list[Input]) -> str:
    return ", ".join(f"{i.name}: {i.spec if i.spec is not None else repr(i.raw)}" for i in inputs)


def _clash(op: Op, shapes: list[tuple[int, ...]]) -> str:
    """What is wrong with the shapes, or nothing."""
    if op.batched and len(shapes) == 2 and op.name == "matmul":
        a, b = shapes
        if a[-1] != b[-2]:
            return (
                f"mat1 and mat2 shapes cannot be multiplied ({a} and {b}): the last axis of the first has {a[-1]} "
                f"elements, the last but one axis of the second {b[-2]}"
            )
        shapes = [a[:-2], b[:-2]]
    elif not op.elementwise:
        return ""
    for back in range(1, max(map(len, shapes), default=0) + 1):
        extents = {s[-back] for s in shapes if len(s) >= back} - {1}
        if len(extents) > 1:
            a, b = [s for s in shapes if len(s) >= back and s[-back] != 1][:2]
            return (
                f"The size of tensor a ({a[-back]}) must match the size of tensor b ({b[-back]}) at non-singleton "
                f"dimension {max(len(a), len(b)) - back}; shapes {a} and {b} do not broadcast"
            )
    return ""
