"""Sums of the records as figures, in the same words as live ones. Pure."""

from acd.service_level import Count, Formula, ServiceLevel
from cti_server.store.queue_reports import SHARES, Reported

from .counts import QueueCounts
from .fairness import jain
from .rows import Row, queue_window, wait_of


def report_row(one: Reported, target: ServiceLevel) -> Row:
    level, sums = _level(one, target), one.sums
    counts = QueueCounts(
        met=level.met,
        counted=level.counted,
        answer_ms=_ms(sums["answer_seconds"]),
        wait_ms=_ms(sums["wait_seconds"]),
        longest_ms=_ms(sums["longest"]),
        talk_ms=_ms(sums["talk"]),
        hold_ms=_ms(sums["hold"]),
        wrap_ms=_ms(sums["wrap_up"]),
    )
    for name in _AS_THEY_ARE:
        setattr(counts, name, int(sums[name]))
    quantiles = [one.quantiles[share] for share in SHARES if share in one.quantiles]
    return {**queue_window(counts, wait_of(counts, quantiles)), "fairness": _fairness(one)}


_AS_THEY_ARE = (
    *("offered", "answered", "abandoned", "short_abandoned", "overflowed", "exited", "lost"),
    *("turned_away", "deferred_offered", "deferred_answered", "handled", "transferred"),
)


def _level(one: Reported, target: ServiceLevel) -> Count:
    """What all contacts together add (:meth:`ServiceLevel.count`)."""
    sums = {name: int(value) for name, value in one.sums.items()}
    met, answered = sums.get("answered_within", 0), sums.get("answered", 0)
    long, short = sums.get("abandoned", 0), sums.get("short_abandoned", 0)
    in_time = sums.get("abandoned_within", 0)
    match target.formula:
        case Formula.LONG_ABANDONS:
            return Count(met, answered + long)
        case Formula.OFFERED:
            return Count(met, answered + long + short)
        case Formula.ANSWERED:
            return Count(met, answered)
        case Formula.LATE_ABANDONS:
            return Count(met, answered + long + short - in_time)
        case Formula.ABANDONS_IN_TIME:
            return Count(met + in_time, answered + long + short)


def _fairness(one: Reported) -> Row:
    handled = [number for number, _ in one.handled_by.values()]
    seconds = [took for _, took in one.handled_by.values()]
    contacts, busy = jain(handled), jain(seconds)
    return {
        "agents": len(handled),
        "contacts": None if contacts is None else round(contacts, 4),
        "busy": None if busy is None else round(busy, 4),
    }


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
