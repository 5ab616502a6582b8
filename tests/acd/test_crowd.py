"""Floors so large that the order is not searched to its end: still nobody is passed over."""

import random
from datetime import datetime, timedelta

import pytest

from acd.agents import AgentState
from acd.effects import Effect
from acd.model import (
    AgentId,
    ContactId,
    Offer,
    OfferId,
    Rules,
    WaitingContact,
)
from acd.profile import Profile
from acd.queue import Queue
from acd.requirements import required
from acd.router import Router
from tests.sizes import this_weeks

from .build import MORNING, at, contact, counting, offers, pairs, queue, ready, router, span
from .ledger import Ledger

SKILLS = [f"skill{number}" for number in range(60)]


def test_an_agent_finds_the_one_contact_behind_hundreds_that_nobody_can_serve() -> None:
    acd = router(queue("sales"), queue("gold", gold=1), queue("iron", iron=1))
    for number in range(300):
        acd.enqueue(contact(f"gold{number}", number, "gold"), at(number))
    for number in range(4):
        acd.enqueue(contact(f"iron{number}", 300 + number, "iron"), at(300 + number))
    acd.enqueue(contact("open", 400), at(400))

    (offer,) = offers(ready(acd, "ann", 500, iron=1))

    assert offer.contact_id == "iron0"
    assert offer.why.candidates == 5
    assert [(one.id, one.reason) for one in offer.why.passed_over] == [
        ("gold0", "lacks gold>=1"),
        ("gold1", "lacks gold>=1"),
        ("gold2", "lacks gold>=1"),
        ("open", "less_urgent"),
    ]


def test_a_contact_finds_the_one_agent_behind_hundreds_who_do_not_qualify() -> None:
    acd = router(queue("gold", gold=1))
    for number in range(300):
        ready(acd, f"agent{number:03}", number, iron=1)
    ready(acd, "ann", 400, gold=1)
    ready(acd, "bob", 401, gold=2)

    (offer,) = offers(acd.enqueue(contact("call", 500, "gold"), at(500)))

    assert (offer.agent_id, offer.why.candidates) == ("ann", 2)
    assert [one.id for one in offer.why.passed_over] == ["agent000", "agent001", "agent002", "bob"]


def test_backing_off_counts_far_behind_too() -> None:
    acd = router(queue("sales"), queue("gold", gold=1))
    for number in range(300):
        acd.enqueue(contact(f"gold{number}", number, "gold"), at(number))
    acd.enqueue(contact("first", 300), at(300))
    acd.enqueue(contact("second", 301), at(301))
    (offer,) = offers(ready(acd, "ann", 400))
    assert offer.contact_id == "first"

    assert pairs(acd.decline(offer.id, at(401))) == [("second", "ann")]


@pytest.mark.parametrize("agents", [20, 150])
@pytest.mark.parametrize("seed", range(3)[this_weeks(3)])
def test_in_a_crowd_of_specialists_every_choice_stands_up_to_brute_force(
    agents: int, seed: int
) -> None:
    """With 20 agents hundreds wait; with 150 a hundred are idle."""
    chance = random.Random(seed)
    queues = {
        skill: Queue(skill, required({skill: 2}), ring_for=span(9), wrap_up=span(0))
        for skill in SKILLS
    }
    acd, ledger = Router(queues.values(), counting()), Ledger(queues, Rules())
    now, deepest = MORNING, 0

    def take(effects: list[Effect]) -> None:
        ledger.take(effects, now)

    for number in range(agents):
        name = AgentId(f"agent{number}")
        skills = {skill: chance.randint(1, 5) for skill in chance.sample(SKILLS, 2)}
        ledger.profiles[name] = Profile(skills)
        take(acd.put_agent(name, skills, now, always_ready=True))
    for number in range(600):
        now += timedelta(seconds=chance.random() / 4)
        take(acd.handle_timer(now))
        skill, extra = chance.sample(SKILLS, 2)
        wanted = required({extra: 1} if number % 10 == 0 else {})
        name_of_contact = ContactId(f"call{number}")
        take(acd.enqueue(WaitingContact(name_of_contact, skill, now, 0, wanted), now))
        for offer in list(ledger.ringing.values()):
            take(_answer(acd, offer, chance, now))
        if ledger.served and chance.random() < 0.6:
            done = chance.choice(list(ledger.served))
            take(acd.end_interaction(OfferId(done), now, "caller"))
        idle = sum(agent.state is AgentState.READY for agent in ledger.agents.values())
        deepest = max(deepest, len(ledger.waiting) if agents == 20 else idle)
        if number % 50 == 0:
            ledger.check(now)

    assert deepest > 100
    assert len(ledger.offer_ids) > 30


def _answer(acd: Router, offer: Offer, chance: random.Random, now: datetime) -> list[Effect]:
    fate = chance.random()
    if fate < 0.8:
        return acd.accept(offer.id, now)
    return acd.decline(offer.id, now) if fate < 0.9 else []
