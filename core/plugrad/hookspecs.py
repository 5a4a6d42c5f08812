"""Floor 0: the hooks that a plugin may implement.

A whole plugin, to copy::

    # plugrad_foo.py; in its pyproject.toml: [project.entry-points.plugrad] foo = "plugrad_foo"
    from plugrad.extend import hookimpl, op
    from plugrad.ops import exp

    plugrad_api = 1
    sigmoid = op("foo.sigmoid(x, /)", composite=lambda x: 1 / (1 + exp(-x)),
                 elementwise=True, vjp={"x": lambda g, out: g * out * (1 - out)})

    @hookimpl
    def plugrad_ops(register):
        register(sigmoid)

``register`` only collects. What a plugin registers is taken whole once all of its hooks have run, or not at all.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from .registry.backend import Backend
    from .testing.samples import Sample

    class RegisterSamples(Protocol):
        def __call__(self, op: str, *samples: Sample) -> None: ...

    class RegisterKnownFailure(Protocol):
        def __call__(self, *, op: str, backend: str, check: str, dtype: str | None = None, reason: str) -> None: ...

    class RegisterKernel(Protocol):
        def __call__(
            self,
            op: str,
            *,
            backend: str,
            kernel: Callable[..., Any] | str,
            priority: int = 0,
            accepts: Callable[..., str | None] | None = None,
        ) -> None: ...


def plugrad_ops(register: Callable[[Callable[..., Any]], None]) -> None:
    """Register ops.

    :param register: takes what ``plugrad.extend.op`` returned. The op's name must be free; put your plugin's name
        and a dot before it.
    """


def plugrad_backends(register: Callable[[Backend], None]) -> None:
    """Register backends.

    :param register: takes an instance of ``plugrad.extend.Backend``. It claims array types by name, so that
        registering imports no array library.
    """


def plugrad_kernels(register: RegisterKernel) -> None:
    """Register kernels for ops and backends, your own or others'.

    :param register: takes the op's name; ``backend``, its name; ``kernel``, a function on raw arrays or
        ``"module:function"``, imported when first needed; ``priority``, the highest runs (a backend's own kernels
        have 0; two of one priority are an error); ``accepts``, called with the kernel's arguments, returns None or
        the reason why the next kernel should take the call.
    """


def plugrad_samples(register: RegisterSamples) -> None:
    """Give samples of your ops to the conformance kit, which alone calls this.

    Import them inside: their module imports ``plugrad.testing``, which a program that only computes does without.

    :param register: takes the op's name, and any number of ``plugrad.testing.Sample``.
    """


def plugrad_known_failures(register: RegisterKnownFailure) -> None:
    """Say what of the conformance kit your ops or your backend do not fulfil, and why. The kit alone calls this.

    A known failure must fail, for every sample's dtype that it names: one that passes fails the run.

    :param register: takes ``op`` and ``backend``, names or patterns as ``"mine.*"`` (``op`` is ``"backend"`` for a
        promise of the backend itself); ``check``, a column of the kit's table; ``dtype``, None for each that the check
        runs in; ``reason``, for the reader of the table.
    """


HOOKS = (plugrad_ops, plugrad_backends, plugrad_kernels)
KIT_HOOKS = (plugrad_samples, plugrad_known_failures)
"""Known at discovery, and called by the conformance kit alone."""
