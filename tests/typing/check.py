"""mypy accepts the user's program and finds every error of the wrong one: what ``tox run -e types`` runs last."""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def found(program):
    """(line, code) of each error."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-pretty", "--show-error-codes", str(HERE / program)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    errors = re.findall(rf"{program}:(\d+): error: .*\[([a-z-]+)\]", done.stdout)
    return {(int(line), code) for line, code in errors}, done.stdout + done.stderr


def planted(program):
    lines = (HERE / program).read_text(encoding="utf-8").splitlines()
    marked = [(number, line.partition("# error: ")[2]) for number, line in enumerate(lines, 1)]
    return {(number, code.strip()) for number, codes in marked if codes for code in codes.split(",")}


def main():
    """The exit code."""
    code = 0
    for program in ("user_program.py", "wrong_program.py"):
        have, output = found(program)
        want = planted(program)
        for line, kind in sorted(have - want):
            print(f"{program}:{line}: mypy reports {kind}, which is not planted")
        for line, kind in sorted(want - have):
            print(f"{program}:{line}: mypy does not report {kind}")
        if have != want:
            print(output)
            code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
