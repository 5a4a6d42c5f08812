"""A checkpointed region of the program: what stands in the graph for its saved tensors, and how these come back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any
from weakref import ref

from ..autograd.context import FunctionCtx, FunctionOutputs
from ..autograd.function import Function
from ..autograd.function_rule import FunctionRule
from ..autograd.graph import saved_tensors_hooks
from ..autograd.mode import RECORDING, current, enable_grad, watching
from ..autograd.node import Node, bare_node, next_seq
from ..autograd.trace import lines
from ..errors import CheckpointError
from ..registry.spec import wrap
from ..registry.tensor import Tensor

TIP = "\nTip: to see which ops ran both times, pass debug=True to plugrad.utils.checkpoint.checkpoint."


def metadata(t: Tensor) -> dict[str, Any]:
    """What has to be the same when a tensor is computed again."""
    spec = t._spec
    return {"shape": spec.shape, "dtype": spec.dtype, "device": spec.device, "backend": spec.backend.name}


class Holder:
    """Stands in the graph for a saved tensor. ``value``: the tensor, from when it was computed again until its use."""

    __slots__ = ("__weakref__", "number", "value")

    def __init__(self, number: int) -> None:
        self.number = number
        self.value: Tensor | None = None


class Stop(BaseException):
    """Ends a recomputation that has all it needs. No handler of the function's own is to catch it."""

    def __init__(self, recomputation: Recomputation) -> None:
        self.recomputation = recomputation


class Arguments:
    """The arguments of a checkpointed function. The tensors among them are saved as a node's are.

    So their memory is checked, an outer checkpoint keeps a holder in their place, and they refer to nothing newer.
    """

    def __init__(self, given: Sequence[Any]) -> None:
        self.others = [None if isinstance(a, Tensor) else a for a in given]
        self.places = [i for i, a in enumerate(given) if isinstance(a, Tensor)]
        tensors = [given[i] for i in self.places]
        self.context = FunctionCtx()
        self.context.save_for_backward(*tensors)
        self.node = bare_node(_RULE, (tuple(t._spec for t in tensors), ()), next_seq())
        self.node.edge1 = tuple(t._node for t in tensors)
        self.node.more = FunctionOutputs(self.context, 0)
        self.context._keep(self.node, tensors, (), ())
        self.context._settle()
        mode = current()
        if mode is not RECORDING:
            mode.recorded(self.node)

    def __call__(self) -> list[Any]:
        values = list(self.others)
        for i, t in zip(self.places, self.context.saved_tensors, strict=True):
            values[i] = t
        return values


class CheckpointArguments(Function):
    """Names the node that keeps a checkpoint's arguments."""


_RULE = FunctionRule(CheckpointArguments)


class Region:
    """One call of a checkpointed function.

    :param run: runs the function again, with a list of its arguments.
    :param early_stop: end the second run as soon as it has saved as many tensors as the first.
    :param checked: compare metadata of what was saved.
    :param debug: note the ops of both runs, and tell them in an error.
    """

    def __init__(
        self, run: Callable[[list[Any]], Any], arguments: Arguments, early_stop: bool, checked: bool, debug: bool
    ) -> None:
        self.run, self.arguments = run, arguments
        self.early_stop, self.checked = early_stop, checked
        self.holders: list[ref[Holder]] = []
        self.metadata: list[dict[str, Any]] = []
        self.finished = False
        self.log: list[str] | None = [] if debug else None

    def pack(self, t: Tensor) -> Holder:
        holder = Holder(len(self.holders))
        self.holders.append(ref(holder))
        self.metadata.append(metadata(t))
        return holder

    def unpack(self, holder: Holder) -> Tensor:
        """The saved tensor. It is given away: whoever asks again has it computed again."""
        value, holder.value = holder.value, None
        if value is None:
            values = Recomputation(self).values()
            value = values.pop(holder.number)
            for number, other in values.items():
                waiting = self.holders[number]()
                if waiting is not None:
                    waiting.value = other
        return value


class Recomputation:
    """A second run of a region's function, from which the saved tensors are taken."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.count = 0
        self.found: dict[int, Tensor] = {}
        self.mismatches: list[str] = []
        self.within_the_first = not region.finished  # backward was called by the function itself
        self.log: list[str] | None = None if region.log is None else []

    def values(self) -> dict[int, Tensor]:
        """The saved tensors, by number; those that nobody waits for are left out.

        :raises CheckpointError: if other tensors were saved than in the first run.
        """
        region = self.region
        given = region.arguments()
        try:
            with saved_tensors_hooks(self.pack, lambda t: t), enable_grad(), logging(self.log):
                region.run(given)
        except Stop as stop:
            if stop.recomputation is not self:
                raise
        if self.count < len(region.holders):
            raise self.error(
                "A different number of tensors was saved during the original forward and recomputation.\n"
                f"Number of tensors saved during forward: {len(region.holders)}\n"
                f"Number of tensors saved during recomputation: {self.count}."
            )
        if self.mismatches:
            raise self.error(
                "Recomputed values for the following tensors have different metadata than during the forward pass.\n"
                + "".join(self.mismatches)
            )
        return self.found

    def pack(self, t: Tensor) -> Tensor:
        region, number = self.region, self.count
        self.count += 1
        value = wrap(t._array)
        if number >= len(region.holders):
            if self.within_the_first:
                return value
            raise self.error(
                "trying to save more tensors during recomputation than during the original forward pass "
                f"({len(region.holders)})."
            )
        if region.holders[number]() is not None:
            self.found[number] = value
            have, want = metadata(t), region.metadata[number]
            if region.checked and have != want:
                self.mismatches.append(
                    f"tensor at position {number}:\nsaved metadata: {want}\nrecomputed metadata: {have}\n"
                )
        if region.early_stop and self.count == len(region.holders):
            raise Stop(self)
        return value

    def error(self, what: str) -> CheckpointError:
        before = self.region.log
        if before is None or self.log is None:
            tail = TIP
        else:
            tail = (
                "\nOperations executed during the original forward:\n"
                + "\n".join(before)
                + "\n\nOperations executed during recomputation:\n"
                + "\n".join(self.log)
            )
        return CheckpointError(f"plugrad.utils.checkpoint: {what}\n{tail}")


def logging(log: list[str] | None) -> watching:
    """A context in which the recorded ops are noted, with the line of the program that called each."""

    def note(node: Node) -> None:
        if log is not None:
            calls = lines(sys._getframe(1))
            log.append(f"{node.name()}, {calls[-1].short}" if calls else node.name())

    return watching("checkpoint", None if log is None else note)
