"""An agent's part of a contact: offered, accepted, held, over."""

from datetime import datetime

from cti_server.wire import events

from ..agent_states import AgentStatePeriod, AgentStatus
from ..calls import Call, Leg
from ..contacts import Contact
from ..interactions import Interaction
from ..rows import Row, Rows
from ..segments import Segment
from . import queue_waits
from .fold import Fold
from .segments import end_segment
from .waiting import waited


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
        "recording": None,
        "recording_rule": None,
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
        contact["wait_seconds"] = waited(contact, at)
    if contact is not None:
        queue_waits.end(rows, contact, at, "answered", event.agent_id)
    if interaction is None or interaction["ended_at"] is not None:
        return
    interaction["started_at"] = interaction["started_at"] or at
    interaction["outcome"] = "handled"
    interaction["segment_id"] = sequence
    interaction["recording"] = event.recording
    interaction["recording_rule"] = event.recording_rule
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
    end_segment(rows, interaction["segment_id"], at)


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


FOLDS: dict[type, Fold] = {
    events.OfferMade: _offer_made,
    events.ContactTakenOver: _contact_taken_over,
    events.OfferAccepted: _offer_accepted,
    events.OfferEnded: _offer_ended,
    events.InteractionStarted: _interaction_started,
    events.InteractionEnded: _interaction_ended,
    events.InteractionHeld: _interaction_held,
    events.InteractionResumed: _interaction_resumed,
}
