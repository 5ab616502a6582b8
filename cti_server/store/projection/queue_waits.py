"""Waits in queues. What ends them is told by the contact's other events, which ask :func:`end`."""

from datetime import datetime

from cti_server.wire import events
from cti_server.wire.wait_ends import AT_THE_LINE, end_by_diversion

from ..contacts import Contact
from ..queue_waits import QueueWait
from ..rows import Row, Rows
from .fold import Fold


def begin(
    rows: Rows, contact: Row, event: events.ContactQueued, at: datetime, sequence: int
) -> None:
    """The contact is in this queue; it may have been there before an offer, or in another one."""
    open_wait = _open(rows, contact)
    since = at if contact["connected_at"] is not None else event.queued_at
    if open_wait is not None:
        if open_wait["queue"] == event.queue:
            return
        since = open_wait["since"]
        end(rows, contact, at, "overflowed")
    wait = _wait(event, at) | {"since": since, "deferred": event.channel not in AT_THE_LINE}
    rows.add(QueueWait, sequence, wait | {"id": sequence})
    contact["wait_id"] = sequence


def end(rows: Rows, contact: Row, at: datetime, outcome: str, agent_id: str | None = None) -> None:
    """Its wait, if it waits."""
    if _open(rows, contact) is None:
        return
    wait = rows.change(QueueWait, contact["wait_id"])
    if wait is not None:
        waited = max(0.0, (at - wait["since"]).total_seconds())
        wait |= {
            "ended_at": at,
            "outcome": outcome,
            "agent_id": agent_id,
            "wait_seconds": waited,
        }
    contact["wait_id"] = None


def _open(rows: Rows, contact: Row) -> Row | None:
    return rows.get(QueueWait, contact["wait_id"])


def _contact_turned_away(
    rows: Rows, event: events.ContactTurnedAway, at: datetime, sequence: int
) -> None:
    _never_began(rows, event, at, sequence, "turned_away")


def _contact_diverted(
    rows: Rows, event: events.ContactDiverted, at: datetime, sequence: int
) -> None:
    contact = rows.change(Contact, event.contact_id)
    waited = contact is not None and _open(rows, contact) is not None
    outcome = end_by_diversion(event.to, waited=waited)
    if contact is not None and waited:
        end(rows, contact, at, outcome)
    else:
        _never_began(rows, event, at, sequence, outcome)


def _never_began(
    rows: Rows,
    event: events.ContactTurnedAway | events.ContactDiverted,
    at: datetime,
    sequence: int,
    outcome: str,
) -> None:
    ended = {"id": sequence, "ended_at": at, "outcome": outcome, "wait_seconds": 0.0}
    rows.add(QueueWait, sequence, _wait(event, at) | ended)


def _wait(
    event: events.ContactQueued | events.ContactTurnedAway | events.ContactDiverted, at: datetime
) -> Row:
    return {
        "contact_id": event.contact_id,
        "queue": event.queue,
        "joined_at": at,
        "since": at,
        "ended_at": None,
        "outcome": None,
        "wait_seconds": None,
        "agent_id": None,
        "deferred": False,
    }


FOLDS: dict[type, Fold] = {
    events.ContactTurnedAway: _contact_turned_away,
    events.ContactDiverted: _contact_diverted,
}
