"""What a wait depends on: who goes before, and who serves."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from acd.errors import UnknownQueue
from acd.model import AgentId, Channel, ContactId
from acd.prospects import Prospect
from acd.router import Router

from .build import at, contact, offers, queue, ready, router

SALES, REPAIR = "sales", "repair"


def scene() -> Router:
    """Ann sells; ben and cat repair; dan does both. All are busy with sales or repair."""
    acd = router(queue(SALES, sales=1), queue(REPAIR, repair=1))
    ready(acd, "ann", sales=1)
    for name in ("ben", "cat"):
        ready(acd, name, repair=1)
    ready(acd, "dan", sales=1, repair=1)
    for number, name in enumerate((REPAIR, REPAIR, SALES, SALES)):
        for offer in offers(acd.enqueue(contact(f"served{number}", number, name), at(number))):
            acd.accept(offer.id, at(number))
    return acd


def of(acd: Router, name: str) -> Prospect:
    found = acd.prospect(ContactId(name))
    assert found is not None
    return found


def test_those_ahead_in_other_queues_count_as_far_as_the_same_agents_serve_them() -> None:
    acd = scene()
    for number, name in enumerate((REPAIR, REPAIR, REPAIR, SALES, SALES, REPAIR), start=10):
        acd.enqueue(contact(f"call{number}", number, name), at(number))

    last_sale, last_repair = of(acd, "call14"), of(acd, "call15")
    assert (last_sale.position, last_repair.position) == (2, 4)
    assert last_sale.ahead == {SALES: 1, REPAIR: 1}  # dan is one of the three who repair
    assert last_repair.ahead == {SALES: 1, REPAIR: 3}  # and one of the two who sell
    assert last_sale.served == {SALES: 2, REPAIR: pytest.approx(2 / 3)}


def test_who_is_away_afterwards_serves_no_more() -> None:
    acd = scene()
    acd.enqueue(contact("caller", 20, REPAIR), at(20))
    assert (of(acd, "caller").there, of(acd, "caller").serving) == (3, 3)

    acd.set_not_ready(AgentId("ben"), "lunch", at(21))
    acd.set_ready(AgentId("cat"), at(21))
    acd.log_out(AgentId("dan"), at(21))
    assert (of(acd, "caller").there, of(acd, "caller").serving) == (3, 1)
    acd.remove_agent(AgentId("cat"), at(22))
    assert (of(acd, "caller").there, of(acd, "caller").serving) == (3, 0)


def test_agents_who_come_go_are_unfit_or_learn_something_are_counted_anew() -> None:
    acd = scene()
    eve, counts = AgentId("eve"), []
    changes: list[Callable[[], object]] = [
        lambda: ready(acd, eve, 30, repair=1),
        lambda: acd.set_fitness(eve, ("no microphone",), at(31)),
        lambda: acd.set_fitness(eve, (), at(32)),
        lambda: acd.put_agent(eve, {"sales": 1}, at(33)),
        lambda: acd.put_agent(eve, {"repair": 2}, at(34)),
        lambda: acd.log_out(eve, at(35)),
    ]
    for change in changes:
        change()
        found = acd.prospect_at(REPAIR)
        counts.append((found.there, found.serving, found.free))

    assert counts == [(4, 4, 1), (4, 3, 0), (4, 4, 1), (3, 3, 0), (4, 4, 1), (3, 3, 0)]


def test_a_place_in_a_queue_has_a_prospect_whether_somebody_has_it_or_not() -> None:
    acd = scene()
    for number in (10, 11, 12):
        acd.enqueue(contact(f"call{number}", number, SALES), at(number))

    assert acd.prospect_at(SALES, 2) == of(acd, "call11")
    assert acd.prospect_at(SALES).ahead == {SALES: 3}
    assert (acd.prospect_at(SALES).position, acd.prospect_at(SALES, 9).position) == (4, 4)
    assert acd.prospect(ContactId("served1")) is None
    with pytest.raises(UnknownQueue):
        acd.prospect_at("nowhere")


def test_a_queue_that_may_have_so_many_agents_at_once_is_served_by_no_more() -> None:
    acd = scene()
    acd.put_queue(replace(acd.queue(REPAIR), max_served=2), at(20))
    ready(acd, "eve", 21, repair=1)

    found = acd.prospect_at(REPAIR)
    assert (found.there, found.serving, found.free) == (4, 2, 0)


def test_who_has_room_for_other_channels_only_is_not_free_for_a_call() -> None:
    """Nothing interrupts a chat: with room for another one, there is none for a call."""
    acd = router()
    ready(acd, "ann")
    chat = replace(contact("chat"), channel=Channel.CHAT)
    for offer in offers(acd.enqueue(chat, at(1))):
        acd.accept(offer.id, at(1))

    assert acd.prospect_at(SALES).free == 0
    assert [one.ready for one in acd.figures()] == [0]
    ready(acd, "ben")
    assert acd.prospect_at(SALES).free == 1
    assert [one.ready for one in acd.figures()] == [1]
