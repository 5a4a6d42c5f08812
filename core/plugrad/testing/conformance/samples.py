"""What plugins tell the kit: samples and known failures; and the check that an op has samples that say something."""

from __future__ import annotations

from fnmatch import fnmatchcase

from ...errors import PluginError
from ...plugins import plugins, told
from ..samples import Values, add_samples, samples_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...plugins import Plugin
    from ...registry.op import Op

_told: dict[Plugin, list[KnownFailure]] = {}


class KnownFailure:
    """A check that is known to fail for an op on a backend, and why."""

    __slots__ = ("backend", "check", "dtype", "op", "reason", "source")

    def __init__(
        self, source: str, *, op: str, backend: str, check: str, dtype: str | None = None, reason: str
    ) -> None:
        self.source = source
        self.op, self.backend, self.check, self.dtype, self.reason = op, backend, check, dtype, reason

    def __str__(self) -> str:
        of_dtype = f", {self.dtype}" if self.dtype else ""
        return f"{self.check} of {self.op} on {self.backend}{of_dtype}, which {self.source} lists as a known failure"

    def matches(self, op: str, backend: str, check: str, dtype: str) -> bool:
        """Is it about this check?"""
        pairs = ((op, self.op), (backend, self.backend), (check, self.check))
        return all(fnmatchcase(*pair) for pair in pairs) and self.dtype in (None, dtype)


def read_plugins() -> list[KnownFailure]:
    """Ask every plugin, once, for samples and known failures.

    :returns: all known failures.
    :raises PluginError: if a plugin's hook fails; it names the plugin.
    """
    for plugin in plugins():
        if plugin not in _told and plugin.loaded:
            try:
                calls = told(plugin)
                known = [_known(plugin, args, keywords) for hook, args, keywords in calls if "known" in hook]
                for hook, args, keywords in calls:
                    if hook == "plugrad_samples":
                        add_samples(*args, **keywords)
            except Exception as error:
                what = f"{plugin}: its samples or known failures: {type(error).__name__}: {error}"
                raise PluginError(what) from error
            _told[plugin] = known
    return [failure for known in _told.values() for failure in known]


def _known(plugin: Plugin, args: tuple[Any, ...], keywords: dict[str, Any]) -> KnownFailure:
    return KnownFailure(str(plugin), *args, **keywords)


def samples(op: Op) -> None:
    """There are samples, smooth ones where there is a derivative, in which each input that has one is an array.

    :raises AssertionError: if not; the message says what to add.
    """
    try:
        found = samples_of(op.name)
    except LookupError as error:
        raise AssertionError(f"{error}. A plugin gives them by the hook plugrad_samples") from None
    if not op.differentiable:
        return
    held = [s for s in found if s.smooth and any(isinstance(i, Values) and i.floating and i.numbers for i in s.inputs)]
    assert held, f"{op.name}: no sample is smooth and of floats, so no derivative can be checked; add one"
    graded = {name for key in op.vjp for name in (key if isinstance(key, tuple) else (key,))}
    for place, name in enumerate(op.signature.inputs):
        given = [s.inputs[place] for s in held if place < len(s.inputs)]
        assert name not in graded or any(isinstance(i, Values) and i.floating for i in given), (
            f"{op.name}: in no smooth sample is {name!r} an array of floats, so its derivative is not checked; add one"
        )
