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
_MOST_STAGES = 5000


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
    work = sum(count * _of(paces, queue, own) for queue, count in prospect.ahead.items())
    stages = work / handling + 1.0
    mean, variance = _sum_of(stages, prospect.serving / handling, own.hazard)
    variance *= _burstiness(own.handling.variation, stages, prospect.serving)
    variance += mean * mean * own.handling.variation / own.handling.weight
    mean += own.answer.mean
    return _quantiles(mean, variance)


def _of(paces: Mapping[str, Pace], queue: str, own: Pace) -> float:
    """How long a contact of the queue keeps an agent; as one of our own where nothing is known."""
    pace = paces.get(queue)
    known = pace is not None and pace.handling.weight
    return pace.handling.mean if pace is not None and known else own.handling.mean


def _mean_handling(prospect: Prospect, paces: Mapping[str, Pace], own: Pace) -> float:
    """Of those who are served now, whose agents become free first: the harmonic mean."""
    served = sum(prospect.served.values())
    frees = sum(count / _of(paces, queue, own) for queue, count in prospect.served.items())
    return served / frees if frees else own.handling.mean


def _sum_of(stages: float, rate: float, hazard: float) -> tuple[float, float]:
    """Mean and variance of the stages' sum; the first one counts as far as it is whole."""
    mean = variance = 0.0
    whole = min(math.floor(stages), _MOST_STAGES)
    for ahead in range(whole):
        time = 1.0 / (rate + ahead * hazard)
        mean += time
        variance += time * time
    rest = (stages - whole) / (rate + whole * hazard)
    return mean + rest, variance + rest / (rate + whole * hazard)


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
