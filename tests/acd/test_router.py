"""What happens on a small floor, told one story at a time."""

from dataclasses import replace

import pytest

from acd.effects import ContactRequeued, OfferAccepted
from acd.errors import (
    AlreadyQueued,
    IllegalTransition,
    InvalidValue,
    OfferOver,
    QueueFull,
    UnknownAgent,
    UnknownQueue,
)
from acd.figures import Census
from acd.model import (
    AgentId,
    AgentState,
    ContactId,
    OfferId,
    Outcome,
    Rules,
)
from acd.router import Router

from .build import (
    at,
    contact,
    offers,
    outcomes,
    pairs,
    queue,
    ready,
    router,
    span,
    states,
)

ANN, BOB = AgentId("ann"), AgentId("bob")
FIRST = OfferId("offer1")


def ringing(acd: Router, wait: float = 5) -> OfferId:
    """Ann is ready since 0, the contact "call" came at ``wait`` and rings at Ann."""
    ready(acd, "ann")
    (offer,) = offers(acd.enqueue(contact("call", wait), at(wait)))
    return offer.id


def talking(acd: Router) -> OfferId:
    offer_id = ringing(acd)
    acd.accept(offer_id, at(8))
    return offer_id


# --- who gets whom ----------------------------------------------------------------------------


def test_a_contact_goes_to_the_agent_who_was_idle_longest() -> None:
    acd = router()
    ready(acd, "bob", 0)
    ready(acd, "ann", 1)

    assert pairs(acd.enqueue(contact("call", 5), at(5))) == [("call", "bob")]


def test_of_two_equally_idle_the_smaller_id_goes_first() -> None:
    acd = router()
    ready(acd, "bob", 0)
    ready(acd, "ann", 0)

    assert pairs(acd.enqueue(contact("call", 5), at(5))) == [("call", "ann")]


def test_an_agent_gets_the_contact_that_waits_longest_in_any_queue_they_can_serve() -> None:
    acd = router(queue("sales"), queue("repair", repair=2), queue("vip", gold=1))
    acd.enqueue(contact("gold", 0, "vip"), at(0))
    acd.enqueue(contact("broken", 1, "repair"), at(1))
    acd.enqueue(contact("buyer", 2, "sales"), at(2))

    assert pairs(ready(acd, "ann", 10, repair=2)) == [("broken", "ann")]


def test_priority_is_worth_a_fixed_time_of_waiting() -> None:
    acd = router(rules=Rules(priority_credit=span(60)))
    acd.enqueue(contact("patient", 0), at(0))
    acd.enqueue(contact("vip", 59, priority=1), at(59))
    acd.enqueue(contact("late vip", 61, priority=1), at(61))

    order = [pairs(ready(acd, name, 70))[0][0] for name in ("a", "b", "c")]

    assert order == ["vip", "patient", "late vip"]


@pytest.mark.parametrize(("level", "served"), [(1, False), (2, True), (3, True)])
def test_a_skill_counts_from_the_level_that_is_required(level: int, served: bool) -> None:
    acd = router(queue("sales", english=2))
    ready(acd, "ann", english=level)

    assert bool(pairs(acd.enqueue(contact("call"), at(1)))) is served


def test_a_contact_may_require_more_than_its_queue_does() -> None:
    acd = router(queue("sales", english=2))
    ready(acd, "ann", 0, english=2)
    ready(acd, "bob", 1, english=5, chinese=1)

    wanted = contact("call", 2, english=3, chinese=1)

    assert pairs(acd.enqueue(wanted, at(2))) == [("call", "bob")]


def test_an_urgent_contact_that_nobody_can_serve_blocks_no_other() -> None:
    acd = router(queue("sales"), queue("vip", gold=9))
    acd.enqueue(contact("gold", 0, "vip", priority=100), at(0))
    acd.enqueue(contact("buyer", 5), at(5))

    assert pairs(ready(acd, "ann", 10)) == [("buyer", "ann")]


