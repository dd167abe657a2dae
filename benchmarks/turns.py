"""Two sides in turns, so that what else the machine does falls on both; what their pairs say."""

from collections.abc import Callable, Iterable
from statistics import median
from typing import NamedTuple, TypeVar

Measured = TypeVar("Measured")


class Ratio(NamedTuple):
    """The ratios of one side to the other, pair by pair."""

    median: float
    low: float
    high: float


def in_turns(
    one: Callable[[], Measured], other: Callable[[], Measured], rounds: int
) -> list[tuple[Measured, Measured]]:
    """Return what both give in so many rounds, as pairs; every second round begins with the other side.

    Each is called once before, with cold caches, and that does not count.
    """
    one(), other()
    pairs = []
    for number in range(rounds):
        if number % 2 == 0:
            pairs.append((one(), other()))
        else:
            second = other()
            pairs.append((one(), second))
    return pairs


def ratio(pairs: Iterable[tuple[float, float]]) -> Ratio:
    """Return how many times the second of a pair the first is."""
    ratios = [one / other for one, other in pairs]
    return Ratio(round(median(ratios), 3), round(min(ratios), 3), round(max(ratios), 3))
