"""How many serve a group: kept up to date by changes, as if everybody were counted each time."""

import random
import sys
from itertools import product

from acd import strengths
from acd.agents import AgentState
from acd.model import AgentId
from acd.profile import Profile
from acd.queues import Line
from acd.router import Router
from acd.seats import Seat

from .build import at, contact, offers, queue, ready, router

SKILLS = ("a", "b", "c")


def skilled(chance: random.Random) -> dict[str, int]:
    return {skill: chance.randint(1, 3) for skill in chance.sample(SKILLS, chance.randint(1, 3))}


def something_happens(acd: Router, chance: random.Random, now: float) -> None:
    agent_id = AgentId(f"agent{chance.randrange(12)}")
    if not acd.knows(agent_id) or acd.agent(agent_id).state is AgentState.LOGGED_OUT:
        ready(acd, agent_id, now, **skilled(chance))
        return
    match chance.randrange(7):
        case 0:
            acd.set_not_ready(agent_id, None, at(now))
        case 1:
            acd.set_ready(agent_id, at(now))
        case 2:
            acd.set_fitness(agent_id, chance.choice(((), ("no phone",))), at(now))
        case 3:
            acd.put_agent(agent_id, skilled(chance), at(now))
        case 4 if acd.offer_of(agent_id) is None:
            acd.remove_agent(agent_id, at(now))
        case 5:
            name = chance.choice(SKILLS)
            for offer in offers(acd.enqueue(contact(f"c{now}", now, name), at(now))):
                acd.accept(offer.id, at(now))
        case 6 if (had := acd.offer_of(agent_id)) is not None:
            if acd.agent(agent_id).state is AgentState.TALKING:  # not only rung
                acd.end_interaction(had.id, at(now), "caller")


def who_serve(acd: Router, line: Line) -> set[str]:
    seats = (acd.books.seats[agent_id] for agent_id in acd.books.seats)
    return {seat.agent.id for seat in seats if _serves(seat, line)}


def _serves(seat: Seat, line: Line) -> bool:
    return line.group.demand.met_by(seat.crew.profile) and (seat.free or seat.goes_on)


def test_counts_and_shares_are_those_of_everybody_counted_anew() -> None:
    for seed in range(3):
        chance = random.Random(seed)
        acd = router(*(queue(skill, **{skill: 1 + seed % 2}) for skill in SKILLS))
        lines = acd.books.waiting.lines
        for number in range(400):
            something_happens(acd, chance, float(number))
            if chance.random() < 0.7:
                continue
            of, share = acd.books.seats.strengths.of, acd.books.seats.strengths.share
            for one, other in product(lines.values(), repeat=2):
                mine, theirs = who_serve(acd, one), who_serve(acd, other)
                assert of(one.group).serving == len(mine)
                expected = len(mine & theirs) / len(theirs) if theirs else 0.0
                assert one is other or share(other.group, one.group) == expected


def test_changes_that_were_forgotten_are_counted_anew() -> None:
    acd = router(queue("a", a=1))
    ready(acd, "ann", a=1)
    assert acd.prospect_at("a").serving == 1

    for number in range(3 * strengths.CHANGES):
        acd.set_fitness(AgentId("ann"), () if number % 2 else ("no phone",), at(number))
    acd.set_fitness(AgentId("ann"), ("no phone",), at(0))
    assert acd.prospect_at("a").serving == 0


def calls_of_a_prospect(agents: int) -> int:
    """With each agent unlike all others, all of them busy, and one who waits."""
    acd, calls = router(queue("a", a=1), queue("b", b=1)), 0
    for number in range(agents):
        skills = {"a": 1, "b": 1, f"own{number}": 1}
        acd.put_agent(AgentId(f"agent{number}"), Profile(skills), at(0), always_ready=True)
        acd.enqueue(contact(f"c{number}", number, "ab"[number % 2]), at(number))
    acd.enqueue(contact("waits", agents, "a"), at(agents))
    for name in ("a", "b"):
        acd.prospect_at(name)  # now they have been counted

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += 1

    sys.setprofile(count)
    try:
        acd.prospect_at("a")
    finally:
        sys.setprofile(None)
    return calls


def test_what_a_wait_depends_on_costs_as_much_with_ten_agents_as_with_hundreds() -> None:
    assert calls_of_a_prospect(10) == calls_of_a_prospect(300)
