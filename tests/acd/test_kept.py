"""A contact is kept for its agent for a while, asks for less with time, and blocks nobody."""

import pytest

from acd.effects import Effect
from acd.errors import InvalidValue
from acd.model import AgentId, ContactId, OfferId, WaitingContact
from acd.profile import Profile
from acd.queue import Queue, Step
from acd.requirements import required
from acd.router import Router

from .build import at, contact, counting, offers, pairs, queue, ready, router, span


def kept(
    name: str, wanted: str, queued: float = 0, seconds: float = 30, then: str | None = None
) -> WaitingContact:
    return WaitingContact(
        ContactId(name),
        "sales",
        at(queued),
        wanted=AgentId(wanted),
        wanted_next=None if then is None else AgentId(then),
        wanted_for=span(seconds),
    )


def busy(acd: Router, name: str, now: float) -> OfferId:
    """The agent serves somebody; the interaction."""
    (offer,) = offers(acd.enqueue(contact(f"with {name}", now), at(now)))
    assert offer.agent_id == name
    acd.accept(offer.id, at(now))
    return offer.id


def test_who_is_wanted_and_free_gets_the_contact_before_those_longer_idle() -> None:
    acd = router()
    ready(acd, "bob", 0)
    ready(acd, "ann", 5)
    (offer,) = offers(acd.enqueue(kept("call", "ann", 10), at(10)))
    assert (offer.agent_id, offer.why.rule) == ("ann", "wanted_agent")


def test_it_waits_for_a_busy_agent_and_others_pass_by_until_the_time_is_over() -> None:
    acd = router()
    ready(acd, "ann", 0)
    with_ann = busy(acd, "ann", 1)
    ready(acd, "bob", 2)
    assert pairs(acd.enqueue(kept("call", "ann", 3), at(3))) == []
    (other,) = offers(acd.enqueue(contact("other", 4), at(4)))
    assert other.agent_id == "bob"
    assert acd.position(ContactId("call")) == 1

    (offer,) = offers(acd.end_interaction(with_ann, at(20), "caller"))
    assert (offer.contact_id, offer.agent_id) == ("call", "ann")


def test_when_the_time_is_over_everybody_may_have_it_the_most_urgent_first() -> None:
    acd = router()
    ready(acd, "ann", 0)
    busy(acd, "ann", 1)
    ready(acd, "bob", 2)
    acd.enqueue(kept("second", "ann", 4), at(4))
    acd.enqueue(kept("first", "ann", 3, seconds=31), at(5))
    assert acd.deadline == at(34)
    assert pairs(acd.handle_timer(at(34))) == [("first", "bob")]


def test_why_it_was_passed_over_is_on_record() -> None:
    acd = router()
    ready(acd, "ann", 0)
    busy(acd, "ann", 1)
    acd.enqueue(kept("call", "ann", 3), at(3))
    acd.enqueue(contact("other", 4), at(4))
    (offer,) = offers(ready(acd, "bob", 5))
    assert offer.contact_id == "other"
    assert [(one.id, one.reason) for one in offer.why.passed_over] == [("call", "kept_for ann")]


def test_nobody_waits_for_who_went_home_cannot_serve_it_or_declined_it() -> None:
    acd = router(queue("sales", english=1))
    ready(acd, "ann", 0, english=1)
    with_ann = busy(acd, "ann", 1)
    ready(acd, "bob", 2, english=1)
    ready(acd, "cid", 2, english=1)
    acd.log_out(AgentId("ann"), at(3))  # after the conversation
    assert pairs(acd.enqueue(kept("one", "ann", 4), at(4))) == []
    effects = acd.end_interaction(with_ann, at(5), "caller")
    assert pairs(effects) == [("one", "bob")]

    assert pairs(acd.enqueue(kept("two", "ann", 6), at(6))) == [("two", "cid")]

    ready(acd, "dot", 7)  # knows no English
    ready(acd, "eve", 7, english=1)
    assert pairs(acd.enqueue(kept("three", "dot", 8), at(8))) == [("three", "eve")]

    ready(acd, "fay", 9, english=1)
    ready(acd, "gus", 9, english=1)
    (offer,) = offers(acd.enqueue(kept("four", "fay", 10), at(10)))
    assert pairs(acd.decline(offer.id, at(11))) == [("four", "gus")]


def owned(acd: Router) -> list[Effect]:
    """A contact that ann owns and bob served last comes at 10; cid is free for longest."""
    return acd.enqueue(kept("call", "ann", 10, then="bob"), at(10))


def test_the_owner_goes_before_who_served_last_and_both_before_who_is_idle_for_longest() -> None:
    acd = router()
    for second, name in enumerate(("cid", "bob", "ann")):
        ready(acd, name, second)

    (offer,) = offers(owned(acd))

    assert (offer.agent_id, offer.why.rule) == ("ann", "wanted_agent")


def test_an_owner_who_is_not_there_leaves_it_to_who_served_last_who_is_waited_for() -> None:
    acd = router()
    acd.put_agent(AgentId("ann"), {}, at(0))  # and logged out
    ready(acd, "bob", 0)
    with_bob = busy(acd, "bob", 1)
    ready(acd, "cid", 2)
    assert pairs(owned(acd)) == []

    (offer,) = offers(acd.end_interaction(with_bob, at(20), "caller"))
    assert (offer.agent_id, offer.why.rule) == ("bob", "wanted_agent")


