"""The table that is printed: one row a workload, ratios to each engine, the issue's bars and whether they hold."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from timing import ratio


@dataclass
class Row:
    workload: str
    seconds: float | None  # of one call, or one node, of the engine whose table it is
    ratios: Mapping[str, float]  # of its time to each other engine's
    bars: Mapping[str, float] = field(default_factory=dict)  # what the ratios may be at most

    @property
    def holds(self) -> bool | None:
        return all(self.ratios[name] <= bar for name, bar in self.bars.items()) if self.bars else None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"holds": self.holds}


def compared(workload: str, samples: Mapping[str, Sequence[float]], subject: str, bars: Mapping[str, float]) -> Row:
    """`subject` against each other engine; bars are plugrad's, and against engines that are there."""
    ratios = {name: ratio(samples[subject], others) for name, others in samples.items() if name != subject}
    judged = {name: bar for name, bar in bars.items() if subject == "plugrad" and name in ratios}
    return Row(workload, median(samples[subject]), ratios, judged)


class Table:
    """`titles` of the columns' engines by name, that of the engine compared first."""

    def __init__(self, titles: Mapping[str, str]):
        self.titles = titles

    def head(self) -> str:
        subject, *others = self.titles.values()
        names = self.line("", [subject, *(f"/ {title}" for title in others)], "at most", "holds")
        return names + "\n" + self.line("---", ["---"] * len(self.titles), "---", "---")

    def row(self, row: Row) -> str:
        cells = {name: f"{value:.3f}" for name, value in row.ratios.items()}
        if row.seconds is not None:
            cells[next(iter(self.titles))] = readable(row.seconds)
        bars = ", ".join(f"{bar:.2f} ({self.titles[name]})" for name, bar in row.bars.items())
        verdict = {None: "", True: "yes", False: "NO"}[row.holds]
        return self.line(row.workload, [cells.get(name, "") for name in self.titles], bars, verdict)

    def line(self, first: str, cells: Sequence[str], bars: str, verdict: str) -> str:
        return f"| {first:<36} | " + " | ".join(f"{cell:>15}" for cell in cells) + f" | {bars:<40} | {verdict:<5} |"


def readable(seconds: float) -> str:
    for unit, size in ("s", 1), ("ms", 1e-3), ("us", 1e-6):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
