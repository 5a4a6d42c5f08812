"""A run of the kit: what is checked, as the tests' parameters, and pytest's hooks once an option is given."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import partial

import pytest

from ...creation import set_default_dtype
from ...errors import PlugradError
from ...registry.claims import BACKENDS, backend_named, set_default_backend
from ...registry.op import OPS
from ..numerical import GradcheckError
from ..samples import SAMPLES, CannotHold, Values
from . import kernels, planting
from . import samples as sampled
from .backends import OF_BACKENDS
from .call import NothingToCheck
from .checks import CHECKS, OF_OPS, each
from .table import Results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from ...registry.backend import Backend
    from ...registry.op import Op


class Case:
    """One test: a check of an op, or of a backend, in a dtype.

    :param run: raises ``AssertionError`` where the check fails; what it returns goes into the report.
    """

    __slots__ = ("backend", "run", "said")

    def __init__(self, backend: Backend, op: str, check: str, dtype: str, run: Callable[[], Any]) -> None:
        self.backend, self.run = backend, run
        self.said = {"backend": backend.name, "op": op, "check": check, "dtype": dtype}  # for the report

    def __str__(self) -> str:
        return "-".join(filter(None, self.said.values()))

    def test(self) -> None:
        """Run it, as the body of a test."""
        set_default_backend(self.backend.name)
        set_default_dtype(None)
        failure: Exception | None = None
        try:
            self.said["said"] = self.run() or ""
        except (CannotHold, NothingToCheck) as reason:
            pytest.skip(str(reason))
        except (AssertionError, GradcheckError) as error:
            if error.__cause__ is not None:
                raise  # with the way to where a kernel or a formula failed
            failure = error
        finally:
            set_default_backend(None)
        if failure is not None:
            pytest.fail(str(failure), pytrace=False)


class Kit:
    """What the options ask for.

    :raises pytest.UsageError: if an option names nothing that is here.
    """

    def __init__(self, config: pytest.Config) -> None:
        option = config.option
        self.config = config
        self.results = Results()
        try:
            self.known = sampled.read_plugins()
            self.whole = [backend_named(name) for name in option.plugrad_backend]
        except PlugradError as error:
            raise pytest.UsageError(str(error)) from error
        patterns = option.plugrad_ops or option.plugrad_plant
        if option.plugrad_ops or not self.whole:
            self.named = self._matching(patterns, "--plugrad-ops")
        else:
            self.named = []
        self.backends = self.whole or [b for b in BACKENDS.values() if not b.unavailable()]
        self.planted = self._plant(option.plugrad_plant)
        for failure in self.known:
            self._insist_on_sense(failure)

    def _matching(self, patterns: list[str], option: str) -> list[Op]:
        found = []
        for pattern in patterns:
            matching = [op for name, op in OPS.items() if fnmatchcase(name, pattern)]
            if not matching:
                near = sorted({name.partition(".")[0] + ".*" for name in OPS if "." in name})
                raise pytest.UsageError(
                    f"{option} {pattern}: no op has such a name. Beside plugrad's own ops there are "
                    f"{', '.join(near) or 'none'}; `python -m plugrad doctor` tells which plugins are ready, and why "
                    "others are not"
                )
            found += [op for op in matching if op not in found]
        return found

    def _plant(self, patterns: list[str]) -> dict[str, str]:
        planted = {}
        for op in self._matching(patterns, "--plugrad-plant") if patterns else ():
            try:
                planted[op.name] = planting.plant(op)
            except ValueError as error:
                if op.name in patterns:
                    raise pytest.UsageError(str(error)) from error
        return planted

    def _insist_on_sense(self, failure: sampled.KnownFailure) -> None:
        """A misspelt known failure must not just never match; one of a plugin that is not here need not."""
        if not any(fnmatchcase(backend.name, failure.backend) for backend in self.backends):
            return
        checks = OF_BACKENDS if failure.op == "backend" else OF_OPS
        if failure.check not in checks:
            raise pytest.UsageError(f"{failure}: there is no such check; there are {', '.join(checks)}")
        if failure.op != "backend" and "." not in failure.op:
            self._matching([failure.op], f"{failure.source}, a known failure of")

    # -- what is tested ---------------------------------------------------------------------------------------

    def ops(self, backend: Backend) -> list[Op]:
        """Those that were named; else plugrad's, and those that the backend has kernels of."""
        if self.named:
            return self.named
        array_types = [type(zero_of(backend))]
        return [op for op in OPS.values() if op.source == "plugrad" or backend.kernel(op.name, array_types[0])]

    def cases_of_ops(self) -> Iterator[Case]:
        """Every check of every op on every backend."""
        for backend in self.backends:
            for op in self.ops(backend):
                yield Case(backend, op.name, "samples", "", partial(sampled.samples, op))
                if op.name not in SAMPLES:
                    continue
                calls = [call for check in CHECKS[:1] for some in check.calls(op, backend).values() for call in some]
                yield Case(backend, op.name, "kernel", "", partial(kernels.kernel, op, calls))
                for check in CHECKS:
                    for dtype, some in check.calls(op, backend).items():
                        yield Case(backend, op.name, check.name, dtype, partial(each, check, some))

    def cases_of_backends(self) -> Iterator[Case]:
        """What each backend promises beside its ops, where a backend is what is checked."""
        for backend in () if self.named else self.whole:
            for name, check in OF_BACKENDS.items():
                yield Case(backend, "backend", name, "", partial(check, backend))

    def parameters(self, cases: Iterator[Case]) -> list[Any]:
        """The cases as pytest's parameters, known failures marked."""
        found = []
        for case in cases:
            known = [f for f in self.known if f.matches(**case.said)]
            marks = [pytest.mark.xfail(reason=f"{f.reason} ({f.source})", strict=True) for f in known[:1]]
            found.append(pytest.param(case, id=str(case), marks=marks))
        return found

    # -- pytest's hooks -----------------------------------------------------------------------------------------

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            case = getattr(item, "callspec", None) and item.callspec.params.get("case")  # type: ignore[attr-defined]
            if isinstance(case, Case):
                item.user_properties.append(("plugrad", case.said))

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        said: Any = dict(report.user_properties).get("plugrad")
        if said is not None and (report.when == "call" or report.failed):
            self.results.add(said, report)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        self.results.show(terminalreporter, self.planted)

    def pytest_sessionfinish(self) -> None:
        path = self.config.option.plugrad_report
        if path and not hasattr(self.config, "workerinput"):
            import json

            where = self.config.invocation_params.dir / path
            text = json.dumps(self.results.report(self.backends, self.planted), indent=1)
            where.write_text(text + "\n", encoding="utf-8")


def zero_of(backend: Backend) -> Any:
    """An array of a backend."""
    return Values((1,), [1.0]).tensor(backend.default_float, backend.name).array


def kit_of(config: pytest.Config) -> Kit:
    """The run's kit.

    :raises pytest.Collector.CollectError: if no option asked for one.
    """
    kit = config.pluginmanager.get_plugin("plugrad-kit")
    if kit is None:
        from pytest_plugrad import USAGE

        raise pytest.Collector.CollectError(USAGE)
    assert isinstance(kit, Kit)
    return kit
