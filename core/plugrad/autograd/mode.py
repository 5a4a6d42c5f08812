"""Grad mode: one ContextVar that holds one mode object, so it is a thread's and a task's own."""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token
    from typing import Any, Self, TypeVar, overload

    F = TypeVar("F", bound=Callable[..., Any])
    Watcher = Callable[[Any], None]


class Mode:
    """What happens when an op runs on tensors that require grad.

    A mode other than ``RECORDING`` and ``PAUSED`` is told of each node that was recorded, after the fact.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def recorded(self, node: Any) -> None: ...


class Watched(Mode):
    """Records, and tells watchers of each new node. There is one of a kind: the innermost."""

    __slots__ = ("watchers",)

    def __init__(self, watchers: dict[str, Watcher]) -> None:
        super().__init__("watched")
        self.watchers = watchers

    def recorded(self, node: Any) -> None:
        for watcher in self.watchers.values():
            watcher(node)


RECORDING = Mode("recording")
PAUSED = Mode("paused")
_mode: ContextVar[Mode] = ContextVar("plugrad_mode", default=RECORDING)
_recording: ContextVar[Mode] = ContextVar("plugrad_recording", default=RECORDING)
current = _mode.get
recording = _recording.get
"""The mode that enabling grad switches to, here."""


class watching:
    """A context in which a watcher is told of each node that is recorded.

    :param kind: what it is for; it stands in for an outer watcher of the same kind.
    :param watcher: None for no watcher of that kind.
    """

    __slots__ = ("_kind", "_tokens", "_watcher")

    def __init__(self, kind: str, watcher: Watcher | None) -> None:
        self._kind, self._watcher = kind, watcher
        self._tokens: list[Token[Mode]] = []

    def __enter__(self) -> None:
        outer = recording()
        watchers = dict(outer.watchers) if isinstance(outer, Watched) else {}
        watchers.pop(self._kind, None)
        if self._watcher is not None:
            watchers[self._kind] = self._watcher
        self._tokens.append(_recording.set(Watched(watchers) if watchers else RECORDING))
        self._follow()

    def __exit__(self, *error: object) -> None:
        _recording.reset(self._tokens.pop())
        self._follow()

    @staticmethod
    def _follow() -> None:
        if current() is not PAUSED:
            _mode.set(recording())


def is_grad_enabled() -> bool:
    """Whether ops are recorded, in this thread, now."""
    return current() is not PAUSED


class _Switch:
    """A context manager, and a decorator with or without its brackets."""

    __slots__ = ("_tokens",)
    _enables = True
    _tokens: list[Token[Mode]]

    if TYPE_CHECKING:

        @overload
        def __new__(cls, function: None = None) -> Self: ...
        @overload
        def __new__(cls, function: Callable[..., Any]) -> Any: ...

    def __new__(cls, function: Callable[..., Any] | None = None) -> Any:
        self = object.__new__(cls)
        self._tokens = []
        return self if function is None else self(function)

    def __enter__(self) -> None:
        self._tokens.append(_mode.set(recording() if self._enables else PAUSED))

    def __exit__(self, *error: object) -> None:
        _mode.reset(self._tokens.pop())

    def __call__(self, function: F) -> F:
        from functools import wraps

        @wraps(function)
        def switched(*args: Any, **kwargs: Any) -> Any:
            with self._again():
                return function(*args, **kwargs)

        return switched  # type: ignore[return-value]

    def _again(self) -> _Switch:
        return type(self)()


class no_grad(_Switch):
    """Records nothing: ``with plugrad.no_grad():`` or ``@plugrad.no_grad()``."""

    __slots__ = ()
    _enables = False


class enable_grad(_Switch):
    """Records again, inside a ``no_grad``."""

    __slots__ = ()


class set_grad_enabled(_Switch):
    """Switches recording on or off: at once, and until the end of the block if it has one.

    :param mode: whether ops are recorded.
    """

    __slots__ = ("_before", "_enables")
    _before: Mode

    def __new__(cls, mode: bool) -> Self:
        self = object.__new__(cls)
        self._tokens = []
        self._enables = bool(mode)
        self._before = current()
        _mode.set(recording() if mode else PAUSED)
        return self

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None:
        _mode.set(self._before)

    def __call__(self, function: F) -> F:
        _mode.set(self._before)  # as a decorator it switches for the function alone
        return super().__call__(function)

    def _again(self) -> _Switch:
        return (enable_grad if self._enables else no_grad)()


def switch(mode: Mode) -> Token[Mode]:
    return _mode.set(mode)


restore = _mode.reset
