"""A queue is added, changed and taken away while people wait and talk."""

from dataclasses import replace

import pytest

from acd.effects import AgentChanged, OfferMade
from acd.errors import QueueInUse, UnknownQueue
from acd.model import AgentId, ContactId
from acd.policies import load
from acd.profile import Profile
from acd.queue import Step
from acd.requirements import required

from .build import at, contact, offers, pairs, queue, ready, router, span


def test_a_new_queue_takes_contacts_and_is_served_by_whoever_qualifies() -> None:
    acd = router()
    ready(acd, "ann", 0, repair=1)
    assert acd.put_queue(queue("repair", repair=1), at(1)) == []

    assert pairs(acd.enqueue(contact("call", 2, "repair"), at(2))) == [("call", "ann")]
    assert [figures.queue for figures in acd.figures()] == ["sales", "repair"]


def test_the_same_queue_again_changes_nothing() -> None:
    acd = router(queue("sales", english=1))
    acd.enqueue(contact("call"), at(0))
    assert acd.put_queue(queue("sales", english=1), at(1)) == []


def test_who_waits_keeps_the_place_and_the_most_urgent_is_offered_first() -> None:
    acd = router(queue("sales", english=5))
    ready(acd, "ann", 0, english=2)
    acd.enqueue(contact("early", 1), at(1))
    acd.enqueue(contact("late", 2), at(2))
    acd.enqueue(contact("precious", 3, priority=1), at(3))

    effects = acd.put_queue(queue("sales", english=1), at(4))

    assert pairs(effects) == [("precious", "ann")]
    assert [acd.position(ContactId(name)) for name in ("early", "late")] == [1, 2]


def test_more_may_be_asked_than_before_and_what_rings_goes_on() -> None:
    acd = router(queue("sales"))
    ready(acd, "ann", 0)
    (rings,) = offers(acd.enqueue(contact("one", 1), at(1)))

    assert acd.put_queue(queue("sales", ring_for=5, english=1), at(2)) == []
    assert pairs(acd.enqueue(contact("two", 3), at(3))) == []
    acd.accept(rings.id, at(10))  # it rings as long as it was to
    assert pairs(acd.end_interaction(rings.id, at(11), "caller")) == []
    assert pairs(ready(acd, "bob", 12, english=1)) == [("two", "bob")]


def test_what_is_declined_after_the_change_waits_for_whom_the_queue_asks_for_now() -> None:
    acd = router(queue("sales"))
    ready(acd, "ann", 0)
    ready(acd, "bob", 1)
    ready(acd, "cid", 2, english=1)
    (rings,) = offers(acd.enqueue(contact("one", 3), at(3)))
    acd.put_queue(queue("sales", english=1), at(4))

    assert pairs(acd.decline(rings.id, at(5))) == [("one", "cid")]


def test_steps_that_have_come_hold_at_once_and_the_others_come_in_time() -> None:
    acd = router(queue("sales", english=3))
    ready(acd, "ann", 0, english=2)
    ready(acd, "bob", 0, english=1)
    acd.enqueue(contact("old", 0), at(0))
    acd.enqueue(contact("new", 15), at(15))
    steps = (Step(span(10), required({"english": 2})), Step(span(30), required({"english": 1})))

    at_once = acd.put_queue(replace(queue("sales", english=3), steps=steps), at(20))

    assert pairs(at_once) == [("old", "ann")]
    assert acd.deadline == at(25)
    assert pairs(acd.handle_timer(at(25))) == []  # ann, who would do now, is rung
    assert pairs(acd.handle_timer(at(45))) == [("new", "bob")]


def test_steps_that_are_taken_away_do_not_come() -> None:
    steps = (Step(span(10), ()),)
    acd = router(replace(queue("sales", english=3), steps=steps))
    ready(acd, "ann", 0)
    acd.enqueue(contact("call", 0), at(0))
    acd.put_queue(queue("sales", english=3), at(5))

    assert acd.deadline is None
    assert pairs(acd.handle_timer(at(10))) == []


def test_a_policy_that_no_queue_had_knows_how_everybody_stands() -> None:
    acd = router()
    ready(acd, "ann", 0)
    ready(acd, "bob", 1)
    acd.set_open_work(AgentId("ann"), 3)

    acd.put_queue(replace(queue("sales"), policy=load("least_open_work")), at(2))

    (offer,) = offers(acd.enqueue(contact("call", 3), at(3)))
    assert (offer.agent_id, offer.why.policy) == ("bob", "least_open_work")


def test_who_a_contact_is_kept_for_must_still_qualify() -> None:
    acd = router()
    ready(acd, "ann", 0)
    (busy,) = offers(acd.enqueue(contact("first", 0), at(0)))
    acd.accept(busy.id, at(0))
    ready(acd, "bob", 1, english=1)
    kept = replace(contact("call", 2), wanted=AgentId("ann"), wanted_for=span(60))
    assert pairs(acd.enqueue(kept, at(2))) == []

    assert pairs(acd.put_queue(queue("sales", english=1), at(3))) == [("call", "bob")]


def test_the_wrap_up_of_a_talk_is_the_one_that_holds_when_it_ends() -> None:
    acd = router(queue("sales"))
    ready(acd, "ann", 0)
    (offer,) = offers(acd.enqueue(contact("call", 1), at(1)))
    acd.accept(offer.id, at(1))
    assert acd.put_queue(queue("sales", wrap_up=30), at(2)) == []

    acd.end_interaction(offer.id, at(3), "caller")

    assert acd.agent(AgentId("ann")).state == "wrap_up"
    assert acd.deadline == at(33)


def test_a_queue_goes_when_nobody_waits_rings_or_talks_there() -> None:
    acd = router(queue("sales"), queue("repair"))
    ready(acd, "ann", 0)
    acd.enqueue(contact("one", 1, "repair"), at(1))
    acd.enqueue(contact("two", 2, "repair"), at(2))
    with pytest.raises(QueueInUse) as refused:
        acd.remove_queue("repair", at(3))
    assert (refused.value.waiting, refused.value.ringing, refused.value.served) == (1, 1, 0)
    acd.withdraw(ContactId("two"), at(4))
    acd.withdraw(ContactId("one"), at(4))

    assert acd.remove_queue("repair", at(5)) == []

    with pytest.raises(UnknownQueue):
        acd.enqueue(contact("three", 6, "repair"), at(6))
    assert pairs(acd.enqueue(contact("four", 6), at(6))) == [("four", "ann")]


def test_an_agent_by_name_keeps_the_queue_there_too() -> None:
    acd = router(queue("sales"), queue("repair"))
    ready(acd, "ann", 0)
    (offer,) = offers(acd.offer_to(AgentId("ann"), contact("one", 1, "repair"), at(1)))
    with pytest.raises(QueueInUse):
        acd.remove_queue("repair", at(2))
    acd.accept(offer.id, at(3))
    with pytest.raises(QueueInUse):
        acd.remove_queue("repair", at(4))


def test_the_first_queue_of_all_gets_the_agents_who_were_there_before_it() -> None:
    acd = router(queue("sales"))
    acd.remove_queue("sales", at(0))
    acd.put_agent(AgentId("ann"), Profile({}, queues={"sales": 2}), at(0), always_ready=True)
    acd.put_queue(queue("sales"), at(1))

    effects = acd.enqueue(contact("call", 2), at(2))

    assert [type(one) for one in effects[1:]] == [OfferMade, AgentChanged]
