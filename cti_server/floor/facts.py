"""The router's effects as events of the log."""

from acd import effects as acd
from acd.agents import Agent
from acd.model import WaitingContact
from cti_server.wire import events


def fact_of(effect: acd.Effect, chosen_by: str | None = None) -> events.Event | None:
    """What the log says of it; ``chosen_by``: who is behind an agent's change (:mod:`.choices`)."""
    match effect:
        case acd.AgentChanged(agent, previous):
            if (agent.state, agent.reason) != (previous.state, previous.reason):
                return _agent_state_changed(agent, chosen_by)
            return _next_chosen(agent, chosen_by) if agent.next != previous.next else None
        case acd.WrapUpChanged(agent_id, wrap_up):
            return events.AgentWrapUpChanged(
                agent_id=agent_id,
                interaction_id=wrap_up.offer_id,
                contact_id=wrap_up.contact_id,
                queue=wrap_up.queue.name,
                until=wrap_up.until,
                ends_at=wrap_up.ends_at,
                extendable_until=wrap_up.latest,
                owes_disposition=wrap_up.owes,
            )
        case acd.OfferMade(offer):
            return events.OfferMade(
                contact_id=offer.contact_id,
                interaction_id=offer.id,
                agent_id=offer.agent_id,
                queue=offer.queue,
                expires_at=offer.expires_at,
                why=offer.why.as_record(),
                purpose=offer.purpose.value,
                channel=offer.channel.value,
            )
        case acd.OfferAccepted(offer):
            return events.OfferAccepted(
                contact_id=offer.contact_id, interaction_id=offer.id, agent_id=offer.agent_id
            )
        case acd.TakenOver(offer, taken_from):
            return events.ContactTakenOver(
                contact_id=offer.contact_id,
                interaction_id=offer.id,
                agent_id=offer.agent_id,
                queue=offer.queue,
                taken_from=taken_from,
            )
        case acd.Resumed():
            return None  # the log has it since before the restart
        case acd.OfferEnded(offer, outcome):
            return events.OfferEnded(
                contact_id=offer.contact_id,
                interaction_id=offer.id,
                agent_id=offer.agent_id,
                outcome=outcome.value,
            )
        case acd.InteractionEnded(offer, ended_by):
            return events.InteractionEnded(
                contact_id=offer.contact_id,
                interaction_id=offer.id,
                agent_id=offer.agent_id,
                ended_by=ended_by,
            )
        case acd.FitnessChanged(agent_id, unfit, voiceless):
            return events.AgentFitnessChanged(agent_id=agent_id, unfit=[*unfit, *voiceless])
        case acd.ContactQueued(contact, outlook):
            return _contact_queued(contact, outlook)
        case acd.ContactRequeued(contact):
            return _contact_queued(contact)
        case acd.StepTaken(contact, steps, demand, outlook):
            return events.StepTaken(
                contact_id=contact.id,
                queue=contact.queue,
                steps=steps,
                requires=[str(one) for one in demand.requirements],
                reach=demand.reach,
                ahead=outlook.ahead,
                agents=dict(outlook.agents),
            )


def _next_chosen(agent: Agent, chosen_by: str | None) -> events.AgentNextChosen:
    return events.AgentNextChosen(
        agent_id=agent.id,
        state=agent.next.state.value if agent.next else None,
        reason=agent.next.reason if agent.next else None,
        chosen_by=chosen_by,
    )


def _agent_state_changed(agent: Agent, chosen_by: str | None) -> events.AgentStateChanged:
    return events.AgentStateChanged(
        agent_id=agent.id,
        state=agent.state.value,
        since=agent.since,
        reason=agent.reason,
        contact_id=agent.contact_id,
        chosen_by=chosen_by,
    )


def _contact_queued(
    contact: WaitingContact, outlook: acd.Outlook | None = None
) -> events.ContactQueued:
    return events.ContactQueued(
        contact_id=contact.id,
        queue=contact.queue,
        queued_at=contact.queued_at,
        priority=contact.priority,
        requirements={one.skill: one.level for one in contact.requirements},
        purpose=contact.purpose.value,
        channel=contact.channel.value,
        ahead=None if outlook is None else outlook.ahead,
        agents={} if outlook is None else dict(outlook.agents),
        kept_for=None if outlook is None else outlook.kept_for,
        kept_until=None if outlook is None else outlook.kept_until,
    )
