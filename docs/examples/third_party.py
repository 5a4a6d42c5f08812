"""The two examples as a stranger gets them, installed: found with no configuration, held by the conformance kit, and
failed by it once a derivative is made wrong on purpose.

``tox run -e third-party`` runs it in a fresh environment, with wheels.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

DISTRIBUTIONS = ("plugrad-foo", "plugrad-fused", "plugrad-numpy", "plugrad-torch-arrays")
KIT = {
    "the ops of plugrad-fused": ("--plugrad-ops", "fused.*"),
    "its kernel of an op of plugrad's": ("--plugrad-ops", "scatter_add", "--plugrad-backend", "numpy"),
    "the backend of plugrad-torch-arrays": ("--plugrad-backend", "torch-arrays"),
}
PLANTED = {
    "fused.swiglu": ("--plugrad-ops", "fused.*"),
    "tanh": ("--plugrad-ops", "tanh", "--plugrad-ops", "exp", "--plugrad-backend", "torch-arrays"),
}
"""An op whose derivative is made wrong, and the options of the run that must find it."""


def found(folder):
    """Every distribution is a plugin that is ready, says doctor."""
    command = [sys.executable, "-m", "plugrad", "doctor", "--json"]
    said = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
    states = {plugin["distribution"]: plugin["state"] for plugin in json.loads(said)["plugins"]}
    assert states == dict.fromkeys(DISTRIBUTIONS, "ready"), f"doctor finds {states}"
    print(f"doctor finds {', '.join(states)}: ready")


def kit(folder, *options):
    """A run of the kit: pytest's exit status, and the kit's report."""
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "--tb=short", "--pyargs", "plugrad.testing", *options]
    command += ["--plugrad-report", str(report)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if not report.exists():
        sys.exit(f"the kit broke off:\n{done.stdout}\n{done.stderr}")
    return done, json.loads(report.read_text(encoding="utf-8"))


def holds(folder, what, options):
    """The kit passes."""
    done, report = kit(folder, *options)
    if done.returncode:
        sys.exit(f"the kit fails on {what}:\n{done.stdout}")
    print(f"{what}: {report['badge']['message']}; {done.stdout.splitlines()[-1]}")


def is_caught(folder, op, options):
    """A wrong derivative fails the kit, of this op alone, at its derivative."""
    done, report = kit(folder, *options, "--plugrad-plant", op)
    failed = {(check["op"], check["check"]) for check in report["checks"] if check["outcome"] == "failed"}
    assert done.returncode == 1, f"with {report['planted'][op]} the kit exits with {done.returncode}"
    assert (op, "vjp") in failed, f"with {report['planted'][op]} the kit fails {failed}"
    assert {name for name, _ in failed} == {op}, f"with a fault in {op} the kit fails {failed}"
    print(f"planted in {report['planted'][op]}: the kit fails at {', '.join(sorted(check for _, check in failed))}")


def main():
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        found(folder)
        for what, options in KIT.items():
            holds(folder, what, options)
        for op, options in PLANTED.items():
            is_caught(folder, op, options)


if __name__ == "__main__":
    main()
