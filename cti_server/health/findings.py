"""
What each part's figures mean: well, worth an eye, or bad, and why. Pure.

``reason`` is one word of a closed list for each part, for a page to say in its own language;
``detail`` says the same for people, with names and numbers.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from recording.budget import Stage

State = Literal["ok", "warn", "bad"]

LATE, TOO_LATE = 0.2, 1.0  # seconds of the loop
BEHIND = 5_000  # events that the database does not have yet
WAITING, FAR_BEHIND = 50, 1_000  # recordings that wait for the archive
EXPIRES_SOON, EXPIRES_AT_ONCE = timedelta(days=21), timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Finding:
    """Of one part."""

    state: State = "ok"
    reason: str = ""
    detail: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)


def worst(states: Collection[State]) -> State:
    if "bad" in states:
        return "bad"
    return "warn" if "warn" in states else "ok"


def of_readiness(problems: Sequence[str]) -> Finding:
    """Whether new calls are welcome."""
    if problems:
        return Finding("bad", "not_ready", "; ".join(problems))
    return Finding()


def of_loop(lag: float) -> Finding:
    figures = {"lag_seconds": lag}
    if lag < LATE:
        return Finding(figures=figures)
    state: State = "warn" if lag < TOO_LATE else "bad"
    return Finding(state, "late", f"the control loop is {lag:.1f} s late", figures)


def of_log(
    *,
    appended: int,
    stored: int,
    lost: int,
    underived: int,
    journal_failure: str | None,
    database_failure: str | None,
) -> Finding:
    """The event log: what is not in the journal would be lost, what is not stored is only late."""
    behind = appended - stored
    figures = {"behind": behind, "lost": lost, "underived": underived}
    if journal_failure is not None:
        return Finding("bad", "journal_failing", journal_failure, figures)
    if lost:
        return Finding("bad", "events_lost", f"{lost} events were lost", figures)
    if database_failure is not None:
        return Finding("warn", "database_failing", database_failure, figures)
    if underived:
        detail = f"the records of {underived} events were refused by the database"
        return Finding("warn", "records_missing", detail, figures)
    if behind > BEHIND:
        return Finding("warn", "behind", f"{behind} events are not in the database yet", figures)
    return Finding(figures=figures)


def of_database(answers: bool) -> Finding:
    if answers:
        return Finding()
    return Finding("bad", "no_answer", "the database does not answer; calls go on")


def of_media(*, there: int, wanted: int, died: int) -> Finding:
    figures = {"workers": there, "wanted": wanted, "died": died}
    if not there:
        return Finding("bad", "no_worker", "no media worker is running", figures)
    if there < wanted:
        return Finding("warn", "worker_missing", f"{there} of {wanted} workers run", figures)
    return Finding(figures=figures)


def of_recordings(*, backlog: int, owed: int) -> Finding:
    """What waits for the archive, and the copies that other stores are owed."""
    figures = {"backlog": backlog, "owed": owed}
    if backlog > WAITING:
        state: State = "warn" if backlog <= FAR_BEHIND else "bad"
        return Finding(state, "backlog", f"{backlog} recordings wait for the archive", figures)
    if owed:
        return Finding("warn", "copies_owed", f"{owed} copies are owed to a store", figures)
    return Finding(figures=figures)


def of_disks(stages: Mapping[str, Stage], free: Mapping[str, int]) -> Finding:
    """By the disks' names; ``free`` in bytes."""
    figures = {f"{name}_free_bytes": float(left) for name, left in free.items()}
    at = max(stages.values(), default=Stage.OK)
    if at is Stage.OK:
        return Finding(figures=figures)
    names = ", ".join(f"{name}: {stage.name.lower()}" for name, stage in stages.items() if stage)
    state: State = "bad" if at >= Stage.SPARE else "warn"
    return Finding(state, f"disk_{at.name.lower()}", names, figures)


def of_jobs(answer: bool) -> Finding:
    """The processes that speak prompts and store recordings."""
    if answer:
        return Finding()
    return Finding("warn", "busy", "the processes for speech and the archive are busy")


def of_trunks(states: Mapping[str, str]) -> Finding:
    down = sorted(name for name, state in states.items() if state == "down")
    figures = {"trunks": len(states), "down": len(down)}
    if not down:
        return Finding(figures=figures)
    state: State = "bad" if len(down) == len(states) else "warn"
    return Finding(state, "trunk_down", ", ".join(down), figures)


def of_desks(*, logged_in: int, connected: int) -> Finding:
    return Finding(figures={"agents": logged_in, "desks": connected})


def of_outbox(*, waiting: int, dead: int) -> Finding:
    figures = {"waiting": waiting, "dead": dead}
    if dead:
        return Finding("warn", "dead_letters", f"{dead} messages were given up", figures)
    return Finding(figures=figures)


def of_webhooks(*, enabled: int, failing: Sequence[str], dead: int) -> Finding:
    """``failing``: ids; ``dead``: letters that nobody has sent again."""
    figures = {"enabled": enabled, "failing": len(failing), "dead": dead}
    if failing:
        return Finding("warn", "failing", ", ".join(failing), figures)
    if dead:
        return Finding("warn", "dead_letters", f"{dead} deliveries were given up", figures)
    return Finding(figures=figures)


def of_connectors(resting: Mapping[str, bool]) -> Finding:
    """Other systems; one that ``rests`` failed too often and is left alone for a while."""
    names = sorted(name for name, rests in resting.items() if rests)
    figures = {"connectors": len(resting), "resting": len(names)}
    if names:
        return Finding("warn", "resting", ", ".join(names), figures)
    return Finding(figures=figures)


def of_certificate(until: datetime | None, now: datetime) -> Finding:
    """Of our own TLS; None: there is none, only this machine can reach us."""
    if until is None:
        return Finding()
    left = until - now
    figures = {"days_left": round(left / timedelta(days=1), 1)}
    if left > EXPIRES_SOON:
        return Finding(figures=figures)
    state: State = "warn" if left > EXPIRES_AT_ONCE else "bad"
    return Finding(state, "expires", f"valid until {until.isoformat()}", figures)


def of_incidents(kinds: Sequence[str]) -> Finding:
    """The kinds of those that are open."""
    figures = {"open": len(kinds)}
    if kinds:
        return Finding("warn", "open", ", ".join(sorted(set(kinds))), figures)
    return Finding(figures=figures)
