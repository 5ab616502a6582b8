"""
Calling customers back: when, how often, and when no more.

Pure. The place of a call-back in its queue is not decided here: it is the caller's own.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from config.call_backs import CallBackSettings

from .calendars import Calendar
from .consents import Refusal

AttemptOutcome = Literal[
    "reached",
    "busy",
    "no_answer",
    "declined",
    "unreachable",
    "not_met",
    "agent_left",
    "cut",
]
"""
"not_met": the customer picked up, and was gone before an agent was there. "agent_left": the agent
gave up before the customer could answer. "cut": our own side failed.
"""

Closing = Literal["reached", "given_up", "expired", "removed", "served", "duplicate", "refused"]
"""
"served": the customer called again and was spoken with. "duplicate": one to this number waits in
this queue already. "refused": the customer will not be called.
"""
CLOSINGS: tuple[str, ...] = get_args(Closing)

NOT_THE_CUSTOMERS: frozenset[AttemptOutcome] = frozenset({"agent_left", "cut"})
"""Attempts that failed on our side: they are not counted."""

ASKED = frozenset({"asked", "requested"})
"""Reasons of call-backs that the customer wanted, by a key or by who wrote it down for them."""

OUR_REST = timedelta(minutes=1)
"""After which our own side may be in order again."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nobody is to be called before then; look again at that moment."""

    until: datetime
    cause: Literal["not_due", "closed"]


@dataclass(frozen=True, slots=True)
class Call:
    """The customer may be called, until then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Close:
    outcome: Closing


def turn(
    settings: CallBackSettings,
    calendar: Calendar | None,
    *,
    asked_at: datetime,
    due_at: datetime,
    now: datetime,
) -> Wait | Call | Close:
    """
    What is to become of a call-back now.

    ``asked_at`` is when it was asked for, or the time that the customer wished; ``due_at`` is the
    earliest moment of the next attempt.
    """
    expires_at = asked_at + settings.expire_after
    if now >= expires_at:
        return Close("expired")
    if due_at > now:
        return Wait(min(due_at, expires_at), "not_due")
    if calendar is None:
        return Call(expires_at)
    opens = calendar.opens(now)
    if opens is None or opens > now.astimezone(UTC):
        return Wait(min(opens or expires_at, expires_at), "closed")
    return Call(min(calendar.closes(now) or expires_at, expires_at))


def after_attempt(
    settings: CallBackSettings, outcome: AttemptOutcome, failed: int, now: datetime
) -> datetime | None:
    """
    When the next attempt may be made; None: the customer is given up.

    ``failed`` counts this attempt too, if it is one that :data:`NOT_THE_CUSTOMERS` does not name.
    """
    match outcome:
        case "agent_left":
            return now
        case "cut":
            return now + OUR_REST
        case "reached":
            return None
    if failed >= settings.attempts:
        return None
    pause: timedelta = getattr(settings.pauses, outcome)
    return now + pause


def after_refusal(refusal: Refusal, reason: str) -> datetime | Close | None:
    """
    What a customer's wishes mean for a call-back: not before then, not at all, or nothing.

    Who asked for this very call has it, whatever they wish of calls in general; but not in hours
    in which they want their peace.
    """
    if refusal.until is not None:
        return refusal.until
    return None if reason == "asked" else Close("refused")


def abandoned_due(
    settings: CallBackSettings, queued_at: datetime, now: datetime
) -> datetime | None:
    """When a caller who hung up in the queue may be called; None if they are not to be."""
    after = settings.offer_abandoned_after
    if after is None or now - queued_at < after:
        return None
    return now + settings.abandoned_rest


def place_since(asked_at: datetime, wished_at: datetime | None) -> datetime:
    """
    From when on a customer counts as waiting who asked for a call without being in a queue.

    Who wishes a later time does not wait until then, and so goes ahead of nobody who does.
    """
    return asked_at if wished_at is None else max(asked_at, wished_at)


def state_of(
    *,
    outcome: str | None,
    dialling: bool,
    due_at: datetime,
    mode: str,
    now: datetime,
) -> str:
    """In one word: a :data:`Closing`, "dialling", "scheduled", "waiting" or "by_hand"."""
    if outcome is not None:
        return outcome
    if dialling:
        return "dialling"
    if due_at > now:
        return "scheduled"
    return "by_hand" if mode == "by_hand" else "waiting"
