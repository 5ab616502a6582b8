"""Agents and queues as they are now, and what a desktop offers to choose from."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.floor import Language

from .broadcasts import BroadcastOn
from .resource import Resource


class AgentStateChange(Resource):
    """
    What an agent, or a supervisor for them, may ask for.

    ``ready`` ends wrap-up early; while a contact is in hand the change takes effect afterwards.
    """

    state: Literal["ready", "not_ready", "logged_out"]
    reason: Annotated[str, Field(max_length=64)] | None = None

    @model_validator(mode="after")
    def _why_away(self) -> Self:
        if self.reason is not None and self.state != "not_ready":
            raise ValueError("reason: goes with the state not_ready alone")
        return self


class WrapUpExtension(Resource):
    """So many seconds more than it would have gone on for."""

    seconds: Annotated[int, Field(ge=1, le=3600)]


class HeldContact(Resource):
    """A chat, a mail, a task … that an agent has in hand, ``since`` they took it."""

    contact_id: str
    channel: str
    queue: str
    since: datetime


class WrapUpView(Resource):
    """
    What an agent still has to do for a conversation that is over.

    Their time for it is over at ``until``; it ends by itself at ``ends_at``, which is later while
    it ``owes_disposition``, and can be extended up to ``extendable_until``
    (``agent.wrap_up_changed`` says the same when it changes).
    """

    interaction_id: str
    contact_id: str
    queue: str
    until: datetime
    ends_at: datetime
    extendable_until: datetime
    owes_disposition: bool


class AgentView(Resource):
    """
    An agent as the floor sees them now; ``team``: null for who is in none.

    ``contact_id``: the call that rings, or takes them whole, or that they wrap up, and
    ``interaction_id`` their part of it; ``beside``: what else they have in hand. ``unfit``: why no
    calls are offered, if so. ``open_work``: their tickets that are not closed. ``wrap_up_until``:
    when the ``wrap_up`` ends by itself.
    """

    id: str
    name: str
    number: str
    team: str | None
    state: str
    since: datetime
    reason: str | None
    next_state: str | None
    next_reason: str | None
    contact_id: str | None
    interaction_id: str | None
    beside: list[HeldContact]
    skills: dict[str, int]
    unfit: list[str]
    open_work: int
    wrap_up_until: datetime | None
    wrap_up: WrapUpView | None


class AgentStatePeriodView(Resource):
    """
    From when to when an agent was in a state.

    ``chosen_by``: who chose it for them; null for the agent themselves or the ACD.
    """

    state: str
    reason: str | None
    chosen_by: str | None
    started_at: datetime
    ended_at: datetime | None


class QueueView(Resource):
    """
    A queue now. ``name`` is its id, ``title`` what people call it, by language; ``longest_wait`` is
    in seconds, null where nobody waits; ``broadcasts``: what callers are told there at the moment.
    """

    name: str
    title: dict[Language, str]
    waiting: int
    longest_wait: float | None
    ready_agents: int
    talking_agents: int
    broadcasts: list[BroadcastOn]


class Colleague(Resource):
    """An agent as any other agent may see them."""

    id: str
    name: str
    number: str
    state: str


class DesktopLists(Resource):
    """
    What a desktop offers to choose from. ``afterwards``: the flows that may follow a read-out, by
    the names that ``read_out`` takes.
    """

    not_ready_reasons: list[str]
    queues: list[str]
    colleagues: list[Colleague]
    afterwards: list[str]