def test_a_new_skill_brings_what_waited_for_it_and_touches_no_conversation() -> None:
    acd = router(queue("sales"), queue("vip", gold=1))
    ready(acd, "ann")
    acd.enqueue(contact("gold", 0, "vip"), at(0))
    talk = talking_to_bob(acd)

    assert pairs(acd.put_agent(ANN, {"gold": 3}, at(20))) == [("gold", "ann")]
    assert acd.put_agent(BOB, {"gold": 3}, at(21)) == []
    assert acd.offer_of(BOB) == talk


def talking_to_bob(acd: Router) -> object:
    ready(acd, "bob", -1)
    (offer,) = offers(acd.enqueue(contact("buyer", 1), at(1)))
    assert offer.agent_id == BOB
    acd.accept(offer.id, at(2))
    return offer


def test_a_skill_level_that_cannot_be_is_refused() -> None:
    with pytest.raises(InvalidValue):
        router().put_agent(ANN, {"english": 11}, at(0))


# --- offers that come to nothing --------------------------------------------------------------


def test_nobody_answers_and_the_contact_goes_on_at_its_old_place_while_the_agent_is_not_ready() -> (
    None
):
    acd = router()
    ringing(acd, wait=5)
    acd.enqueue(contact("later", 6), at(6))

    happened = acd.handle_timer(at(25))

    assert outcomes(happened) == [("call", Outcome.TIMED_OUT)]
    assert ContactRequeued(contact("call", 5)) in happened
    assert (acd.agent(ANN).state, acd.agent(ANN).reason) == (AgentState.NOT_READY, "ring_no_answer")
    assert (acd.position(ContactId("call")), acd.position(ContactId("later"))) == (1, 2)
    assert pairs(ready(acd, "bob", 30)) == [("call", "bob")]


def test_an_offer_that_timed_out_goes_at_once_to_another_free_agent() -> None:
    acd = router()
    ringing(acd)
    ready(acd, "bob", 6)

    assert pairs(acd.handle_timer(at(25))) == [("call", "bob")]


def test_a_declined_contact_is_offered_elsewhere_and_the_agent_gets_the_next_one_at_once() -> None:
    acd = router()
    first = ringing(acd)
    acd.enqueue(contact("later", 6), at(6))

    happened = acd.decline(first, at(7))

    assert outcomes(happened) == [("call", Outcome.DECLINED)]
    assert pairs(happened) == [("later", "ann")]
    assert pairs(ready(acd, "bob", 8)) == [("call", "bob")]


def test_a_declined_contact_comes_back_to_the_only_agent_after_the_backoff_not_before() -> None:
    acd = router(rules=Rules(decline_backoff=span(30)))
    acd.decline(ringing(acd), at(10))

    assert acd.set_not_ready(ANN, "lunch", at(11))
    assert pairs(acd.set_ready(ANN, at(12))) == []
    assert acd.deadline == at(40)
    assert pairs(acd.handle_timer(at(40))) == [("call", "ann")]


def test_of_two_backoffs_that_end_together_the_more_urgent_contact_is_offered() -> None:
    acd = router()
    second, first = contact("b", 6), contact("a", 5)
    ready(acd, "ann")
    acd.enqueue(second, at(7))
    acd.decline(OfferId("offer1"), at(8))
    acd.enqueue(first, at(8))
    acd.decline(OfferId("offer2"), at(8))

    assert pairs(acd.handle_timer(at(38))) == [("a", "ann")]


def test_of_two_agents_whose_backoffs_end_together_the_longer_idle_one_is_rung() -> None:
    acd = router(rules=Rules(decline_backoff=span(30)))
    ready(acd, "bob", 1)
    acd.enqueue(contact("call", 5), at(5))
    acd.decline(OfferId("offer1"), at(8))  # by Bob, whose alarm is the first
    ready(acd, "cid", 8)
    acd.decline(OfferId("offer2"), at(8))  # by Cid
    acd.set_not_ready(BOB, "break", at(9))
    acd.set_ready(BOB, at(10))  # now Cid is idle longer

    assert pairs(acd.handle_timer(at(38))) == [("call", "cid")]


