"""Random days on a floor, by a seed: all that can happen, some hundred times."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from acd.effects import Effect, InteractionEnded, OfferAccepted, OfferEnded, OfferMade
from acd.errors import AcdError
from acd.model import AgentId, ContactId, Offer, Purpose, Rules, WaitingContact
from acd.policies import SHIPPED, load
from acd.profile import Profile
from acd.queue import Queue, Step
from acd.requirements import any_of, required
from acd.router import Router

from .build import MORNING, counting, span

AGENTS = [AgentId(name) for name in ("ann", "bob", "cid", "dot", "eve", "fay")]
RULES = Rules(
    decline_backoff=span(12),
    no_answer_backoff=span(7),
    unreachable_backoff=span(4),
    seat_rest=span(6),
)
QUEUES = (
    Queue("open", (), ring_for=span(9), wrap_up=span(0)),
    Queue(
        "english",
        required({"english": 2}),
        ring_for=span(7),
        wrap_up=span(4),
        preferred=required({"chinese": 2}),
        steps=(Step(span(8), required({"english": 1})), Step(span(15), ())),
    ),
    Queue(
        "levels",
        (any_of({"chinese": 1, "english": 3}),),
        ring_for=span(5),
        wrap_up=span(3),
        max_served=2,
        reach=1,
        steps=(Step(span(6), reach=2), Step(span(12), reach=10)),
    ),
)


class Day:
    """A router, and what happens to it: each happening is a time and what came of it."""

    def __init__(self, seed: int, make: Callable[[list[Queue], datetime], Router]) -> None:
        self.chance = random.Random(seed)
        self.now = MORNING
        self.queues = [replace(queue, policy=load(self.chance.choice(SHIPPED))) for queue in QUEUES]
        self.router = make(self.queues, self.now)
        self.profiles: dict[str, Profile] = {}
        self.ringing: dict[str, Offer] = {}
        self.served: dict[str, Offer] = {}
        self.contacts: list[str] = []
        self._new_name = counting("call")
        self._busy = self.chance.choice((0.04, 0.15))  # of what happens is a call

    def happenings(self, count: int) -> Iterator[tuple[Callable[[], list[Effect]], str]]:
        """What to do at :attr:`now`, one after the other, and to whom it is done."""
        for agent_id in AGENTS:
            yield self._comes(agent_id), agent_id
            yield partial(self.router.log_in, agent_id, self.now), agent_id
            yield partial(self.router.set_ready, agent_id, self.now), agent_id
        for _ in range(count):
            self.now += timedelta(seconds=self.chance.choice((0, 0.1, 0.5, 1, 2.5)))
            yield (lambda: self.router.handle_timer(self.now)), ""
            yield self._something()

    def note(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case OfferMade(offer):
                    self.ringing[offer.id] = offer
                case OfferAccepted(offer):
                    self.served[offer.id] = self.ringing.pop(offer.id)
                case OfferEnded(offer):
                    del self.ringing[offer.id]
                case InteractionEnded(offer):
                    del self.served[offer.id]

    def _something(self) -> tuple[Callable[[], list[Effect]], str]:
        chance, router, now = self.chance, self.router, self.now
        agent_id = chance.choice(AGENTS)
        if chance.random() < self._busy:
            return self._calls()
        match chance.randrange(4, 24):
            case 4 | 5 | 6 if self.ringing:
                return (lambda: router.accept(self._one(self.ringing).id, now)), ""
            case 7 if self.ringing:
                return (lambda: router.decline(self._one(self.ringing).id, now)), ""
            case 8 if self.ringing:
                return (lambda: router.unreachable(self._one(self.ringing).id, now)), ""
            case 9 | 10 | 15 | 16 | 17 | 18 if self.served:
                return (
                    lambda: router.end_interaction(self._one(self.served).id, now, "caller")
                ), ""
            case 11 if self.contacts:
                contact_id = ContactId(self.contacts.pop(chance.randrange(len(self.contacts))))
                return (lambda: router.withdraw(contact_id, now)), contact_id
            case 12:
                reason = chance.choice(("lunch", None))
                return (lambda: router.set_not_ready(agent_id, reason, now)), agent_id
            case 13:
                unfit = chance.choice(((), (), ("microphone-muted",)))
                return (lambda: router.set_fitness(agent_id, unfit, now)), agent_id
            case 14:
                return self._comes(agent_id), agent_id
            case _:
                return (lambda: router.set_ready(agent_id, now)), agent_id

    def _comes(self, agent_id: AgentId) -> Callable[[], list[Effect]]:
        chance = self.chance
        queues = {queue.name: chance.randint(1, 3) for queue in chance.sample(QUEUES, 2)}
        profile = Profile(
            skills={
                skill: chance.randint(1, 3) for skill in chance.sample(("english", "chinese"), 1)
            },
            queues=chance.choice((None, queues)),
            works=frozenset(chance.choice(((), ("repair",)))),
        )

        def come() -> list[Effect]:
            self.profiles[agent_id] = profile
            return self.router.put_agent(agent_id, profile, self.now)

        return come

    def _calls(self) -> tuple[Callable[[], list[Effect]], str]:
        chance = self.chance
        contact = WaitingContact(
            ContactId(self._new_name()),
            chance.choice(QUEUES).name,
            self.now - timedelta(seconds=chance.choice((0, 0, 7))),
            chance.randint(-1, 2),
            required({"chinese": 1}) if chance.random() < 0.3 else (),
            purpose=Purpose.SERVE,
            wanted=chance.choice((None, None, chance.choice(AGENTS))),
            wanted_for=span(chance.choice((0, 5, 15))),
            work=chance.choice(("", "repair")),
        )
        self.contacts.append(contact.id)
        return (lambda: self.router.enqueue(contact, self.now)), contact.id

    def _one(self, offers: dict[str, Offer]) -> Offer:
        return offers[self.chance.choice(list(offers))]


def attempt(action: Callable[[], list[Effect]]) -> list[Effect]:
    """What is refused has changed nothing."""
    try:
        return action()
    except AcdError:
        return []
