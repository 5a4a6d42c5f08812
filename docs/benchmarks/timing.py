"""Side by side: every engine once in a round, in rotated order, so that what disturbs one soon disturbs all."""

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter
from typing import Any

SLICE = 0.01  # seconds that one engine is timed for in a round


def seconds(call: Callable[[], Any], times: int) -> float:
    start = perf_counter()
    for _ in range(times):
        call()
    return (perf_counter() - start) / times


def rotated(names: list[str], turn: int) -> list[str]:
    turn %= len(names)
    return names[turn:] + names[:turn]


def interleaved(calls: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, list[float]]:
    """Seconds of a call, of each engine in each round."""
    times = {}
    for name, call in calls.items():
        call()  # what happens at the first call is no part of a round
        times[name] = max(1, round(SLICE / seconds(call, 3)))
    samples: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds):
        for name in rotated(list(calls), turn):
            samples[name].append(seconds(calls[name], times[name]))
    return samples


def ratio(samples: list[float], others: list[float]) -> float:
    """The median of the rounds' ratios: the two times of one round met the same weather."""
    return median(one / other for one, other in zip(samples, others, strict=True))