def test_declining_costs_no_idle_time() -> None:
    acd = router()
    first = ringing(acd)
    ready(acd, "bob", 6)
    assert pairs(acd.decline(first, at(7))) == [("call", "bob")]
    ready(acd, "cid", 8)

    assert pairs(acd.enqueue(contact("next", 9), at(9))) == [("next", "ann")]


def test_a_caller_who_leaves_while_it_rings_leaves_the_agent_their_idle_time() -> None:
    acd = router()
    ringing(acd)
    ready(acd, "bob", 6)

    happened = acd.withdraw(ContactId("call"), at(7))

    assert outcomes(happened) == [("call", Outcome.WITHDRAWN)]
    assert states(happened) == [("ann", "ready")]
    assert pairs(acd.enqueue(contact("next", 9), at(9))) == [("next", "ann")]


def test_an_agent_set_free_by_a_caller_who_left_gets_the_next_one() -> None:
    acd = router()
    ringing(acd)
    acd.enqueue(contact("later", 6), at(6))

    assert pairs(acd.withdraw(ContactId("call"), at(7))) == [("later", "ann")]


def test_a_caller_who_leaves_while_waiting_is_gone_and_leaving_twice_is_harmless() -> None:
    acd = router()
    acd.enqueue(contact("call"), at(0))

    assert acd.withdraw(ContactId("call"), at(1)) == []
    assert acd.withdraw(ContactId("call"), at(2)) == []
    assert pairs(ready(acd, "ann", 3)) == []
    assert acd.census() == Census(agents=1, waiting=0, offered=0, served=0, alarms=0)


def test_a_phone_that_cannot_be_reached_makes_its_agent_not_ready_the_third_time_in_a_row() -> None:
    acd = router(rules=Rules(unreachable_limit=3, unreachable_backoff=span(5)))
    acd.unreachable(ringing(acd, wait=5), at(6))
    assert acd.agent(ANN).state is AgentState.READY

    (again,) = offers(acd.handle_timer(at(11)))
    acd.unreachable(again.id, at(12))
    (once_more,) = offers(acd.handle_timer(at(17)))
    acd.unreachable(once_more.id, at(18))

    assert (acd.agent(ANN).state, acd.agent(ANN).reason) == (AgentState.NOT_READY, "unreachable")
    assert acd.position(ContactId("call")) == 1


def test_an_accepted_offer_starts_the_count_of_unreachable_ones_again() -> None:
    acd = router(rules=Rules(unreachable_limit=2))
    acd.unreachable(ringing(acd), at(6))
    (again,) = offers(acd.handle_timer(at(11)))
    acd.accept(again.id, at(12))
    acd.end_interaction(again.id, at(20), "caller")
    (next_one,) = offers(acd.enqueue(contact("next", 21), at(21)))

    acd.unreachable(next_one.id, at(22))

    assert acd.agent(ANN).state is AgentState.READY


def test_a_phone_that_comes_back_makes_only_who_was_away_for_its_sake_ready() -> None:
    acd = router(rules=Rules(unreachable_limit=1))
    acd.unreachable(ringing(acd), at(6))
    ready(acd, "bob")
    acd.withdraw(ContactId("call"), at(7))
    acd.set_not_ready(BOB, "lunch", at(8))

    assert states(acd.reachable_again(ANN, at(9))) == [("ann", "ready")]
    assert acd.reachable_again(BOB, at(9)) == []


# --- accepting and ending ---------------------------------------------------------------------


def test_accepting_twice_is_accepting_once() -> None:
    acd = router()
    offer_id = ringing(acd)

    happened = acd.accept(offer_id, at(8))

    assert isinstance(happened[0], OfferAccepted)
    assert states(happened) == [("ann", "talking")]
    assert acd.accept(offer_id, at(9)) == []


