"""Floor 0: finding plugins, each guarded, and the state that each is in.

pluggy and importlib.metadata are imported by the first discovery, never by ``import plugrad``.
"""

from __future__ import annotations

import os

from .errors import PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType
    from typing import Any

    Call = tuple[str, tuple[Any, ...], dict[str, Any]]

API = 1
"""The number of the extension API. It changes when something in ``plugrad.extend`` or a hook breaks."""

READY, UNAVAILABLE, REFUSED, OFF = "ready", "unavailable here", "refused", "off"

_plugins: dict[tuple[str, str], Plugin] = {}
_discovered = False
commit: Callable[[Plugin, list[Call]], None]
"""Takes what a plugin registered, whole or not at all; the registry puts its own here."""


class Plugin:
    """One entry point, and what became of it."""

    __slots__ = ("_refusal", "backends", "distribution", "module", "name", "off", "value", "version")

    def __init__(self, name: str, value: str, distribution: str, version: str) -> None:
        self.name, self.value, self.distribution, self.version = name, value, distribution, version
        self.module: ModuleType | None = None
        self.backends: list[Any] = []
        self._refusal = ""
        self.off = False

    def refuse(self, reason: str) -> None:
        self._refusal = reason

    @property
    def state(self) -> str:
        """``ready``, ``unavailable here``, ``refused`` or ``off``."""
        if self.off:
            return OFF
        if self._refusal:
            return REFUSED
        return UNAVAILABLE if self._missing() else READY

    @property
    def reason(self) -> str:
        """Why it is not ready; empty if it is."""
        if self.off:
            return "PLUGRAD_DISABLE_PLUGINS names it"
        return self._refusal or self._missing()

    def _missing(self) -> str:
        return "; ".join(filter(None, (backend.unavailable() for backend in self.backends)))

    def __str__(self) -> str:
        return f"plugin {self.name!r} ({self.value}) of {self.distribution} {self.version}".rstrip()


def plugins() -> tuple[Plugin, ...]:
    """Every plugin that was found, ordered by distribution and name. Triggers discovery."""
    discover()
    return tuple(_plugins.values())


def discover() -> bool:
    """Load the plugins that are installed, once. True if this call did it."""
    global _discovered
    if _discovered:
        return False
    _discovered = True
    from importlib.metadata import entry_points

    found = []
    for entry in entry_points(group="plugrad"):
        distribution = entry.dist
        name, version = (distribution.name, distribution.version) if distribution else ("unknown distribution", "")
        found.append((name, entry.name, entry.value, version, entry.load))
    for distribution_name, name, value, version, load in sorted(found, key=lambda f: f[:3]):
        if (name, value) not in _plugins:  # lib and lib64 show one entry point twice
            _load(Plugin(name, value, distribution_name, version), load)
    return True


def refresh() -> None:
    """Look again, for plugins that were installed since the first discovery."""
    global _discovered
    import importlib

    importlib.invalidate_caches()
    _discovered = False
    discover()


def register(module: ModuleType, name: str = "") -> Plugin:
    """Register a plugin that has no entry point.

    :raises PluginError: if the plugin is refused.
    """
    discover()
    plugin = Plugin(name or module.__name__, module.__name__, "registered by hand", "")
    previous = _plugins.get((plugin.name, plugin.value))
    if previous is not None and previous.module is module and previous.state != REFUSED:
        return previous
    _load(plugin, lambda: module)
    if plugin.state == REFUSED:
        del _plugins[plugin.name, plugin.value]
        raise PluginError(f"{plugin} is refused: {plugin.reason}")
    return plugin


def _load(plugin: Plugin, load: Callable[[], ModuleType]) -> None:
    _plugins[plugin.name, plugin.value] = plugin
    disabled = os.environ.get("PLUGRAD_DISABLE_PLUGINS", "").replace(",", " ").split()
    if plugin.name in disabled or plugin.distribution in disabled:
        plugin.off = True
        return
    try:
        plugin.module = load()
        stated = getattr(plugin.module, "plugrad_api", None)
        if stated != API:
            raise PluginError(f"it was built for plugin API {stated}, and this plugrad has API {API}")
        commit(plugin, _calls(plugin))
    except Exception as error:  # whatever a plugin does wrong is its own affair
        plugin.backends.clear()
        plugin.refuse(f"{type(error).__name__}: {error}")


def _calls(plugin: Plugin) -> Iterable[Call]:
    """What the plugin's hooks register, collected and not yet in force."""
    import pluggy

    from . import hookspecs

    manager = pluggy.PluginManager("plugrad")
    mark = pluggy.HookspecMarker("plugrad")
    for hook in hookspecs.HOOKS:
        mark(hook)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin.module, plugin.name)
    manager.check_pending()
    collected: list[Call] = []
    for hook in hookspecs.HOOKS:
        name = hook.__name__
        getattr(manager.hook, name)(register=lambda *args, name=name, **kw: collected.append((name, args, kw)))
    return collected
