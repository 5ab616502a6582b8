"""
What the stored records become by each event. Pure: a fold of the log over rows.

Every record derives from here and from nowhere else. An event about something that the records do
not know (its beginning was lost with a disk) changes nothing: the log still has it.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from cti_server.wire import events
from cti_server.wire.events import Logged

from .agent_states import AgentStatePeriod, AgentStatus
from .api_keys import ApiKeyUse
from .articles import ArticleUse
from .call_backs import CallBack
from .calls import Call, Leg
from .contacts import Contact
from .interactions import Interaction
from .recordings import ERASED, Recording
from .rows import Row, Rows
from .segments import Segment
from .sessions import Session

MAX_PATH = 200
"""Menu nodes kept of one contact: a caller may go round in a menu for an hour."""
MAX_TEXT = 255
"""Characters kept of what a peer wrote; PostgreSQL cannot index some thousands."""

_OCCUPIED = {"ringing", "talking", "wrap_up"}
_CUSTOMERS = {"caller", "customer"}
"""Roles of the customer's leg: they called us, or we them."""
_CALL_COLUMNS = {**dict.fromkeys(_CUSTOMERS, "caller_leg_id"), "agent": "agent_leg_id"}


def project(rows: Rows, batch: Iterable[Logged]) -> None:
    """Apply the events, in order."""
    for logged in batch:
        fold = _FOLDS.get(type(logged.event))
        if fold is not None:
            fold(rows, logged.event, logged.at, logged.sequence)


# --- calls and their legs ---------------------------------------------------------------------


def _call_arrived(rows: Rows, event: events.CallArrived, at: datetime, _: int) -> None:
    numbers = {
        "caller_number": _text(event.caller_number),
        "dialled_number": _text(event.dialled_number),
    }
    sip_call_id, trunk = _text(event.sip_call_id), event.trunk
    rows.add(Call, event.call_id, _call(event, at, numbers, sip_call_id, trunk))
    rows.add(Contact, event.contact_id, _contact(event, at, numbers))


def _call_placed(rows: Rows, event: events.CallPlaced, at: datetime, _: int) -> None:
    numbers = {
        "caller_number": _text(event.customer_number),
        "dialled_number": _text(event.shown_number),
    }
    rows.add(Call, event.call_id, _call(event, at, numbers, "", ""))
    outbound = {
        "direction": "outbound",
        "masked": event.masked,
        "call_back_of": event.call_back_of,
        "queue": event.queue,
        "queued_at": event.queued_at,
    }
    rows.add(Contact, event.contact_id, _contact(event, at, numbers) | outbound)


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
    return {
        "id": event.contact_id,
        "channel": "voice",
        "call_id": event.call_id,
        **numbers,
        "arrived_at": at,
        "customer_match": None,
        "customer_ids": [],
        "flow": None,
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
    }