@pytest.mark.parametrize(
    "ended", ["declined", "unreachable", "withdrawn", "timed out", "never was"]
)
def test_a_dead_offer_cannot_be_accepted_and_all_else_about_it_is_harmless(ended: str) -> None:
    acd = router()
    offer_id = ringing(acd)
    match ended:
        case "declined":
            acd.decline(offer_id, at(8))
        case "unreachable":
            acd.unreachable(offer_id, at(8))
        case "withdrawn":
            acd.withdraw(ContactId("call"), at(8))
        case "timed out":
            acd.handle_timer(at(25))
        case _:
            offer_id = OfferId("nobody made it")
    agent, census = acd.agent(ANN), acd.census()

    with pytest.raises(OfferOver):
        acd.accept(offer_id, at(26))
    assert acd.decline(offer_id, at(26)) == []
    assert acd.unreachable(offer_id, at(26)) == []
    assert acd.end_interaction(offer_id, at(26), "agent") == []
    assert (acd.agent(ANN), acd.census()) == (agent, census)


def test_an_offer_cannot_be_accepted_at_its_expiry_even_before_the_timer_was_handled() -> None:
    acd = router()
    offer_id = ringing(acd, wait=5)

    with pytest.raises(OfferOver):
        acd.accept(offer_id, at(25))
    assert outcomes(acd.handle_timer(at(25))) == [("call", Outcome.TIMED_OUT)]


def test_what_comes_too_late_for_an_accepted_offer_is_harmless() -> None:
    acd = router()
    offer_id = talking(acd)

    assert acd.decline(offer_id, at(9)) == []
    assert acd.unreachable(offer_id, at(9)) == []
    assert acd.withdraw(ContactId("call"), at(9)) == []
    assert acd.agent(ANN).state is AgentState.TALKING


def test_a_ringing_offer_is_no_interaction_that_could_end() -> None:
    acd = router()
    offer_id = ringing(acd)

    with pytest.raises(IllegalTransition):
        acd.end_interaction(offer_id, at(8), "agent")
    assert acd.accept(offer_id, at(9))


def test_without_wrap_up_the_agent_gets_the_next_contact_at_once() -> None:
    acd = router()
    offer_id = talking(acd)
    acd.enqueue(contact("next", 9), at(9))

    happened = acd.end_interaction(offer_id, at(60), "caller")

    assert states(happened) == [("ann", "ready"), ("ann", "ringing")]
    assert pairs(happened) == [("next", "ann")]


def test_wrap_up_ends_by_the_queues_timer() -> None:
    acd = router(queue(wrap_up=15))
    offer_id = talking(acd)
    acd.enqueue(contact("next", 9), at(9))

    assert states(acd.end_interaction(offer_id, at(60), "caller")) == [("ann", "wrap_up")]
    assert acd.deadline == at(75)
    assert pairs(acd.handle_timer(at(75))) == [("next", "ann")]


@pytest.mark.parametrize("how", ["end", "ready"])
def test_wrap_up_ends_early_when_the_agent_says_so_and_its_timer_is_gone(how: str) -> None:
    acd = router(queue(wrap_up=15))
    acd.end_interaction(talking(acd), at(60), "caller")

    ended = acd.end_wrap_up(ANN, at(65)) if how == "end" else acd.set_ready(ANN, at(65))

    assert states(ended) == [("ann", "ready")]
    assert acd.deadline is None
    assert acd.end_wrap_up(ANN, at(66)) == []


def test_a_break_asked_for_while_talking_begins_after_the_wrap_up() -> None:
    acd = router(queue(wrap_up=15))
    offer_id = talking(acd)
    acd.enqueue(contact("next", 9), at(9))
    acd.set_not_ready(ANN, "meeting", at(10))
    acd.set_not_ready(ANN, "lunch", at(11))
    acd.end_interaction(offer_id, at(60), "caller")

    happened = acd.handle_timer(at(75))

    assert states(happened) == [("ann", "not_ready")]
    assert acd.agent(ANN).reason == "lunch"


