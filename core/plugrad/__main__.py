"""Floor 6: ``python -m plugrad``. Each command imports what it needs, when it is asked for."""

from __future__ import annotations

import argparse
import sys
from difflib import get_close_matches
from typing import NoReturn

COMMANDS = ("doctor", "plugins", "ops", "new", "stubs")

EXIT_CODES = """exit codes:
  0  done, and nothing is wrong
  1  doctor found something wrong; stubs --check found a stale file; new refused, and wrote nothing
  2  wrong use of the command line
"""


class Parser(argparse.ArgumentParser):
    """Says what was meant, where a command is misspelt."""

    def error(self, message: str) -> NoReturn:
        words = [word for word in sys.argv[1:] if not word.startswith("-")]
        close = get_close_matches(words[0], COMMANDS, 1) if words and words[0] not in COMMANDS else []
        hint = f"did you mean `python -m plugrad {close[0]}`? " if close else ""
        super().error(f"{message}\n{hint}`{self.prog} --help` tells more")


def parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    about = "What plugrad sees here, and a start for those who extend it."
    main = Parser("python -m plugrad", description=about, epilog=EXIT_CODES, formatter_class=raw)
    commands = main.add_subparsers(dest="command", metavar="COMMAND")
    on_terminals = "Tables are drawn by rich on a terminal where the extra cli is installed, and plain text elsewhere."

    doctor = commands.add_parser(
        "doctor",
        help="plugins and backends with their state and the reason, kernels in force, a gradient on each backend",
        description="List the plugins, the backends and the kernels that plugins registered, run a gradient on each "
        f"backend that is ready, and name what is wrong. {on_terminals} The exit code is 1 if a plugin is refused, a "
        "gradient is wrong, or a name matches nothing.",
    )
    listing = commands.add_parser("plugins", help="every plugin, its state and the reason", description=on_terminals)
    ops = commands.add_parser(
        "ops",
        help="every op: signature, differentiable or not, and what runs it on each backend",
        description="List ops, and what runs each on each backend: a kernel, the composite (the op's own program over "
        f"other ops), or none. {on_terminals}",
    )
    ops.add_argument("pattern", metavar="PATTERN", nargs="?", help="a name, or a pattern as 'nn.*'")
    for command in (doctor, listing, ops):
        command.add_argument("--json", action="store_true", help="for machines")

    new = commands.add_parser(
        "new",
        help="write a small distribution, complete with tests and workflows: an op plugin, or a backend",
        description="Write a folder plugrad-NAME with a distribution to begin with: pyproject.toml with the entry "
        "point, an op with derivative, composite and a NumPy kernel, or a backend of an array API namespace; tests by "
        "the conformance kit, tox.ini, workflows that test and publish, README. Nothing is overwritten.",
    )
    new.add_argument("kind", choices=("op-plugin", "backend"))
    new.add_argument("name", metavar="NAME", help="as 'waves': distribution plugrad-waves, module plugrad_waves")
    new.add_argument("--directory", metavar="DIR", default=".", help="where the folder is made; here, by default")
    new.add_argument(
        "--namespace",
        metavar="MODULE",
        default="array_api_strict",
        help="what a backend is for: a module that follows the array API standard; array_api_strict by default",
    )

    stubs = commands.add_parser(
        "stubs",
        help="write the .pyi files that tell type checkers and editors of the ops",
        description="Write plugrad's own .pyi files, or that of a module which declares ops, beside their sources.",
    )
    stubs.add_argument("--check", action="store_true", help="print a diff and exit with 1 if one is stale")
    stubs.add_argument("--module", metavar="NAME", help="a module that declares ops, such as plugrad_foo")
    return main


def main(arguments: list[str] | None = None) -> int:
    parsed = parser()
    given = parsed.parse_args(arguments)
    if given.command is None:
        parsed.print_help()
        return 0
    if given.command == "doctor":
        from .cli import doctor

        return doctor.run(given.json)
    if given.command == "stubs":
        from . import stubs

        return stubs.run(given.module, given.check)
    if given.command == "new":
        from .cli import new

        return new.run(given.kind, given.name, given.directory, given.namespace)
    from .cli import listings

    if given.command == "plugins":
        return listings.list_plugins(given.json)
    try:
        return listings.list_ops(given.pattern, given.json)
    except ValueError as error:
        parsed.error(str(error))


if __name__ == "__main__":
    sys.exit(main())
