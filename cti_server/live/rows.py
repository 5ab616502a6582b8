"""
The figures as they go out: one plain JSON object for each queue, agent and trunk. Pure.

What the fields mean is said in :mod:`cti_server.wire.figures`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from acd.service_level import Count

from .counts import AgentCounts, QueueCounts, TrunkCounts
from .fairness import jain
from .periods import Periods, moment_of
from .spread import quantiles
from .state import AgentState, QueueState, Served, TrunkState
from .windows import Windows

Row = dict[str, Any]

STATES = ("ready", "not_ready", "ringing", "talking", "wrap_up")
"""Of who is logged in."""

WINDOWS = ("today", "interval", "before")

_ADDED_UP = ("waiting", "ringing", "talking", "on_hold")
_SHARES = (0.5, 0.9, 0.95)


def moment(ms: int) -> str:
    return moment_of(ms).isoformat(timespec="milliseconds")


def queue_row(
    name: str, title: str, queue: QueueState, states: Mapping[str, int], fairness: Row
) -> Row:
    """``states``: how many of those who serve it are in each."""
    since = min(queue.waiting.values(), default=None)
    return {
        "queue": name,
        "title": title,
        "waiting": len(queue.waiting) - queue.ringing,
        "ringing": queue.ringing,
        "longest_wait_since": None if since is None else moment(since),
        "talking": queue.talking,
        "on_hold": queue.on_hold,
        "agents": {state: states.get(state, 0) for state in STATES},
        "fairness": fairness,
        **{window: queue_window(each, _wait(each)) for window, each in _of_queue(queue).items()},
    }


def all_queues_row(
    queues: Collection[Row], centre: QueueState, states: Mapping[str, int], fairness: Row
) -> Row:
    """``queues``: their rows; ``centre`` has counted what happened in all of them."""
    waited = [row["longest_wait_since"] for row in queues if row["longest_wait_since"]]
    return {
        **queue_row("", "", centre, states, fairness),
        **{name: sum(row[name] for row in queues) for name in _ADDED_UP},
        "longest_wait_since": min(waited, default=None),
    }


def agent_row(agent_id: str, agent: AgentState, now: int, shown: Collection[str] = WINDOWS) -> Row:
    """``now``: not before the agent's time was settled last."""
    return {
        "agent_id": agent_id,
        "state": agent.state,
        "reason": agent.reason,
        "since": moment(agent.since),
        "as_of": moment(now),
        **{
            window: _agent_window(counts, agent.state, now - agent.settled if running else 0)
            for window, counts, running in _windows(agent.windows)
            if window in shown
        },
    }


def trunk_row(name: str, lines: int | None, trunk: TrunkState, periods: Periods, now: int) -> Row:
    return {
        "trunk": name,
        "lines": lines,
        "busy": trunk.busy,
        **{
            window: _line_window(counts, trunk, lines, span, now if running else trunk.settled)
            for (window, counts, running), span in zip(
                _windows(trunk.windows), _spans(periods, now), strict=True
            )
        },
    }


def calls_row(
    lines: int | None, calls: TrunkState, queues: QueueState, periods: Periods, now: int
) -> Row:
    """All calls; ``queues``: all of them together."""
    row = trunk_row("", lines, calls, periods, now)
    del row["trunk"], row["lines"]
    for window, counts, _ in _windows(queues.windows):
        of_calls = row[window]
        away = counts.turned_away
        blocked = of_calls["refused"] + of_calls["unavailable"] + away
        of_calls["turned_away"] = away
        of_calls["blocked_rate"] = _share(blocked, of_calls["arrived"] + of_calls["refused"])
    return row


def _of_queue(queue: QueueState) -> dict[str, QueueCounts]:
    windows = {name: counts for name, counts, _ in _windows(queue.windows)}
    return {**windows, "recent": queue.recent.counts}


def _windows(windows: Windows[Any]) -> tuple[tuple[str, Any, bool], ...]:
    """By name, and whether time runs in them."""
    return (
        ("today", windows.today, True),
        ("interval", windows.interval, True),
        ("before", windows.before, False),
    )


def _spans(periods: Periods, now: int) -> tuple[int, int, int]:
    """How long each has lasted."""
    return now - periods.day, now - periods.start, periods.interval


