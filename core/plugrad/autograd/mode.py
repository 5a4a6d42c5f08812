"""Grad mode: one ContextVar that holds one mode object, so it is a thread's and a task's own."""

from __future__ import annotations

from contextvars import ContextVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Token
    from typing import Any, Self, TypeVar, overload

    F = TypeVar("F", bound=Callable[..., Any])


class Mode:
    """What happens when an op runs on tensors that require grad.

    A mode other than the two below is told of each node that was recorded, after the fact.
    """

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def recorded(self, node: Any) -> None: ...


RECORDING = Mode("recording")
PAUSED = Mode("paused")
_mode: ContextVar[Mode] = ContextVar("plugrad_mode", default=RECORDING)
current = _mode.get


def is_grad_enabled() -> bool:
    """Whether ops are recorded, in this thread, now."""
    return current() is not PAUSED


class _Switch:
    """A context manager, and a decorator with or without its brackets."""

    __slots__ = ("_tokens",)
    _mode = RECORDING
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
        self._tokens.append(_mode.set(self._mode))

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
    _mode = PAUSED


class enable_grad(_Switch):
    """Records again, inside a ``no_grad``."""

    __slots__ = ()


class set_grad_enabled(_Switch):
    """Switches recording on or off: at once, and until the end of the block if it has one.

    :param mode: whether ops are recorded.
    """

    __slots__ = ("_before", "_mode")
    _before: Mode

    def __new__(cls, mode: bool) -> Self:
        self = object.__new__(cls)
        self._tokens = []
        self._mode = RECORDING if mode else PAUSED
        self._before = current()
        _mode.set(self._mode)
        return self

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None:
        _mode.set(self._before)

    def __call__(self, function: F) -> F:
        _mode.set(self._before)  # as a decorator it switches for the function alone
        return super().__call__(function)

    def _again(self) -> _Switch:
        return (no_grad if self._mode is PAUSED else enable_grad)()


def switch(mode: Mode) -> Token[Mode]:
    return _mode.set(mode)


restore = _mode.reset
