"""Floor 0: finding plugins, each guarded, and the state that each is in.

For users: ``plugins()``, ``refresh()``, ``set_kernels_enabled(name, enabled)``. The environment variables
``PLUGRAD_DISABLE_PLUGINS`` and ``PLUGRAD_DISABLE_KERNELS`` name plugins or distributions, with commas between them:
these are off, or their kernels are, from the start.

pluggy and importlib.metadata are imported by the first discovery, never by ``import plugrad``.
"""

from __future__ import annotations

import os
from _thread import RLock

from .errors import PluginError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from importlib.metadata import EntryPoint
    from types import ModuleType
    from typing import Any

    Call = tuple[str, tuple[Any, ...], dict[str, Any]]

API = 1
"""The number of the extension API. It changes when something in ``plugrad.extend`` or a hook breaks."""

READY, UNAVAILABLE, REFUSED, OFF = "ready", "unavailable here", "refused", "off"

_plugins: dict[tuple[str, str], Plugin] = {}
_discovered = False
_discovering = False
_lock = RLock()  # a second thread waits for the first one's discovery; a plugin that asks while it is loaded does not
commit: Callable[[Plugin, list[Call]], None] = lambda plugin, calls: None
"""Takes what a plugin registered, whole or not at all; the registry puts its own here."""
kernels_changed: Callable[..., None] = lambda *ops: None
"""Makes every op look for its kernels anew; the registry puts its own here."""


class Plugin:
    """One entry point, and what became of it."""

    __slots__ = ("_refusal", "backends", "distribution", "kernels_off", "module", "name", "off", "value", "version")

    def __init__(self, name: str, value: str, distribution: str, version: str) -> None:
        self.name, self.value, self.distribution, self.version = name, value, distribution, version
        self.module: ModuleType | None = None
        self.backends: list[Any] = []
        self._refusal = ""
        self.off = self.kernels_off = False  # all of it; its kernels alone

    def refuse(self, reason: str) -> None:
        self._refusal = reason

    @property
    def loaded(self) -> bool:
        """Whether what it registered is in force. Its backends are not asked, which may import their libraries."""
        return self.module is not None and not self.off and not self._refusal

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
        return "; ".join(filter(None, map(missing, self.backends)))

    @property
    def names(self) -> set[str]:
        """What a user may call it by."""
        return {_plain(self.name), _plain(self.distribution)}

    def __str__(self) -> str:
        return f"plugin {self.name!r} ({self.value}) of {self.distribution} {self.version}".rstrip()


def missing(backend: Any) -> str:
    """Why a backend cannot be used here; empty if it can."""
    try:
        return backend.unavailable()  # type: ignore[no-any-return]
    except RecursionError:  # the program's own
        raise
    except Exception as error:  # a backend that cannot even tell
        return f"its unavailable() raised {type(error).__name__}: {error}"


def plugins() -> tuple[Plugin, ...]:
    """Every plugin that was found, ordered by distribution and name. Triggers discovery."""
    discover()
    return tuple(sorted(_plugins.values(), key=lambda plugin: (plugin.distribution, plugin.name)))


def discover() -> None:
    """Load the plugins that are installed, once."""
    global _discovered, _discovering
    if _discovered:
        return
    with _lock:
        if _discovered or _discovering:
            return
        _discovering = True
        try:
            found = {}
            for distribution, version, entry in _entries():
                plugin = Plugin(entry.name, entry.value, distribution, version)
                key = (plugin.name, plugin.value)
                if key not in _plugins and key not in found:  # lib and lib64 show one entry point twice
                    found[key] = plugin, entry.load
            _load(found.values())
        finally:
            _discovering, _discovered = False, True


def refresh() -> None:
    """Look again: for plugins that were installed since the first discovery, and at those that were refused.

    What is new is in force at each op's next call. What a plugin was refused for may be mended since, as a library
    that was missing; a module that Python has imported stays as it is, so that a newer version of it needs a new
    process.
    """
    global _discovered
    import importlib

    importlib.invalidate_caches()
    with _lock:
        for key, plugin in list(_plugins.items()):
            if plugin.state == REFUSED:
                del _plugins[key]
        _discovered = False
        discover()


class set_kernels_enabled:
    """Let a plugin's kernels run, or not; its ops and backends stay. From here on, or in a ``with`` block::

        plugrad.plugins.set_kernels_enabled("fast", False)
        with plugrad.plugins.set_kernels_enabled("fast", False):
            ...  # and what it was before, afterwards

    It takes the kernels that the plugin gave by ``plugrad_kernels``; those of a backend are part of it. Kernel tables
    are the process's, so it holds for every thread, from each op's next call on. Where the blocks of two threads
    overlap, the one that ends last decides. ``PLUGRAD_DISABLE_KERNELS`` does it from the start.

    :param name: of the plugin or of its distribution, as ``plugins()`` and ``python -m plugrad plugins`` list them.
    :raises PluginError: if there is no such plugin, or it is not loaded.
    """

    __slots__ = ("_before", "_plugin")

    def __init__(self, name: str, enabled: bool) -> None:
        found = [plugin for plugin in plugins() if _plain(name) in plugin.names]
        if not found:
            there = ", ".join(plugin.name for plugin in plugins())
            raise PluginError(f"there is no plugin {name!r}; there are {there or 'none'}")
        self._plugin = found[0]
        if self._plugin.state in (REFUSED, OFF):
            raise PluginError(f"{self._plugin} is {self._plugin.state}, so no kernel of it runs: {self._plugin.reason}")
        with _lock:
            self._before = self._plugin.kernels_off
            self._put(not enabled)

    def _put(self, off: bool) -> None:
        self._plugin.kernels_off = off
        kernels_changed()

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        with _lock:
            self._put(self._before)


