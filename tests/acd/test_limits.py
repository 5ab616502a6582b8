"""A queue has so many agents at once, and keeps no other queue waiting when it has them."""

from dataclasses import replace

import pytest

from acd.errors import InvalidValue
from acd.model import RELEASED, AgentId, AgentState, ContactId, OfferId
from acd.queue import Queue
from acd.router import Router

from .build import at, contact, offers, pairs, queue, ready, router


def limited(limit: int = 1, *, wrap_up: float = 0) -> Router:
    sales = replace(queue("sales", wrap_up=wrap_up), max_served=limit)
    return router(sales, queue("repair"))


def serve(acd: Router, name: str, now: float, queue: str = "sales") -> OfferId:
    (offer,) = offers(acd.enqueue(contact(name, now, queue), at(now)))
    acd.accept(offer.id, at(now))
    return offer.id


def test_who_is_rung_counts_and_nothing_more_is_offered() -> None:
    acd = limited()
    ready(acd, "ann", 0)
    ready(acd, "bob", 0)
    assert pairs(acd.enqueue(contact("one", 1), at(1))) == [("one", "ann")]
    assert pairs(acd.enqueue(contact("two", 2), at(2))) == []


def test_when_an_interaction_ends_the_most_urgent_goes_to_whoever_is_free_already() -> None:
    acd = limited(wrap_up=30)
    ready(acd, "ann", 0)
    with_ann = serve(acd, "one", 1)
    ready(acd, "bob", 2)
    acd.enqueue(contact("two", 3), at(3))
    acd.enqueue(contact("late and precious", 4, priority=5), at(4))

    assert pairs(acd.end_interaction(with_ann, at(9), "caller")) == [("late and precious", "bob")]


def test_who_is_done_may_have_the_most_urgent_contact_of_the_same_queue() -> None:
    acd = limited()
    ready(acd, "ann", 0)
    with_ann = serve(acd, "one", 1)
    ready(acd, "bob", 2)
    acd.enqueue(contact("two", 3), at(3))
    acd.enqueue(contact("three", 4, "repair"), at(4))  # bob has it
    acd.enqueue(contact("four", 5, "repair"), at(5))

    assert pairs(acd.end_interaction(with_ann, at(9), "caller")) == [("two", "ann")]


def test_others_are_served_past_it_and_the_record_says_why() -> None:
    acd = limited()
    ready(acd, "ann", 0)
    serve(acd, "one", 1)
    acd.enqueue(contact("two", 2), at(2))
    acd.enqueue(contact("three", 3, "repair"), at(3))

    (offer,) = offers(ready(acd, "bob", 4))

    assert offer.contact_id == "three"
    assert [(one.id, one.reason) for one in offer.why.passed_over] == [("two", "queue_at_limit")]


def test_a_long_line_at_its_limit_keeps_nobody_waiting_behind_it() -> None:
    acd = limited()
    ready(acd, "ann", 0)
    serve(acd, "one", 1)
    for number in range(200):
        acd.enqueue(contact(f"two{number}", 2, skill=number % 9 + 1), at(2))
    acd.enqueue(contact("three", 3, "repair"), at(3))

    assert pairs(ready(acd, "bob", 4)) == [("three", "bob")]


@pytest.mark.parametrize("outcome", ["declined", "timed out", "unreachable", "withdrawn"])
def test_an_offer_that_comes_to_nothing_makes_room_for_the_next(outcome: str) -> None:
    acd = limited()
    ready(acd, "bob", 0)
    ready(acd, "ann", 1, english=1)  # and bob is idle for longer, whatever becomes of the offer
    (offer,) = offers(acd.enqueue(contact("one", 1, english=1), at(1)))
    assert pairs(acd.enqueue(contact("two", 2), at(2))) == []
    match outcome:
        case "declined":
            effects = acd.decline(offer.id, at(3))
        case "timed out":
            effects = acd.handle_timer(offer.expires_at)
        case "unreachable":
            effects = acd.unreachable(offer.id, at(3))
        case _:
            effects = acd.withdraw(ContactId("one"), at(3))

    assert pairs(effects) == [("two", "bob")]


