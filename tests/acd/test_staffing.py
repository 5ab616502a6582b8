"""How many qualify for a contact that begins to wait, counted again by looking at everybody."""

from collections import Counter

import pytest

from acd.effects import ContactQueued, Effect, Outlook, StepTaken
from acd.model import AgentId, ContactId, WaitingContact
from acd.queue import Queue, Step
from acd.requirements import required
from acd.router import Router

from .build import MORNING, at, contact, counting, ready, router, span
from .random_days import AGENTS, RULES, Day, attempt


def outlooks(effects: list[Effect]) -> list[Outlook]:
    return [one.outlook for one in effects if isinstance(one, (ContactQueued, StepTaken))]


def test_who_begins_to_wait_is_told_what_those_do_who_qualify_and_how_many_are_ahead() -> None:
    it = router(Queue("sales", required({"english": 2}), steps=(Step(span(30), ()),)))
    for name, english in (("ann", 3), ("bob", 2), ("cid", 1)):
        ready(it, name, english=english)
    it.set_not_ready(AgentId("bob"), "lunch", at(1))
    it.set_fitness(AgentId("ann"), ("microphone-muted",), at(2))
    (first,) = outlooks(it.enqueue(contact("first", 3), at(3)))
    (second,) = outlooks(it.enqueue(contact("second", 4, priority=1), at(4)))

    assert first == Outlook(ahead=0, agents={"not_ready": 1, "unfit": 1})
    assert second == first, "its priority brought it to the front"
    (step, other) = outlooks(it.handle_timer(at(40)))
    assert step.agents == {"not_ready": 1, "ready": 1, "unfit": 1}
    assert (step.ahead, other.ahead) == (1, 0)


def test_a_contact_that_is_kept_for_somebody_says_for_whom_and_how_long() -> None:
    it = router()
    ready(it, "ann")
    it.enqueue(contact("other"), at(0))
    kept = WaitingContact(
        ContactId("call"), "sales", at(5), wanted=AgentId("ann"), wanted_for=span(20)
    )

    (outlook,) = outlooks(it.enqueue(kept, at(5)))
    assert (outlook.kept_for, outlook.kept_until) == ("ann", at(25))
    assert outlook.agents == {"ringing": 1}


@pytest.mark.parametrize("seed", range(5))
def test_on_random_days_the_count_is_that_of_a_look_at_everybody(seed: int) -> None:
    day = Day(seed, lambda queues, now: Router(queues, counting(), RULES))
    queues, seen = {queue.name: queue for queue in day.queues}, 0
    for action, _ in day.happenings(600):
        before = {name: doing(day.router, name) for name in day.profiles}
        effects = attempt(action)
        day.note(effects)
        for effect in effects[:1]:
            if isinstance(effect, ContactQueued):
                seen += 1
                wanted = effect.contact
                steps = queues[wanted.queue].steps_by(day.now - wanted.queued_at)
                demand = queues[wanted.queue].demand(wanted, steps)
                qualified = [name for name, one in day.profiles.items() if demand.met_by(one)]
                assert effect.outlook.agents == Counter(before[name] for name in qualified)
    assert seen > 20
    assert day.now > MORNING
    assert len(day.profiles) == len(AGENTS)


def doing(router: Router, name: str) -> str:
    agent_id = AgentId(name)
    state = router.agent(agent_id).state.value
    return "unfit" if state == "ready" and router.unfit(agent_id) else state