def register(module: ModuleType, name: str = "") -> Plugin:
    """Register a plugin that has no entry point. Again, it is the same plugin.

    :raises PluginError: if the plugin is refused.
    """
    with _lock:
        discover()
        for known in _plugins.values():
            if known.module is module and known.state != REFUSED:
                return known
        plugin = Plugin(name or module.__name__, module.__name__, "registered by hand", "")
        key = (plugin.name, plugin.value)
        previous = _plugins.get(key)
        _load([(plugin, lambda: module)])
        if plugin.state == REFUSED:
            del _plugins[key]
            if previous is not None:
                _plugins[key] = previous
            raise PluginError(f"{plugin} is refused: {plugin.reason}")
        return plugin


def _entries() -> Iterator[tuple[str, str, EntryPoint]]:
    """Distribution, version and entry point, the first on ``sys.path`` first.

    ``importlib.metadata.entry_points`` would do, but one unreadable distribution, whoever's, would be the end of it.
    """
    from importlib.metadata import distributions

    seen = set()
    for distribution in distributions():
        try:
            entries = [entry for entry in distribution.entry_points if entry.group == "plugrad"]
            if entries:
                name, version = distribution.name or "unknown distribution", distribution.version or ""
        except Exception:  # it is no plugin of ours that pip could have installed
            continue
        if entries and _plain(name) not in seen:  # an older one behind it on the path is not what gets imported
            seen.add(_plain(name))
            yield from ((name, version, entry) for entry in entries)


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def named_by(variable: str) -> set[str]:
    """The plugins that an environment variable names."""
    return {_plain(name) for name in os.environ.get(variable, "").replace(",", " ").split()}


def _load(found: Iterable[tuple[Plugin, Callable[[], ModuleType]]]) -> None:
    """Load each plugin, guarded, and put in force what it registers."""
    disabled, without_kernels = named_by("PLUGRAD_DISABLE_PLUGINS"), named_by("PLUGRAD_DISABLE_KERNELS")
    loaded = []
    for plugin, load in sorted(found, key=lambda f: (f[0].distribution, f[0].name)):
        _plugins[plugin.name, plugin.value] = plugin
        plugin.kernels_off = bool(without_kernels & plugin.names)
        if disabled & plugin.names:
            plugin.off = True
            continue
        try:
            plugin.module = load()
            stated = getattr(plugin.module, "plugrad_api", None)
            if stated != API:
                built = "states no plugrad_api" if stated is None else f"was built for plugin API {stated}"
                raise PluginError(f"it {built}, and this plugrad has API {API}")
            loaded.append((plugin, _calls(plugin)))
        except (Exception, SystemExit) as error:  # whatever a plugin does wrong is its own affair
            plugin.refuse(f"{type(error).__name__}: {error}")
    # Backends first: whoever adds a kernel to one is told what is taken, whatever his distribution is called.
    for plugin, calls in sorted(loaded, key=lambda f: all(hook != "plugrad_backends" for hook, _, _ in f[1])):
        try:
            commit(plugin, calls)
        except Exception as error:
            plugin.refuse(f"{type(error).__name__}: {error}")


def told(plugin: Plugin) -> list[Call]:
    """What a plugin tells the conformance kit: samples and known failures."""
    from . import hookspecs

    return _calls(plugin, hookspecs.KIT_HOOKS)


def _calls(plugin: Plugin, hooks: tuple[Callable[..., None], ...] | None = None) -> list[Call]:
    """What the plugin's hooks register, collected and not yet in force.

    :param hooks: which are called; None for those of discovery.
    """
    import pluggy

    from . import hookspecs

    manager = pluggy.PluginManager("plugrad")
    mark = pluggy.HookspecMarker("plugrad")
    for hook in hookspecs.HOOKS + hookspecs.KIT_HOOKS:
        mark(hook)
    manager.add_hookspecs(hookspecs)
    manager.register(plugin.module, plugin.name)
    manager.check_pending()
    collected: list[Call] = []
    for hook in hookspecs.HOOKS + hookspecs.KIT_HOOKS:
        name = hook.__name__
        caller = getattr(manager.hook, name)
        if hasattr(plugin.module, name) and not caller.get_hookimpls():
            raise PluginError(f"its {name} is not marked: put @hookimpl before it")
        if hook not in (hooks or hookspecs.HOOKS):
            continue
        caller(register=lambda *args, name=name, **kw: collected.append((name, args, kw)))
    return collected
