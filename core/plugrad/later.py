"""Floor 0: what a package imports when it is first asked for, so that `import plugrad` need not wait for it."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def later(package: str, names: dict[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package.

    :param names: public name -> ``module``, or ``module:attribute``.
    """

    def load(name: str) -> Any:
        where = names.get(name)
        if where is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        import importlib

        module, _, attribute = where.partition(":")
        found = importlib.import_module(module)
        value = getattr(found, attribute) if attribute else found
        setattr(sys.modules[package], name, value)
        return value

    return load
