"""Type the commands of a page's ``console`` blocks into an empty directory, and compare what comes with what it shows.

    python .ci/typed.py WHEELS PAGE

A line ``$ command`` is typed, ``> more`` goes on with it, and the lines up to the next ``$`` are what it prints, with
``...`` for what the page leaves out. All is one shell. pip finds packages in the folder of wheels alone. Prints the
whole transcript; the exit code is 1 if a command failed or printed something else, but for one after which the page
says ``(exit code 1)``.
"""

import doctest
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FAILED = "(exit code 1)"
MARK = "<<typed {}>>"


def commands(page):
    """(command, what it shows) of each."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif line == ">" or line.startswith("> "):
                found[-1] = f"{found[-1][0]}\n{line[2:]}", []
            else:
                found[-1][1].append(line)
    return [(command, "\n".join(shown)) for command, shown in found]


def printed(typed, wheels, folder):
    """What each command printed, and its exit code."""
    marked = [f"{command}\ncode=$?; echo; echo '{MARK.format(k)}'$code\n" for k, (command, _) in enumerate(typed)]
    own = ("PYTHON", "PYTEST", "PIP_", "TOX_", "VIRTUAL_ENV", "PLUGRAD")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own)}
    away = Path(sys.executable).parent  # the tests' own environment
    paths = [path for path in kept["PATH"].split(os.pathsep) if path and Path(path).resolve() != away.resolve()]
    python = Path(sys.base_prefix, "bin")
    done = subprocess.run(
        ["bash", "-c", "".join(marked)],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        env={**kept, "PATH": os.pathsep.join([str(python), *paths]), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels),
             "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_CONFIG_FILE": os.devnull, "NO_COLOR": "1", "COLUMNS": "100"},
    )  # fmt: skip
    rest, found = done.stdout, []
    for k in range(len(typed)):
        match = re.search(rf"\n?{re.escape(MARK.format(k))}(\d+)\n", rest)
        if match is None:
            raise SystemExit(f"{rest}\nthe shell ended at: $ {typed[k][0]}")
        found.append((rest[: match.start()], int(match[1])))
        rest = rest[match.end() :]
    return found


def main(wheels, page):
    typed = commands(Path(page).read_text(encoding="utf-8"))
    same = doctest.OutputChecker().check_output
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for (command, shown), (text, code) in zip(typed, printed(typed, Path(wheels).resolve(), folder), strict=True):
            print(f"$ {command}\n{text.rstrip()}")
            expected = shown.removesuffix(FAILED)
            if code != shown.endswith(FAILED) or not same(without_times(expected), without_times(text), flags):
                wrong += 1
                print(f"!!! the exit code is {code}, and {page} shows:\n{shown}\n!!!")
    print(f"{page}: {len(typed)} commands, {wrong} of which did something else")
    return int(wrong > 0)


def without_times(text):
    return re.sub(r"in \d+\.\d+s( \([\d:]+\))?", "in N s", text.strip())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
