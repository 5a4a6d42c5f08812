"""Floor 6: what would show only at a call, or never: a name that is misspelt matches nothing, silently."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from .. import plugins
from ..errors import PluginError
from ..registry.claims import BACKENDS
from ..registry.kernel_list import BROKEN, CLASH, array_type_named, kernels
from ..registry.kernels import CANDIDATES, imported
from ..registry.op import OPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..registry.backend import Backend


def problems() -> list[str]:
    """Each with the name of what has it. Types and kernels of backends that are ready are imported."""
    ready = [backend for backend in BACKENDS.values() if not plugins.missing(backend)]
    found = [*of_environment(), *of_kernels({backend.name for backend in ready})]
    for backend in ready:
        found += of_backend(backend)
    return found


def of_environment() -> Iterator[str]:
    known = {name for plugin in plugins.plugins() for name in plugin.names}
    for variable in ("PLUGRAD_DISABLE_PLUGINS", "PLUGRAD_DISABLE_KERNELS"):
        for name in sorted(plugins.named_by(variable) - known):
            yield f"{variable} names {name!r}; there is no such plugin{meant(name, known)}"


def of_kernels(ready: set[str]) -> Iterator[str]:
    """Of what plugins registered. A kernel for a backend that is not installed is none, unless its name looks wrong."""
    for (op, backend), candidates in sorted(CANDIDATES.items()):
        for kernel in candidates:
            if op not in OPS:
                yield f"{kernel.source} has a kernel of {op!r} on {backend!r}; there is no such op{meant(op, OPS)}"
            elif backend not in BACKENDS and meant(backend, BACKENDS):
                there = f"there is no such backend{meant(backend, BACKENDS)}"
                yield f"{kernel.source} has a kernel of {op!r} on {backend!r}; {there}"
            elif backend in ready:
                try:
                    imported(kernel.kernel, op, backend, kernel.source)
                except PluginError as error:
                    yield str(error)


def of_backend(backend: Backend) -> Iterator[str]:
    who = f"backend {backend.name!r}"
    for name in backend.array_types:
        if not isinstance(array_type_named(name), type):
            yield f"{who} claims {name!r}; there is no such type"
    methods = [name.removeprefix("kernel_") for name in dir(backend) if name.startswith("kernel_")]
    for op in dict.fromkeys([*backend.kernels, *methods]):
        if op not in OPS and "." not in op:  # a plugin that is not here may have the others
            yield f"{who} has a kernel of {op!r}; there is no such op{meant(op, OPS)}"
    yield from (listed.reason for listed in kernels(backend=backend.name) if listed.runs in (BROKEN, CLASH))
    for op, kernel in backend.kernels.items():
        try:
            imported(kernel, op, backend.name, who)
        except PluginError as error:
            yield str(error)


def meant(name: str, names: Iterable[str]) -> str:
    close = get_close_matches(name, list(names), 1, 0.75)
    return f"; did you mean {close[0]!r}?" if close else ""
