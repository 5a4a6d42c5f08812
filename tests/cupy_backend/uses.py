"""What a source uses of CuPy, found in its syntax tree: names, and the calls with their forms.

``cupy.NAME``, ``xp.NAME``, ``self.xp.NAME`` and ``self._xp.NAME`` are CuPy's names. A method that is called with
keywords and has the name of one of ``cupy.ndarray``'s counts as that, unless its object is one of ``NO_ARRAYS``. What
is spelt by a string (``getattr(xp, name)``) is not found here: the double refuses it when it runs.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

NAMESPACES = {"cupy", "xp", "_xp"}
NO_ARRAYS = {"self", "super", "operator", "plugrad", "ops", "devices", "gpus"}


class Use(NamedTuple):
    name: str
    positions: int | None
    """How many arguments by position; None where it is not called, or their number is not in the text."""
    keywords: tuple[str, ...]
    where: str


def uses_of(path: Path, methods: frozenset[str] | set[str] = frozenset()) -> list[Use]:
    """Every use of CuPy's in a file, or in the files of a folder."""
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [use for file in files for use in _of_file(file, methods)]


def _of_file(file: Path, methods: frozenset[str] | set[str]) -> list[Use]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found: list[Use] = []
    seen: set[int] = set()
    for node in ast.walk(tree):
        called = isinstance(node, ast.Call)
        target = node.func if isinstance(node, ast.Call) else node
        if not isinstance(target, ast.Attribute) or id(target) in seen:
            continue
        where = f"{file.name}:{target.lineno}"
        name = _dotted(target)
        if name is None and called and target.attr in methods and not _no_array(target.value) and node.keywords:
            name = f"ndarray.{target.attr}"
        if name is None:
            continue
        inner = target
        while isinstance(inner, ast.Attribute):  # a longer path is told, not also its beginnings
            seen.add(id(inner))
            inner = inner.value
        if not called:
            found.append(Use(name, None, (), where))
            continue
        open_ended = any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords)
        keywords = tuple([k.arg for k in node.keywords if k.arg])
        found.append(Use(name, None if open_ended else len(node.args), keywords, where))
    return found


def _dotted(node: ast.Attribute) -> str | None:
    """The path below CuPy, ``random.Generator``; None if it is not CuPy's."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        if node.attr in NAMESPACES:
            break
        parts.append(node.attr)
        inner = node.value
        if isinstance(inner, ast.Name):
            return ".".join(reversed(parts)) if inner.id in NAMESPACES else None
        if not isinstance(inner, ast.Attribute):
            return None
        node = inner
    return ".".join(reversed(parts)) or None


def _no_array(node: ast.expr) -> bool:
    while isinstance(node, (ast.Attribute, ast.Call)):
        node = node.value if isinstance(node, ast.Attribute) else node.func
    return isinstance(node, ast.Name) and node.id in NO_ARRAYS | NAMESPACES
