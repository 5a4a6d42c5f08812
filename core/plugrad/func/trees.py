"""Nested tuples, lists and dicts of tensors: taken apart into leaves and a structure, and put together again."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    Tree = Any


class _Leaf:
    def __repr__(self) -> str:
        return "*"


LEAF = _Leaf()
"""Stands in a structure where a leaf was."""


def _is_branch(tree: Tree) -> bool:
    return type(tree) in (tuple, list, dict) or (isinstance(tree, tuple) and hasattr(tree, "_fields"))


def mapped(function: Callable[[Any], Any], tree: Tree) -> Tree:
    """The tree with each leaf replaced by what a function makes of it."""
    if not _is_branch(tree):
        return function(tree)
    if isinstance(tree, dict):
        return {key: mapped(function, part) for key, part in tree.items()}
    parts = [mapped(function, part) for part in tree]
    return type(tree)(*parts) if hasattr(tree, "_fields") else type(tree)(parts)


def leaves(tree: Tree) -> list[Any]:
    """The leaves in order."""
    found: list[Any] = []
    mapped(found.append, tree)
    return found


def structure(tree: Tree) -> Tree:
    """The tree with ``LEAF`` for each leaf."""
    return mapped(lambda _: LEAF, tree)


def put_back(shape: Tree, parts: Iterable[Any]) -> Tree:
    """A tree of a structure, with these leaves."""
    rest = iter(parts)
    return mapped(lambda _: next(rest), shape)


def leaves_like(tree: Tree, shape: Tree) -> list[Any] | None:
    """The leaves of a tree in the order of a structure; None if the tree is of another one."""
    try:
        return list(_matched(tree, shape))
    except LookupError:
        return None


def _matched(tree: Tree, shape: Tree) -> Iterator[Any]:
    if shape is LEAF:
        if _is_branch(tree):
            raise LookupError
        yield tree
        return
    if type(tree) is not type(shape) or len(tree) != len(shape):
        raise LookupError
    for key in shape if isinstance(shape, dict) else range(len(shape)):
        yield from _matched(tree[key], shape[key])
