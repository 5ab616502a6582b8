"""Offers to one agent by name, and advisers beside whoever serves the contact."""

from dataclasses import replace

import pytest

from acd.agents import AgentState
from acd.effects import ContactRequeued, Effect, OfferEnded, TakenOver
from acd.errors import AgentNotFree, AlreadyQueued, OfferOver, UnknownAgent, UnknownQueue
from acd.figures import Census
from acd.model import (
    RING_NO_ANSWER,
    AgentId,
    ContactId,
    OfferId,
    Outcome,
    Purpose,
)
from acd.router import Router

from .build import at, contact, offers, outcomes, pairs, queue, ready, router, states

ANN, BOB, CARL = AgentId("ann"), AgentId("bob"), AgentId("carl")
CALL = ContactId("call")
ADVICE = replace(contact("call", 5), purpose=Purpose.CONSULT)


def served_by_ann() -> Router:
    """Ann talks with the call; bob is ready."""
    acd = router(queue(wrap_up=15))
    ready(acd, "ann")
    [offer] = offers(acd.enqueue(contact("call", 0), at(0)))
    acd.accept(offer.id, at(1))
    ready(acd, "bob", 2)
    return acd


def direct(acd: Router, agent: AgentId = BOB, now: float = 5) -> OfferId:
    [offer] = offers(acd.offer_to(agent, contact("call", 0), at(now)))
    return offer.id


def test_a_named_agent_is_reserved_and_the_record_says_that_they_were_asked_for() -> None:
    acd = served_by_ann()

    effects = acd.offer_to(BOB, contact("call", 0), at(5))

    [offer] = offers(effects)
    assert (offer.agent_id, offer.contact_id, offer.why.rule) == (BOB, CALL, "named_agent")
    assert offer.expires_at == at(25)
    assert states(effects) == [("bob", "ringing")]
    assert acd.census() == Census(agents=2, waiting=0, offered=1, served=1, alarms=1)


def test_a_reserved_agent_is_offered_nothing_else() -> None:
    acd = served_by_ann()
    direct(acd)

    assert pairs(acd.enqueue(contact("other", 6), at(6))) == []
    with pytest.raises(AgentNotFree, match="ringing"):
        acd.offer_to(BOB, contact("third", 6), at(6))


@pytest.mark.parametrize("state", ["logged_out", "not_ready", "talking", "unfit"])
def test_who_is_not_free_is_not_rung_and_the_refusal_names_the_state(state: str) -> None:
    acd = served_by_ann()
    agent = BOB
    match state:
        case "logged_out":
            acd.log_out(BOB, at(3))
        case "not_ready":
            acd.set_not_ready(BOB, "lunch", at(3))
        case "talking":
            agent = ANN
        case _:
            acd.set_fitness(BOB, ("microphone-ended",), at(3))

    with pytest.raises(AgentNotFree) as refused:
        acd.offer_to(agent, contact("call", 0), at(5))
    assert state in (refused.value.state, "unfit")
    assert refused.value.unfit == (("microphone-ended",) if state == "unfit" else ())


def test_nobody_and_nowhere_are_named() -> None:
    acd = served_by_ann()

    with pytest.raises(UnknownAgent):
        acd.offer_to(AgentId("nobody"), contact("call", 0), at(5))
    with pytest.raises(UnknownQueue):
        acd.offer_to(BOB, contact("call", 0, queue="salse"), at(5))


def test_two_serve_one_contact_until_the_last_has_left() -> None:
    acd = served_by_ann()
    second = direct(acd)
    acd.accept(second, at(6))
    first = acd.offer_of(ANN)
    assert first is not None

    acd.end_interaction(first.id, at(7), "agent")
    with pytest.raises(AlreadyQueued, match="served"):
        acd.enqueue(contact("call", 0), at(7), returning=True)
    effects = acd.end_interaction(second, at(8), "agent")
    assert states(effects) == [("bob", "wrap_up")]
    assert acd.enqueue(contact("call", 0), at(9), returning=True)


def ended(acd: Router, how: str) -> list[Effect]:
    offer_id = direct(acd)
    match how:
        case "declined":
            return acd.decline(offer_id, at(6))
        case "unreachable":
            return acd.unreachable(offer_id, at(6))
        case "timed_out":
            return acd.handle_timer(at(25))
        case "logged out":
            return acd.log_out(BOB, at(6))
        case _:
            return acd.withdraw(CALL, at(6))


@pytest.mark.parametrize(
    ("how", "outcome", "after"),
    [
        ("declined", Outcome.DECLINED, AgentState.READY),
        ("unreachable", Outcome.UNREACHABLE, AgentState.READY),
        ("timed_out", Outcome.TIMED_OUT, AgentState.NOT_READY),
        ("logged out", Outcome.DECLINED, AgentState.LOGGED_OUT),
        ("withdrawn", Outcome.WITHDRAWN, AgentState.READY),
    ],
)
def test_an_offer_by_name_that_comes_to_nothing_puts_the_contact_nowhere(
    how: str, outcome: Outcome, after: AgentState
) -> None:
    acd = served_by_ann()

    effects = ended(acd, how)

    assert outcomes(effects) == [("call", outcome)]
    assert not [effect for effect in effects if isinstance(effect, ContactRequeued)]
    assert acd.agent(BOB).state is after
    assert acd.position(CALL) is None
    census = acd.census()
    assert (census.waiting, census.offered, census.served, census.alarms) == (0, 0, 1, 0)


