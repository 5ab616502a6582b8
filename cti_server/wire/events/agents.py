"""Agents: their state, and whether their phone is well."""

from datetime import datetime

from .base import BaseEvent


class AgentStateChanged(BaseEvent, frozen=True, kw_only=True, tag="agent.state_changed"):
    """``state`` is a value of :class:`acd.agents.AgentState`."""

    agent_id: str
    state: str
    since: datetime
    reason: str | None = None
    contact_id: str | None = None


class AgentFitnessChanged(BaseEvent, frozen=True, kw_only=True, tag="agent.fitness_changed"):
    """
    Why the agent is offered no calls, whatever their state says; empty if there is no reason.

    The reasons are words of :mod:`cti_server.floor.fitness`.
    """

    agent_id: str
    unfit: list[str]


AnyAgentEvent = AgentStateChanged | AgentFitnessChanged
