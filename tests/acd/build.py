"""Short names for the ACD's tests: a fixed day, seconds as numbers, a router that counts offers."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import count

from acd.effects import AgentChanged, Effect, OfferEnded, OfferMade
from acd.model import (
    AgentId,
    ContactId,
    Offer,
    Outcome,
    Rules,
    WaitingContact,
)
from acd.queue import Queue
from acd.requirements import required
from acd.router import Router

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return MORNING + timedelta(seconds=seconds)


def span(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def counting(prefix: str = "offer") -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"{prefix}{next(numbers)}"


def queue(name: str = "sales", *, wrap_up: float = 0, ring_for: float = 20, **skills: int) -> Queue:
    return Queue(
        name=name,
        requirements=required(skills),
        ring_for=span(ring_for),
        wrap_up=span(wrap_up),
    )


def router(*queues: Queue, rules: Rules | None = None) -> Router:
    return Router(queues or [queue()], counting(), rules)


def contact(
    name: str, queued: float = 0, queue: str = "sales", priority: int = 0, **skills: int
) -> WaitingContact:
    return WaitingContact(ContactId(name), queue, at(queued), priority, required(skills))


def ready(router: Router, name: str, now: float = 0, **skills: int) -> list[Effect]:
    """An agent comes, logs in and is ready."""
    agent_id = AgentId(name)
    return [
        *router.put_agent(agent_id, skills, at(now)),
        *router.log_in(agent_id, at(now)),
        *router.set_ready(agent_id, at(now)),
    ]


def offers(effects: Iterable[Effect]) -> list[Offer]:
    return [effect.offer for effect in effects if isinstance(effect, OfferMade)]


def pairs(effects: Iterable[Effect]) -> list[tuple[str, str]]:
    """Who was offered to whom."""
    return [(offer.contact_id, offer.agent_id) for offer in offers(effects)]


def outcomes(effects: Iterable[Effect]) -> list[tuple[str, Outcome]]:
    return [
        (effect.offer.contact_id, effect.outcome)
        for effect in effects
        if isinstance(effect, OfferEnded)
    ]


def states(effects: Iterable[Effect]) -> list[tuple[str, str]]:
    """Which agents changed into which states."""
    return [
        (effect.agent.id, effect.agent.state.value)
        for effect in effects
        if isinstance(effect, AgentChanged)
    ]