def test_a_contact_whose_agent_vanished_before_the_bridge_comes_back_to_its_old_place() -> None:
    acd = router(replace(queue(wrap_up=15), max_waiting=1))
    offer_id = talking(acd)
    acd.enqueue(contact("later", 9), at(9))
    acd.end_interaction(offer_id, at(10), "agent")

    acd.enqueue(contact("call", 5), at(10), returning=True)

    assert acd.position(ContactId("call")) == 1


def test_an_agent_who_took_a_contact_and_vanished_is_not_offered_it_again_at_once() -> None:
    acd = router(rules=Rules(decline_backoff=span(30)))
    acd.end_interaction(talking(acd), at(10), "agent")

    returned = acd.enqueue(contact("call", 5), at(10), returning=True, lost_by=ANN)

    assert pairs(returned) == []
    assert pairs(acd.enqueue(contact("other", 11), at(11))) == [("other", "ann")]
    acd.withdraw(ContactId("other"), at(12))
    assert pairs(acd.handle_timer(at(40))) == [("call", "ann")]


# --- coming and going -------------------------------------------------------------------------


def test_logging_out_while_it_rings_sends_the_contact_on_at_once() -> None:
    acd = router()
    ringing(acd)
    ready(acd, "bob", 6)

    happened = acd.log_out(ANN, at(7))

    assert outcomes(happened) == [("call", Outcome.DECLINED)]
    assert pairs(happened) == [("call", "bob")]
    assert acd.agent(ANN).state is AgentState.LOGGED_OUT


def test_logging_out_and_in_again_does_not_bring_back_the_contact_that_was_ringing() -> None:
    acd = router()
    ringing(acd)
    acd.log_out(ANN, at(7))
    acd.log_in(ANN, at(8))

    assert pairs(acd.set_ready(ANN, at(9))) == []
    assert pairs(acd.handle_timer(at(37))) == [("call", "ann")]


def test_an_agent_removed_while_talking_is_forgotten_after_the_wrap_up() -> None:
    acd = router(queue(wrap_up=15))
    offer_id = talking(acd)

    acd.remove_agent(ANN, at(10))
    acd.end_interaction(offer_id, at(60), "caller")
    assert acd.agent(ANN).state is AgentState.WRAP_UP
    acd.handle_timer(at(75))

    with pytest.raises(UnknownAgent):
        acd.agent(ANN)
    assert acd.census() == Census(agents=0, waiting=0, offered=0, served=0, alarms=0)


@pytest.mark.parametrize("state", ["logged out", "ready", "ringing"])
def test_an_agent_with_no_conversation_is_removed_at_once(state: str) -> None:
    acd = router()
    if state == "ringing":
        ringing(acd)
    else:
        ready(acd, "ann")
    if state == "logged out":
        acd.log_out(ANN, at(6))

    acd.remove_agent(ANN, at(7))

    assert acd.census().agents == 0
    acd.withdraw(ContactId("call"), at(8))
    assert pairs(acd.enqueue(contact("other", 9), at(9))) == []


def test_a_backoff_that_outlives_its_agent_is_harmless() -> None:
    acd = router()
    acd.decline(ringing(acd), at(6))
    acd.remove_agent(ANN, at(7))

    assert acd.handle_timer(at(36)) == []
    assert pairs(ready(acd, "ann", 40)) == [("call", "ann")]


def test_an_always_ready_seat_is_there_without_a_log_in_and_comes_back_by_itself() -> None:
    acd = router(rules=Rules(unreachable_limit=1, seat_rest=span(10)))
    assert states(acd.put_agent(ANN, {}, at(0), always_ready=True))[-1] == ("ann", "ready")
    (offer,) = offers(acd.enqueue(contact("call", 5), at(5)))
    acd.unreachable(offer.id, at(6))
    assert acd.agent(ANN).state is AgentState.NOT_READY
    acd.handle_timer(at(11))

    assert pairs(acd.handle_timer(at(16))) == [("call", "ann")]


