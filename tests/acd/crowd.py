"""A queue of chance on virtual time: the real router, callers, patience, agents; seeded."""

import heapq
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from acd import inputs
from acd.effects import OfferMade
from acd.estimate import Estimate
from acd.estimates import Estimates
from acd.model import AgentId, ContactId, Offer, WaitingContact
from acd.profile import Profile
from acd.queue import Queue
from acd.router import Router

from .build import at, counting

PATIENT = 0.2
"""The share of callers who never hang up: what they were told holds or does not, for sure."""


@dataclass
class Told:
    """What one patient caller was told on coming, and how long it took then; seconds."""

    came: float
    queue: str
    estimate: Estimate
    waited: float


@dataclass
class Crowd:
    """
    Callers come at random; who waits longer than their patience leaves, but for the patient.

    ``rate``: calls a second at a moment, by queue; ``handling``: seconds, drawn once a call;
    ``agents``: skills of each.
    """

    queues: Sequence[Queue]
    agents: Sequence[Mapping[str, int]]
    rate: Mapping[str, Callable[[float], float]]
    handling: Callable[[random.Random, str], float]
    patience: float | None = None  # seconds, the mean
    seed: int = 1
    told: list[Told] = field(default_factory=list)

    def run(self, until: float) -> "Crowd":
        self.chance = random.Random(self.seed)
        self.router = Router(self.queues, counting())
        self.estimates = Estimates(self.router)
        self._numbers, self._events, self._now = count(), list[tuple[float, int, object]](), 0.0
        self._open: dict[ContactId, Told | None] = {}
        for number, skills in enumerate(self.agents):
            self._take(inputs.PutAgent(AgentId(f"agent{number}"), Profile(skills), True))
        for queue in self.queues:
            self._later(self.chance.expovariate(1.0), queue)
        while self._events and self._events[0][0] < until:
            self._now, _, event = heapq.heappop(self._events)
            match event:
                case Queue():
                    self._arrives(event)
                case Offer():
                    self._take(inputs.EndInteraction(event.id, "caller"))
                case str():
                    self._open.pop(ContactId(event), None)
                    self._take(inputs.Withdraw(ContactId(event)))
        return self

    def _arrives(self, queue: Queue) -> None:
        rate = self.rate[queue.name](self._now)
        self._later(self._now + self.chance.expovariate(rate), queue)
        name = ContactId(f"call{next(self._numbers)}")
        patient = self.patience is None or self.chance.random() < PATIENT
        contact = WaitingContact(name, queue.name, at(self._now))
        self._take(inputs.Enqueue(contact))
        if self.router.position(name) is None:
            return
        estimate = self.estimates.of(name)
        if estimate is not None and patient:
            self._open[name] = Told(self._now, queue.name, estimate, 0.0)
        if self.patience is not None and not patient:
            self._later(self._now + self.chance.expovariate(1 / self.patience), str(name))

    def _take(self, happened: inputs.Input) -> None:
        now = at(self._now)
        effects = inputs.apply(self.router, happened, now)
        self.estimates.hear(happened, effects, now)
        for effect in effects:
            if isinstance(effect, OfferMade):
                self._answer(effect.offer)

    def _answer(self, offer: Offer) -> None:
        self._take(inputs.Accept(offer.id))
        told = self._open.pop(offer.contact_id, None)
        if told is not None:
            told.waited = self._now - told.came
            self.told.append(told)
        self._later(self._now + self.handling(self.chance, offer.queue), offer)

    def _later(self, moment: float, event: object) -> None:
        heapq.heappush(self._events, (moment, next(self._numbers), event))

    def held(self, since: float = 0.0, queue: str | None = None) -> tuple[float, float, float]:
        """Of each quantile, in what share of cases it came true."""
        told = [one for one in self.told if one.came >= since and queue in {None, one.queue}]
        assert told
        shares = [sum(one.waited <= one.estimate[i] for one in told) / len(told) for i in range(3)]
        return shares[0], shares[1], shares[2]
