"""
How long a contact will wait: quantiles, from its place and the pace of who serves. Pure.

While somebody waits, all who serve are busy, and become free as a stream whose rate is their number
by the mean time that a contact keeps one of them. Who has n others ahead is served at the n+1st
such moment, those ahead who hang up left out: a sum of stages, the one with j still ahead
exponential with the rate

    serving / handling + j · hazard

(Whitt 1999, Management Science 45:192, for M/M/c+M). Contacts ahead in other queues count by the
work that they are. The sum is taken as a gamma distribution of the same mean and variance, whose
quantiles are Wilson and Hilferty's (1931, PNAS 17:684). How far that is wrong in a queue is learnt
there: :mod:`.calibration`.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

from .pace import Pace
from .prospects import Prospect

QUANTILES = (0.5, 0.8, 0.9)
EVIDENCE = 10.0
"""Contacts of a queue that were served, without which nothing is said about it."""

_Z = (0.0, 0.8416, 1.2816)  # of the normal distribution, at the quantiles
_LEAST = 0.1  # seconds that a contact keeps an agent, where all were over at once
_LATE = 8  # of a sum's terms: from there on their integral tells it to the fifth digit


class Estimate(NamedTuple):
    """Seconds within which the contact is served, each with that probability."""

    p50: float
    p80: float
    p90: float

    def scaled(self, by: tuple[float, ...]) -> "Estimate":
        """Each by its own factor; a higher quantile is never below a lower one."""
        values = [value * factor for value, factor in zip(self, by, strict=True)]
        return Estimate(values[0], max(values[:2]), max(values))


def estimate(prospect: Prospect, paces: Mapping[str, Pace]) -> Estimate | None:
    """Before any correction; None without evidence, or with nobody who serves."""
    own = paces.get(prospect.queue)
    if own is None or own.handling.weight < EVIDENCE or not prospect.serving:
        return None
    handling = _mean_handling(prospect, paces, own)
    each = own.handling.mean or _LEAST  # as one of our own where nothing is known
    work = sum(count * _time(paces, queue, each) for queue, count in prospect.ahead.items())
    stages = work / handling + 1.0
    mean, variance = sum_of(stages, prospect.serving / handling, own.hazard)
    variance *= _burstiness(own.handling.variation, stages, prospect.serving)
    variance += mean * mean * own.handling.variation / own.handling.weight
    mean += own.answer.mean
    return _quantiles(mean, variance)


def _time(paces: Mapping[str, Pace], queue: str, otherwise: float) -> float:
    """How long a contact of the queue keeps an agent."""
    pace = paces.get(queue)
    return otherwise if pace is None else pace.handling.mean or otherwise


def _mean_handling(prospect: Prospect, paces: Mapping[str, Pace], own: Pace) -> float:
    """Of those who are served now, whose agents become free first: the harmonic mean."""
    each = own.handling.mean or _LEAST
    served = sum(prospect.served.values())
    frees = sum(count / _time(paces, queue, each) for queue, count in prospect.served.items())
    return served / frees if frees else each


def sum_of(stages: float, rate: float, hazard: float) -> tuple[float, float]:
    """Mean and variance of the stages' sum; the first one counts as far as it is whole."""
    mean = variance = 0.0
    whole, ahead = math.floor(stages), 0
    while ahead < whole and rate < (_LATE - ahead) * hazard:
        time = 1.0 / (rate + ahead * hazard)
        mean += time
        variance += time * time
        ahead += 1
    first, last = rate + ahead * hazard, rate + whole * hazard
    times, squares = _sums(whole - ahead, first, last, hazard)
    rest = (stages - whole) / last
    return mean + times + rest, variance + squares + rest / last


def _sums(count: int, first: float, last: float, step: float) -> tuple[float, float]:
    """
    Of 1/x and of 1/x² over x = first, first + step … before last, where first is many steps.

    Euler and Maclaurin: the integral, and what the ends and the slopes there differ from it by.
    """
    if not step:
        return count / first, count / first**2
    times = math.log1p(count * step / first) / step + (1 / first - 1 / last) / 2
    times += step * (first**-2 - last**-2) / 12
    squares = count / (first * last) + (first**-2 - last**-2) / 2
    return times, squares + step * (first**-3 - last**-3) / 6


def _burstiness(variation: float, stages: float, serving: int) -> float:
    """
    How much more or less the stream varies than a Poisson stream does.

    That of many agents is one in the short run; in the long run it varies as handling times do.
    """
    return 1.0 + (variation - 1.0) * stages / (stages + serving)


def _quantiles(mean: float, variance: float) -> Estimate:
    ninth = variance / (9.0 * mean * mean)  # 1 / (9 · shape)
    return Estimate(
        *(mean * max(1.0 - ninth + z * math.sqrt(ninth), 0.0) ** 3 for z in _Z),
    )
