"""A mode's decorator: the mode holds while the code of what it decorates runs, and not while that is suspended."""

from __future__ import annotations

from functools import wraps
from inspect import isasyncgenfunction, isclass, iscoroutinefunction, isgeneratorfunction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager
    from typing import Any

    Function = Callable[..., Any]
    Switch = AbstractContextManager[None]
    Again = Callable[[], Switch]


def decorated(again: Again, function: Any) -> Any:
    """
    :param again: makes the context manager of one call.
    :raises TypeError: if there is nothing to decorate.
    """
    if not callable(function):
        raise TypeError(f"a mode decorates functions and methods, not {function!r} ({type(function).__name__})")
    if isclass(function):
        return _class(again, function)
    if isasyncgenfunction(function):
        return _asynchronous_generator(again, function)
    if iscoroutinefunction(function):
        return _coroutine(again, function)
    if isgeneratorfunction(function):
        return _generator(again, function)
    return _plain(again, function)


def _plain(again: Again, function: Function) -> Function:
    @wraps(function)
    def switched(*args: Any, **keywords: Any) -> Any:
        with again():
            return function(*args, **keywords)

    return switched


def _class(again: Again, cls: type) -> Function:
    import warnings

    warnings.warn(
        "Decorating classes is deprecated and will be disabled in future versions. You should only decorate functions "
        "or methods. To preserve the current behavior of class decoration, you can directly decorate the `__init__` "
        f"method and nothing else (class {cls.__name__}, which is now a function)",
        FutureWarning,
        stacklevel=4,
    )

    @wraps(cls, updated=())
    def switched(*args: Any, **keywords: Any) -> Any:
        with again():
            return cls(*args, **keywords)

    return switched


def _generator(again: Again, function: Function) -> Function:
    @wraps(function)
    def switched(*args: Any, **keywords: Any) -> Any:
        return (yield from _steps(again(), function(*args, **keywords)))

    return switched


def _coroutine(again: Again, function: Function) -> Function:
    @wraps(function)
    async def switched(*args: Any, **keywords: Any) -> Any:
        return await _Awaited(again(), function(*args, **keywords))

    return switched


def _asynchronous_generator(again: Again, function: Function) -> Function:
    @wraps(function)
    async def switched(*args: Any, **keywords: Any) -> Any:
        switch, inner = again(), function(*args, **keywords)
        step = inner.asend(None)
        while True:
            try:
                response = await _Awaited(switch, step)
            except StopAsyncIteration:
                return
            try:
                request = yield response
            except GeneratorExit:
                await _Awaited(switch, inner.aclose())
                raise
            except BaseException as error:
                step = inner.athrow(error)
            else:
                step = inner.asend(request)

    return switched


class _Awaited:
    """A coroutine, or one step of an asynchronous generator, to be awaited."""

    __slots__ = ("_coroutine", "_switch")

    def __init__(self, switch: Switch, coroutine: Any) -> None:
        self._switch, self._coroutine = switch, coroutine

    def __await__(self) -> Generator[Any, Any, Any]:
        return _steps(self._switch, self._coroutine)


def _steps(switch: Switch, suspendable: Any) -> Generator[Any, Any, Any]:
    """Runs a generator or a coroutine, with the mode switched from each resumption to the next suspension."""
    try:
        with switch:
            response = suspendable.send(None)
        while True:
            try:
                request = yield response
            except GeneratorExit:
                with switch:
                    suspendable.close()
                raise
            except BaseException as error:
                with switch:
                    response = suspendable.throw(error)
            else:
                with switch:
                    response = suspendable.send(request)
    except StopIteration as stop:
        return stop.value
