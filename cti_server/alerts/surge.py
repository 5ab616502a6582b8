"""
Whether more arrive than ever do at this time of the week. Pure.

What is usual is the median of the same hour of the weeks before; how far a day may be from that is
a spread of its own beside chance, so that arrivals are negative binomial. A surge is a count in one
of the windows that would come by chance less than once in :data:`RARE`, and is worth a look.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

WINDOWS: Final = (5, 15, 30)  # minutes
FEWEST_WEEKS: Final = 3
"""Of fewer nothing is said."""
RARE: Final = 2e-5
"""
Looked at each minute in three windows that overlap, the minutes of a day are some hundred chances
of their own: a false alarm of one queue in a month at most, if its days are as its weeks were. Of
480 calls an hour that double half are seen within ten minutes, nearly all within thirty.
"""
TIMES, MORE = 1.5, 8  # the least that is worth a look: so many times, and so many more
OVER_TIMES, OVER_MORE = 1.25, 4  # no more than that is usual again
OVER_IN: Final = (5, 15)  # minutes, in each of them
LEAST_SPREAD, MOST_SPREAD = 0.12, 1.0
_MAD = 1.4826  # of a normal distribution's standard deviation
_ENOUGH = 1e-12  # of a sum's next term


@dataclass(frozen=True, slots=True)
class Forecast:
    """``spread``: of a day's level beside chance, as a share of it; ``weeks``: known ones."""

    per_minute: float
    spread: float
    weeks: int


@dataclass(frozen=True, slots=True)
class Surge:
    window: int  # minutes
    count: int
    expected: float


def forecast(counts: Sequence[int], minutes: float) -> Forecast | None:
    """``counts``: of that many minutes around this time, week by week. None: too few weeks."""
    if len(counts) < FEWEST_WEEKS:
        return None
    middle = median(counts)
    off = _MAD * median(abs(count - middle) for count in counts)
    usual = (middle + 0.5) / minutes  # where nobody ever came somebody may
    beside_chance = math.sqrt(max(0.0, off * off - middle)) / (middle + 0.5)
    spread = min(MOST_SPREAD, max(LEAST_SPREAD, beside_chance))
    return Forecast(per_minute=usual, spread=spread, weeks=len(counts))


def surging(counts: Mapping[int, int], usual: Forecast) -> Surge | None:
    """
    ``counts``: what arrived in each of the windows that are known; the shortest that tells.

    None where it is over: the longest still has what was told of before.
    """
    if is_over(counts, usual):
        return None
    for window in sorted(counts):
        count, expected = counts[window], usual.per_minute * window
        if count < TIMES * expected or count < expected + MORE:
            continue
        if at_least(count, expected, usual.spread) < RARE:
            return Surge(window, count, expected)
    return None


def is_over(counts: Mapping[int, int], usual: Forecast) -> bool:
    """Whether what surged is usual again."""
    return all(
        window in counts and counts[window] <= OVER_TIMES * usual.per_minute * window + OVER_MORE
        for window in OVER_IN
    )


def at_least(count: int, mean: float, spread: float) -> float:
    """The chance of so many or more, negative binomial with this mean and spread."""
    shape = 1 / (spread * spread)
    odds = mean / (mean + shape)
    term = math.exp(
        math.lgamma(count + shape)
        - math.lgamma(shape)
        - math.lgamma(count + 1)
        + shape * math.log(shape / (mean + shape))
        + count * math.log(odds)
    )
    total, number = 0.0, count
    while term > total * _ENOUGH and term > 0.0:
        total += term
        term *= (number + shape) / (number + 1) * odds
        number += 1
    return min(1.0, total)


class Arrivals:
    """
    How many arrived of something, minute by minute, as far back as the longest window.

    ``nobody``: minutes up to which nobody had.
    """

    def __init__(self, nobody: Iterable[int] = ()) -> None:
        self._totals = dict.fromkeys(nobody, 0)
        self._last = 0
        self._before = 0  # of days that are over

    def note(self, minute: int, total: int) -> None:
        """``total``: so far; it begins anew each day."""
        if total < self._last:
            self._before += self._last
        self._last = total
        self._totals[minute] = self._before + total
        oldest = minute - max(WINDOWS)
        self._totals = {each: sum_ for each, sum_ in self._totals.items() if each >= oldest}

    def recall(self, arrived: Mapping[int, int]) -> None:
        """
        Know what was before the first minute that is known, as far back as the longest window.

        ``arrived``: how many in which minute, in all others nobody; those who arrived in that first
        one are already in what was noted.
        """
        first = min(self._totals)
        total = self._totals[first] - arrived.get(first, 0)
        for minute in range(first - 1, first - max(WINDOWS) - 1, -1):
            total -= arrived.get(minute, 0)
            self._totals[minute] = total

    def counts(self, minute: int) -> dict[int, int]:
        """In each window up to this minute, of those that are known whole."""
        now = self._totals.get(minute)
        if now is None:
            return {}
        return {
            window: now - self._totals[minute - window]
            for window in WINDOWS
            if minute - window in self._totals
        }
