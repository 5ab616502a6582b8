"""Agents: their state, and whether their phone is well."""

from datetime import datetime

from .base import BaseEvent


class AgentStateChanged(BaseEvent, frozen=True, kw_only=True, tag="agent.state_changed"):
    """
    ``state`` is a value of :class:`acd.agents.AgentState`.

    ``chosen_by``: who chose it for the agent, a supervisor; None for the agent or the ACD.
    """

    agent_id: str
    state: str
    since: datetime
    reason: str | None = None
    contact_id: str | None = None
    chosen_by: str | None = None


class AgentNextChosen(BaseEvent, frozen=True, kw_only=True, tag="agent.next_chosen"):
    """
    What a busy agent is to be afterwards; the last choice counts.

    ``state`` is None where an earlier choice is called off. ``chosen_by`` as with the state.
    """

    agent_id: str
    state: str | None
    reason: str | None = None
    chosen_by: str | None = None


class AgentWrapUpChanged(BaseEvent, frozen=True, kw_only=True, tag="agent.wrap_up_changed"):
    """
    The agent's wrap-up has begun, was extended, or owes no disposition any more.

    The agent's time for it is over at ``until``; it ends by itself at ``ends_at``, which is later
    while it ``owes_disposition``, and can be extended up to ``extendable_until``. That it is over
    is told by ``agent.state_changed``.
    """

    agent_id: str
    interaction_id: str
    contact_id: str
    queue: str
    until: datetime
    ends_at: datetime
    extendable_until: datetime
    owes_disposition: bool


class AgentFitnessChanged(BaseEvent, frozen=True, kw_only=True, tag="agent.fitness_changed"):
    """
    Why the agent is offered no calls, whatever their state says; empty if there is no reason.

    The reasons are words of :mod:`cti_server.floor.fitness`.
    """

    agent_id: str
    unfit: list[str]


class AgentReleased(BaseEvent, frozen=True, kw_only=True, tag="agent.released"):
    """An administrator freed an agent who was stuck, of whatever they had in hand."""

    agent_id: str
    released_by: str


AnyAgentEvent = (
    AgentStateChanged | AgentNextChosen | AgentWrapUpChanged | AgentFitnessChanged | AgentReleased
)
