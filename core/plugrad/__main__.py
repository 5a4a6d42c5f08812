"""Floor 6: ``python -m plugrad doctor`` and ``python -m plugrad stubs``."""

from __future__ import annotations

import argparse
import sys


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser("python -m plugrad", description="What plugrad sees here, and its type stubs.")
    commands = main.add_subparsers(dest="command", required=True)

    doctor = commands.add_parser(
        "doctor",
        help="list the plugins and backends, each with its state and the reason",
        description="List the plugins, the backends and the kernels that plugins registered. On a terminal it is a "
        "table where rich is installed, by plugrad[cli]. The exit code is 1 if a plugin is refused.",
    )
    doctor.add_argument("--json", action="store_true", help="for machines")

    stubs = commands.add_parser(
        "stubs",
        help="write the .pyi files that tell type checkers and editors of the ops",
        description="Write plugrad's own .pyi files, or that of a module which declares ops, beside their sources.",
    )
    stubs.add_argument("--check", action="store_true", help="print a diff and exit with 1 if one is stale")
    stubs.add_argument("--module", metavar="NAME", help="a module that declares ops, such as plugrad_foo")
    return main


def main(arguments: list[str] | None = None) -> int:
    given = parser().parse_args(arguments)
    if given.command == "doctor":
        from . import doctor

        return doctor.run(given.json)
    from . import stubs

    return stubs.run(given.module, given.check)


if __name__ == "__main__":
    sys.exit(main())
