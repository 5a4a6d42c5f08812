"""The pytest plugin of plugrad: options of the conformance kit. It imports plugrad only where one is given.

pytest loads it in every run on a machine where plugrad is installed; ``-p no:pytest_plugrad`` leaves it out.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import pytest

PACKAGE = "plugrad.testing"
USAGE = f"""--pyargs {PACKAGE} needs to know what to check:
  python -m pytest --pyargs {PACKAGE} --plugrad-backend NAME     a backend: what it promises, and every op on it
  python -m pytest --pyargs {PACKAGE} --plugrad-ops 'NAME.*'     ops, by name or pattern, on every backend that is ready
`python -m plugrad doctor` lists the backends and plugins that are here."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("plugrad", f"plugrad's conformance kit: --pyargs {PACKAGE}")
    repeat = "; may be repeated"
    group.addoption(
        "--plugrad-backend", action="append", default=[], metavar="NAME",
        help=f"check this backend, and with it ops: those of plugrad and those that it has kernels of{repeat}",
    )  # fmt: skip
    group.addoption(
        "--plugrad-ops", action="append", default=[], metavar="PATTERN",
        help=f"check the ops whose names match, such as 'mine.*', on every backend or on those named{repeat}",
    )  # fmt: skip
    group.addoption(
        "--plugrad-plant", action="append", default=[], metavar="PATTERN",
        help=f"make the derivative of these ops wrong: the run must then fail{repeat}",
    )  # fmt: skip
    group.addoption("--plugrad-report", metavar="FILE", help="write what holds to a file, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    option = config.option
    if option.plugrad_backend or option.plugrad_ops or option.plugrad_plant:
        from plugrad.testing.conformance.session import Kit

        config.addinivalue_line("python_files", "test_*.py")  # whatever the project's own files are called
        config.addinivalue_line("python_functions", "test")
        config.pluginmanager.register(Kit(config), "plugrad-kit")
    elif any(argument.partition("::")[0] == PACKAGE for argument in config.args):
        import pytest

        raise pytest.UsageError(USAGE)
