"""The bare tensor class, for type tests; floor 4 gives it its operators and methods."""


class Tensor:
    """An array of some backend, and the node of the graph that made it."""

    # Stored always: the array, its spec, the node (None: requires no gradient), and what it shares memory with
    # (``autograd.views``; None: nothing). Unset until needed: the leaf's node while it is frozen.
    __slots__ = ("__weakref__", "_array", "_frozen", "_node", "_spec", "_ties")

    __module__ = "plugrad"
