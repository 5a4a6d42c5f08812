"""Floor 6: what is installed, in which state, and why: ``python -m plugrad doctor``."""

from __future__ import annotations

import platform
from collections import Counter
from typing import TYPE_CHECKING, Any

from .. import __version__, plugins
from ..errors import BackendError
from ..registry.claims import BACKENDS, default_backend
from ..registry.kernel_list import kernels
from ..registry.kernels import CANDIDATES
from ..registry.op import OPS
from .problems import problems
from .self_test import failure
from .tables import Table, show

if TYPE_CHECKING:
    from ..registry.backend import Backend

Report = dict[str, Any]


def report() -> Report:
    """All that the doctor knows, as JSON can hold it. Triggers discovery, and runs a gradient on each ready backend."""
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
        "plugins": [plugin_report(plugin) for plugin in found],
        "backends": [backend_report(backend, found) for backend in BACKENDS.values()],
        "kernels": kernel_report(),
        "problems": problems(),
    }


def plugin_report(plugin: plugins.Plugin) -> Report:
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "entry_point": plugin.value,
        "state": plugin.state,
        "reason": plugin.reason,
        "kernels_off": plugin.kernels_off,
        "ops": sorted(op.name for op in OPS.values() if op.source == str(plugin)),
        "backends": [backend.name for backend in plugin.backends],
    }


def backend_report(backend: Backend, found: tuple[plugins.Plugin, ...]) -> Report:
    reason = plugins.missing(backend)
    wrong = "" if reason else failure(backend)
    return {
        "name": backend.name,
        "state": plugins.UNAVAILABLE if reason else plugins.READY,
        "reason": reason,
        "devices": [] if reason else devices(backend),
        "array_types": list(backend.array_types),
        "plugin": next((plugin.name for plugin in found if backend in plugin.backends), ""),
        "ops": dict(Counter(listed.runs for listed in kernels(backend=backend.name))),
        "self_test": "not run" if reason else f"failed: {wrong}" if wrong else "ok",
    }


def devices(backend: Backend) -> list[str]:
    try:
        return list(backend.devices())
    except Exception:  # of a library that cannot be imported, say: the self-test tells why
        return []


def kernel_report() -> list[Report]:
    """What plugins registered, each kernel with its place; a backend's own, which nobody passes, are not listed."""
    rows = []
    for name, backend in sorted(CANDIDATES):
        if name not in OPS or backend not in BACKENDS:
            continue
        (listed,) = kernels(OPS[name].function, backend)
        in_force = "runs"
        for kernel in listed.kernels:
            here = "off" if kernel.off else plugins.UNAVAILABLE if plugins.missing(BACKENDS[backend]) else in_force
            if not kernel.off:
                in_force = "runs where those before it decline" if kernel.may_decline and in_force != HIDDEN else HIDDEN
            rows.append({
                "op": name, "backend": backend, "kernel": kernel.name, "priority": kernel.priority,
                "may_decline": kernel.may_decline, "plugin": kernel.plugin or kernel.source, "state": here,
            })  # fmt: skip
    return rows


HIDDEN = "never asked: one before it takes every call"


# -- as text --------------------------------------------------------------------------------------------------------


def plugin_table(found: list[Report]) -> Table:
    rows = [
        [
            p["name"], f"{p['distribution']} {p['version']}".rstrip(), p["entry_point"], p["state"],
            p["reason"] or "its kernels are off" * p["kernels_off"],
        ]
        for p in found
    ]  # fmt: skip
    return Table("Plugins", ["name", "distribution", "entry point", "state", "reason"], rows)


def tables(found: Report) -> list[Table]:
    backend_rows = [
        [b["name"], b["state"], ", ".join(b["devices"]), b["plugin"], counted(b["ops"]), b["self_test"], b["reason"]]
        for b in found["backends"]
    ]
    kernel_rows = [
        [k["op"], k["backend"], str(k["priority"]), k["kernel"], k["plugin"], k["state"]] for k in found["kernels"]
    ]
    distributions = {p["name"]: p["distribution"] for p in found["plugins"]}
    away = [
        [untried(b["name"], distributions.get(b["plugin"], "its distribution"))]
        for b in found["backends"]
        if b["state"] == plugins.UNAVAILABLE
    ]
    return [
        plugin_table(found["plugins"]),
        Table("Backends", ["name", "state", "devices", "plugin", "ops run by", "gradient", "reason"], backend_rows),
        Table("Kernels from plugins, in the order in which they are asked",
              ["op", "backend", "priority", "kernel", "from", "state"], kernel_rows),
        Table("Not tried here", ["what"], away),
        Table("Problems", ["what"], [[problem] for problem in found["problems"]]),
    ]  # fmt: skip


def counted(ops: dict[str, int]) -> str:
    """``112 kernels, 3 composites, 1 none``."""
    names = {"kernel": "kernels", "composite": "composites", "none": "none", "clash": "clashes", "broken": "broken"}
    return ", ".join(f"{ops[runs]} {shown}" for runs, shown in names.items() if runs in ops)


def untried(name: str, distribution: str) -> str:
    """What it means that a backend is not here."""
    return (
        f"{name}: none of its kernels ran on this machine; what its tests show without the hardware, and what they "
        f"cannot show, is in the README of {distribution}"
    )


def head(found: Report) -> str:
    default = found["default_backend"] or f"none: {found['default_backend_reason']}"
    versions = f"plugrad {found['plugrad']} (plugin API {found['api']}), Python {found['python']}"
    return f"{versions}\ndefault backend: {default}"


def run(as_json: bool) -> int:
    """Print the report. 1 if a plugin is refused, a gradient is wrong, or there are problems."""
    found = report()
    show(found, as_json, head(found), tables(found))
    refused = any(plugin["state"] == plugins.REFUSED for plugin in found["plugins"])
    failed = any(backend["self_test"].startswith("failed") for backend in found["backends"])
    return int(refused or failed or bool(found["problems"]))
