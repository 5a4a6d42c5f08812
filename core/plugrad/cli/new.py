"""Floor 6: ``python -m plugrad new``: a small distribution, complete with tests, to begin with.

Its files are made of the texts in this package's folder ``templates``, by ``string.Template``.
"""

from __future__ import annotations

import re
import shutil
import sys
from importlib import import_module, resources
from importlib.metadata import packages_distributions
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from .. import __version__, plugins
from ..errors import PlugradError
from ..registry.claims import CLAIMS

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

OP_PLUGIN, BACKEND = "op-plugin", "backend"

FILES = {
    "every/gitignore": ".gitignore",
    "every/tox.ini": "tox.ini",
    "every/workflows/tests.yml": ".github/workflows/tests.yml",
    "every/workflows/publish.yml": ".github/workflows/publish.yml",
    "{kind}/pyproject.toml": "pyproject.toml",
    "{kind}/README.md": "README.md",
    "{kind}/__init__.py": "src/{module}/__init__.py",
    "{kind}/test_plugin.py": "tests/test_{module}.py",
}
OF_KIND = {
    OP_PLUGIN: {name: f"src/{{module}}/{name}" for name in ("numpy_kernels.py", "samples.py")},
    BACKEND: {name: f"src/{{module}}/{name}" for name in ("backend.py", "known_failures.py")},
}
"""Template, and the file that it becomes."""


class Refused(PlugradError):
    """Nothing was written, and why."""


def run(kind: str, name: str, directory: str, namespace: str) -> int:
    """Write the distribution and say what to type next. 1 if it is refused; nothing is written then."""
    try:
        folder, count = write(kind, name, Path(directory), namespace)
    except Refused as error:
        print(f"python -m plugrad new: nothing was written: {error}", file=sys.stderr)
        return 1
    print(f"{folder}: {count} files. What to type next:\n{NEXT.format(folder=folder)}")
    return 0


NEXT = """
  cd {folder}
  python -m pip install -e .[tests]
  python -m pytest               the conformance kit and your tests: all pass, and go on passing while you change things
  python -m plugrad doctor       it is found, and in which state

README.md tells where what is, and how to publish it."""


def write(kind: str, name: str, parent: Path, namespace: str = "array_api_strict") -> tuple[Path, int]:
    """Write a distribution into a new folder; its path, and the number of files.

    :param kind: "op-plugin" or "backend".
    :param name: with or without ``plugrad-`` before it.
    :param namespace: the array API namespace that a backend is for, by the name of its module.
    :raises Refused: if the name cannot be used, or the folder is there; nothing is written then.
    """
    words = naming(name)
    if kind == BACKEND:
        words |= of_namespace(namespace, words["plugin"])
    words["planted"] = "multiply" if kind == BACKEND else f"'{words['prefix']}.*'"
    texts = filled(kind, words)
    folder = parent / words["distribution"]
    if not parent.is_dir():
        raise Refused(f"there is no folder {parent}")
    try:
        folder.mkdir()
    except FileExistsError:
        raise Refused(f"{folder} is there already, and nothing is overwritten") from None
    try:
        for path, text in texts.items():
            folder.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
            folder.joinpath(path).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise Refused(f"{folder} cannot be written: {error}") from error
    return folder, len(texts)


def filled(kind: str, words: dict[str, str]) -> dict[str, str]:
    """Each file's path in the distribution, and its text."""
    root = resources.files(__package__) / "templates"
    named = kind.replace("-", "_")
    files = {**FILES, **{f"{{kind}}/{template}": path for template, path in OF_KIND[kind].items()}}
    return {
        path.format_map(words): Template(text_of(root, f"{template.format(kind=named)}.template")).substitute(words)
        for template, path in files.items()
    }


def text_of(root: Traversable, path: str) -> str:
    return root.joinpath(*path.split("/")).read_text(encoding="utf-8")


def naming(name: str) -> dict[str, str]:
    """The names of a distribution, its module, its plugin and the prefix of its ops.

    :raises Refused: if they are no names, or a plugin that is installed has them.
    """
    plugin = name.removeprefix("plugrad-").removeprefix("plugrad_").replace("_", "-")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", plugin):
        raise Refused(
            f"{name!r} makes no name of a distribution and of a module: lower-case letters, digits and single hyphens, "
            "a letter first, as in 'wave-optics', which becomes the distribution plugrad-wave-optics with the module "
            "plugrad_wave_optics"
        )
    for known in plugins.plugins():
        if known.names & {plugin, f"plugrad-{plugin}"}:
            raise Refused(f"{known} is installed here, and two plugins of one name exclude each other; choose another")
    prefix = plugin.replace("-", "_")
    major, minor, *_ = __version__.split(".")
    return {
        "plugin": plugin, "distribution": f"plugrad-{plugin}", "module": f"plugrad_{prefix}", "prefix": prefix,
        "versions": f">={major}.{minor},<{major}.{int(minor) + 1}", "api": str(plugins.API),
    }  # fmt: skip


def of_namespace(namespace: str, plugin: str) -> dict[str, str]:
    """What a backend for an array API namespace has to say of it, found out by making an array.

    :raises Refused: if it cannot be imported, does not follow the standard, or its arrays have a backend.
    """
    try:
        xp = import_module(namespace)
        made = type(xp.asarray([0.0]))
        xp.__array_namespace_info__  # noqa: B018  the standard's, and what a backend asks for devices
    except ModuleNotFoundError as error:
        raise Refused(
            f"the type of its arrays is read off {namespace}, which cannot be imported: {error}. "
            "Install it first, or name another module by --namespace"
        ) from error
    except AttributeError as error:
        raise Refused(
            f"{namespace} does not follow the array API standard: {error}. array-api-compat may have a namespace that "
            "does: --namespace array_api_compat.NAME"
        ) from error
    array_type = f"{made.__module__}.{made.__qualname__}"
    if array_type in CLAIMS:
        taken = CLAIMS[array_type].name
        raise Refused(f"arrays of {namespace} are {array_type}, and backend {taken!r} is there for them already")
    top = namespace.partition(".")[0]
    requirement = packages_distributions().get(top, [top.replace("_", "-")])[0]
    classname = "".join(map(str.capitalize, plugin.split("-")))
    return {
        "namespace": namespace, "array_type": array_type, "top": top, "requirement": requirement,
        "classname": classname,
    }  # fmt: skip