def test_an_owner_who_declines_or_goes_leaves_it_to_who_served_last_and_then_to_all() -> None:
    acd = router()
    for name in ("cid", "ann", "bob"):
        ready(acd, name, 0)
    (offer,) = offers(owned(acd))

    (second,) = offers(acd.decline(offer.id, at(11)))
    assert (second.agent_id, second.why.rule) == ("bob", "wanted_agent")
    (third,) = offers(acd.log_out(AgentId("bob"), at(12)))
    assert (third.agent_id, third.why.rule) == ("cid", "longest_idle_agent")


def test_the_time_for_both_is_one() -> None:
    acd = router()
    ready(acd, "ann", 0)
    with_ann = busy(acd, "ann", 1)
    ready(acd, "bob", 2)
    busy(acd, "bob", 3)
    ready(acd, "cid", 4)
    assert pairs(owned(acd)) == []
    acd.log_out(AgentId("ann"), at(20))
    assert pairs(acd.end_interaction(with_ann, at(21), "caller")) == []  # kept for bob now

    assert acd.deadline == at(40)
    assert pairs(acd.handle_timer(at(40))) == [("call", "cid")]


def test_who_is_wanted_and_loses_the_skill_is_not_waited_for() -> None:
    acd = router(queue("sales", english=1))
    ready(acd, "ann", 0, english=1)
    busy(acd, "ann", 1)
    ready(acd, "bob", 2, english=1)
    acd.enqueue(kept("call", "ann", 3), at(3))
    assert pairs(acd.put_agent(AgentId("ann"), {}, at(4))) == [("call", "bob")]


def test_of_two_that_open_at_once_the_more_urgent_goes_first_whoever_was_asked_before() -> None:
    """The agent who declines and leaves: the declined contact and the kept one want the same."""
    acd = router()
    ready(acd, "ann", 0)
    (offer,) = offers(acd.enqueue(contact("declined", 9), at(9)))
    acd.enqueue(kept("kept", "ann", 3), at(10))
    busy_bob = ready(acd, "bob", 11)
    assert pairs(busy_bob) == []
    assert pairs(acd.log_out(AgentId("ann"), at(12))) == [("kept", "bob")]
    assert acd.position(ContactId("declined")) == 1
    assert offer.contact_id == "declined"


def relaxing() -> Router:
    steps = (Step(span(10), required({"english": 2})), Step(span(20), (), reach=2))
    built = Queue("sales", required({"english": 5}), wrap_up=span(0), reach=1, steps=steps)
    return Router([built], counting())


def test_with_time_less_is_asked_and_who_suffices_is_found_at_that_moment() -> None:
    acd = relaxing()
    ready(acd, "ann", 0, english=3)
    assert pairs(acd.enqueue(contact("call", 1), at(1))) == []
    assert acd.deadline == at(11)
    assert pairs(acd.handle_timer(at(11))) == [("call", "ann")]


def test_levels_are_asked_one_after_another() -> None:
    acd = relaxing()
    acd.put_agent(AgentId("bob"), Profile({"english": 9}, queues={"sales": 2}), at(0))
    acd.log_in(AgentId("bob"), at(0))
    acd.set_ready(AgentId("bob"), at(0))
    acd.enqueue(contact("call", 1), at(1))
    assert pairs(acd.handle_timer(at(11))) == []
    (offer,) = offers(acd.handle_timer(at(21)))
    assert offer.agent_id == "bob"


def test_who_comes_back_with_an_old_place_is_where_the_steps_are_by_then() -> None:
    acd = relaxing()
    ready(acd, "ann", 0, english=2)
    assert pairs(acd.enqueue(contact("call", 1), at(15), returning=True)) == [("call", "ann")]


def test_what_is_offered_when_a_step_comes_returns_to_what_is_asked_then() -> None:
    acd = relaxing()
    ready(acd, "ann", 0, english=5)
    (offer,) = offers(acd.enqueue(contact("call", 1), at(1)))
    ready(acd, "bob", 2, english=2)
    acd.handle_timer(at(11))
    assert pairs(acd.decline(offer.id, at(12))) == [("call", "bob")]


def test_nothing_is_left_of_a_contact_that_leaves_between_steps() -> None:
    acd = relaxing()
    ready(acd, "ann", 0, english=5)
    busy(acd, "ann", 1)
    acd.enqueue(kept("call", "ann", 2), at(2))
    assert acd.census().alarms == 2
    acd.withdraw(ContactId("call"), at(3))
    assert (acd.census().alarms, acd.census().waiting) == (0, 0)


@pytest.mark.parametrize("steps", [(Step(span(5)), Step(span(5))), (Step(span(9)), Step(span(5)))])
def test_steps_come_one_after_another(steps: tuple[Step, ...]) -> None:
    with pytest.raises(InvalidValue, match="one after another"):
        Queue("sales", steps=steps)


def test_who_is_rung_and_may_not_have_it_any_more_keeps_it_from_nobody() -> None:
    acd = router()
    ready(acd, "ann", 0)
    (offer,) = offers(acd.enqueue(kept("call", "ann", 1, then="bob"), at(1)))
    assert offer.agent_id == "ann"
    ready(acd, "bob", 2)
    ready(acd, "cid", 2)
    acd.put_agent(AgentId("ann"), Profile({}, queues={"support": 1}), at(3))
    effects = acd.release(AgentId("ann"), "released", at(4))
    assert pairs(effects) == [("call", "bob")]
