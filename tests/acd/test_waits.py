"""Who waits in a queue, one by one: those for whom somebody is rung, then by place."""

import pytest

from acd.errors import UnknownQueue
from acd.model import AgentId, ContactId, WaitingContact
from acd.waits import everybody_in, wait_of, waits_in

from .build import at, contact, queue, ready, router, span


def test_they_are_listed_by_place_after_those_for_whom_somebody_is_rung() -> None:
    acd = router(queue(sales=1), queue("other"))
    ready(acd, "ann", sales=5)
    for name, queued, priority in (("rung", 1, 0), ("later", 5, 0), ("urgent", 6, 3)):
        acd.enqueue(contact(name, queued, priority=priority, english=4), at(6))
    acd.enqueue(contact("elsewhere", 2, "other", french=1), at(6))
    # Nobody speaks English, so that all three wait; then ann does.
    acd.put_agent(AgentId("ann"), {"sales": 5, "english": 4}, at(7))

    waits = waits_in(acd.books, "sales", 10)

    assert (waits.waiting, waits.offered) == (2, 1)
    assert [(one.contact.id, one.position) for one in waits.first] == [
        ("urgent", None),
        ("rung", 1),
        ("later", 2),
    ]
    offer = waits.first[0].offer
    assert offer is not None
    assert offer.agent_id == "ann"
    assert [str(clause) for clause in waits.first[1].asked] == ["english>=4", "sales>=1"]
    assert everybody_in(acd.books, "sales") == ["rung", "later", "urgent"]


def test_no_more_are_listed_than_wanted_and_all_are_counted() -> None:
    acd = router()
    for name in ("a", "b", "c"):
        acd.enqueue(contact(name, 1), at(1))

    waits = waits_in(acd.books, "sales", 2)

    assert [one.contact.id for one in waits.first] == ["a", "b"]
    assert waits.waiting == 3


def test_it_is_told_for_whom_a_contact_is_kept_and_whether_it_waits_at_all() -> None:
    acd = router()
    ready(acd, "ann")
    acd.enqueue(contact("first"), at(0))
    kept = WaitingContact(
        ContactId("kept"), "sales", at(1), wanted=AgentId("ann"), wanted_for=span(60)
    )
    acd.enqueue(kept, at(1))

    there = wait_of(acd.books, "kept")
    assert there is not None
    assert (there.position, there.kept_for) == (1, "ann")
    rung = wait_of(acd.books, "first")
    assert rung is not None
    assert rung.offer is not None
    assert rung.position is None
    assert wait_of(acd.books, "nobody") is None
    with pytest.raises(UnknownQueue):
        waits_in(acd.books, "nowhere", 1)