def test_an_always_ready_seat_that_somebody_made_not_ready_stays_so() -> None:
    acd = router(rules=Rules(unreachable_limit=1))
    acd.put_agent(ANN, {}, at(0), always_ready=True)
    (offer,) = offers(acd.enqueue(contact("call", 5), at(5)))
    acd.set_not_ready(ANN, "broken", at(6))
    acd.unreachable(offer.id, at(7))
    acd.withdraw(ContactId("call"), at(8))

    assert acd.deadline is None
    assert acd.agent(ANN).reason == "broken"


@pytest.mark.parametrize(
    ("was", "becomes", "since"),
    [
        (AgentState.LOGGED_OUT, ("logged_out", None), -100),
        (AgentState.NOT_READY, ("not_ready", "lunch"), -100),
        (AgentState.READY, ("ready", None), -100),
        (AgentState.RINGING, ("ready", None), 0),
        (AgentState.TALKING, ("not_ready", "server_restarted"), 0),
        (AgentState.WRAP_UP, ("not_ready", "server_restarted"), 0),
    ],
)
def test_agents_come_back_after_a_restart(
    was: AgentState, becomes: tuple[str, str | None], since: float
) -> None:
    acd = router()
    acd.put_agent(ANN, {}, at(0))
    reason = "lunch" if was is AgentState.NOT_READY else None

    acd.restore(ANN, was, at(-100), reason, at(0))

    agent = acd.agent(ANN)
    assert (agent.state.value, agent.reason) == becomes
    assert agent.since == at(since)


def test_a_restored_agent_keeps_the_rank_among_the_idle() -> None:
    acd = router()
    ready(acd, "bob", -50)
    acd.put_agent(ANN, {}, at(0))
    acd.restore(ANN, AgentState.READY, at(-100), None, at(0))

    assert pairs(acd.enqueue(contact("call", 1), at(1))) == [("call", "ann")]


def test_restoring_does_not_touch_who_is_logged_in_already() -> None:
    acd = router()
    ready(acd, "ann", 0)

    assert acd.restore(ANN, AgentState.NOT_READY, at(-100), "lunch", at(1)) == []
    assert acd.agent(ANN).state is AgentState.READY


# --- what is refused --------------------------------------------------------------------------


def test_a_full_queue_takes_nobody_and_counts_those_who_are_being_offered() -> None:
    acd = router(replace(queue(), max_waiting=2))
    ringing(acd)
    acd.enqueue(contact("second", 6), at(6))

    with pytest.raises(QueueFull):
        acd.enqueue(contact("third", 7), at(7))
    assert acd.position(ContactId("third")) is None


def test_a_contact_has_one_place_whatever_it_is_doing() -> None:
    acd = router()
    offer_id = ringing(acd)
    acd.enqueue(contact("waits", 6), at(6))

    with pytest.raises(AlreadyQueued, match="waiting"):
        acd.enqueue(contact("waits", 7), at(7))
    with pytest.raises(AlreadyQueued, match="offered"):
        acd.enqueue(contact("call", 7), at(7))
    acd.accept(offer_id, at(8))
    with pytest.raises(AlreadyQueued, match="served"):
        acd.enqueue(contact("call", 9), at(9))


def test_a_queue_that_does_not_exist_is_named() -> None:
    with pytest.raises(UnknownQueue, match="salse"):
        router().enqueue(contact("call", queue="salse"), at(0))
    with pytest.raises(UnknownQueue, match="salse"):
        router().queue("salse")


def test_an_agent_who_does_not_exist_is_named() -> None:
    acd = router()
    for ask in (acd.log_in, acd.log_out, acd.set_ready, acd.end_wrap_up, acd.remove_agent):
        with pytest.raises(UnknownAgent, match="ann"):
            ask(ANN, at(0))


def test_nobody_who_is_logged_out_can_be_ready() -> None:
    acd = router()
    acd.put_agent(ANN, {}, at(0))

    with pytest.raises(IllegalTransition):
        acd.set_ready(ANN, at(1))


# --- figures ----------------------------------------------------------------------------------