def _leg_started(rows: Rows, event: events.LegStarted, at: datetime, _: int) -> None:
    rows.add(
        Leg,
        event.leg_id,
        {
            "id": event.leg_id,
            "call_id": event.call_id,
            "role": event.role,
            "party": _text(event.party),
            "address": _text(event.address),
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
    leg["reason"] = _text(event.reason)
    leg["quality"] = {**leg["quality"], **event.quality}
    _end_segment(rows, leg["segment_id"], at)


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
    call["reason"] = _text(event.reason)
    for leg_id in (call["caller_leg_id"], call["agent_leg_id"]):
        if (leg := rows.get(Leg, leg_id)) is not None:
            _end_segment(rows, leg["segment_id"], at)


# --- contacts and interactions ----------------------------------------------------------------


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


def _node_entered(rows: Rows, event: events.NodeEntered, at: datetime, _: int) -> None:
    if (contact := rows.change(Contact, event.contact_id)) is None:
        return
    contact["flow"] = event.flow
    if len(contact["path"]) < MAX_PATH:
        contact["path"] = [*contact["path"], event.node]


def _contact_annotated(rows: Rows, event: events.ContactAnnotated, at: datetime, _: int) -> None:
    if (contact := rows.change(Contact, event.contact_id)) is not None:
        contact["attributes"] = {**contact["attributes"], **event.attributes}


def _contact_queued(rows: Rows, event: events.ContactQueued, at: datetime, _: int) -> None:
    if event.purpose == "consult" or (contact := rows.change(Contact, event.contact_id)) is None:
        return  # who waits for an adviser stays where it is
    contact["queue"] = event.queue
    contact["priority"] = event.priority
    contact["requirements"] = event.requirements
    contact["queued_at"] = contact["queued_at"] or event.queued_at


def _offer_made(rows: Rows, event: events.OfferMade, at: datetime, _: int) -> None:
    contact = rows.change(Contact, event.contact_id)
    if contact is not None:
        contact["first_offered_at"] = contact["first_offered_at"] or at
        contact["offers"] += event.purpose != "consult"
    rows.add(
        Interaction,
        event.interaction_id,
        _interaction(event, contact, at) | {"expires_at": event.expires_at, "why": event.why},
    )
    status = rows.change(AgentStatus, event.agent_id)
    if status is None:
        return
    status["interaction_id"] = event.interaction_id
    if status["state"] == "ringing":  # the state's event came first
        period = rows.change(AgentStatePeriod, status["period_id"])
        if period is not None and period["interaction_id"] is None:
            period["interaction_id"] = event.interaction_id


def _contact_taken_over(rows: Rows, event: events.ContactTakenOver, at: datetime, _: int) -> None:
    contact = rows.get(Contact, event.contact_id)
    accepted = {
        "accepted_at": at,
        "outcome": "accepted",
        "why": {"rule": "taken_over", "taken_from": event.taken_from},
    }
    rows.add(Interaction, event.interaction_id, _interaction(event, contact, at) | accepted)
    if (status := rows.change(AgentStatus, event.agent_id)) is not None:
        status["interaction_id"] = event.interaction_id


def _interaction(
    event: events.OfferMade | events.ContactTakenOver, contact: Row | None, at: datetime
) -> Row:
    return {
        "id": event.interaction_id,
        "contact_id": event.contact_id,
        "call_id": None if contact is None else contact["call_id"],
        "agent_id": event.agent_id,
        "queue": event.queue,
        "offered_at": at,
        "expires_at": at,
        "accepted_at": None,
        "started_at": None,
        "ended_at": None,
        "wrap_up_ended_at": None,
        "outcome": "offered",
        "ended_by": None,
        "why": {},
        "segment_id": None,
        "held_seconds": 0.0,
        "held_at": None,
    }


def _offer_accepted(rows: Rows, event: events.OfferAccepted, at: datetime, _: int) -> None:
    interaction = rows.change(Interaction, event.interaction_id)
    if interaction is not None and interaction["ended_at"] is None:
        interaction["accepted_at"] = at
        interaction["outcome"] = "accepted"


def _offer_ended(rows: Rows, event: events.OfferEnded, at: datetime, _: int) -> None:
    interaction = rows.change(Interaction, event.interaction_id)
    if interaction is not None and interaction["ended_at"] is None:
        interaction["ended_at"] = at
        interaction["outcome"] = event.outcome


def _interaction_started(
    rows: Rows, event: events.InteractionStarted, at: datetime, sequence: int
) -> None:
    interaction = rows.change(Interaction, event.interaction_id)
    contact = rows.change(Contact, event.contact_id)
    if contact is not None and contact["connected_at"] is None:
        contact["connected_at"] = at
        contact["agent_id"] = event.agent_id
        contact["wait_seconds"] = _waited(contact, at)
    if interaction is None or interaction["ended_at"] is not None:
        return
    interaction["started_at"] = interaction["started_at"] or at
    interaction["outcome"] = "handled"
    interaction["segment_id"] = sequence
    call = None if contact is None else rows.get(Call, contact["call_id"])
    caller_leg = None if call is None else call["caller_leg_id"]
    agent_leg = event.leg_id or (None if call is None else call["agent_leg_id"])
    legs = (caller_leg, agent_leg)
    for leg_id in legs:
        if (leg := rows.change(Leg, leg_id)) is not None:
            leg["segment_id"] = sequence
    rows.add(
        Segment,
        sequence,
        {
            "id": sequence,
            "contact_id": event.contact_id,
            "interaction_id": event.interaction_id,
            "call_id": interaction["call_id"],
            "caller_leg_id": legs[0],
            "agent_leg_id": legs[1],
            "agent_id": event.agent_id,
            "queue": event.queue,
            "started_at": at,
            "ended_at": None,
        },
    )


def _interaction_ended(rows: Rows, event: events.InteractionEnded, at: datetime, _: int) -> None:
    interaction = rows.change(Interaction, event.interaction_id)
    if interaction is None or interaction["ended_at"] is not None:
        return
    interaction["ended_at"] = at
    interaction["ended_by"] = event.ended_by
    _count_hold(interaction, at)
    _end_segment(rows, interaction["segment_id"], at)


def _interaction_held(rows: Rows, event: events.InteractionHeld, at: datetime, _: int) -> None:
    interaction = rows.change(Interaction, event.interaction_id)
    if interaction is not None and interaction["ended_at"] is None:
        interaction["held_at"] = interaction["held_at"] or at


def _interaction_resumed(
    rows: Rows, event: events.InteractionResumed, at: datetime, _: int
) -> None:
    interaction = rows.change(Interaction, event.interaction_id)
    if interaction is not None:
        _count_hold(interaction, at)


def _count_hold(interaction: Row, until: datetime) -> None:
    since = interaction["held_at"]
    if since is not None:
        interaction["held_at"] = None
        interaction["held_seconds"] += max(0.0, (until - since).total_seconds())


def _contact_ended(rows: Rows, event: events.ContactEnded, at: datetime, _: int) -> None:
    contact = rows.change(Contact, event.contact_id)
    if contact is None or contact["ended_at"] is not None:
        return
    contact["ended_at"] = at
    contact["outcome"] = event.outcome
    contact["reason"] = _text(event.reason)
    if contact["connected_at"] is None:
        contact["wait_seconds"] = _waited(contact, at)


def _end_segment(rows: Rows, segment_id: int | None, at: datetime) -> None:
    seen = rows.get(Segment, segment_id)
    if seen is not None and seen["ended_at"] is None:
        segment = rows.change(Segment, segment_id)
        if segment is not None:
            segment["ended_at"] = at


def _waited(contact: Row, until: datetime) -> float | None:
    if contact["queued_at"] is None:
        return None
    return float((until - contact["queued_at"]).total_seconds())


# --- call-backs -------------------------------------------------------------------------------


def _call_back_wanted(rows: Rows, event: events.CallBackWanted, at: datetime, _: int) -> None:
    rows.add(
        CallBack,
        event.contact_id,
        {
            "id": event.contact_id,
            "number": _text(event.number),
            "queue": event.queue,
            "queued_at": event.queued_at,
            "wanted_at": at,
            "reason": _text(event.reason),
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


# --- agents -----------------------------------------------------------------------------------


def _agent_state_changed(
    rows: Rows, event: events.AgentStateChanged, at: datetime, sequence: int
) -> None:
    before = rows.get(AgentStatus, event.agent_id)
    interaction_id = None
    if before is not None:
        if (period := rows.change(AgentStatePeriod, before["period_id"])) is not None:
            period["ended_at"] = event.since
        if before["state"] == "wrap_up" != event.state:
            interaction = rows.change(Interaction, before["interaction_id"])
            if interaction is not None:
                interaction["wrap_up_ended_at"] = event.since
        # A new offer made before the state's event is the one that rings.
        if event.state in _OCCUPIED:
            interaction_id = before["interaction_id"]
    rows.add(
        AgentStatus,
        event.agent_id,
        {
            "agent_id": event.agent_id,
            "state": event.state,
            "since": event.since,
            "reason": event.reason,
            "contact_id": event.contact_id,
            "interaction_id": interaction_id,
            "period_id": sequence,
        },
    )
    rows.add(
        AgentStatePeriod,
        sequence,
        {
            "id": sequence,
            "agent_id": event.agent_id,
            "state": event.state,
            "reason": event.reason,
            "contact_id": event.contact_id,
            "interaction_id": interaction_id,
            "started_at": event.since,
            "ended_at": None,
        },
    )


# --- recordings -------------------------------------------------------------------------------


def _recording_started(rows: Rows, event: events.RecordingStarted, at: datetime, _: int) -> None:
    contact = rows.get(Contact, event.contact_id)
    rows.add(
        Recording,
        event.recording_id,
        _recording(event)
        | {
            "caller_number": "" if contact is None else contact["caller_number"],
            "dialled_number": "" if contact is None else contact["dialled_number"],
            "started_at": at,
            "state": "running",
        },
    )


def _recording_stored(rows: Rows, event: events.RecordingStored, at: datetime, _: int) -> None:
    before = rows.get(Recording, event.recording_id)
    if before is not None and before["state"] == ERASED:
        # It came too late: nothing is told of it but the file, which is to be destroyed.
        rows.add(Recording, event.recording_id, before | {"file": event.file})
        return
    rows.add(
        Recording,
        event.recording_id,
        _recording(event)
        | {
            "caller_number": _text(event.caller_number),
            "dialled_number": _text(event.dialled_number),
            "started_at": event.started_at,
            "state": "stored",
            "duration": event.duration,
            "file": event.file,
            "size": event.size,
            "sha256": event.sha256,
            "codec": event.codec,
            "recovered": event.recovered,
            "quality": event.quality,
        },
    )


def _recording(event: events.RecordingStarted | events.RecordingStored) -> Row:
    return {
        "id": event.recording_id,
        "call_id": event.call_id,
        "contact_id": event.contact_id,
        "interaction_id": event.interaction_id,
        "agent_id": event.agent_id,
        "queue": event.queue,
        "failure": None,
        "duration": None,
        "file": None,
        "size": None,
        "sha256": None,
        "codec": None,
        "recovered": False,
        "quality": {},
    }


def _recording_failed(rows: Rows, event: events.RecordingFailed, at: datetime, _: int) -> None:
    recording = rows.change(Recording, event.recording_id)
    if recording is not None and recording["state"] != "stored":
        recording["state"] = "failed"
        recording["failure"] = _text(event.reason)


# --- access -----------------------------------------------------------------------------------


def _session_opened(rows: Rows, event: events.SessionOpened, at: datetime, _: int) -> None:
    rows.add(
        Session,
        event.session_id,
        {
            "id": event.session_id,
            "agent_id": _text(event.user_id),
            "method": event.method,
            "address": _text(event.address),
            "client": _text(event.client),
            "opened_at": at,
            "expires_at": event.expires_at,
            "closed_at": None,
            "closed_by": None,
        },
    )


def _session_closed(rows: Rows, event: events.SessionClosed, at: datetime, _: int) -> None:
    session = rows.change(Session, event.session_id)
    if session is not None and session["closed_at"] is None:
        session["closed_at"] = at
        session["closed_by"] = event.closed_by


def _api_key_used(rows: Rows, event: events.ApiKeyUsed, at: datetime, _: int) -> None:
    use = {"key_id": event.key_id, "last_used_at": at, "address": _text(event.address)}
    rows.add(ApiKeyUse, event.key_id, use)


def _article_read(rows: Rows, event: events.ArticleRead, at: datetime, _: int) -> None:
    use = rows.change(ArticleUse, event.article_id)
    if use is None:
        use = {"article_id": event.article_id, "reads": 0, "in_contacts": 0}
        rows.add(ArticleUse, event.article_id, use)
    use["reads"] += 1
    use["in_contacts"] += event.contact_id is not None
    use["last_read_at"] = at


def _text(value: str) -> str:
    """A peer's text as every database takes it: no NUL (PostgreSQL has none), not endless."""
    return value[:MAX_TEXT].replace("\0", "\ufffd")


_FOLDS: dict[type, Callable[[Rows, Any, datetime, int], None]] = {
    events.CallArrived: _call_arrived,
    events.CallPlaced: _call_placed,
    events.LegStarted: _leg_started,
    events.LegAnswered: _leg_answered,
    events.LegEnded: _leg_ended,
    events.LegFellSilent: _leg_fell_silent,
    events.CallEnded: _call_ended,
    events.CustomerMatched: _customer_matched,
    events.CustomerChosen: _customer_chosen,
    events.NodeEntered: _node_entered,
    events.ContactAnnotated: _contact_annotated,
    events.ContactQueued: _contact_queued,
    events.OfferMade: _offer_made,
    events.ContactTakenOver: _contact_taken_over,
    events.OfferAccepted: _offer_accepted,
    events.OfferEnded: _offer_ended,
    events.InteractionStarted: _interaction_started,
    events.InteractionEnded: _interaction_ended,
    events.InteractionHeld: _interaction_held,
    events.InteractionResumed: _interaction_resumed,
    events.ContactEnded: _contact_ended,
    events.CallBackWanted: _call_back_wanted,
    events.CallBackDialled: _call_back_dialled,
    events.CallBackClosed: _call_back_closed,
    events.AgentStateChanged: _agent_state_changed,
    events.RecordingStarted: _recording_started,
    events.RecordingStored: _recording_stored,
    events.RecordingFailed: _recording_failed,
    events.ArticleRead: _article_read,
    events.SessionOpened: _session_opened,
    events.SessionClosed: _session_closed,
    events.ApiKeyUsed: _api_key_used,
}
"""The events that change a record; the others are in the log only."""