def queue_window(counts: QueueCounts, wait: Row) -> Row:
    """``wait``: its mean, quantiles and longest."""
    ended = counts.answered + counts.abandoned
    return {
        "offered": counts.offered,
        "answered": counts.answered,
        "abandoned": counts.abandoned,
        "short_abandoned": counts.short_abandoned,
        "overflowed": counts.overflowed,
        "exited": counts.exited,
        "turned_away": counts.turned_away,
        "lost": counts.lost,
        "deferred_offered": counts.deferred_offered,
        "deferred_answered": counts.deferred_answered,
        "service_level": _rounded(Count(counts.met, counts.counted).level),
        "abandon_rate": _share(counts.abandoned, ended),
        "asa": _mean(counts.answer_ms, counts.answered),
        "wait": wait,
        "handled": counts.handled,
        **_handling(counts),
        "transferred": counts.transferred,
    }


def _wait(counts: QueueCounts) -> Row:
    found = quantiles(counts.spread, _SHARES) if counts.spread else ()
    return wait_of(counts, [min(each, counts.longest_ms) / 1000 for each in found])


def wait_of(counts: QueueCounts, seconds: Sequence[float]) -> Row:
    """``seconds``: p50, p90 and p95, where there was a wait."""
    if not seconds:
        return dict.fromkeys(("mean", "p50", "p90", "p95", "max"))
    p50, p90, p95 = (round(each, 3) for each in seconds)
    return {
        "mean": _mean(counts.wait_ms, counts.answered + counts.abandoned),
        "p50": p50,
        "p90": p90,
        "p95": p95,
        "max": counts.longest_ms / 1000,
    }


def _handling(counts: QueueCounts | AgentCounts) -> Row:
    """What one took, on average."""
    talk, hold, wrap = counts.talk_ms, counts.hold_ms, counts.wrap_ms
    return {
        "aht": _mean(talk + hold + wrap, counts.handled),
        "talk": _mean(talk, counts.handled),
        "hold": _mean(hold, counts.handled),
        "wrap_up": _mean(wrap, counts.handled),
    }


def fairness_of(queue: str, who: Iterable[AgentState], now: int) -> Row:
    """Over those who serve the queue, as far as they are or were there today."""
    return _fairness(((each, each.queues.get(queue, _NOTHING)) for each in who), now)


def fairness_of_all(who: Iterable[AgentState], now: int) -> Row:
    """Over everybody, whatever they served."""
    return _fairness(((each, _all_of(each)) for each in who), now)


def _fairness(who: Iterable[tuple[AgentState, Served]], now: int) -> Row:
    there = [
        (served, staffed)
        for agent, served in who
        if (staffed := _staffed(agent, now)) > 0 or agent.state != "logged_out"
    ]
    return {
        "agents": len(there),
        "contacts": _rounded(jain([served.handled for served, _ in there])),
        "busy": _rounded(jain([served.busy / max(1, staffed) for served, staffed in there])),
    }


def _staffed(agent: AgentState, now: int) -> int:
    """How long the agent has been there today, in ms."""
    more = 0 if agent.state == "logged_out" else now - agent.settled
    return agent.windows.today.staffed_ms + more


def _all_of(agent: AgentState) -> Served:
    today = agent.windows.today
    return Served(today.handled, today.talk_ms + today.hold_ms + today.wrap_ms)


_NOTHING = Served()


def _agent_window(counts: AgentCounts, state: str, more: int) -> Row:
    """``more``: ms in the present state beside those that are counted."""
    times = {each: getattr(counts, f"{each}_ms") for each in STATES}
    if state in times:
        times[state] += more
    staffed = sum(times.values())
    return {
        "handled": counts.handled,
        **_handling(counts),
        "offered": counts.offered,
        "missed": counts.missed,
        "declined": counts.declined,
        "unreachable": counts.unreachable,
        "transferred": counts.transferred,
        "staffed_seconds": staffed / 1000,
        **{f"{each}_seconds": times[each] / 1000 for each in STATES},
        "occupancy": _share(times["talking"] + times["wrap_up"], staffed),
    }


def _line_window(
    counts: TrunkCounts, trunk: TrunkState, lines: int | None, span: int, until: int
) -> Row:
    busy = counts.line_ms + (until - trunk.settled) * trunk.busy
    erlangs = busy / span if span > 0 else 0.0
    return {
        "arrived": counts.arrived,
        "refused": counts.refused,
        "unavailable": counts.unavailable,
        "placed": counts.placed,
        "answered": counts.answered,
        "answer_seizure_ratio": _share(counts.answered, counts.over),
        "peak": counts.peak,
        "erlangs": round(erlangs, 6),
        "occupancy": None if lines is None else round(erlangs / lines, 6),
    }


def _mean(ms: int, of: int) -> float | None:
    """Seconds."""
    return round(ms / of / 1000, 3) if of else None


def _share(part: int, of: int) -> float | None:
    return round(part / of, 4) if of else None


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
