"""The waits of a queue in an interval: exact quantiles, and the service level of any target."""

from array import array
from collections.abc import Iterable
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from acd.service_level import Count, Formula, ServiceLevel

_MILLISECOND = timedelta(milliseconds=1)
_HUNDREDTHS = {"p50_ms": 50, "p90_ms": 90, "p95_ms": 95, "max_ms": 100}
QUANTILES = frozenset(_HUNDREDTHS)


class Waits:
    """Eight bytes a wait, whatever the span."""

    def __init__(self) -> None:
        self._answered = array("q")
        self._abandoned = array("q")

    def add(self, answered: Iterable[int], abandoned: Iterable[int]) -> None:
        """Milliseconds of each."""
        self._answered.extend(answered)
        self._abandoned.extend(abandoned)

    def sums(self, target: ServiceLevel) -> dict[str, int]:
        """Quantiles, by nearest rank, are of the answered and those whose patience was tried."""
        answered, left = _numbers(self._answered), _numbers(self._abandoned)
        long = left[left > target.short_abandon // _MILLISECOND]
        level = _level(answered, left, target)
        waited = np.sort(np.concatenate((answered, long)))
        ranks = {name: -(-share * len(waited) // 100) for name, share in _HUNDREDTHS.items()}
        return {
            "answered": len(answered),
            "abandoned": len(long),
            "short_abandoned": len(left) - len(long),
            "met": level.met,
            "counted": level.counted,
            "answer_ms": int(answered.sum(dtype=np.int64)),
            "wait_ms": int(waited.sum(dtype=np.int64)),
            **(
                {name: int(waited[rank - 1]) for name, rank in ranks.items()} if len(waited) else {}
            ),
        }


def _level(answered: NDArray[np.int64], left: NDArray[np.int64], target: ServiceLevel) -> Count:
    """What all contacts together add (:meth:`ServiceLevel.count`)."""
    within = target.within // _MILLISECOND
    met, in_time = int((answered <= within).sum()), int((left <= within).sum())
    long = int((left > target.short_abandon // _MILLISECOND).sum())
    match target.formula:
        case Formula.LONG_ABANDONS:
            return Count(met, len(answered) + long)
        case Formula.OFFERED:
            return Count(met, len(answered) + len(left))
        case Formula.ANSWERED:
            return Count(met, len(answered))
        case Formula.LATE_ABANDONS:
            return Count(met, len(answered) + len(left) - in_time)
        case Formula.ABANDONS_IN_TIME:
            return Count(met + in_time, len(answered) + len(left))


def _numbers(lengths: "array[int]") -> NDArray[np.int64]:
    return np.frombuffer(lengths, dtype=np.int64) if lengths else np.empty(0, dtype=np.int64)
