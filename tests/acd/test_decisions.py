"""Each decision says why: how many could have been chosen, and why some others were not."""

from acd.effects import Effect
from acd.model import AgentId, ContactId, Decision, PassedOver
from acd.router import Router

from .build import at, contact, offers, queue, ready, router, span


def why(effects: list[Effect]) -> Decision:
    (offer,) = offers(effects)
    return offer.why


def test_a_contact_that_found_its_agent_tells_who_was_passed_over() -> None:
    acd = router(queue("sales", english=2))
    ready(acd, "novice", 0, english=1)
    ready(acd, "picky", 1, english=2)
    ready(acd, "ann", 2, english=2)
    ready(acd, "bob", 3, english=5)
    ready(acd, "late novice", 4)
    (first,) = offers(acd.enqueue(contact("call", 5), at(5)))
    assert first.agent_id == "picky"

    decision = why(acd.decline(first.id, at(7)))

    assert decision == Decision(
        policy="longest_idle",
        version=1,
        rule="longest_idle_agent",
        candidates=3,
        idle=span(5),
        waited=span(2),
        passed_over=(
            PassedOver("novice", "lacks english>=2"),
            PassedOver("picky", "backing_off"),
            PassedOver("bob", "less_idle"),
        ),
    )


def test_an_agent_who_found_a_contact_tells_which_were_passed_over() -> None:
    acd = router(queue("sales"), queue("vip", gold=1))
    acd.enqueue(contact("gold", 0, "vip"), at(0))
    acd.enqueue(contact("annoying", 1), at(1))
    acd.enqueue(contact("nice", 2), at(2))
    acd.enqueue(contact("second", 3), at(3))
    acd.enqueue(contact("third", 4, french=1), at(4))
    (first,) = offers(ready(acd, "ann", 10, french=1))
    assert first.contact_id == "annoying"

    decision = why(acd.decline(first.id, at(12)))

    assert decision == Decision(
        policy="longest_idle",
        version=1,
        rule="most_urgent_contact",
        candidates=4,
        idle=span(2),
        waited=span(10),
        passed_over=(
            PassedOver("gold", "lacks gold>=1"),
            PassedOver("annoying", "backing_off"),
            PassedOver("second", "less_urgent"),
            PassedOver("third", "less_urgent"),
        ),
    )


def crowded() -> Router:
    acd = router(queue("sales"), queue("vip", gold=1))
    for number in range(50):
        ready(acd, f"agent{number:02}", number, **{f"skill{number}": 1})
    return acd


def test_the_record_stays_short_however_many_there_are() -> None:
    decision = why(crowded().enqueue(contact("call", 100), at(100)))

    assert decision.candidates == 50
    assert [one.id for one in decision.passed_over] == ["agent01", "agent02", "agent03"]


def test_the_record_of_an_agent_stays_short_too() -> None:
    acd = router(queue("sales"), queue("vip", gold=1))
    for number in range(50):
        acd.enqueue(contact(f"gold{number:02}", number, "vip", **{f"s{number}": 1}), at(number))
        acd.enqueue(contact(f"call{number:02}", 60 + number), at(60 + number))

    decision = why(ready(acd, "ann", 200))

    assert decision.candidates == 50
    assert [one.id for one in decision.passed_over] == [
        *("gold00", "gold01", "gold02"),
        *("call01", "call02", "call03"),
    ]


def test_the_record_is_plain_values_for_the_log() -> None:
    acd = router()
    ready(acd, "ann")
    ready(acd, "bob", 1)

    assert why(acd.enqueue(contact("call", 2), at(2.5))).as_record() == {
        "policy": "longest_idle",
        "version": 1,
        "rule": "longest_idle_agent",
        "candidates": 2,
        "idle": 2.5,
        "waited": 0.5,
        "passed_over": [{"id": "bob", "reason": "less_idle"}],
        "terms": {},
        "credit": 0.0,
        "yields": 0.0,
    }


def test_an_offer_tells_all_that_whoever_rings_needs() -> None:
    acd = router(queue(ring_for=20))
    ready(acd, "ann")
    (offer,) = offers(acd.enqueue(contact("call", 2), at(3)))

    assert (offer.contact_id, offer.agent_id, offer.queue) == ("call", "ann", "sales")
    assert (offer.queued_at, offer.made_at, offer.expires_at) == (at(2), at(3), at(23))
    assert acd.offer_of(AgentId("ann")) == offer
    assert acd.position(ContactId("call")) is None
