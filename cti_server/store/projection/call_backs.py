"""Customers who are to be called back."""

from datetime import datetime

from cti_server.wire import events

from ..call_backs import CallBack
from ..rows import Rows
from .fold import Fold
from .peer_text import peer_text


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
            "attempts": 0,
            "last_agent_id": None,
            "last_contact_id": None,
            "last_dialled_at": None,
            "closed_at": None,
            "outcome": None,
            "closed_by": None,
        },
    )


def _call_back_dialled(rows: Rows, event: events.CallBackDialled, at: datetime, _: int) -> None:
    if (call_back := rows.change(CallBack, event.contact_id)) is not None:
        call_back["attempts"] += 1
        call_back["last_agent_id"] = event.dialled_by
        call_back["last_contact_id"] = event.new_contact_id
        call_back["last_dialled_at"] = at


def _call_back_closed(rows: Rows, event: events.CallBackClosed, at: datetime, _: int) -> None:
    call_back = rows.change(CallBack, event.contact_id)
    if call_back is not None and call_back["closed_at"] is None:
        call_back["closed_at"] = at
        call_back["outcome"] = event.outcome
        call_back["closed_by"] = event.closed_by


FOLDS: dict[type, Fold] = {
    events.CallBackWanted: _call_back_wanted,
    events.CallBackDialled: _call_back_dialled,
    events.CallBackClosed: _call_back_closed,
}
