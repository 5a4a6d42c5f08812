"""Memory for time: what a checkpointed function's backward needs is computed again instead of kept.

This is PyTorch's non-re-entrant checkpoint. While the function runs, a hook on saved tensors puts a ``Holder`` into the
graph for each of them. The first holder that backward asks has the function run once more, which fills all of them.
Nested checkpoints need nothing more: the innermost hook has the saved tensors, and a checkpoint's arguments are saved
tensors of the one around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

from ..autograd.graph import saved_tensors_hooks
from ..autograd.mode import is_grad_enabled
from ..errors import BackendError, CheckpointError, GraphError
from ..random_numbers import seeded
from ..registry.backend import Backend
from ..registry.claims import default_backend
from ..registry.tensor import Tensor
from .recomputation import Arguments, Region, logging

__all__ = [
    "CheckpointError", "checkpoint", "checkpoint_sequential", "noop_context_fn", "set_checkpoint_debug_enabled",
    "set_checkpoint_early_stop",
]  # fmt: skip

Contexts = tuple[AbstractContextManager[Any], AbstractContextManager[Any]]
States = list[tuple[Backend, Any]]

DETERMINISM_CHECKS = ("default", "none")
_early_stop: ContextVar[bool | None] = ContextVar("plugrad_checkpoint_early_stop", default=None)
_debug: ContextVar[bool | None] = ContextVar("plugrad_checkpoint_debug", default=None)


def noop_context_fn() -> Contexts:
    """Two contexts that do nothing."""
    return nullcontext(), nullcontext()


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: Callable[[], Contexts] = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    early_stop: bool = True,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """``function(*args, **kwargs)``, of which nothing is kept for backward but the arguments.

    Backward runs the function again. So it has to compute the same again; tensors that it finds elsewhere than in its
    arguments must not have been written in between.

    :param use_reentrant: there is only PyTorch's non-re-entrant variant, ``use_reentrant=False``.
    :param context_fn: returns two contexts, for the first run and for the second.
    :param determinism_check: ``"default"`` compares shape, dtype, device and backend of what both runs save; ``"none"``
        does not.
    :param debug: tell in an error which ops both runs recorded.
    :param early_stop: end the second run as soon as it has saved what backward needs.
    :param preserve_rng_state: draw the same random numbers again, from the default backend and those of the arguments.
    :returns: what ``function`` returned.
    :raises ValueError: for ``use_reentrant=True``, or another ``determinism_check``.
    :raises CheckpointError: in backward, if the function saved other tensors when it was run again.
    """
    if use_reentrant:
        raise ValueError(
            "checkpoint: use_reentrant=True is PyTorch's older variant, which plugrad does not have; pass "
            "use_reentrant=False, which does all that it did"
        )
    if determinism_check not in DETERMINISM_CHECKS:
        raise ValueError(f"determinism_check should be one of {list(DETERMINISM_CHECKS)}, but got {determinism_check}")
    first, second = context_fn()
    if not is_grad_enabled():
        return function(*args, **kwargs)
    given = [*args, *kwargs.values()]
    states = _states(given) if preserve_rng_state else []
    count, names = len(args), tuple(kwargs)

    def run(values: list[Any]) -> None:
        with _generators_at(states), second:
            function(*values[:count], **dict(zip(names, values[count:], strict=True)))

    set_debug, set_stop = _debug.get(), _early_stop.get()
    region = Region(
        run,
        Arguments(given),
        early_stop if set_stop is None else set_stop,
        determinism_check == "default",
        debug if set_debug is None else set_debug,
    )
    results: list[Any] = []
    with saved_tensors_hooks(region.pack, region.unpack), logging(region.log), first:
        results.append(function(*args, **kwargs))
    if not results:
        raise GraphError(
            "checkpoint: the forward context provided by context_fn suppressed an exception raised during the "
            "checkpointed forward, which has no value to return"
        )
    region.finished = True
    return results[0]


def _states(given: Iterable[Any]) -> States:
    """The generators from which the function may draw, and where they are."""
    backends = {a._spec.backend.name: a._spec.backend for a in given if isinstance(a, Tensor)}
    try:
        default = default_backend()
    except BackendError:  # there is none, so nothing is drawn from it
        pass
    else:
        backends[default.name] = default
    return [(backend, seeded(backend).rng_state()) for backend in backends.values()]


@contextmanager
def _generators_at(states: States) -> Iterator[None]:
    """Generators set back for a while, and then to where they were."""
    before = [(backend, seeded(backend).rng_state()) for backend, _ in states]
    try:
        for backend, state in states:
            backend.set_rng_state(state)
        yield
    finally:
        for backend, state in before:
            backend.set_rng_state(state)


def checkpoint_sequential(
    functions: Iterable[Callable[[Any], Any]],
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
) -> Any:
    """Call functions one after the other, each with the result of the one before, in checkpointed segments.

    :param segments: how many; the last one is not checkpointed.
    :param input: what the first function gets.
    :raises ValueError: if there are fewer functions than segments, or as for ``checkpoint``.
    """
    steps = list(functions)
    if not 1 <= segments <= len(steps):
        raise ValueError(f"checkpoint_sequential: {len(steps)} functions cannot be cut into {segments} segments")
    size = len(steps) // segments
    last = size * (segments - 1)
    for start in range(0, last, size):
        input = checkpoint(
            _composed(steps[start : start + size]),
            input,
            use_reentrant=use_reentrant,
            preserve_rng_state=preserve_rng_state,
        )
    return _composed(steps[last:])(input)


def _composed(steps: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def run(x: Any) -> Any:
        for step in steps:
            x = step(x)
        return x

    return run


@contextmanager
def set_checkpoint_early_stop(enable: bool) -> Iterator[None]:
    """Whether checkpoints whose function runs within this context stop early in backward, whatever they were told."""
    token = _early_stop.set(enable)
    try:
        yield
    finally:
        _early_stop.reset(token)


@contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Iterator[None]:
    """Whether checkpoints whose function runs within this context tell of ops; None leaves it to their ``debug``."""
    token = _debug.set(enabled)
    try:
        yield
    finally:
        _debug.reset(token)
