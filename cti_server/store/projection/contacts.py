"""A contact: who it is, where it waits, how it ends."""

from datetime import datetime

from cti_server.wire import events
from cti_server.wire.wait_ends import end_of_wait

from ..contacts import Contact
from ..rows import Row, Rows
from . import flow_walks, queue_waits
from .fold import Fold
from .life_cycle import Phase
from .peer_text import peer_text
from .waiting import waited

MAX_PATH = 200
"""Menu nodes kept of one contact: a caller may go round in a menu for an hour."""


def new_contact(contact_id: str, at: datetime, channel: str, call_id: str, numbers: Row) -> Row:
    """One that has just begun."""
    return {
        "id": contact_id,
        "channel": channel,
        "call_id": call_id,
        **numbers,
        "arrived_at": at,
        "customer_match": None,
        "customer_ids": [],
        "flow": None,
        "flow_version": None,
        "path": [],
        "attributes": {},
        "queue": None,
        "priority": 0,
        "requirements": {},
        "offers": 0,
        "agent_id": None,
        "queued_at": None,
        "first_offered_at": None,
        "connected_at": None,
        "ended_at": None,
        "wait_seconds": None,
        "outcome": None,
        "reason": None,
        "direction": "inbound",
        "masked": False,
        "call_back_of": None,
        "subject": "",
        "due_at": None,
        "phase": Phase.RINGING.value,
        "phase_since": at,
        "in_hand": {},
        "wait_id": None,
        "transfers": 0,
        "walk_id": None,
        "stay_id": None,
    }


def _contact_received(rows: Rows, event: events.ContactReceived, at: datetime, _: int) -> None:
    numbers = {"caller_number": peer_text(event.address), "dialled_number": ""}
    told = {
        "queue": event.queue,
        "attributes": event.attributes,
        "subject": peer_text(event.subject),
        "due_at": event.due_at,
    }
    contact = new_contact(event.contact_id, at, event.channel, "", numbers)
    rows.add(Contact, event.contact_id, contact | told)


def _self_service_began(rows: Rows, event: events.SelfServiceBegan, at: datetime, _: int) -> None:
    numbers = {"caller_number": peer_text(event.address), "dialled_number": ""}
    contact = new_contact(event.contact_id, at, event.channel, "", numbers)
    rows.add(Contact, event.contact_id, contact | {"subject": peer_text(event.service)})


def _customer_matched(rows: Rows, event: events.CustomerMatched, at: datetime, _: int) -> None:
    if (contact := rows.change(Contact, event.contact_id)) is None:
        return
    contact["customer_match"] = event.match
    contact["customer_ids"] = event.customer_ids
    for customer_id in event.customer_ids:
        rows.link(event.contact_id, customer_id, contact["arrived_at"])


def _customer_chosen(rows: Rows, event: events.CustomerChosen, at: datetime, _: int) -> None:
    if (contact := rows.change(Contact, event.contact_id)) is None:
        return
    for customer_id in contact["customer_ids"]:
        rows.unlink(event.contact_id, customer_id)
    contact["customer_match"] = "one"
    contact["customer_ids"] = [event.customer_id]
    rows.link(event.contact_id, event.customer_id, contact["arrived_at"])


def _node_entered(rows: Rows, event: events.NodeEntered, at: datetime, sequence: int) -> None:
    if (contact := rows.change(Contact, event.contact_id)) is None:
        return
    if contact["phase"] != Phase.SURVEY:  # what it asks is no way by which the caller came
        if contact["flow"] is None:
            contact["flow"], contact["flow_version"] = event.whole or event.flow, event.version
        if len(contact["path"]) < MAX_PATH:
            contact["path"] = [*contact["path"], event.node]
    flow_walks.entered(rows, contact, event, at, sequence)


def _contact_annotated(rows: Rows, event: events.ContactAnnotated, at: datetime, _: int) -> None:
    if (contact := rows.change(Contact, event.contact_id)) is not None:
        contact["attributes"] = {**contact["attributes"], **event.attributes}


def _contact_queued(rows: Rows, event: events.ContactQueued, at: datetime, sequence: int) -> None:
    if event.purpose == "consult" or (contact := rows.change(Contact, event.contact_id)) is None:
        return  # who waits for an adviser stays where it is
    contact["queue"] = event.queue
    contact["priority"] = event.priority
    contact["requirements"] = event.requirements
    contact["queued_at"] = contact["queued_at"] or event.queued_at
    queue_waits.begin(rows, contact, event, at, sequence)


def _contact_ended(rows: Rows, event: events.ContactEnded, at: datetime, _: int) -> None:
    contact = rows.change(Contact, event.contact_id)
    if contact is None or contact["ended_at"] is not None:
        return
    contact["ended_at"] = at
    contact["outcome"] = event.outcome
    contact["reason"] = peer_text(event.reason)
    flow_walks.ended(rows, contact, at, event)
    queue_waits.end(rows, contact, at, end_of_wait(event.outcome, event.reason))
    if contact["connected_at"] is None:
        contact["wait_seconds"] = waited(contact, at)


def _contact_transferred(
    rows: Rows, event: events.ContactTransferred, at: datetime, _: int
) -> None:
    if (contact := rows.change(Contact, event.contact_id)) is not None:
        contact["transfers"] += 1


FOLDS: dict[type, Fold] = {
    events.ContactReceived: _contact_received,
    events.SelfServiceBegan: _self_service_began,
    events.CustomerMatched: _customer_matched,
    events.CustomerChosen: _customer_chosen,
    events.NodeEntered: _node_entered,
    events.ContactAnnotated: _contact_annotated,
    events.ContactQueued: _contact_queued,
    events.ContactEnded: _contact_ended,
    events.ContactTransferred: _contact_transferred,
}
