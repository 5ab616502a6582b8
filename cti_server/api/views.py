"""Wire views of what the floor and the store hold."""

from collections.abc import Collection, Mapping, Sequence

from msgspec import structs

from config.floor import Language
from crm.numbers import mask
from cti_server.calls.broadcasts import Broadcast
from cti_server.floor.views import QueueSnapshot
from cti_server.store.agent_states import AgentStatePeriod
from cti_server.store.calls import Leg
from cti_server.store.contacts import Contact
from cti_server.store.foreign_calls import ForeignCallRecord
from cti_server.store.interactions import Interaction
from cti_server.store.next_action_answers import NextActionAnswer
from cti_server.store.ratings import Rating
from cti_server.store.recordings import Recording
from cti_server.store.segments import Segment
from cti_server.wire.broadcasts import BroadcastOn
from cti_server.wire.contacts import (
    ContactHistory,
    ContactView,
    ForeignCallView,
    InteractionView,
    LegView,
    RatingView,
    RecordingView,
    SegmentView,
)
from cti_server.wire.customer_pops import AnsweredAction
from cti_server.wire.events import (
    ContactTakenOver,
    CustomerChosen,
    CustomerMatched,
    LegStarted,
    Logged,
)
from cti_server.wire.events.supervision import AnySupervisionEvent
from cti_server.wire.floor import AgentStatePeriodView, QueueView


def queue_view(
    queue: QueueSnapshot, title: Mapping[Language, str], broadcasts: Sequence[Broadcast]
) -> QueueView:
    return QueueView(
        name=queue.name,
        title=dict(title),
        waiting=queue.waiting,
        longest_wait=queue.longest_wait,
        ready_agents=queue.ready,
        talking_agents=queue.talking,
        broadcasts=[
            BroadcastOn(id=one.id, texts=dict(one.texts), expires_at=one.expires_at)
            for one in broadcasts
        ],
    )


def contact_view(contact: Contact) -> ContactView:
    return ContactView(
        id=contact.id,
        call_id=contact.call_id,
        channel=contact.channel,
        phase=contact.phase,
        phase_since=contact.phase_since,
        caller_number=contact.caller_number,
        dialled_number=contact.dialled_number,
        customer_ids=list(contact.customer_ids),
        queue=contact.queue,
        agent_id=contact.agent_id,
        arrived_at=contact.arrived_at,
        queued_at=contact.queued_at,
        connected_at=contact.connected_at,
        ended_at=contact.ended_at,
        wait_seconds=contact.wait_seconds,
        outcome=contact.outcome,
        reason=contact.reason,
        flow=contact.flow,
        flow_version=contact.flow_version,
        menu_path=list(contact.path),
        attributes=dict(contact.attributes),
        direction=contact.direction,
        call_back_of=contact.call_back_of,
        subject=contact.subject,
        due_at=contact.due_at,
    )


def leg_view(leg: Leg) -> LegView:
    return LegView(
        id=leg.id,
        role=leg.role,
        party=leg.party,
        started_at=leg.started_at,
        answered_at=leg.answered_at,
        ended_at=leg.ended_at,
        codec=leg.codec,
        result=leg.result,
        reason=leg.reason,
        quality=dict(leg.quality),
    )


def interaction_view(interaction: Interaction) -> InteractionView:
    return InteractionView(
        id=interaction.id,
        agent_id=interaction.agent_id,
        queue=interaction.queue,
        offered_at=interaction.offered_at,
        accepted_at=interaction.accepted_at,
        started_at=interaction.started_at,
        ended_at=interaction.ended_at,
        wrap_up_ended_at=interaction.wrap_up_ended_at,
        outcome=interaction.outcome,
        ended_by=interaction.ended_by,
        held_seconds=interaction.held_seconds,
        why=dict(interaction.why),
        recording=interaction.recording,
        recording_rule=interaction.recording_rule,
    )


def segment_view(segment: Segment) -> SegmentView:
    return SegmentView(
        interaction_id=segment.interaction_id,
        agent_id=segment.agent_id,
        started_at=segment.started_at,
        ended_at=segment.ended_at,
    )


def recording_view(
    recording: Recording, *, whole: bool = True, foreign: ForeignCallRecord | None = None
) -> RecordingView:
    """``whole``: whether the customer's number is shown."""
    number = recording.caller_number
    return RecordingView(
        id=recording.id,
        state=recording.state,
        kind=recording.kind,
        contact_id=recording.contact_id,
        interaction_id=recording.interaction_id,
        agent_id=recording.agent_id,
        queue=recording.queue,
        caller_number=number if whole else mask(number),
        dialled_number=recording.dialled_number,
        started_at=recording.started_at,
        duration=recording.duration,
        size=recording.size,
        sha256=recording.sha256,
        codec=recording.codec,
        recovered=recording.recovered,
        quality=dict(recording.quality),
        rule=recording.rule,
        asked_by=recording.asked_by,
        failure=recording.failure,
        sides=recording.sides,
        layout=recording.layout,
        foreign=None if foreign is None else _foreign_view(foreign),
        audio=f"/api/v1/recordings/{recording.id}/audio",
    )


