"""The floor at one moment, for the API: frozen values, made on demand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from acd.agents import Agent
from acd.figures import QueueFigures
from acd.model import Offer
from acd.wrap_ups import WrapUp

from .profile import AgentProfile


@dataclass(frozen=True, slots=True)
class AgentSnapshot:
    """One agent now. ``since`` is the server's moment: whoever shows the age counts from there."""

    id: str
    name: str
    number: str
    skills: Mapping[str, int]
    state: str
    since: datetime
    reason: str | None
    next_state: str | None  # chosen while busy, for afterwards
    next_reason: str | None
    contact_id: str | None
    interaction_id: str | None  # the offer's or interaction's, not in wrap-up
    queue: str | None
    unfit: tuple[str, ...]  # why nothing, or no call, is offered, whatever the state says
    open_work: int  # pieces beside contacts
    wrap_up: WrapUp | None

    @classmethod
    def of(
        cls,
        profile: AgentProfile,
        agent: Agent,
        offer: Offer | None,
        unfit: tuple[str, ...],
        open_work: int,
        wrap_up: WrapUp | None,
    ) -> "AgentSnapshot":
        return cls(
            id=profile.id,
            name=profile.name,
            number=profile.number,
            skills=profile.skills,
            state=agent.state.value,
            since=agent.since,
            reason=agent.reason,
            next_state=agent.next.state.value if agent.next else None,
            next_reason=agent.next.reason if agent.next else None,
            contact_id=agent.contact_id,
            interaction_id=offer.id if offer else None,
            queue=offer.queue if offer else None,
            unfit=unfit,
            open_work=open_work,
            wrap_up=wrap_up,
        )


@dataclass(frozen=True, slots=True)
class QueueSnapshot:
    """One queue now."""

    name: str
    title: str
    waiting: int  # in line
    offered: int  # ringing at an agent
    longest_wait: float | None  # seconds, of all who wait or are offered
    longest_wait_since: datetime | None
    ready: int  # agents who are ready and qualify for the queue
    talking: int  # agents in conversation for this queue

    @classmethod
    def of(cls, figures: QueueFigures, now: datetime) -> "QueueSnapshot":
        since = figures.longest_wait_since
        return cls(
            name=figures.queue,
            title=figures.title,
            waiting=figures.waiting,
            offered=figures.offered,
            longest_wait=max(0.0, (now - since).total_seconds()) if since else None,
            longest_wait_since=since,
            ready=figures.ready,
            talking=figures.talking,
        )
