"""A shift that goes on after a restart: the policies decide as if there had been none."""

from collections import defaultdict
from datetime import datetime
from random import Random

import pytest

from acd.effects import AgentChanged, Effect, InteractionEnded
from acd.model import AgentId, AgentState, ContactId
from acd.policies import SHIPPED, load
from acd.queue import Queue
from acd.router import Router
from acd.tally import Shift

from .build import at, contact, counting, offers, pairs, queue, ready, router, span

AGENTS = ("ann", "bob", "cid", "dot")


class Records:
    """What the database has of a router's day: states with their first moments, contacts served."""

    def __init__(self) -> None:
        self.states: dict[str, list[tuple[AgentState, datetime]]] = defaultdict(list)
        self.handled: dict[str, int] = defaultdict(int)

    def take(self, effects: list[Effect]) -> list[Effect]:
        for effect in effects:
            match effect:
                case AgentChanged(agent, before) if agent.state is not before.state:
                    self.states[agent.id].append((agent.state, agent.since))
                case InteractionEnded(offer, _):
                    self.handled[offer.agent_id] += 1
        return effects

    def shift(self, name: str, until: datetime) -> Shift | None:
        return Shift.of(self.states[name], until, self.handled[name])


def day(acd: Router, chance: Random, records: Records) -> float:
    """Calls come to four agents, some are let ring, all talk for as long as they like."""
    now = 0.0
    for number, name in enumerate(AGENTS):
        records.take(ready(acd, name, number))
    for number in range(12):
        now += 10 + chance.random()
        (offer,) = offers(records.take(acd.enqueue(contact(f"c{number}", now), at(now))))
        now += 1 + chance.random()
        if chance.random() < 0.2:
            records.take(acd.withdraw(ContactId(f"c{number}"), at(now)))
            continue
        records.take(acd.accept(offer.id, at(now)))
        now += 60 * chance.random()
        records.take(acd.end_interaction(offer.id, at(now), "caller"))
        records.take(acd.handle_timer(at(now + 5)))  # the wrap-up is over
        now += 5
    return now


def next_four(acd: Router, now: float) -> list[tuple[str, str]]:
    """Whom the policy takes, one after the other."""
    calls = [acd.enqueue(contact(f"next{one}", now + one), at(now + one)) for one in range(4)]
    return [pair for effects in calls for pair in pairs(effects)]


@pytest.mark.parametrize("policy", [name for name in SHIPPED if name != "scored"])
@pytest.mark.parametrize("seed", range(5))
def test_every_policy_goes_on_where_it_was(policy: str, seed: int) -> None:
    queues = [Queue("sales", wrap_up=span(5), ring_for=span(20), policy=load(policy))]
    before, records = Router(queues, counting()), Records()
    now = day(before, Random(seed), records)
    after = Router(queues, counting())
    for name in AGENTS:
        agent = before.agent(AgentId(name))
        after.put_agent(agent.id, {}, at(now))
        shift = records.shift(name, at(now))
        after.restore(agent.id, agent.state, agent.since, agent.reason, at(now), shift)

    assert next_four(after, now + 1) == next_four(before, now + 1)


def test_without_its_shift_an_agent_begins_a_new_one() -> None:
    """So that the test above could fail."""
    acd = router(Queue("sales", policy=load("fewest_contacts")))
    acd.put_agent(AgentId("ann"), {}, at(0))
    acd.put_agent(AgentId("bob"), {}, at(0))
    busy = Shift(at(-100), at(-50), handled=7)
    acd.restore(AgentId("ann"), AgentState.READY, at(-50), None, at(0), busy)
    acd.restore(AgentId("bob"), AgentState.READY, at(-10), None, at(0))

    assert pairs(acd.enqueue(contact("call", 1), at(1))) == [("call", "bob")]


def test_who_talked_when_the_server_died_has_worked_until_then() -> None:
    states = [
        (AgentState.NOT_READY, at(0)),
        (AgentState.READY, at(10)),
        (AgentState.RINGING, at(20)),
        (AgentState.TALKING, at(24)),
    ]
    shift = Shift.of(states, until=at(84), handled=1)

    assert shift == Shift(at(0), at(10), at(20), handled=1, busy=span(64))


def test_ringing_in_vain_costs_no_rank() -> None:
    states = [
        (AgentState.READY, at(10)),
        (AgentState.RINGING, at(20)),
        (AgentState.READY, at(40)),
    ]
    shift = Shift.of(states, until=at(50), handled=0)

    assert shift == Shift(at(10), at(10), at(20), busy=span(20))


def test_nothing_on_record_is_no_shift() -> None:
    assert Shift.of([], at(0), 0) is None


def test_open_work_is_not_the_shifts() -> None:
    acd = router(queue())
    acd.put_agent(AgentId("ann"), {}, at(0))
    acd.set_open_work(AgentId("ann"), 3)
    shift = Shift(at(-100), at(-50), handled=7)
    acd.restore(AgentId("ann"), AgentState.READY, at(-50), None, at(0), shift)

    assert acd.open_work(AgentId("ann")) == 3