@pytest.mark.parametrize("outcome", ["declined", "withdrawn", "served", "released"])
def test_the_last_place_is_for_the_most_urgent_though_only_who_has_just_come_free_can_have_it(
    outcome: str,
) -> None:
    acd = limited()
    ready(acd, "ann", 0, english=1)
    (offer,) = offers(acd.enqueue(contact("one", 1, english=1), at(1)))
    ready(acd, "bob", 2)
    acd.enqueue(contact("precious", 3, priority=10, english=1), at(3))
    acd.enqueue(contact("late", 4), at(4))
    match outcome:
        case "declined":
            effects = acd.decline(offer.id, at(5))
        case "withdrawn":
            effects = acd.withdraw(ContactId("one"), at(5))
        case "served":
            acd.accept(offer.id, at(5))
            effects = acd.end_interaction(offer.id, at(6), "caller")
        case _:
            acd.withdraw(ContactId("precious"), at(5))
            effects = acd.release(AgentId("ann"), RELEASED, at(5))  # who is not free by that

    expected = ("late", "bob") if outcome == "released" else ("precious", "ann")
    assert pairs(effects) == [expected]


def test_a_contact_by_name_whose_agent_is_released_makes_room_too() -> None:
    acd = limited()
    ready(acd, "ann", 0)
    ready(acd, "bob", 0)
    acd.offer_to(AgentId("ann"), contact("one", 1), at(1))
    assert pairs(acd.enqueue(contact("two", 2), at(2))) == []

    assert pairs(acd.release(AgentId("ann"), RELEASED, at(3))) == [("two", "bob")]


def test_an_offer_that_its_agent_does_not_have_makes_room_when_it_is_dropped() -> None:
    acd = limited()
    ready(acd, "ann", 0)
    served = serve(acd, "one", 1)
    ready(acd, "bob", 2)
    acd.enqueue(contact("two", 3), at(3))
    acd.books.seats["ann"].offer_id = OfferId("another")

    assert pairs(acd.drop_offer(served, at(4))) == [("two", "bob")]


def test_an_offer_of_who_is_logged_out_already_makes_room_when_they_are_released() -> None:
    acd = limited()
    ready(acd, "ann", 0)
    served = serve(acd, "one", 1)
    ready(acd, "bob", 2)
    acd.enqueue(contact("two", 3), at(3))
    seat = acd.books.seats["ann"]
    seat.offer_id = None
    acd.books.seats.update(seat, replace(seat.agent, state=AgentState.LOGGED_OUT), at(4))
    assert served in acd.books.offers.served

    assert pairs(acd.release(AgentId("ann"), RELEASED, at(5))) == [("two", "bob")]


def test_who_is_asked_for_by_name_counts_and_is_not_refused() -> None:
    acd = limited()
    ready(acd, "ann", 0)
    one = serve(acd, "one", 1)
    ready(acd, "bob", 2)
    ready(acd, "cid", 2)
    (direct,) = offers(acd.offer_to(AgentId("bob"), contact("two", 3), at(3)))
    acd.accept(direct.id, at(3))
    acd.enqueue(contact("three", 4), at(4))

    assert pairs(acd.end_interaction(one, at(5), "caller")) == []  # there is still one
    assert pairs(acd.end_interaction(direct.id, at(6), "caller")) == [("three", "cid")]


def test_a_higher_limit_is_used_at_once_and_a_lower_one_ends_nothing() -> None:
    acd = limited()
    for name in ("ann", "bob", "cid"):
        ready(acd, name, 0)
    serve(acd, "one", 1)
    for second in (2, 3, 4):
        acd.enqueue(contact(f"at {second}", second), at(second))
    sales = acd.queue("sales")

    raised = acd.put_queue(replace(sales, max_served=3), at(5))
    lowered = acd.put_queue(replace(sales, max_served=1), at(6))

    assert pairs(raised) == [("at 2", "bob"), ("at 3", "cid")]
    assert lowered == []
    assert acd.census().offered == 2
    assert acd.census().served == 1


def test_a_queue_serves_somebody() -> None:
    with pytest.raises(InvalidValue, match="at least one"):
        Queue("sales", max_served=0)
