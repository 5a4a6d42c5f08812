"""The user's lines: where an op was called that recorded a node, and what it was called with."""

from __future__ import annotations

import sys
from contextvars import ContextVar

from ..registry.claims import NUMBERS, OWNERS
from ..registry.op import OPS
from ..registry.spec import spec_of
from ..registry.tensor import Tensor
from .mode import Watched, recording
from .op_rules import PairRule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

    from .node import Node

DEPTH = 20
"""How many of the innermost lines are kept."""

KEY, PARENT, INPUTS = "traceback_", "parent_", "inputs_"
"""In a node's ``metadata``: the lines; the node whose backward recorded it, if one did; its inputs' ranges. The first
two are PyTorch's names."""

running: ContextVar[Node | None] = ContextVar("plugrad_running", default=None)
"""The node whose backward is being recorded."""


class Line:
    """A place in the user's program."""

    __slots__ = ("file", "function", "number")

    def __init__(self, file: str, number: int, function: str) -> None:
        self.file, self.number, self.function = file, number, function

    def __str__(self) -> str:
        from linecache import getline

        code = getline(self.file, self.number).strip()
        return f'  File "{self.file}", line {self.number}, in {self.function}\n' + (f"    {code}\n" if code else "")

    @property
    def short(self) -> str:
        """In one line."""
        from linecache import getline

        code = getline(self.file, self.number).strip()
        return f'line {self.number} of "{self.file}"' + (f": {code}" if code else "")


def lines(frame: FrameType | None) -> list[Line]:
    """The calls that led to a frame, the newest last, without those inside of plugrad and its plugins."""
    found: list[Line] = []
    while frame is not None and len(found) < DEPTH:
        if not _is_ours(frame.f_globals.get("__name__", "")):
            found.append(Line(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
        frame = frame.f_back
    return found[::-1]


def _is_ours(module: str) -> bool:
    root = module.partition(".")[0]
    return root == "plugrad" or root.startswith("plugrad_")


def note(node: Node) -> None:
    """Keep with a node that was recorded just now what is known of the call."""
    frame = sys._getframe(2)  # of the door that recorded it; the mode's is in between
    metadata = node.metadata
    metadata[INPUTS] = [described(name, raw) for name, raw in _inputs(node, frame.f_locals)]
    metadata[KEY] = lines(frame)
    parent = running.get()
    if parent is not None:
        metadata[PARENT] = parent


def _inputs(node: Node, held: dict[str, Any]) -> list[tuple[str, Any]]:
    """The arrays that a door holds. It hands on the node alone, because that is fast."""
    rule = node.rule.inner
    if "inputs" in held:  # the ordinary door
        pairs = [(i.name, i.raw) for i in held["inputs"]]
    elif isinstance(rule, PairRule):  # a template
        pairs = list(zip(rule.inputs, (held.get("a1"), held.get("a2")), strict=False))
    else:  # a Function
        args = getattr(held.get("self"), "args", ())
        pairs = [(f"argument {i}", a._array) for i, a in enumerate(args) if isinstance(a, Tensor)]
    return [(name, raw) for name, raw in pairs if type(raw) in OWNERS or type(raw) in NUMBERS]


def described(name: str, raw: Any) -> str:
    """An array's range, and how much of it is not finite."""
    if type(raw) not in OWNERS:
        return f"{name}: {raw!r}"
    spec = spec_of(raw)
    text = f"{name}: {spec}"
    if spec.dtype == "bool" or 0 in spec.shape:
        return text
    size = OPS["abs"].function(raw) if spec.complex else raw
    low, high = (spec.backend.tolist(OPS[end].function(size)) for end in ("min", "max"))
    text += f", {'of size ' if spec.complex else ''}from {low} to {high}"
    if low - low == 0 == high - high:
        return text
    nans, infs = count_not_finite(spec.backend.tolist(raw))
    return f"{text}, {nans} of it NaN and {infs} infinite"


def elements(nested: Any) -> list[Any]:
    """The numbers of nested lists, in C order."""
    return [number for part in nested for number in elements(part)] if isinstance(nested, list) else [nested]


def count_not_finite(nested: Any) -> tuple[int, int]:
    """How many are NaN, and how many infinite."""
    bad = [number for number in elements(nested) if number - number != 0]
    nans = sum(number != number for number in bad)
    return nans, len(bad) - nans


def written_at() -> list[Line]:
    """The user's lines now, if they are being noted."""
    mode = recording()
    noting = isinstance(mode, Watched) and "anomaly" in mode.watchers
    return lines(sys._getframe(1)) if noting else []


def called_at(node: Node) -> str:
    """`` at line 3 of "f.py": y = sqrt(x)``, or nothing if it was not noted."""
    return at(noted(node, KEY) or [])


def at(found: list[Line]) -> str:
    return f" at {found[-1].short}" if found else ""


def noted(node: Node, key: str) -> Any:
    """What was kept, or None. It makes no metadata."""
    from .hooks import extras_of

    extras = extras_of(node)
    return None if extras is None else extras.metadata.get(key)


def explain(error: BaseException, node: Node | None) -> None:
    """Add to an error of a node's backward the lines that made the node, if they were noted."""
    found = None if node is None else noted(node, KEY)
    if node is None or not found:
        return
    error.add_note(
        f"Error detected in {node.name()}. Traceback of forward call that caused the error:\n{_joined(found)}"
    )
    parent = noted(node, PARENT)
    while parent is not None:
        error.add_note(
            f"That call was in the backward of {parent.name()}. Traceback of forward call that induced it:\n"
            f"{_joined(noted(parent, KEY) or [])}"
        )
        parent = noted(parent, PARENT)


def _joined(found: list[Line]) -> str:
    return "".join(map(str, found)).rstrip("\n") or "  not noted: it was made outside of detect_anomaly()"
