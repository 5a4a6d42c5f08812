"""The samples of the core's ops, by families."""

from . import arrangement, elementwise, indexing, reduction

__all__ = ["arrangement", "elementwise", "indexing", "reduction"]
