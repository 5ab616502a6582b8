"""What the log is told of contacts that are no calls."""

from acd.model import Channel, Outcome, WaitingContact
from cti_server.store.interactions import Interaction
from cti_server.wire.events import (
    ContactDiverted,
    ContactReceived,
    ContactTransferred,
    Event,
    InteractionEnded,
    InteractionStarted,
    OfferEnded,
)

from .work import About, Holding


def received(contact_id: str, about: About, queue: str, received_from: str) -> ContactReceived:
    return ContactReceived(
        contact_id=contact_id,
        channel=about.channel.value,
        queue=queue,
        received_from=received_from,
        address=about.address,
        subject=about.subject,
        attributes=about.attributes,
        due_at=about.due_at,
    )


def started(contact_id: str, holding: Holding, channel: Channel) -> InteractionStarted:
    return InteractionStarted(
        contact_id=contact_id,
        interaction_id=holding.interaction_id,
        agent_id=holding.agent_id,
        queue=holding.queue,
        channel=channel.value,
    )


def handed_on(contact_id: str, holding: Holding, to: str, target: str) -> ContactTransferred:
    return ContactTransferred(
        contact_id=contact_id,
        interaction_id=holding.interaction_id,
        agent_id=holding.agent_id,
        to=to,
        target=target,
        how="blind",
    )


def moved(waiting: WaitingContact, queue: str, place: int, moved_by: str) -> ContactDiverted:
    return ContactDiverted(
        contact_id=waiting.id,
        queue=waiting.queue,
        queued_at=waiting.queued_at,
        reason="moved",
        to="queue",
        target=queue,
        place=place,
        expected=None,
        moved_by=moved_by,
    )


def left_behind(one: Interaction) -> Event:
    """The end of what the last server left open and nobody goes on with."""
    names = {
        "contact_id": one.contact_id,
        "interaction_id": one.id,
        "agent_id": one.agent_id,
    }
    if one.accepted_at is None:
        return OfferEnded(**names, outcome=Outcome.WITHDRAWN.value)
    return InteractionEnded(**names, ended_by="system")
