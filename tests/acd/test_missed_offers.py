"""Offers in a row that come to nothing: how many make an agent not ready, and what ends a row."""

from collections.abc import Callable

import pytest

from acd.effects import Effect
from acd.model import AgentId, AgentState, ContactId, OfferId, Outcome, Purpose, Rules

from .build import at, contact, offers, outcomes, pairs, ready, router, span, states

ANN = AgentId("ann")


class Desk:
    """Ann's, to which one contact is offered again and again."""

    def __init__(self, rules: Rules, *, always_ready: bool = False) -> None:
        self.acd = router(rules=rules)
        self.now = 0.0
        if always_ready:
            self.acd.put_agent(ANN, {}, at(0), always_ready=True)
        else:
            ready(self.acd, "ann")
        self.heard(self.acd.enqueue(contact("call"), at(0)))

    def state(self) -> tuple[str, str | None]:
        agent = self.acd.agent(ANN)
        return agent.state.value, agent.reason

    def lets_it_ring(self, times: int = 1) -> None:
        self.each(times, lambda: self.acd.handle_timer(at(self.pass_time(20))))

    def declines(self, times: int = 1) -> None:
        self.each(times, lambda: self.acd.decline(self.offer_id, at(self.now)))

    def cannot_be_rung(self, times: int = 1) -> None:
        self.each(times, lambda: self.acd.unreachable(self.offer_id, at(self.now)))

    def gets_ready(self) -> None:
        self.heard(self.acd.set_ready(ANN, at(self.now)))

    def serves(self) -> None:
        self.rings()
        self.acd.accept(self.offer_id, at(self.now))
        self.acd.end_interaction(self.offer_id, at(self.now), "caller")
        self.heard(self.acd.enqueue(contact("call", self.now), at(self.now)))

    def rings(self) -> bool:
        """Pass the time until an offer is there, if one comes by itself."""
        while self.acd.agent(ANN).state is not AgentState.RINGING:
            if self.acd.deadline is None:
                return False
            self.now = max(self.now, (self.acd.deadline - at(0)).total_seconds())
            self.heard(self.acd.handle_timer(at(self.now)))
        return True

    def each(self, times: int, happens: Callable[[], list[Effect]]) -> None:
        for _ in range(times):
            assert self.rings()
            self.heard(happens())

    def heard(self, effects: list[Effect]) -> None:
        for offer in offers(effects):
            self.offer_id: OfferId = offer.id

    def pass_time(self, seconds: float) -> float:
        self.now += seconds
        return self.now


def test_one_unanswered_offer_makes_not_ready_as_things_are_shipped() -> None:
    desk = Desk(Rules())
    desk.lets_it_ring()

    assert desk.state() == ("not_ready", "ring_no_answer")


def test_below_the_limit_the_contact_comes_back_to_the_only_agent_after_the_backoff() -> None:
    acd = router(rules=Rules(no_answer_limit=2, no_answer_backoff=span(30)))
    ready(acd, "ann")
    acd.enqueue(contact("call", 5), at(5))

    happened = acd.handle_timer(at(25))

    assert (outcomes(happened), pairs(happened)) == ([("call", Outcome.TIMED_OUT)], [])
    assert states(happened) == [("ann", "ready")]
    assert acd.deadline == at(55)
    assert pairs(acd.handle_timer(at(55))) == [("call", "ann")]


def test_below_the_limit_another_contact_reaches_the_agent_at_once() -> None:
    acd = router(rules=Rules(no_answer_limit=2))
    ready(acd, "ann")
    acd.enqueue(contact("call", 5), at(5))
    acd.enqueue(contact("later", 6), at(6))

    assert pairs(acd.handle_timer(at(25))) == [("later", "ann")]


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_as_many_unanswered_offers_in_a_row_as_the_limit_make_not_ready(limit: int) -> None:
    desk = Desk(Rules(no_answer_limit=limit))
    desk.lets_it_ring(limit - 1)
    assert desk.rings()
    desk.lets_it_ring()

    assert desk.state() == ("not_ready", "ring_no_answer")
    assert desk.acd.position(ContactId("call")) == 1


def test_without_a_limit_nobody_is_made_not_ready_however_long_it_rings() -> None:
    desk = Desk(Rules(no_answer_limit=None, unreachable_limit=None))
    desk.lets_it_ring(20)
    desk.cannot_be_rung(20)
    desk.declines(20)

    assert desk.rings()


