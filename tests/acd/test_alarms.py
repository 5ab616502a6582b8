"""Alarms go off in the order of their times, however many were called off in between."""

import random
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

import pytest

from acd.alarms import Alarm, Alarms, Due
from acd.demand import Demand
from acd.model import AgentId, AgentState, Outcome
from acd.policies import LongestIdle
from acd.profile import Profile
from acd.queue import Step

from .build import at, contact, offers, outcomes, queue, ready, router, span

NAMES = [str(number) for number in range(400)]


@pytest.mark.parametrize("seed", range(5))
def test_alarms_go_off_in_time_whatever_was_called_off_meanwhile(seed: int) -> None:
    """So many are called off that the heap is made anew again and again."""
    chance, alarms, expected = random.Random(seed), Alarms(), dict[Alarm, datetime]()
    now = 0
    for _ in range(2000):
        alarm = Alarm(Due.WRAP_UP_ENDS, chance.choice(NAMES))
        if chance.random() < 0.45:
            alarms.set(alarm, moment := at(now + chance.randint(1, 500)))
            expected[alarm] = moment
        else:
            alarms.cancel(alarm)
            expected.pop(alarm, None)
        if chance.random() < 0.02:
            now += chance.randint(1, 40)
            gone_off = []
            while (due := alarms.pop_due(at(now))) is not None:
                gone_off.append(expected.pop(due))
            assert gone_off == sorted(gone_off)
        assert alarms.deadline == min(expected.values(), default=None)
        assert len(alarms) == len(expected)
        assert alarms.heap_size <= 66 + 2 * len(alarms)


@dataclass(frozen=True, slots=True)
class Fallible(LongestIdle):
    """Somebody's own policy, which cannot say what a demand for nothing costs."""

    name: ClassVar[str] = "fallible"
    alike: ClassVar[bool] = False

    def fit(self, profile: Profile, demand: Demand) -> float:
        if not demand.requirements:
            raise ZeroDivisionError
        return 0.0


def test_what_is_due_with_something_that_fails_is_due_still() -> None:
    steel = queue("steel", steel=1)
    acd = router(
        replace(steel, policy=Fallible(), steps=(Step(span(20), requirements=()),)), queue("sales")
    )
    ready(acd, "ann")
    ready(acd, "bob")
    acd.enqueue(contact("one", 0, "steel"), at(0))
    (offer,) = offers(acd.enqueue(contact("two", 0), at(0)))

    with pytest.raises(ZeroDivisionError):
        acd.handle_timer(at(20))

    assert acd.deadline == at(20)
    assert outcomes(acd.handle_timer(at(20))) == [("two", Outcome.TIMED_OUT)]
    assert acd.agent(offer.agent_id).state is AgentState.NOT_READY


def test_an_alarm_of_a_contact_that_has_left_makes_nobody_ready() -> None:
    acd = router()
    ready(acd, "ann")
    acd.set_not_ready(AgentId("ann"), "lunch", at(1))
    acd.books.alarms.set(Alarm(Due.BACKOFF_ENDS, "ann", "gone"), at(5))

    assert acd.handle_timer(at(5)) == []
    assert acd.agent(AgentId("ann")).state is AgentState.NOT_READY
