"""Names that plugins give as strings: a misspelt one must not just never match."""

from __future__ import annotations


def imported_type(name: str) -> type | None:
    """The class of a dotted name, whose module is imported; None if there is none."""
    import importlib

    module, _, rest = name.rpartition(".")
    attributes = [rest]
    while module:
        try:
            found: object = importlib.import_module(module)
        except ImportError:
            module, _, outer = module.rpartition(".")  # a class within a class
            attributes.insert(0, outer)
            continue
        for attribute in attributes:
            found = getattr(found, attribute, None)
        return found if isinstance(found, type) else None
    return None
