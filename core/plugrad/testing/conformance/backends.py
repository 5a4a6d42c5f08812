"""What a backend promises beside its kernels: each a plain function of the backend, which raises AssertionError."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...registry.backend import Backend

OF_BACKENDS: dict[str, Callable[[Backend], Any]] = {}
