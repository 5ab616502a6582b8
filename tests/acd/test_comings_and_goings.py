"""Agents who are removed, who come back, and seats that people leave to themselves."""

from collections.abc import Callable

import pytest

from acd.agents import AgentState
from acd.model import FAULTS, AgentId, ContactId, OfferId
from acd.router import Router

from .build import at, contact, offers, queue, ready, router, states

ANN = AgentId("ann")
WISHES: dict[str, Callable[[Router], object]] = {
    "ready": lambda acd: acd.set_ready(ANN, at(4)),
    "not ready": lambda acd: acd.set_not_ready(ANN, "lunch", at(4)),
    "log in": lambda acd: acd.log_in(ANN, at(4)),
}


def talking(*, wrap_up: float = 0, always_ready: bool = False) -> tuple[Router, OfferId]:
    """Ann talks with "one"."""
    acd = router(queue(wrap_up=wrap_up))
    if always_ready:
        acd.put_agent(ANN, {}, at(0), always_ready=True)
    else:
        ready(acd, ANN)
    (offer,) = offers(acd.enqueue(contact("one", 1), at(1)))
    acd.accept(offer.id, at(2))
    return acd, offer.id


@pytest.mark.parametrize("wish", WISHES)
@pytest.mark.parametrize("while_wrapping_up", [False, True])
def test_nothing_that_a_removed_agent_says_keeps_them(wish: str, while_wrapping_up: bool) -> None:
    acd, offer_id = talking(wrap_up=10)
    acd.remove_agent(ANN, at(3))
    if while_wrapping_up:
        acd.end_interaction(offer_id, at(3), "agent")
    WISHES[wish](acd)
    acd.enqueue(contact("two", 5), at(5))
    made = offers(acd.end_interaction(offer_id, at(6), "agent")) + offers(acd.handle_timer(at(30)))

    assert made == []
    assert not acd.knows(ANN)


@pytest.mark.parametrize("always_ready", [False, True])
def test_who_is_put_back_while_they_talk_stays(always_ready: bool) -> None:
    acd, offer_id = talking(always_ready=always_ready)
    acd.remove_agent(ANN, at(3))
    acd.put_agent(ANN, {}, at(4), always_ready=always_ready)

    assert states(acd.end_interaction(offer_id, at(6), "agent")) == [("ann", "ready")]
    assert acd.knows(ANN)


def unanswered(*, always_ready: bool) -> Router:
    """Ann did not pick up at 21 s, and the caller has left."""
    acd = router()
    acd.put_agent(ANN, {}, at(0), always_ready=always_ready)
    acd.log_in(ANN, at(0))
    acd.set_ready(ANN, at(0))
    acd.enqueue(contact("one", 1), at(1))
    acd.handle_timer(at(21))
    acd.withdraw(ContactId("one"), at(21))
    assert acd.agent(ANN).reason in FAULTS
    return acd


def test_a_seat_that_somebody_sits_at_from_now_on_waits_for_them() -> None:
    acd = unanswered(always_ready=True)
    acd.put_agent(ANN, {}, at(22), always_ready=False)

    assert acd.deadline is None
    assert acd.handle_timer(at(600)) == []
    assert acd.agent(ANN).state is AgentState.NOT_READY


def test_a_seat_that_is_left_to_itself_while_it_is_not_ready_comes_back() -> None:
    acd = unanswered(always_ready=False)
    acd.put_agent(ANN, {}, at(22), always_ready=True)
    assert acd.deadline is not None
    acd.put_agent(ANN, {"english": 1}, at(23), always_ready=True)  # the rest does not begin anew

    due = acd.deadline
    assert states(acd.handle_timer(due)) == [("ann", "ready")]
