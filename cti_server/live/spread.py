"""
How long many waits were, in bounded space, to within one per cent.

Buckets whose bounds grow by a fixed share, as in DDSketch (Masson, Rim, Lee, VLDB 2019). Its
library is not used: a window that slides takes away again what it added, and the whole is stored.
"""

import math
from collections.abc import Mapping

ACCURACY = 0.01  # of a quantile, relative
_GROWTH = (1 + ACCURACY) / (1 - ACCURACY)
_PER_LOG = 1 / math.log(_GROWTH)

Spread = dict[int, int]
"""How many by bucket; a day of waits from a millisecond to an hour has at most 760 of them."""


def bucket_of(ms: int) -> int:
    return math.ceil(math.log(ms) * _PER_LOG) if ms > 1 else 0


def value_of(bucket: int) -> float:
    """Milliseconds that stand for the bucket: off by ``ACCURACY`` at most, either way."""
    return 2 * _GROWTH**bucket / (1 + _GROWTH)


def quantiles(spread: Mapping[int, int], shares: tuple[float, ...]) -> tuple[float, ...]:
    """
    Of each share the milliseconds below which that part of the waits is, by nearest rank.

    ``shares`` rise; there must be a wait.
    """
    ranks = [math.ceil(share * sum(spread.values())) for share in shares]
    found: list[float] = []
    seen = 0
    for bucket in sorted(spread):
        seen += spread[bucket]
        while len(found) < len(ranks) and seen >= ranks[len(found)]:
            found.append(value_of(bucket))
    return tuple(found)
