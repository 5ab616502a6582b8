"""Estimated waits: what they are made of, and that they come true as often as they say."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from acd.calibration import Ratios
from acd.effects import Effect, TakenOver
from acd.estimate import Estimate, estimate, sum_of
from acd.estimates import Estimates
from acd.inputs import (
    Accept,
    EndInteraction,
    Enqueue,
    Input,
    PutAgent,
    TakeOver,
    Withdraw,
    apply,
)
from acd.model import AgentId, Channel, ContactId, OfferId
from acd.pace import Pace
from acd.profile import Profile
from acd.prospects import Prospect

from .build import at, contact, offers, queue, router
from .crowd import Crowd

HANDLING = 180.0
WITHIN = 0.05
"""Of the stated share."""


def paces(handling: float = HANDLING, left: int = 0) -> dict[str, Pace]:
    """A queue that is well known: a hundred contacts, so many of which left after a minute."""
    pace = Pace()
    chance = random.Random(1)
    for number in range(100):
        pace.handling.add(chance.expovariate(1 / handling))
        pace.ended(60, left=number < left)
    return {"sales": pace}


def prospect(ahead: float, *, serving: int = 10, **others: float) -> Prospect:
    return Prospect("sales", 1 + int(ahead), serving, serving, 0, {"sales": ahead} | others, {})


def told(found: Estimate | None) -> Estimate:
    assert found is not None
    return found


# --- what it is made of -----------------------------------------------------------------------


def test_more_ahead_take_longer_and_more_agents_less_long() -> None:
    few, many = (told(estimate(prospect(ahead), paces())) for ahead in (2, 20))
    staffed = told(estimate(prospect(20, serving=20), paces()))

    assert all(short < long for short, long in zip(few, many, strict=True))
    assert all(short < long for short, long in zip(staffed, many, strict=True))
    assert few.p50 < few.p80 < few.p90


def test_those_ahead_who_hang_up_are_not_waited_for() -> None:
    patient, impatient = (told(estimate(prospect(20), paces(left=left))) for left in (0, 50))

    assert impatient.p80 < 0.8 * patient.p80


def test_contacts_of_another_queue_count_by_the_work_that_they_are() -> None:
    known = paces()
    known["long"] = Pace()
    known["quick"] = Pace()
    for _ in range(50):
        known["long"].handling.add(600)
        known["quick"].handling.add(5)
    alone, quick, long = (
        told(estimate(found, known)).p50
        for found in (prospect(5), prospect(5, quick=5), prospect(5, long=5))
    )

    assert alone < quick < 1.2 * alone
    assert long > 2 * alone


def test_nothing_is_said_without_evidence_or_without_anybody_who_serves() -> None:
    acd = router()
    estimates = Estimates(acd)
    new = Pace()
    for _ in range(9):
        new.handling.add(HANDLING)

    assert estimates.expected("sales") is None
    assert estimate(prospect(3), {"sales": new}) is None
    assert estimate(prospect(3, serving=0), paces()) is None
    assert (estimates.held("sales").p80, estimates.held("sales").told_count) == (None, 0)


def test_a_queue_with_somebody_free_is_not_waited_in() -> None:
    acd = router()
    acd.put_agent(AgentId("ann"), {}, at(0), always_ready=True)

    assert Estimates(acd).expected("sales") == (0, 0, 0)


@pytest.mark.parametrize(("stages", "agents", "left"), [(2.5, 1, 90), (40, 3, 30), (6000, 50, 9)])
def test_many_stages_are_summed_as_one_by_one(stages: float, agents: int, left: int) -> None:
    known = paces(left=left)["sales"]
    known.handling.add(HANDLING)
    handling, hazard = known.handling.mean, known.hazard
    means = [1 / (agents / handling + ahead * hazard) for ahead in range(int(stages) + 1)]
    one_by_one = sum(means[:-1]), sum(mean**2 for mean in means[:-1])
    rest = stages - int(stages)

    mean, variance = sum_of(stages, agents / handling, hazard)

    assert mean == pytest.approx(one_by_one[0] + rest * means[-1], rel=1e-4)
    assert variance == pytest.approx(one_by_one[1] + rest * means[-1] ** 2, rel=1e-4)


# --- what it learns ---------------------------------------------------------------------------


def chats(take: Callable[[Input, float], list[Effect]], seconds: float) -> None:
    """A dozen, one after the other: accepted in five seconds, and so long."""
    for number in range(12):
        begin = number * (seconds + 10)
        chat = replace(contact(f"chat{number}", begin), channel=Channel.CHAT)
        (offer,) = offers(take(Enqueue(chat), begin))
        take(Accept(offer.id), begin + 5)
        take(EndInteraction(offer.id, "agent"), begin + seconds)


def test_what_is_held_beside_others_is_timed_from_its_offer_to_its_end() -> None:
    acd = router()
    estimates = Estimates(acd)

    def take(happened: Input, now: float) -> list[Effect]:
        effects = apply(acd, happened, at(now))
        estimates.hear(happened, effects, at(now))
        return effects

    one = Profile({}, capacity={Channel.CHAT: 1})
    take(PutAgent(AgentId("ann"), one, True), 0)
    chats(take, 300)
    first, second = (
        replace(contact(name, 5000), channel=Channel.CHAT) for name in ("first", "second")
    )
    take(Enqueue(first), 5000)
    take(Enqueue(second), 5000)

    expected = told(estimates.of(ContactId("second")))
    assert 150 < expected.p50 < 310  # of one stage of five minutes, and five seconds for the offer


def test_what_is_over_at_once_takes_no_time_and_does_no_harm() -> None:
    acd = router()
    estimates = Estimates(acd)

    def take(happened: Input, now: float) -> list[Effect]:
        effects = apply(acd, happened, at(now))
        estimates.hear(happened, effects, at(now))
        return effects

    take(PutAgent(AgentId("ann"), Profile({}, capacity={Channel.CHAT: 1}), True), 0)
    for number in range(12):
        chat = replace(contact(f"chat{number}"), channel=Channel.CHAT)
        effects = take(TakeOver(AgentId("ann"), chat, "ben"), 0)
        (taken,) = (one.offer for one in effects if isinstance(one, TakenOver))
        take(EndInteraction(taken.id, "agent"), 0)
    for name in ("first", "second"):
        take(Enqueue(replace(contact(name, 1), channel=Channel.CHAT)), 1)

    assert told(estimates.of(ContactId("second"))).p90 < 1


# --- what corrects it -------------------------------------------------------------------------


def test_estimates_that_were_too_low_are_raised_until_they_hold_in_their_share() -> None:
    ratios = Ratios()
    for number in range(400):
        ratios.add(0.005 * (number + 1), left=False)

    assert ratios.correction(0.8) == pytest.approx(1.62, abs=0.006)  # 80 are alone
    assert ratios.within(1.0) == pytest.approx(0.5)


def test_who_left_says_that_the_wait_was_longer_and_not_how_long() -> None:
    """Of four, one left after half the time: the other two at one time and a half are 2/3 each."""
    ratios = Ratios()
    for ratio, left in ((0.25, False), (0.5, True), (1.5, False), (1.5, False)):
        ratios.add(ratio, left=left)

    assert ratios.within(1.0) == pytest.approx(0.25)
    assert ratios.within(1.5) == pytest.approx(1.0)
    assert ratios.correction(0.8) == 1.0  # too few to correct by


def test_what_is_long_ago_is_forgotten() -> None:
    ratios = Ratios()
    for ratio in (9.0,) * 300 + (1.0,) * 400:
        ratios.add(ratio, left=False)

    assert ratios.correction(0.9) == 1.0
    assert len(ratios) == 400


# --- that it comes true -----------------------------------------------------------------------


def exponential(chance: random.Random, _: str) -> float:
    return chance.expovariate(1 / HANDLING)


def lognormal(chance: random.Random, name: str) -> float:
    return chance.lognormvariate(4.9 if name == "sales" else 5.4, 0.8)


def steady(load: float, agents: int) -> Callable[[float], float]:
    return lambda now: load * agents / HANDLING


@pytest.mark.parametrize(
    ("agents", "load", "patience"),
    [(5, 0.95, None), (20, 0.9, None), (20, 1.2, 120.0)],
    ids=["few agents", "many agents", "overload"],
)
def test_estimates_come_true_in_their_share_at_several_loads(
    agents: int, load: float, patience: float | None
) -> None:
    crowd = Crowd(
        [queue()], [{}] * agents, {"sales": steady(load, agents)}, exponential, patience
    ).run(4000 * HANDLING / agents)

    assert len(crowd.told) > 500
    assert crowd.held() == pytest.approx((0.5, 0.8, 0.9), abs=WITHIN)
    reported = crowd.estimates.held("sales")
    assert reported.p80 == pytest.approx(crowd.held()[1], abs=WITHIN)  # with those who left


def test_a_step_of_the_load_breaks_no_promises() -> None:
    """From three quarters of what 40 agents can do to half as much again as that."""
    step = 12 * HANDLING

    def rate(now: float) -> float:
        return (0.75 if now < step else 1.5) * 40 / HANDLING

    crowd = Crowd([queue()], [{}] * 40, {"sales": rate}, exponential, 150.0, seed=3).run(6 * step)

    assert crowd.held(since=step) == pytest.approx((0.5, 0.8, 0.9), abs=WITHIN)


def test_queues_that_share_agents_keep_their_promises_each() -> None:
    queues = [queue("sales", sales=1), queue("repair", repair=1)]
    agents = [{"sales": 1}] * 6 + [{"repair": 1}] * 6 + [{"sales": 1, "repair": 1}] * 8
    rates = {"sales": lambda now: 0.065, "repair": lambda now: 0.04}
    crowd = Crowd(queues, agents, rates, lognormal, 200.0, seed=5).run(50_000)

    for name in rates:
        assert crowd.held(queue=name) == pytest.approx((0.5, 0.8, 0.9), abs=1.5 * WITHIN)


# --- what callers were told -------------------------------------------------------------------


def test_the_first_promise_that_a_caller_heard_counts() -> None:
    acd = router(queue(ring_for=10_000))
    estimates = Estimates(acd)

    def take(
        happened: PutAgent | Enqueue | Accept | EndInteraction | Withdraw, now: float
    ) -> OfferId:
        effects = apply(acd, happened, at(now))
        estimates.hear(happened, effects, at(now))
        made = offers(effects)
        return made[0].id if made else OfferId("")

    take(PutAgent(AgentId("ann"), Profile({}), True), 0)
    offer = take(Enqueue(contact("first")), 0)
    for place, name in enumerate(("kept", "broken", "gone"), start=1):
        take(Enqueue(contact(name, place / 10)), 0)
    minute = timedelta(minutes=1)
    for name in ("kept", "broken", "gone"):
        estimates.promised(ContactId(name), at(0) + minute, at(0))
        estimates.promised(ContactId(name), at(0) + 100 * minute, at(1))
    take(Withdraw(ContactId("gone")), 10)
    take(Accept(offer), 10)
    for end in (20, 90):
        offer = take(EndInteraction(offer, "caller"), end)
        take(Accept(offer), end)

    held = estimates.held("sales")
    assert (held.told, held.told_count) == (0.5, 3)
