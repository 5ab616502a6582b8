"""Wrap-ups: their time, how far it can be extended, and the outcome without which none ends."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from acd.agents import AgentState
from acd.effects import Effect, WrapUpChanged
from acd.errors import InvalidValue, NotWrappingUp, UnknownAgent
from acd.model import AgentId, OfferId
from acd.queue import Queue
from acd.router import Router

from .build import at, contact, offers, queue, ready, router, span, states

ANN = AgentId("ann")
ENDS_BY_ITSELF = 100 + 15


def wrapping_up(*, required: bool = False, **settings: timedelta | None) -> tuple[Router, OfferId]:
    """Ann wraps up since second 100, for a quarter of a minute."""
    usual: dict[str, Any] = {"disposition_limit": span(60)}
    acd = router(replace(queue(wrap_up=15), **{**usual, **settings}))
    acd.require_disposition("sales", required, at(0))
    ready(acd, ANN)
    (offer,) = offers(acd.enqueue(contact("call"), at(1)))
    acd.accept(offer.id, at(2))
    acd.end_interaction(offer.id, at(100), "caller")
    return acd, offer.id


def ends(acd: Router) -> datetime | None:
    """When Ann's wrap-up is over by itself."""
    wrap_up = acd.wrap_up(ANN)
    return wrap_up.ends_at if wrap_up is not None else None


def passes(acd: Router, until: float) -> list[tuple[float, str, str | None]]:
    """Every state that the timers bring until then: when, which and why."""
    seen: list[tuple[float, str, str | None]] = []
    while (deadline := acd.deadline) is not None and deadline <= at(until):
        for name, state in states(acd.handle_timer(deadline)):
            assert name == ANN
            agent = acd.agent(ANN)
            if not seen or seen[-1][1:] != (agent.state.value, agent.reason):
                seen.append(((deadline - at(0)).total_seconds(), state, agent.reason))
    return [one for one in seen if one[1] != "wrap_up"]


# --- their time -------------------------------------------------------------------------------


def test_a_wrap_up_can_be_extended_as_far_as_the_queue_allows() -> None:
    acd, _ = wrapping_up(wrap_up_limit=span(60))
    [told] = acd.extend_wrap_up(ANN, span(30), at(110))
    assert isinstance(told, WrapUpChanged)
    assert (told.agent_id, told.wrap_up) == (ANN, acd.wrap_up(ANN))
    assert ends(acd) == at(ENDS_BY_ITSELF + 30)
    acd.extend_wrap_up(ANN, span(30), at(120))
    assert ends(acd) == at(160)
    with pytest.raises(NotWrappingUp, match="go on after"):
        acd.extend_wrap_up(ANN, span(30), at(130))

    assert passes(acd, 1000) == [(160, "ready", None)]
    assert acd.wrap_up(ANN) is None


def test_what_cannot_be_extended_is_refused() -> None:
    acd, _ = wrapping_up()
    with pytest.raises(NotWrappingUp):
        acd.extend_wrap_up(ANN, span(1), at(110))
    acd.end_wrap_up(ANN, at(111))
    with pytest.raises(NotWrappingUp):
        acd.extend_wrap_up(ANN, span(1), at(112))
    with pytest.raises(UnknownAgent):
        acd.extend_wrap_up(AgentId("nobody"), span(1), at(112))


def test_it_is_ended_early_whether_it_was_extended_or_not() -> None:
    acd, _ = wrapping_up(wrap_up_limit=span(60))
    acd.extend_wrap_up(ANN, span(30), at(110))

    assert states(acd.end_wrap_up(ANN, at(120))) == [(ANN, "ready")]
    assert acd.deadline is None


# --- the outcome ------------------------------------------------------------------------------


def test_it_goes_on_until_the_outcome_is_there() -> None:
    acd, offer_id = wrapping_up(required=True)
    assert ends(acd) == at(160)
    assert passes(acd, 130) == []

    assert acd.disposition_recorded(OfferId("another"), at(139)) == []
    assert states(acd.disposition_recorded(offer_id, at(140))) == [(ANN, "ready")]
    assert acd.deadline is None


def test_with_the_outcome_in_time_it_ends_as_always() -> None:
    acd, offer_id = wrapping_up(required=True)

    [told] = acd.disposition_recorded(offer_id, at(105))
    assert isinstance(told, WrapUpChanged)
    assert (told.agent_id, told.wrap_up) == (ANN, acd.wrap_up(ANN))
    assert not told.wrap_up.owes
    assert acd.disposition_recorded(offer_id, at(106)) == []
    assert ends(acd) == at(ENDS_BY_ITSELF)
    assert passes(acd, 1000) == [(ENDS_BY_ITSELF, "ready", None)]


def test_without_it_the_agent_is_not_ready_at_last_and_the_reason_says_so() -> None:
    acd, _ = wrapping_up(required=True)

    assert passes(acd, 1000) == [(160, "not_ready", "disposition_missing")]


def test_what_the_agent_chose_to_be_stays_their_choice() -> None:
    acd, _ = wrapping_up(required=True)
    acd.set_not_ready(ANN, "lunch", at(105))

    assert passes(acd, 1000) == [(160, "not_ready", "lunch")]


def test_a_queue_without_a_wrap_up_has_one_for_the_outcome_alone() -> None:
    acd, offer_id = wrapping_up(required=True, wrap_up=span(0))
    assert acd.agent(ANN).state is AgentState.WRAP_UP

    assert states(acd.disposition_recorded(offer_id, at(101))) == [(ANN, "ready")]


def talked(acd: Router, recorded: bool) -> list[Effect]:
    """One conversation of Ann's."""
    (offer,) = offers(acd.enqueue(contact("call"), at(1)))
    acd.accept(offer.id, at(2))
    if recorded:
        acd.disposition_recorded(offer.id, at(50))
    return acd.end_interaction(offer.id, at(100), "caller")


def test_an_outcome_that_came_during_the_conversation_is_not_waited_for() -> None:
    acd = router(queue())
    acd.require_disposition("sales", True, at(0))
    ready(acd, ANN)

    assert states(talked(acd, recorded=True)) == [(ANN, "ready")]
    assert states(talked(acd, recorded=False)) == [(ANN, "wrap_up")]


def test_a_queue_that_is_there_again_asks_for_the_outcome_as_before() -> None:
    """As after a removal that failed: what it asks for was not taken back."""
    acd = router(queue())
    acd.require_disposition("sales", True, at(0))
    acd.remove_queue("sales", at(1))
    acd.put_queue(queue(), at(1))
    ready(acd, ANN, 1)

    assert states(talked(acd, recorded=False)) == [(ANN, "wrap_up")]


def test_a_rule_that_is_taken_back_and_a_seat_without_a_person_owe_nothing() -> None:
    acd = router(queue())
    acd.require_disposition("sales", True, at(0))
    acd.put_agent(ANN, {}, at(0), always_ready=True)
    assert states(talked(acd, recorded=False)) == [(ANN, "ready")]

    person = router(queue())
    person.require_disposition("sales", True, at(0))
    person.require_disposition("sales", False, at(1))
    ready(person, ANN)
    assert states(talked(person, recorded=False)) == [(ANN, "ready")]


def test_limits_that_make_no_sense_are_refused() -> None:
    wrongs: list[dict[str, Any]] = [{"wrap_up_limit": span(10)}, {"disposition_limit": span(0)}]
    for wrong in wrongs:
        with pytest.raises(InvalidValue, match="sales"):
            Queue("sales", wrap_up=span(15), **wrong)