def test_positions_count_the_waiting_of_the_same_queue_in_its_order() -> None:
    acd = router(queue("sales"), queue("repair"))
    acd.enqueue(contact("first", 0), at(0))
    acd.enqueue(contact("other", 1, "repair"), at(1))
    acd.enqueue(contact("second", 2, english=5), at(2))
    acd.enqueue(contact("vip", 3, priority=1), at(3))

    found = {name: acd.position(ContactId(name)) for name in ("vip", "first", "second", "other")}

    assert found == {"vip": 1, "first": 2, "second": 3, "other": 1}


def test_a_queues_figures() -> None:
    acd = router(queue("sales", english=2), queue("repair"))
    ready(acd, "ann", 0, english=2)
    ready(acd, "bob", 1, english=1)
    (offer,) = offers(acd.enqueue(contact("a", 5), at(5)))
    acd.accept(offer.id, at(6))
    ready(acd, "cid", 7, english=3)
    acd.enqueue(contact("b", 8), at(8))
    acd.enqueue(contact("c", 9, priority=5), at(9))

    sales, repair = acd.figures()

    assert (sales.waiting, sales.offered, sales.talking, sales.ready) == (1, 1, 1, 0)
    assert sales.longest_wait_since == at(8)
    assert (repair.waiting, repair.offered, repair.talking, repair.ready) == (0, 0, 0, 1)
    assert repair.longest_wait_since is None
    assert sales.title == "sales"


def test_an_agent_whose_phone_is_lost_in_a_talk_is_not_ready_after_the_wrap_up() -> None:
    acd = router(queue(wrap_up=10))
    ready(acd, "ann")
    offer = offers(acd.enqueue(contact("alice"), at(1)))[0]
    acd.accept(offer.id, at(2))

    told = [
        *acd.phone_lost(ANN, at(3)),
        *acd.end_interaction(offer.id, at(3), "phone_lost"),
        *acd.enqueue(contact("alice", 1), at(3), returning=True, lost_by=ANN),
        *acd.handle_timer(at(13)),
    ]

    changed = [(agent, state) for agent, state in states(told) if state != "talking"]
    assert changed == [("ann", "wrap_up"), ("ann", "not_ready")]
    assert acd.agent(ANN).reason == "phone_lost"
    assert not offers(acd.set_ready(ANN, at(14)))  # she backs off from whom she lost


@pytest.mark.parametrize(
    ("chosen", "after"), [("ready", "phone_lost"), ("lunch", "lunch"), ("home", None)]
)
def test_what_an_agent_chose_to_be_afterwards_counts_more_than_the_lost_phone(
    chosen: str, after: str | None
) -> None:
    acd = router()
    ready(acd, "ann")
    offer = offers(acd.enqueue(contact("alice"), at(1)))[0]
    acd.accept(offer.id, at(2))
    match chosen:
        case "ready":
            acd.set_ready(ANN, at(3))
        case "lunch":
            acd.set_not_ready(ANN, "lunch", at(3))
        case "home":
            acd.log_out(ANN, at(3))
    acd.phone_lost(ANN, at(4))
    acd.end_interaction(offer.id, at(4), "phone_lost")

    assert acd.agent(ANN).reason == after
    assert acd.agent(ANN).state != "ready"


def test_a_lost_phone_means_nothing_to_who_does_not_talk() -> None:
    acd = router()
    ready(acd, "ann")

    assert acd.phone_lost(ANN, at(1)) == []


def test_an_always_ready_seat_whose_phone_was_lost_rests_and_is_back() -> None:
    acd = router()
    acd.put_agent(ANN, {}, at(0), always_ready=True)
    offer = offers(acd.enqueue(contact("alice"), at(1)))[0]
    acd.accept(offer.id, at(2))
    acd.phone_lost(ANN, at(3))
    acd.end_interaction(offer.id, at(3), "phone_lost")

    assert acd.agent(ANN).state == "not_ready"
    assert acd.deadline == at(13)
    assert states(acd.handle_timer(at(13))) == [("ann", "ready")]