def test_who_did_not_answer_by_name_is_not_ready_like_anybody_else() -> None:
    acd = served_by_ann()
    ended(acd, "timed_out")

    assert acd.agent(BOB).reason == RING_NO_ANSWER
    with pytest.raises(OfferOver):
        acd.accept(OfferId("offer2"), at(26))


def test_after_an_offer_by_name_the_agent_gets_what_waits() -> None:
    acd = served_by_ann()
    offer_id = direct(acd)
    acd.enqueue(contact("other", 6), at(6))

    assert pairs(acd.decline(offer_id, at(7))) == [("other", "bob")]


def test_who_serves_a_contact_may_wait_for_an_adviser_in_a_queue() -> None:
    acd = served_by_ann()

    [offer] = offers(acd.enqueue(ADVICE, at(5)))

    assert (offer.agent_id, offer.purpose) == ("bob", Purpose.CONSULT)
    with pytest.raises(AlreadyQueued, match="offered"):
        acd.offer_to(BOB, ADVICE, at(5))


def test_an_adviser_who_declines_leaves_the_question_at_its_place() -> None:
    acd = served_by_ann()
    ready(acd, "carl", 3)
    [offer] = offers(acd.enqueue(ADVICE, at(5)))

    assert pairs(acd.decline(offer.id, at(6))) == [("call", "carl")]


def test_an_adviser_who_is_called_off_is_free_and_the_contact_is_served_on() -> None:
    acd = served_by_ann()
    acd.enqueue(ADVICE, at(5))

    effects = acd.withdraw(CALL, at(6))

    assert isinstance(effects[0], OfferEnded)
    assert acd.agent(BOB).state is AgentState.READY
    assert acd.agent(ANN).state is AgentState.TALKING
    assert acd.withdraw(CALL, at(7)) == []


def test_an_always_ready_seat_that_did_not_answer_by_name_rests_and_is_back() -> None:
    acd = served_by_ann()
    acd.put_agent(CARL, {}, at(3), always_ready=True)
    direct(acd, CARL)

    acd.handle_timer(at(25))
    assert acd.agent(CARL).state is AgentState.NOT_READY
    acd.handle_timer(at(35))
    assert acd.agent(CARL).state is AgentState.READY


@pytest.mark.parametrize("before", ["ready", "not_ready", "logged_out", "wrap_up"])
def test_who_takes_a_contact_over_talks_wraps_up_and_is_again_what_they_were(before: str) -> None:
    """Ready or not: from that moment on nothing else is offered."""
    acd = served_by_ann()
    match before:
        case "not_ready":
            acd.set_not_ready(BOB, "coaching", at(5))
        case "logged_out":
            acd.log_out(BOB, at(5))
        case "wrap_up":
            earlier = direct(acd)
            acd.accept(earlier, at(5))
            acd.end_interaction(earlier, at(5), "caller")
    assert acd.agent(BOB).state.value == before

    effects = acd.take_over(BOB, contact("call", 0), "ann", at(6))
    (offer,) = (one.offer for one in effects if isinstance(one, TakenOver))
    assert states(effects)[-1] == ("bob", "talking")
    assert acd.agent(BOB).contact_id == "call"
    assert (offer.why.rule, offer.queued_at, acd.offer_of(BOB)) == ("taken_over", at(0), offer)
    assert not offers(acd.enqueue(contact("next", 6), at(6)))
    with pytest.raises(AgentNotFree):
        acd.take_over(BOB, contact("next", 6), "ann", at(7))
    acd.withdraw(ContactId("next"), at(7))
    over = [*acd.end_interaction(offer.id, at(8), "agent"), *acd.handle_timer(at(23))]

    assert states(over)[0] == ("bob", "wrap_up")
    after = acd.agent(BOB)
    assert after.state.value == ("ready" if before == "wrap_up" else before)
    assert after.reason == ("coaching" if before == "not_ready" else None)


@pytest.mark.parametrize("where", ["waiting", "offered", "offered by name"])
def test_a_contact_that_somebody_else_is_to_have_is_not_taken_over(where: str) -> None:
    acd = served_by_ann()
    wanted = contact("next", 5)
    match where:
        case "waiting":
            acd.enqueue(contact("next", 5, steel=1), at(5))
        case "offered":
            assert pairs(acd.enqueue(wanted, at(5))) == [("next", BOB)]
        case _:
            acd.offer_to(BOB, wanted, at(5))
    carl = AgentId("carl")
    acd.put_agent(carl, {}, at(5))
    before = acd.census()

    with pytest.raises(AlreadyQueued):
        acd.take_over(carl, wanted, "ann", at(6))
    assert acd.census() == before


def test_who_is_rung_takes_nothing_over() -> None:
    acd = served_by_ann()
    direct(acd)

    with pytest.raises(AgentNotFree, match="ringing"):
        acd.take_over(BOB, contact("call", 0), "ann", at(6))
    with pytest.raises(UnknownQueue):
        acd.take_over(BOB, contact("call", 0, queue="salse"), "ann", at(6))
