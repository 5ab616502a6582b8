"""Customers who are to be called back."""

from datetime import datetime

from cti_server.wire import events

from ..call_backs import CallBack
from ..rows import Row, Rows
from .fold import Fold
from .peer_text import peer_text

MAX_TRIED = 50
"""Attempts told of one call-back: agents may click as often as they like."""


def _call_back_wanted(rows: Rows, event: events.CallBackWanted, at: datetime, _: int) -> None:
    rows.add(
        CallBack,
        event.contact_id,
        {
            "id": event.contact_id,
            "number": peer_text(event.number),
            "queue": event.queue,
            "queued_at": event.queued_at,
            "wanted_at": at,
            "reason": peer_text(event.reason),
            "priority": event.priority,
            "requirements": event.requirements,
            "language": event.language,
            "customer_id": event.customer_id,
            "due_at": event.due_at or at,
            "wished_at": event.due_at if event.wished else None,
            "asked_by": event.asked_by,
            "by_hand": False,
            "dialling": False,
            "attempts": 0,
            "failed": 0,
            "tried": [],
            "last_agent_id": None,
            "last_contact_id": None,
            "last_dialled_at": None,
            "closed_at": None,
            "outcome": None,
            "closed_by": None,
            "cause": None,
        },
    )


def _call_back_queued(rows: Rows, event: events.CallBackQueued, at: datetime, _: int) -> None:
    if (call_back := rows.change(CallBack, event.contact_id)) is not None:
        call_back["last_contact_id"] = event.new_contact_id


def _call_back_dialled(rows: Rows, event: events.CallBackDialled, at: datetime, _: int) -> None:
    if (call_back := rows.change(CallBack, event.contact_id)) is not None:
        call_back["attempts"] += 1
        call_back["last_agent_id"] = event.dialled_by
        call_back["last_contact_id"] = event.new_contact_id
        call_back["last_dialled_at"] = at
        call_back["dialling"] = True


def _call_back_not_reached(
    rows: Rows, event: events.CallBackNotReached, at: datetime, _: int
) -> None:
    if (call_back := rows.change(CallBack, event.contact_id)) is None:
        return
    call_back["dialling"] = False
    call_back["failed"] += event.counted
    call_back["due_at"] = event.due_at or call_back["due_at"]
    _tell_attempt(call_back, event.outcome, at, event.agent_id, event.new_contact_id)


def _call_back_rescheduled(
    rows: Rows, event: events.CallBackRescheduled, at: datetime, _: int
) -> None:
    if (call_back := rows.change(CallBack, event.contact_id)) is not None:
        call_back["due_at"] = event.due_at
        if event.cause == "wished":
            call_back["wished_at"] = event.due_at
            call_back["by_hand"] = False


def _call_back_asked_again(
    rows: Rows, event: events.CallBackAskedAgain, at: datetime, _: int
) -> None:
    if (call_back := rows.change(CallBack, event.contact_id)) is not None:
        call_back["wanted_at"] = call_back["due_at"] = at
        call_back["wished_at"] = None
        call_back["by_hand"] = False
        call_back["failed"] = 0
        call_back["reason"] = peer_text(event.reason)
        call_back["queued_at"] = event.queued_at
        call_back["priority"] = event.priority


def _call_back_closed(rows: Rows, event: events.CallBackClosed, at: datetime, _: int) -> None:
    call_back = rows.change(CallBack, event.contact_id)
    if call_back is not None and call_back["closed_at"] is None:
        call_back["closed_at"] = at
        call_back["outcome"] = event.outcome
        call_back["closed_by"] = event.closed_by
        call_back["cause"] = event.cause
        if event.outcome == "reached" and call_back["dialling"]:
            last = call_back["last_agent_id"], call_back["last_contact_id"]
            _tell_attempt(call_back, event.outcome, at, *last)
        call_back["dialling"] = False


def _tell_attempt(
    call_back: Row, outcome: str, at: datetime, agent_id: str | None, contact_id: str | None
) -> None:
    dialled_at = call_back["last_dialled_at"]
    attempt = {
        "dialled_at": (dialled_at or at).isoformat(),
        "ended_at": at.isoformat(),
        "agent_id": agent_id,
        "contact_id": contact_id,
        "outcome": outcome,
    }
    call_back["tried"] = [*call_back["tried"], attempt][-MAX_TRIED:]


FOLDS: dict[type, Fold] = {
    events.CallBackWanted: _call_back_wanted,
    events.CallBackQueued: _call_back_queued,
    events.CallBackDialled: _call_back_dialled,
    events.CallBackNotReached: _call_back_not_reached,
    events.CallBackRescheduled: _call_back_rescheduled,
    events.CallBackAskedAgain: _call_back_asked_again,
    events.CallBackClosed: _call_back_closed,
}