def _foreign_view(call: ForeignCallRecord) -> ForeignCallView:
    return ForeignCallView(
        client=call.client,
        session_id=call.session_id,
        calls=call.calls,
        agent_aor=call.agent_aor,
        agent_name=call.agent_name,
    )


def answered_action(one: NextActionAnswer) -> AnsweredAction:
    return AnsweredAction(
        rule_id=one.rule_id,
        action=one.action,
        accepted=one.accepted,
        agent_id=one.agent_id,
        customer_id=one.customer_id,
        answered_at=one.answered_at,
    )


def rating_view(rating: Rating) -> RatingView:
    return RatingView(
        question=rating.question,
        rating=rating.rating or 0,
        best=rating.best or 0,
        at=rating.at,
        interaction_id=rating.interaction_id,
        agent_id=rating.about_agent,
        queue=rating.queue,
    )


def masked(history: ContactHistory) -> ContactHistory:
    """The same without the customer's number, which the agents of the queue do not see."""
    number = history.contact.caller_number
    shown = {"caller_number": mask(number)}

    def leg(view: LegView) -> LegView:
        return view.model_copy(update={"party": mask(number)}) if view.party == number else view

    return history.model_copy(
        update={
            "contact": history.contact.model_copy(update=shown),
            "legs": [leg(each) for each in history.legs],
            "recordings": [each.model_copy(update=shown) for each in history.recordings],
        }
    )


def with_own_coaching(history: ContactHistory, agent_id: str) -> ContactHistory:
    """The same with no other advice than that for this agent."""
    own = [one for one in history.coaching if one.agent_id == agent_id]
    return history.model_copy(update={"coaching": own})


def with_recordings_of(history: ContactHistory, queues: Collection[str]) -> ContactHistory:
    """The same with no recordings of other queues."""
    theirs = [one for one in history.recordings if one.queue in queues]
    return history.model_copy(update={"recordings": theirs})


def with_customers(view: ContactView, seen: Collection[str]) -> ContactView:
    """The same with no other customers than those: of several with a number, whoever is seen."""
    if set(view.customer_ids) <= set(seen):
        return view
    ids = [one for one in view.customer_ids if one in seen]
    return view.model_copy(update={"customer_ids": ids})


def customers_named(told: Sequence[Logged]) -> set[str]:
    """The customers whom a contact's events say it may be of."""
    matched = [one.event for one in told if isinstance(one.event, CustomerMatched)]
    chosen = [one.event for one in told if isinstance(one.event, CustomerChosen)]
    of_match = {one for event in matched for one in event.customer_ids}
    return of_match | {event.customer_id for event in chosen}


def without_other_customers(told: Sequence[Logged], seen: Collection[str]) -> list[Logged]:
    """The same of a contact's events; that it was somebody else's is left out."""
    kept = list[Logged]()
    for one in told:
        match one.event:
            case CustomerChosen(customer_id=customer_id) if customer_id not in seen:
                continue
            case CustomerMatched(customer_ids=ids) if not set(ids) <= set(seen):
                shown = [each for each in ids if each in seen]
                less = structs.replace(one.event, customer_ids=shown)
                kept.append(structs.replace(one, event=less))
            case _:
                kept.append(one)
    return kept


def without_listeners(history: ContactHistory) -> ContactHistory:
    """The same without the supervisors who were in the call."""
    legs = [leg for leg in history.legs if leg.role != "supervisor"]
    return history.model_copy(update={"legs": legs})


def without_listening(told: Sequence[Logged]) -> list[Logged]:
    """The same of a contact's events."""
    legs = {
        one.event.leg_id
        for one in told
        if isinstance(one.event, LegStarted) and one.event.role == "supervisor"
    }
    return [
        one
        for one in told
        if (
            not isinstance(one.event, AnySupervisionEvent)
            or isinstance(one.event, ContactTakenOver)
        )
        and getattr(one.event, "leg_id", None) not in legs
    ]


def period_view(period: AgentStatePeriod) -> AgentStatePeriodView:
    return AgentStatePeriodView(
        state=period.state,
        reason=period.reason,
        chosen_by=period.chosen_by,
        started_at=period.started_at,
        ended_at=period.ended_at,
    )
