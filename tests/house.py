"""Plugins installed into a folder, and a fresh Python that finds them there beside what is installed anyway."""

import json
import os
import subprocess
import sys
from textwrap import dedent

HEAD = """
from plugrad.extend import Backend, hookimpl, op
plugrad_api = 1
"""


OP = """
o = op("{0}.o(x, /)", composite=lambda x: x)
@hookimpl
def plugrad_ops(register):
    register(o)
"""
BACKEND = """
class B(Backend):
    name = "{0}"
    array_types = ("{0}.Array",)
    def unavailable(self):
        return {1!r}
@hookimpl
def plugrad_backends(register):
    register(B())
"""
KERNELS = """
@hookimpl
def plugrad_kernels(register):
    {0}
"""


class House:
    def __init__(self, path):
        self.path = path

    def install(self, distribution, *, source="", entry=None, module=None, version="1.0", where=""):
        """A distribution with one module and one entry point; ``source`` follows what every plugin begins with."""
        folder = self.path / where
        module = module or f"plug_{distribution.replace('-', '_')}"
        info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        info.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        info.joinpath("entry_points.txt").write_text(f"[plugrad]\n{entry or distribution} = {module}\n")
        folder.joinpath(f"{module}.py").write_text(source if "plugrad_api" in source else HEAD + dedent(source))

    def python(self, code, *, folders=("",), **environment):
        """What the code printed last, as JSON."""
        done = self.process("-c", dedent(code), folders=folders, **environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def process(self, *arguments, folders=("",), cwd=None, **environment):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PLUGRAD_", "PYTHONPATH"))}
        paths = os.pathsep.join(str(self.path / folder) for folder in folders)
        return subprocess.run(
            [sys.executable, "-W", "error", *arguments], capture_output=True, text=True, encoding="utf-8", check=False,
            cwd=cwd, env={**kept, "PYTHONPATH": paths, "PYTHONUTF8": "1", **environment},
        )  # fmt: skip

    def doctor(self, **options):
        """The doctor's report, and its exit code."""
        done = self.process("-m", "plugrad", "doctor", "--json", **options)
        assert not done.stderr, done.stderr
        return json.loads(done.stdout), done.returncode
