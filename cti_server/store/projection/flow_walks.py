"""Walks through flows and stays at their nodes, as the contact's events tell them."""

from datetime import datetime

from cti_server.wire import events
from ivr.walk import LOST

from ..contacts import Contact
from ..flow_walks import FlowWalk, NodeStay
from ..rows import Row, Rows
from .fold import Fold

_BY_THE_CALLER = ("caller-hung-up", "customer-left")
_VOICEMAIL = "voicemail"


def entered(
    rows: Rows, contact: Row, event: events.NodeEntered, at: datetime, sequence: int
) -> None:
    """Of flows that nobody published, as before there were versions, nothing is kept."""
    if event.version is None:
        return
    whole = event.whole or event.flow
    if event.by is None:
        contact["walk_id"], contact["stay_id"] = sequence, None
        rows.add(FlowWalk, sequence, _new_walk(event, contact, whole, at) | {"id": sequence})
    else:
        _follow(rows, contact, event, at)
    stay = _new_stay(event, whole, at)
    rows.add(NodeStay, sequence, stay | {"id": sequence})
    contact["stay_id"] = sequence


def ended(rows: Rows, contact: Row, at: datetime, event: events.ContactEnded) -> None:
    """The contact's end is that of a walk that led to nobody, or to a mailbox."""
    walk = rows.change(FlowWalk, contact["walk_id"])
    stay = rows.change(NodeStay, contact["stay_id"])
    contact["walk_id"] = contact["stay_id"] = None
    if walk is None:
        return
    by_the_caller, open_ = event.reason in _BY_THE_CALLER, walk["end"] is None
    if open_:
        _stayed(walk, stay, at)
        walk["left_at"] = walk["left_at"] or at
        walk["end"] = "caller" if by_the_caller else "failed"
    if event.outcome == _VOICEMAIL:
        walk["end"] = _VOICEMAIL
    if open_ and stay is not None:
        stay |= {"gone": by_the_caller, "way": ""}


def _follow(rows: Rows, contact: Row, event: events.NodeEntered, at: datetime) -> None:
    """From the node before; a queue or a number outside may have led the caller back from it."""
    walk = rows.change(FlowWalk, contact["walk_id"])
    if walk is not None:
        walk |= {"left_at": None, "end": None}
    stay = rows.change(NodeStay, contact["stay_id"])
    if stay is None:
        return
    stay["way"] = event.by
    if stay["seconds"] is None:
        stay |= {"asked": event.asked, "wrong": event.wrong, "silent": event.silent}
        _stayed(walk, stay, at)


def _flow_left(rows: Rows, event: events.FlowLeft, at: datetime, _: int) -> None:
    contact = rows.get(Contact, event.contact_id)
    if contact is None:
        return
    walk = rows.change(FlowWalk, contact["walk_id"])
    stay = rows.change(NodeStay, contact["stay_id"])
    _stayed(walk, stay, at)
    if walk is not None:
        lost = event.to == "hang_up" and event.reason in LOST
        walk |= {"end": "failed" if lost else event.to or None, "served": event.served}
        walk["left_at"] = at
    if stay is not None:
        stay |= {"asked": event.asked, "wrong": event.wrong, "silent": event.silent}
        stay["way"] = event.to


def _new_walk(event: events.NodeEntered, contact: Row, whole: str, at: datetime) -> Row:
    return {
        "contact_id": event.contact_id,
        "channel": contact["channel"],
        "flow": whole,
        "version": event.version,
        "began_at": at,
        "left_at": None,
        "seconds": None,
        "end": None,
        "served": False,
    }


def _new_stay(event: events.NodeEntered, whole: str, at: datetime) -> Row:
    return {
        "flow": whole,
        "version": event.version,
        "part": event.flow,
        "node": event.node,
        "entered_at": at,
        "seconds": None,
        "way": None,
        "gone": False,
        "asked": 0,
        "wrong": 0,
        "silent": 0,
    }


def _stayed(walk: Row | None, stay: Row | None, at: datetime) -> None:
    """
    At this node until now, if the stay is not over yet.

    The walk is as long as its stays together: who is in a queue in between is not in the flow.
    """
    if stay is None or stay["seconds"] is not None:
        return
    seconds = max(0.0, (at - stay["entered_at"]).total_seconds())
    stay["seconds"] = seconds
    if walk is not None:
        walk["seconds"] = round((walk["seconds"] or 0.0) + seconds, 6)


FOLDS: dict[type, Fold] = {events.FlowLeft: _flow_left}
