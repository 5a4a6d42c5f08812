"""The bare tensor class, for type tests; floor 4 gives it its operators and methods."""


class Tensor:
    """An array of some backend, and the node of the graph that made it."""

    # Stored always: the array, its spec, the node (None: requires no gradient). The rest is unset until needed:
    # the leaf's node while it is frozen; the tensor that this one is a view of.
    __slots__ = ("__weakref__", "_array", "_base", "_frozen", "_node", "_spec")

    __module__ = "plugrad"
