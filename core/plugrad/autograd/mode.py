"""Grad mode: one ContextVar that holds one mode object, so it is a thread's and a task's own."""

from __future__ import annotations

from _contextvars import ContextVar  # half a millisecond of `import plugrad` less than by contextvars

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
    """Whether ops are recorded, in this thread or task, now."""
    return current() is not PAUSED


class _Switch:
    """A context manager, which may be entered again and inside of itself, and a decorator with or without brackets.

    It decorates functions, generators, coroutines and asynchronous generators: the mode holds while their code runs.
    """

    __slots__ = ("_tokens",)
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
        self._tokens.append(_mode.set(self._wanted()))

    def __exit__(self, *error: object) -> None:
        restore(self._tokens.pop())

    def __call__(self, function: F) -> F:
        from .decorated import decorated

        return decorated(self._again, function)

    def _wanted(self) -> Mode:
        return PAUSED

    def _again(self) -> _Switch:
        """Another one, for a call of what was decorated."""
        return type(self)()


class no_grad(_Switch):
    """Records nothing: ``with plugrad.no_grad():`` or ``@plugrad.no_grad()``."""

    __slots__ = ()

    def __enter__(self) -> None:  # as the base class does, without asking
        self._tokens.append(_mode.set(PAUSED))


class enable_grad(_Switch):
    """Records again, inside a ``no_grad``."""

    __slots__ = ()

    def _wanted(self) -> Mode:
        return recording()


class set_grad_enabled(_Switch):
    """Switches recording on or off: at once, and until the end of the block if it has one.

    :param mode: whether ops are recorded.
    :raises TypeError: if it is no bool.
    """

    __slots__ = ("_at_once", "_enables")
    _at_once: bool
    _enables: bool

    def __new__(cls, mode: bool) -> Self:
        if not isinstance(mode, bool):
            raise TypeError(f"set_grad_enabled(): mode must be a bool, not {type(mode).__name__}")
        self = object.__new__(cls)
        self._enables = mode
        self._tokens = [_mode.set(self._wanted())]
        self._at_once = True
        return self

    def __enter__(self) -> None:
        if self._at_once:  # made and entered: the mode before it was made comes back
            self._at_once = False
            _mode.set(self._wanted())
        else:
            super().__enter__()

    def __call__(self, function: F) -> F:
        if self._at_once:  # as a decorator it switches for the function alone
            self._at_once = False
            restore(self._tokens.pop())
        return super().__call__(function)

    def _wanted(self) -> Mode:
        return recording() if self._enables else PAUSED

    def _again(self) -> _Switch:
        return (enable_grad if self._enables else no_grad)()


class inference_mode(_Switch):
    """``no_grad`` by another name: tensors made under it may be used in what is recorded later.

    :param mode: False for ``enable_grad``.
    """

    __slots__ = ("_infers", "_outer")
    _infers: bool
    _outer: list[bool]

    if TYPE_CHECKING:

        @overload
        def __new__(cls, mode: bool = True) -> Self: ...
        @overload
        def __new__(cls, mode: Callable[..., Any]) -> Any: ...

    def __new__(cls, mode: Any = True) -> Any:
        self = object.__new__(cls)
        self._tokens, self._outer = [], []
        self._infers = mode if isinstance(mode, bool) else True
        return self if isinstance(mode, bool) else self(mode)

    def __enter__(self) -> None:
        self._outer.append(_inferring.get())
        _inferring.set(self._infers)
        super().__enter__()

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        _inferring.set(self._outer.pop())

    def _wanted(self) -> Mode:
        return PAUSED if self._infers else recording()

    def _again(self) -> _Switch:
        return inference_mode(self._infers)


_inferring: ContextVar[bool] = ContextVar("plugrad_inferring", default=False)


def is_inference_mode_enabled() -> bool:
    """Whether this thread or task is inside of an ``inference_mode``, now."""
    return _inferring.get()


def switch(mode: Mode) -> Token[Mode]:
    return _mode.set(mode)


def restore(token: Token[Mode]) -> None:
    """Back to what was before ``switch``. Resetting leaves nothing of ours in the context, which NumPy reads too."""
    try:
        _mode.reset(token)
    except ValueError:  # it was made in another context, as that of an asynchronous generator
        before = token.old_value
        _mode.set(before if isinstance(before, Mode) else RECORDING)
