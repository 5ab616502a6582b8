"""Calls and their legs, and the contact that begins with a call."""

from datetime import datetime

from cti_server.wire import events

from ..calls import Call, Leg
from ..contacts import Contact
from ..interactions import Interaction
from ..rows import Row, Rows
from .contacts import new_contact
from .fold import Fold
from .peer_text import peer_text
from .segments import end_segment

_CUSTOMERS = {"caller", "customer"}
"""Roles of the customer's leg: they called us, or we them."""
_CALL_COLUMNS = {**dict.fromkeys(_CUSTOMERS, "caller_leg_id"), "agent": "agent_leg_id"}


def _call_arrived(rows: Rows, event: events.CallArrived, at: datetime, _: int) -> None:
    numbers = {
        "caller_number": peer_text(event.caller_number),
        "dialled_number": peer_text(event.dialled_number),
    }
    sip_call_id, trunk = peer_text(event.sip_call_id), event.trunk
    rows.add(Call, event.call_id, _call(event, at, numbers, sip_call_id, trunk))
    rows.add(Contact, event.contact_id, _contact(event, at, numbers))


def _call_placed(rows: Rows, event: events.CallPlaced, at: datetime, _: int) -> None:
    numbers = {
        "caller_number": peer_text(event.customer_number),
        "dialled_number": peer_text(event.shown_number),
    }
    rows.add(Call, event.call_id, _call(event, at, numbers, "", ""))
    outbound = {
        "direction": "outbound",
        "masked": event.masked,
        "call_back_of": event.call_back_of,
        "queue": event.queue,
        "queued_at": event.queued_at,
    }
    contact = _contact(event, at, numbers) | outbound
    if (offered := rows.change(Interaction, event.interaction_id)) is not None:
        offered["call_id"] = event.call_id
        contact |= {"offers": 1, "first_offered_at": offered["offered_at"]}
    rows.add(Contact, event.contact_id, contact)


def _call(
    event: events.CallArrived | events.CallPlaced,
    at: datetime,
    numbers: Row,
    sip_call_id: str,
    trunk: str,
) -> Row:
    return {
        "id": event.call_id,
        "contact_id": event.contact_id,
        "sip_call_id": sip_call_id,
        **numbers,
        "trunk": trunk,
        "arrived_at": at,
        "answered_at": None,
        "ended_at": None,
        "result": None,
        "reason": None,
        "caller_leg_id": None,
        "agent_leg_id": None,
    }


def _contact(event: events.CallArrived | events.CallPlaced, at: datetime, numbers: Row) -> Row:
    return new_contact(event.contact_id, at, "voice", event.call_id, numbers)


def _leg_started(rows: Rows, event: events.LegStarted, at: datetime, _: int) -> None:
    rows.add(
        Leg,
        event.leg_id,
        {
            "id": event.leg_id,
            "call_id": event.call_id,
            "role": event.role,
            "party": peer_text(event.party),
            "address": peer_text(event.address),
            "agent_id": event.agent_id,
            "started_at": at,
            "answered_at": None,
            "ended_at": None,
            "codec": None,
            "result": None,
            "reason": None,
            "quality": {},
            "segment_id": None,
        },
    )
    column = _CALL_COLUMNS.get(event.role)
    if column is not None and (call := rows.change(Call, event.call_id)) is not None:
        call[column] = event.leg_id


def _leg_answered(rows: Rows, event: events.LegAnswered, at: datetime, _: int) -> None:
    leg = rows.change(Leg, event.leg_id)
    if leg is None:
        return
    leg["answered_at"] = leg["answered_at"] or at
    leg["codec"] = event.codec
    if leg["role"] in _CUSTOMERS and (call := rows.change(Call, leg["call_id"])) is not None:
        call["answered_at"] = call["answered_at"] or at


def _leg_ended(rows: Rows, event: events.LegEnded, at: datetime, _: int) -> None:
    leg = rows.change(Leg, event.leg_id)
    if leg is None or leg["ended_at"] is not None:
        return
    leg["ended_at"] = at
    leg["result"] = event.result
    leg["reason"] = peer_text(event.reason)
    leg["quality"] = {**leg["quality"], **event.quality}
    end_segment(rows, leg["segment_id"], at)


def _leg_fell_silent(rows: Rows, event: events.LegFellSilent, at: datetime, _: int) -> None:
    """Counted at once: should the server die, the leg's end will not tell."""
    leg = rows.change(Leg, event.leg_id)
    if leg is not None and leg["ended_at"] is None:
        leg["quality"] = {**leg["quality"], "silences": leg["quality"].get("silences", 0.0) + 1}


def _call_ended(rows: Rows, event: events.CallEnded, at: datetime, _: int) -> None:
    call = rows.change(Call, event.call_id)
    if call is None or call["ended_at"] is not None:
        return
    call["ended_at"] = at
    call["result"] = event.result
    call["reason"] = peer_text(event.reason)
    for leg_id in (call["caller_leg_id"], call["agent_leg_id"]):
        if (leg := rows.get(Leg, leg_id)) is not None:
            end_segment(rows, leg["segment_id"], at)


FOLDS: dict[type, Fold] = {
    events.CallArrived: _call_arrived,
    events.CallPlaced: _call_placed,
    events.LegStarted: _leg_started,
    events.LegAnswered: _leg_answered,
    events.LegEnded: _leg_ended,
    events.LegFellSilent: _leg_fell_silent,
    events.CallEnded: _call_ended,
}
