"""Every fault that is planted in the router's books is found, and put right; none is imagined."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from acd.agents import AgentState
from acd.alarms import Alarm, Due
from acd.effects import Effect
from acd.invariants import (
    Breach,
    Fault,
    agent_breaches,
    offer_breaches,
    place_breaches,
)
from acd.model import (
    SELF_CHECK,
    AgentId,
    Channel,
    ContactId,
    OfferId,
    Rules,
    WaitingContact,
)
from acd.profile import Profile
from acd.queue import Queue
from acd.router import Router

from .build import at, contact, counting, offers, pairs, ready, router, span
from .random_days import AGENTS, RULES, Day, attempt


def breaches(router: Router, now: datetime) -> Iterator[Breach]:
    """All of them: everybody is looked at."""
    books = router.books
    for agent_id in books.seats:
        yield from agent_breaches(books, agent_id, now)
    for offer_id in (*books.offers.ringing, *books.offers.served):
        yield from offer_breaches(books, offer_id, now)
    for contact_id in books.waiting.places:
        yield from place_breaches(books, contact_id, now)


@dataclass
class Scene:
    """ann talks with "one", bob rings for "two", cid is in wrap-up, dot is ready; "four" waits."""

    router: Router

    @classmethod
    def begin(cls) -> "Scene":
        it = router(Queue("sales", (), ring_for=span(20), wrap_up=span(60)), rules=Rules())
        for agent, call in (("ann", "one"), ("cid", "three"), ("bob", "two")):
            ready(it, agent)
            (offer,) = offers(it.enqueue(contact(call), at(1)))
            if agent != "bob":
                it.accept(offer.id, at(2))
            if agent == "cid":
                it.end_interaction(offer.id, at(3), "agent")
        it.enqueue(contact("four", 4), at(4))
        it.put_agent(AgentId("dot"), {}, at(4), always_ready=False)
        return cls(it)

    def offer_of(self, agent: str) -> OfferId:
        offer = self.router.offer_of(AgentId(agent))
        assert offer is not None
        return offer.id


def talks_with_nobody(it: Router) -> Fault:
    del it.books.offers.served[it.books.seats["ann"].offer_id or ""]
    return Fault.BUSY_WITHOUT_OFFER


def rings_and_nobody_knows(it: Router) -> Fault:
    it.books.seats["bob"].offer_id = None
    return Fault.BUSY_WITHOUT_OFFER


def holds_an_offer_in_wrap_up(it: Router) -> Fault:
    it.books.seats["cid"].offer_id = OfferId("gone")
    return Fault.OFFER_OF_THE_IDLE


def holds_a_chat_that_nobody_knows_of(it: Router) -> Fault:
    chat = replace(contact("chat"), channel=Channel.CHAT)
    it.take_over(AgentId("dot"), chat, "nobody", at(5))
    del it.books.offers.served[next(iter(it.books.seats["dot"].beside))]
    return Fault.BESIDE_WITHOUT_OFFER


def without_asking_for_room(it: Router, name: str, contact: WaitingContact) -> None:
    seat = it.books.seats[name]
    offer = it.books.offers.take(contact, seat, "taken_over", at(5))
    seat.hold(offer.id, contact)
    it.books.seats.update(seat, replace(seat.agent, beside=len(seat.beside)), at(5))


def holds_more_chats_than_they_can(it: Router) -> Fault:
    it.put_agent(AgentId("dot"), Profile(capacity={Channel.CHAT: 1}), at(5))
    it.take_over(AgentId("dot"), replace(contact("chat"), channel=Channel.CHAT), "nobody", at(5))
    without_asking_for_room(it, "dot", replace(contact("second"), channel=Channel.CHAT))
    return Fault.OVER_CAPACITY


def is_ready_and_in_no_line(it: Router) -> Fault:
    seat = it.books.seats["dot"]
    seat.agent = replace(seat.agent, state=AgentState.READY)
    return Fault.NOT_IN_LINE


def wraps_up_for_ever(it: Router) -> Fault:
    it.books.alarms.cancel(Alarm(Due.WRAP_UP_ENDS, "cid"))
    return Fault.WRAP_UP_WITHOUT_END


def rests_for_ever(it: Router) -> Fault:
    seat = it.books.seats["dot"]
    seat.agent = replace(seat.agent, state=AgentState.NOT_READY, reason="unreachable")
    seat.always_ready = True
    return Fault.REST_WITHOUT_END


def rings_past_its_expiry(it: Router) -> Fault:
    offer_id = it.books.seats["bob"].offer_id or ""
    it.books.alarms.cancel(Alarm(Due.OFFER_EXPIRES, offer_id))
    return Fault.RESERVATION_EXPIRED


def is_rung_for_by_an_agent_who_has_another(it: Router) -> Fault:
    offer = it.books.offers.served[it.books.seats["ann"].offer_id or ""]
    second = replace(offer, id=OfferId("second"), contact_id=ContactId("five"))
    it.books.offers.served[second.id] = second
    it.books.offers.serving[second.contact_id] += 1
    it.books.waiting.lines["sales"].served.add(second.id)
    return Fault.NOT_HELD


def rings_for_a_contact_that_has_left(it: Router) -> Fault:
    it.books.waiting.leave(it.books.waiting.places["two"])
    return Fault.RINGS_FOR_NOBODY


def is_offered_to_nobody(it: Router) -> Fault:
    it.books.waiting.take(it.books.waiting.places["four"], OfferId("gone"))
    return Fault.OFFERED_TO_NOBODY


def waits_and_is_served(it: Router) -> Fault:
    it.books.offers.serving[ContactId("four")] += 1
    return Fault.TWO_OWNERS


def is_passed_over(it: Router) -> Fault:
    seat = it.books.seats["dot"]
    it.books.seats.update(seat, replace(seat.agent, state=AgentState.READY), at(5))
    return Fault.PASSED_OVER


PLANTED = [
    talks_with_nobody,
    rings_and_nobody_knows,
    holds_an_offer_in_wrap_up,
    holds_a_chat_that_nobody_knows_of,
    holds_more_chats_than_they_can,
    is_ready_and_in_no_line,
    wraps_up_for_ever,
    rests_for_ever,
    rings_past_its_expiry,
    is_rung_for_by_an_agent_who_has_another,
    rings_for_a_contact_that_has_left,
    is_offered_to_nobody,
    waits_and_is_served,
    is_passed_over,
]
LATER = 30.0
"""Seconds: bob's offer has expired by then, cid's wrap-up not; dot is still not ready."""


def mend(it: Router, breach: Breach, now: datetime) -> list[Effect]:
    """By the verbs that the floor has for it."""
    match breach.kind:
        case Fault.NOT_IN_LINE:
            return it.line_up(AgentId(breach.subject), now)
        case Fault.OVER_CAPACITY:
            return it.give_back(OfferId(breach.interaction_id or ""), now)
        case Fault.WRAP_UP_WITHOUT_END:
            return it.end_wrap_up(AgentId(breach.subject), now)
        case Fault.REST_WITHOUT_END:
            return it.set_ready(AgentId(breach.subject), now)
        case Fault.RESERVATION_EXPIRED:
            return it.decline(OfferId(breach.subject), now)
        case Fault.NOT_HELD:
            return it.drop_offer(OfferId(breach.subject), now)
        case Fault.OFFERED_TO_NOBODY | Fault.PASSED_OVER:
            return it.wait_again(ContactId(breach.subject), now)
        case Fault.TWO_OWNERS:
            return it.withdraw(ContactId(breach.subject), now)
        case _:
            return it.release(AgentId(breach.agent_id or ""), SELF_CHECK, now)


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_fault_is_found_and_put_right(plant: Callable[[Router], Fault]) -> None:
    it = Scene.begin().router
    assert list(breaches(it, at(5))) == []
    fault = plant(it)
    now = at(LATER if fault is Fault.RESERVATION_EXPIRED else 6)

    found = list(breaches(it, now))
    assert fault in {breach.kind for breach in found}
    for _ in range(3):  # what is put right may show what was behind it
        for breach in list(breaches(it, now)):
            mend(it, breach, now)
    assert list(breaches(it, now)) == []


def test_every_fault_is_planted() -> None:
    assert {plant(Scene.begin().router) for plant in PLANTED} == set(Fault)


def test_who_is_released_has_nothing_in_hand_and_the_contact_that_rang_goes_to_the_next() -> None:
    it = Scene.begin().router
    ready(it, "eve", 5)
    assert pairs(it.release(AgentId("bob"), "released", at(6))) == []
    assert it.agent(AgentId("bob")).state is AgentState.NOT_READY
    assert it.agent(AgentId("bob")).reason == "released"
    it.release(AgentId("ann"), "released", at(7))
    assert (it.agent(AgentId("ann")).state, it.offer_of(AgentId("ann"))) == ("not_ready", None)
    it.release(AgentId("cid"), "released", at(8))

    assert it.agent(AgentId("cid")).state is AgentState.NOT_READY
    waits = [one for one in ("two", "four") if it.position(ContactId(one)) is not None]
    assert waits == ["two"], "eve, who was free, has one of the two"
    assert list(breaches(it, at(9))) == []


def test_what_a_released_agent_held_beside_waits_again() -> None:
    it = Scene.begin().router
    chat = replace(contact("chat"), channel=Channel.CHAT)
    it.take_over(AgentId("dot"), chat, "nobody", at(5))
    it.release(AgentId("dot"), "released", at(6))

    assert it.position(ContactId("chat")) is not None
    assert it.agent(AgentId("dot")).beside == 0
    assert list(breaches(it, at(7))) == []


def test_who_was_to_log_out_after_the_call_does_so_when_released() -> None:
    it = Scene.begin().router
    it.log_out(AgentId("ann"), at(5))
    it.release(AgentId("ann"), "released", at(6))
    assert it.agent(AgentId("ann")).state is AgentState.LOGGED_OUT
    assert it.release(AgentId("ann"), "released", at(7)) == []


def test_repairs_leave_alone_what_is_in_order() -> None:
    scene = Scene.begin()
    it = scene.router
    before = it.census()
    assert it.drop_offer(scene.offer_of("ann"), at(5)) == []
    assert it.drop_offer(OfferId("unknown"), at(5)) == []
    assert it.wait_again(ContactId("two"), at(5)) == []
    assert it.wait_again(ContactId("four"), at(5)) == []
    assert it.wait_again(ContactId("unknown"), at(5)) == []
    assert it.line_up(AgentId("ann"), at(5)) == []
    assert it.census() == before


def test_more_in_hand_than_the_capacity_is_right_where_that_was_lowered_or_a_restart_was() -> None:
    it = Scene.begin().router
    chats = [replace(contact(name), channel=Channel.CHAT) for name in ("a", "b", "c")]
    ready(it, "eve", 5)
    it.withdraw(ContactId("four"), at(5))
    it.resume(AgentId("eve"), chats[0], OfferId("before"), at(6))
    [rung] = offers(it.enqueue(chats[1], at(6)))
    assert rung.agent_id == "eve"
    it.put_agent(AgentId("eve"), Profile(capacity={Channel.CHAT: 1}), at(7))
    it.resume(AgentId("eve"), chats[2], OfferId("before too"), at(8))
    it.accept(rung.id, at(9))
    assert len(it.in_hand(AgentId("eve"))) == 3
    assert list(breaches(it, at(9))) == []

    it.end_interaction(rung.id, at(10), "customer")
    assert list(breaches(it, at(10))) == []
    without_asking_for_room(it, "eve", chats[1])

    [found] = breaches(it, at(11))
    last = it.in_hand(AgentId("eve"))[-1]
    assert (found.kind, found.interaction_id) == (Fault.OVER_CAPACITY, last.id)


@pytest.mark.parametrize("seed", range(100, 108))
def test_on_random_days_nothing_is_imagined(seed: int) -> None:
    day = Day(seed, lambda queues, now: Router(queues, counting(), RULES))
    looks = 0
    for action, _ in day.happenings(500):
        day.note(attempt(action))
        day.note(day.router.handle_timer(day.now))
        looks += 1
        assert list(breaches(day.router, day.now)) == []
    assert looks > 500
    assert all(day.router.knows(agent_id) for agent_id in AGENTS)