@pytest.mark.parametrize("ended_by", [Desk.serves, Desk.gets_ready, Desk.declines])
def test_a_row_of_unanswered_offers_ends_when_somebody_is_there(
    ended_by: Callable[[Desk], None],
) -> None:
    desk = Desk(Rules(no_answer_limit=2))
    desk.lets_it_ring()
    ended_by(desk)
    desk.lets_it_ring()

    assert desk.state() == ("ready", None)
    desk.lets_it_ring()
    assert desk.state() == ("not_ready", "ring_no_answer")


def test_a_new_log_in_begins_a_new_row() -> None:
    desk = Desk(Rules(no_answer_limit=2))
    desk.lets_it_ring()
    desk.acd.log_out(ANN, at(desk.now))
    desk.acd.log_in(ANN, at(desk.now))
    desk.gets_ready()
    desk.lets_it_ring()

    assert desk.state() == ("ready", None)


def test_a_caller_who_hangs_up_while_it_rings_neither_counts_nor_ends_a_row() -> None:
    desk = Desk(Rules(no_answer_limit=2))
    desk.lets_it_ring()
    assert desk.rings()
    desk.acd.withdraw(ContactId("call"), at(desk.now))
    assert desk.state() == ("ready", None)
    desk.heard(desk.acd.enqueue(contact("call"), at(desk.now)))
    desk.lets_it_ring()

    assert desk.state() == ("not_ready", "ring_no_answer")


def test_declining_is_free_as_things_are_shipped() -> None:
    desk = Desk(Rules())
    desk.declines(20)

    assert desk.state() == ("ready", None)


def test_declines_in_a_row_make_not_ready_where_a_limit_is_set() -> None:
    desk = Desk(Rules(decline_limit=3))
    desk.declines(2)
    assert desk.state() == ("ready", None)
    desk.declines()

    assert desk.state() == ("not_ready", "offers_declined")


@pytest.mark.parametrize("ended_by", [Desk.serves, Desk.gets_ready])
def test_a_row_of_declines_ends_when_the_agent_takes_one_or_says_ready(
    ended_by: Callable[[Desk], None],
) -> None:
    desk = Desk(Rules(decline_limit=2))
    desk.declines()
    ended_by(desk)
    desk.declines()

    assert desk.state() == ("ready", None)


def test_declining_to_advise_a_colleague_is_always_free() -> None:
    acd = router(rules=Rules(decline_limit=1))
    ready(acd, "ann")
    asks = contact("call")
    advice = type(asks)(asks.id, asks.queue, asks.queued_at, purpose=Purpose.CONSULT)
    (offer,) = offers(acd.offer_to(ANN, advice, at(1)))

    acd.decline(offer.id, at(2))

    assert acd.agent(ANN).state is AgentState.READY


def test_an_agent_asked_for_by_name_who_does_not_answer_is_away_like_any_other() -> None:
    acd = router()
    ready(acd, "ann")
    acd.offer_to(ANN, contact("call"), at(1))

    assert states(acd.handle_timer(at(21))) == [("ann", "not_ready")]
    assert acd.agent(ANN).reason == "ring_no_answer"


def test_what_an_agent_chose_while_it_rang_counts_more_than_the_limit() -> None:
    desk = Desk(Rules(no_answer_limit=1))
    desk.acd.set_not_ready(ANN, "lunch", at(1))
    desk.lets_it_ring()

    assert desk.state() == ("not_ready", "lunch")


@pytest.mark.parametrize(
    ("rules", "misses", "reason"),
    [
        (Rules(no_answer_limit=2, seat_rest=span(40)), Desk.lets_it_ring, "ring_no_answer"),
        (Rules(decline_limit=2, seat_rest=span(40)), Desk.declines, "offers_declined"),
        (Rules(unreachable_limit=2, seat_rest=span(40)), Desk.cannot_be_rung, "unreachable"),
    ],
)
def test_an_always_ready_seat_rests_after_the_limit_and_is_then_on_trial(
    rules: Rules, misses: Callable[[Desk, int], None], reason: str
) -> None:
    desk = Desk(rules, always_ready=True)
    misses(desk, 2)
    assert desk.state() == ("not_ready", reason)

    misses(desk, 1)  # it came back by itself and was rung
    assert desk.state() == ("not_ready", reason)

    desk.serves()
    misses(desk, 1)
    assert desk.state() == ("ready", None)


def test_a_phone_that_registers_again_forgives_what_could_not_be_rung_and_nothing_else() -> None:
    desk = Desk(Rules(no_answer_limit=2, unreachable_limit=2))
    desk.lets_it_ring()
    desk.cannot_be_rung()
    desk.acd.reachable_again(ANN, at(desk.now))
    desk.cannot_be_rung()
    assert desk.state() == ("ready", None)
    desk.lets_it_ring()

    assert desk.state() == ("not_ready", "ring_no_answer")
