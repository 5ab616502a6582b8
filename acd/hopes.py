"""What a contact that waits can hope for now: its place, and who could serve it. Pure."""

from dataclasses import dataclass

from .agents import AgentState
from .invariants import Books
from .model import AgentId, Channel
from .seats import Seat

MOST = 200
"""Agents told of; more explain nothing."""


@dataclass(frozen=True, slots=True)
class Hopes:
    position: int  # in its queue, from 1
    kept_for: AgentId | None  # nobody else is offered it for now
    qualified: tuple[tuple[AgentId, str], ...]
    """And what they do, or why a contact of its channel cannot come to it; the free ones first."""


def hopes_of(books: Books, contact_id: str) -> Hopes | None:
    """None if it does not wait. Looks at everybody: for people who ask, not for decisions."""
    place = books.waiting.in_line(contact_id)
    if place is None:
        return None
    channel, seats = place.contact.channel, (books.seats[agent_id] for agent_id in books.seats)
    qualified = [
        (one.agent.id, _does(one, channel)) for one in seats if one.crew in place.group.crews
    ]
    qualified.sort(key=lambda one: (one[1] != "ready", one[1] == "logged_out", one[0]))
    return Hopes(
        position=place.position,
        kept_for=None if place.kept_for is None else place.kept_for.agent.id,
        qualified=tuple(qualified[:MOST]),
    )


def _does(seat: Seat, channel: Channel) -> str:
    """Who is free for other channels is not ready for this one."""
    return (seat.load.obstacle(channel) or AgentState.READY.value) if seat.free else seat.doing
