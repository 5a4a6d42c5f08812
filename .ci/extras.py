"""Install plugrad with each choice of extras from a folder of wheels alone, each time into a fresh environment.

    python .ci/extras.py WHEELS

What comes must be the core and what was chosen, and it must be found: the doctor's list of plugins is compared, too.
CuPy's own wheels are large, and nothing of them runs here, so empty ones of their names stand in for them.
"""

import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

CORE = {"plugrad", "pluggy"}
CHOICES = {
    "": (set(), set()),
    "numpy": ({"numpy", "plugrad-numpy"}, {"numpy"}),
    "nn": ({"plugrad-nn"}, {"nn"}),
    "numpy,nn": ({"numpy", "plugrad-numpy", "plugrad-nn"}, {"numpy", "nn"}),
    "cupy12x": ({"cupy-cuda12x", "plugrad-cupy"}, {"cupy"}),
    "cupy13x": ({"cupy-cuda13x", "plugrad-cupy"}, {"cupy"}),
    "cli": ({"markdown-it-py", "mdurl", "pygments", "rich"}, set()),
}
"""Extras: the distributions that they bring beside the core's, and the plugins."""


def stand_in(wheels, name):
    info = f"{name.replace('-', '_')}-99.0.dist-info"
    with zipfile.ZipFile(wheels / f"{name.replace('-', '_')}-99.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 99.0\nProvides-Extra: ctk\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def installed(extras, wheels, folder):
    """The distributions of a fresh environment, and the plugins that plugrad finds in it."""
    subprocess.check_call([sys.executable, "-m", "venv", "--without-pip", folder])
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    subprocess.check_call([
        sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-index", "--find-links", wheels,
        f"plugrad[{extras}]" if extras else "plugrad",
    ])  # fmt: skip
    program = (
        "import importlib.metadata as m, json, re; from plugrad.plugins import plugins; print(json.dumps("
        "[[re.sub('[-_.]+', '-', d.name).lower() for d in m.distributions()], [p.name for p in plugins()]]))"
    )
    found, plugins = json.loads(subprocess.check_output([python, "-I", "-c", program], text=True))
    return set(found), set(plugins)


def main(wheels):
    wheels = Path(wheels).resolve()
    for name in ("cupy-cuda12x", "cupy-cuda13x"):
        stand_in(wheels, name)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, (extras, (brought, plugins)) in enumerate(CHOICES.items()):
            found = installed(extras, wheels, Path(folder, str(number)))
            expected = CORE | brought, plugins
            wrong += found != expected
            verdict = "as it should" if found == expected else f"and should bring {expected}"
            print(f"plugrad[{extras}] brings {', '.join(sorted(found[0]))}; plugins: {sorted(found[1])}: {verdict}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
