"""What a run found, as a table of ops and checks for the terminal, and as JSON for machines."""

from __future__ import annotations

import sys

from ...plugins import API
from .checks import OF_OPS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...registry.backend import Backend

WORDS = {"passed": "ok", "failed": "FAIL", "known": "known", "nothing": "-"}
WORST = ("failed", "known", "passed", "nothing")
TITLES = {"second_order": "2nd"}


class Results:
    """The outcome of each check of each op on each backend."""

    def __init__(self) -> None:
        self.outcomes: list[dict[str, str]] = []

    def add(self, said: dict[str, str], report: Any) -> None:
        """Take the report of a test."""
        if report.outcome == "skipped":
            known = hasattr(report, "wasxfail")
            outcome, reason = ("known", report.wasxfail) if known else ("nothing", _reason(report.longrepr))
        else:
            outcome, reason = report.outcome, _message(report.longrepr) if report.failed else ""
        self.outcomes.append({**said, "outcome": outcome, "reason": reason})

    def cells(self) -> dict[tuple[str, str], dict[str, str]]:
        """(backend, op) -> check -> the worst outcome over the dtypes."""
        found: dict[tuple[str, str], dict[str, str]] = {}
        for one in self.outcomes:
            row = found.setdefault((one["backend"], one["op"]), {})
            outcomes = (row.get(one["check"], "nothing"), one["outcome"])
            row[one["check"]] = min(outcomes, key=WORST.index)
        return found

    def count(self, outcome: str) -> int:
        """How many checks ended so."""
        return sum(one["outcome"] == outcome for one in self.outcomes)

    def show(self, terminal: Any, planted: dict[str, str]) -> None:
        """Write the tables: of what the backends promise, and of the ops."""
        if not self.outcomes:
            if planted or terminal.config.option.plugrad_ops or terminal.config.option.plugrad_backend:
                terminal.write_line("plugrad's kit was not among the tests: add --pyargs plugrad.testing", red=True)
            return
        cells = self.cells()
        ops = {place: row for place, row in cells.items() if place[1] != "backend"}
        for (backend, op), row in cells.items():
            if op == "backend":
                terminal.section(f"plugrad: what backend {backend} promises")
                width = max(map(len, row))
                for check, outcome in row.items():
                    terminal.write_line(f"{check:{width}}  {WORDS[outcome]}", red=outcome == "failed")
        if ops:
            terminal.section("plugrad: ops")
            self._write_ops(terminal, ops)
        for op, what in planted.items():
            found = sorted({o["check"] for o in self.outcomes if o["op"] == op and o["outcome"] == "failed"})
            by = f"found by {', '.join(found)}" if found else "FOUND BY NO CHECK: its samples say too little"
            terminal.write_line(f"planted in {what}; {by}", red=not found)
        for one in self.outcomes:
            if one["outcome"] == "known":
                terminal.write_line(f"known: {one['op']} on {one['backend']}, {one['check']}: {one['reason']}")
        terminal.write_line(self.summary())

    def _write_ops(self, terminal: Any, ops: dict[tuple[str, str], dict[str, str]]) -> None:
        checks = sorted({check for row in ops.values() for check in row}, key=OF_OPS.index)
        several = len({backend for backend, _ in ops}) > 1
        names = [f"{op} on {backend}" if several else op for backend, op in ops]
        width = max(map(len, names))
        titles = [TITLES.get(check, check).ljust(4) for check in checks]
        terminal.write_line("  ".join((" " * width, *titles)).rstrip())
        for name, row in zip(names, ops.values(), strict=True):
            words = [WORDS[row[check]] if check in row else "-" for check in checks]
            padded = [word.ljust(len(title)) for word, title in zip(words, titles, strict=True)]
            terminal.write_line("  ".join((name.ljust(width), *padded)).rstrip(), red="failed" in row.values())

    def summary(self) -> str:
        """One line."""
        rows = self.cells()
        whole = sum("failed" not in row.values() for row in rows.values())
        known = self.count("known")
        return f"plugrad: {whole} of {len(rows)} hold" + (f", {known} known failures" if known else "")

    def report(self, backends: list[Backend], planted: dict[str, str]) -> dict[str, Any]:
        """For machines; ``badge`` is what shields.io reads."""
        ops: dict[str, dict[str, dict[str, str]]] = {}
        for (backend, op), row in self.cells().items():
            ops.setdefault(backend, {})[op] = row
        color = "red" if self.count("failed") else "brightgreen"
        badge = {"schemaVersion": 1, "label": "plugrad", "message": self.summary()[9:], "color": color}
        return {
            "plugrad": sys.modules["plugrad"].__version__,
            "api": API,
            "backends": [backend.name for backend in backends],
            "planted": planted,
            "counts": {outcome: self.count(outcome) for outcome in WORST},
            "table": ops,
            "checks": self.outcomes,
            "badge": badge,
        }


def _message(longrepr: Any) -> str:
    """What a test failed with, without the way there."""
    crash = getattr(longrepr, "reprcrash", None)
    return str(longrepr if crash is None else crash.message)


def _reason(longrepr: Any) -> str:
    """Why a test was skipped."""
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)
