"""A floor with a memory: what it logged, and when, and what it told whoever rings."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from itertools import count

from acd.model import (
    Channel,
    ContactId,
    Offer,
    Outcome,
    Rules,
    WaitingContact,
)
from acd.queue import Queue
from acd.requirements import required
from acd.router import Router
from cti_server.floor.floor import Floor
from cti_server.floor.profile import AgentProfile
from cti_server.floor.record_lines import Taken
from cti_server.wire.events import AgentStateChanged, Event
from tests.fakes.loop_clock import LoopClock


class Bell:
    """Whoever rings the agents: remembers, and does what it was told to on an offer."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.offers: list[Offer] = []
        self.on_offer: Callable[[Offer], None] = lambda offer: None

    def offered(self, offer: Offer) -> None:
        self.heard.append(("offered", offer.agent_id))
        self.offers.append(offer)
        self.on_offer(offer)

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        self.heard.append((outcome.value, offer.agent_id))


class Scene:
    def __init__(
        self,
        *queues: Queue,
        rules: Rules | None = None,
        record: Callable[[Taken], object] | None = None,
    ) -> None:
        self.clock = LoopClock()
        self.log: list[Event] = []
        numbers = count(1)
        router = Router(
            queues or [Queue("sales", wrap_up=timedelta(0))], lambda: f"i{next(numbers)}", rules
        )
        self.floor = Floor(
            router, self.clock, self.log.append, reasons=["lunch", "meeting"], record=record
        )
        self.bell = Bell()
        self.floor.offers = self.bell

    def agent(self, name: str, **skills: int) -> None:
        """Known, logged in and ready."""
        self.floor.put_agent(profile(name, **skills))
        self.floor.log_in(name)
        self.floor.set_ready(name)

    def call(self, name: str, queue: str = "sales", priority: int = 0, **skills: int) -> None:
        now = self.clock.now()
        self.floor.enqueue(WaitingContact(ContactId(name), queue, now, priority, required(skills)))

    def mail(self, name: str) -> None:
        contact = WaitingContact(ContactId(name), "sales", self.clock.now(), channel=Channel.EMAIL)
        self.floor.enqueue(contact)

    @property
    def names(self) -> list[str]:
        """The log as event names, agents' states spelt out."""
        return [
            f"{event.agent_id} {event.state}"
            if isinstance(event, AgentStateChanged)
            else type(event).__name__
            for event in self.log
        ]


def profile(name: str, **skills: int) -> AgentProfile:
    return AgentProfile(id=name, name=name.title(), number="8026", skills=skills)


async def pass_time(seconds: float) -> None:
    await asyncio.sleep(seconds)
