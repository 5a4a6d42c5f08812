"""Floor 6: what is installed, in which state, and why: ``python -m plugrad doctor``."""

from __future__ import annotations

import json
import platform
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from . import __version__, plugins
from .errors import BackendError, PluginError
from .registry.claims import BACKENDS, default_backend
from .registry.kernels import CANDIDATES, imported
from .registry.namespace import NamespaceBackend
from .registry.op import OPS

if TYPE_CHECKING:
    from typing import Any

    from .registry.backend import Backend

Report = dict[str, "Any"]
Table = tuple[str, list[str], list[list[str]]]


def report() -> Report:
    """All that the doctor knows, as JSON can hold it. Triggers discovery."""
    found = plugins.plugins()
    try:
        default, reason = default_backend().name, ""
    except BackendError as error:
        default, reason = "", str(error)
    return {
        "plugrad": __version__,
        "api": plugins.API,
        "python": platform.python_version(),
        "default_backend": default or None,
        "default_backend_reason": reason,
        "plugins": [_plugin(plugin) for plugin in found],
        "backends": [_backend(backend, found) for backend in BACKENDS.values()],
        "kernels": _kernels({str(plugin): plugin.name for plugin in found}),
        "problems": _problems(),
    }


def _plugin(plugin: plugins.Plugin) -> Report:
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "entry_point": plugin.value,
        "state": plugin.state,
        "reason": plugin.reason,
        "ops": sorted(op.name for op in OPS.values() if op.source == str(plugin)),
        "backends": [backend.name for backend in plugin.backends],
    }


def _backend(backend: Backend, found: tuple[plugins.Plugin, ...]) -> Report:
    reason = plugins.missing(backend)
    return {
        "name": backend.name,
        "state": plugins.UNAVAILABLE if reason else plugins.READY,
        "reason": reason,
        "devices": [] if reason else _devices(backend),
        "array_types": list(backend.array_types),
        "plugin": next((plugin.name for plugin in found if backend in plugin.backends), ""),
    }


def _devices(backend: Backend) -> list[str]:
    if not isinstance(backend, NamespaceBackend):
        return [backend.default_device]
    try:
        return [str(device) for device in backend.xp.__array_namespace_info__().devices()]
    except AttributeError:  # a namespace of an older standard
        return []


def _kernels(names: dict[str, str]) -> list[Report]:
    """What plugins registered; a backend's own kernels are not listed."""
    return [
        {
            "op": op,
            "backend": backend,
            "kernel": kernel.kernel if isinstance(kernel.kernel, str) else getattr(kernel.kernel, "__qualname__", "?"),
            "priority": kernel.priority,
            "may_decline": kernel.accepts is not None,
            "plugin": names.get(kernel.source, kernel.source),
        }
        for (op, backend), candidates in sorted(CANDIDATES.items())
        for kernel in sorted(candidates, key=lambda candidate: -candidate.priority)
    ]


def _problems() -> list[str]:
    """What would show only at a call, or never: a name that is misspelt matches nothing, silently."""
    problems = []
    for (op, backend), candidates in sorted(CANDIDATES.items()):
        for kernel in candidates:
            if op not in OPS:
                problems.append(f"{kernel.source} has a kernel of {op!r} on {backend!r}; there is no such op")
            elif backend in BACKENDS and not plugins.missing(BACKENDS[backend]):
                try:
                    imported(kernel.kernel, op, backend, kernel.source)
                except PluginError as error:
                    problems.append(str(error))
    for found in BACKENDS.values():
        if not plugins.missing(found):
            problems += [f"backend {found.name!r} claims {name!r}; there is no such type" for name in _misspelt(found)]
    return problems


def _misspelt(backend: Backend) -> list[str]:
    return [name for name in backend.array_types if not isinstance(_named(name), type)]


def _named(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(sys.modules.get(module) or import_module(module), attribute)
    except (ImportError, AttributeError):
        return None


# -- as text --------------------------------------------------------------------------------------------------------


def tables(found: Report) -> list[Table]:
    """Title, columns and rows of each table."""
    plugin_rows = [
        [p["name"], f"{p['distribution']} {p['version']}".rstrip(), p["entry_point"], p["state"], p["reason"]]
        for p in found["plugins"]
    ]
    backend_rows = [
        [b["name"], b["state"], ", ".join(b["devices"]), b["plugin"], b["reason"]] for b in found["backends"]
    ]
    kernel_rows = [[k["op"], k["backend"], k["kernel"], str(k["priority"]), k["plugin"]] for k in found["kernels"]]
    made = [
        ("Plugins", ["name", "distribution", "entry point", "state", "reason"], plugin_rows),
        ("Backends", ["name", "state", "devices", "plugin", "reason"], backend_rows),
        ("Kernels from plugins", ["op", "backend", "kernel", "priority", "plugin"], kernel_rows),
        ("Problems", ["what"], [[problem] for problem in found["problems"]]),
    ]
    return [table for table in made if table[2]]


def head(found: Report) -> str:
    default = found["default_backend"] or f"none: {found['default_backend_reason']}"
    versions = f"plugrad {found['plugrad']} (plugin API {found['api']}), Python {found['python']}"
    return f"{versions}\ndefault backend: {default}"


def plain(found: Report) -> str:
    lines = [head(found)]
    for title, columns, rows in tables(found):
        widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
        lines += ["", title]
        for row in (columns, *rows):
            lines.append("  " + "  ".join(map(str.ljust, row, widths)).rstrip())
    return "\n".join(lines)


def show_rich(found: Report) -> None:
    """The same in tables of rich.

    :raises ImportError: if rich is not installed.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table as RichTable

    colours = {plugins.READY: "green", plugins.UNAVAILABLE: "yellow", plugins.REFUSED: "red", plugins.OFF: "dim"}
    console = Console()
    console.print(head(found), markup=False, highlight=False)
    for title, columns, rows in tables(found):
        table = RichTable(title=title, title_justify="left")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(f"[{colours[c]}]{c}[/]" if c in colours else escape(c) for c in row))
        console.print(table)


def run(as_json: bool) -> int:
    """Print the report. 1 if a plugin is refused."""
    found = report()
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        try:
            if not sys.stdout.isatty():  # a table would be cut to a width that nobody chose
                raise ImportError
            show_rich(found)
        except ImportError:
            print(plain(found))
    return int(any(plugin["state"] == plugins.REFUSED for plugin in found["plugins"]))
