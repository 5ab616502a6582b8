"""Call-backs in the router: their place, the agent who is held, and customers nobody reached."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from acd.model import AgentId, AgentState, Channel, ContactId, Outcome, WaitingContact
from acd.policies import load
from acd.router import Router

from .build import at, contact, offers, outcomes, pairs, queue, ready, router, span, states

ANN, BOB = AgentId("ann"), AgentId("bob")


def call_back(name: str, wait: float, *, held_for: float = 0) -> WaitingContact:
    waiting = contact(name, wait)
    return replace(waiting, channel=Channel.CALLBACK, held_for=span(held_for))


@given(
    waits=st.lists(st.integers(0, 300), min_size=1, max_size=12),
    put=st.data(),
)
def test_a_call_back_is_served_exactly_when_its_caller_would_have_been(
    waits: list[int], put: st.DataObject
) -> None:
    """Whoever hung up comes back last of all, and to the very same place."""
    back = put.draw(st.sets(st.sampled_from(range(len(waits)))))
    names = [f"c{number:02}" for number in range(len(waits))]
    stayed, returned = router(), router()
    for number, wait in enumerate(waits):
        stayed.enqueue(contact(names[number], wait), at(300))
        if number not in back:
            returned.enqueue(contact(names[number], wait), at(300))
    for number in put.draw(st.permutations(sorted(back))):
        returned.enqueue(call_back(names[number], waits[number]), at(400), returning=True)

    assert served_by_one_agent(returned) == served_by_one_agent(stayed)


def served_by_one_agent(acd: Router) -> list[str]:
    """Everybody who waits, in the order in which they come to the only agent."""
    order = list[str]()
    made = ready(acd, "ann", 500)
    while found := offers(made):
        [offer] = found
        order.append(offer.contact_id)
        acd.accept(offer.id, at(501))
        made = acd.end_interaction(offer.id, at(502), "agent")
        made += acd.end_wrap_up(ANN, at(502))
    return order


def test_who_is_held_until_the_customer_answers_is_rung_for_the_usual_time_from_then_on() -> None:
    acd = router()
    ready(acd, "ann")
    [offer] = offers(acd.enqueue(call_back("call", 5, held_for=50), at(5)))
    acd.start_ringing(offer.id, at(30))
    acd.start_ringing(offer.id, at(40))  # once is enough
    in_time = acd.handle_timer(at(49))
    too_late = acd.handle_timer(at(50))

    assert (offer.held, offer.expires_at) == (True, at(75))
    assert in_time == []
    assert outcomes(too_late) == [("call", Outcome.TIMED_OUT)]
    assert acd.agent(ANN).state is AgentState.NOT_READY


def test_who_was_held_and_never_rung_has_missed_nothing() -> None:
    acd = router()
    ready(acd, "ann")
    ready(acd, "bob", 1)
    [offer] = offers(acd.enqueue(call_back("call", 5, held_for=50), at(5)))

    effects = acd.handle_timer(offer.expires_at)

    assert outcomes(effects) == [("call", Outcome.TIMED_OUT)]
    assert states(effects)[0] == ("ann", "ready")


def test_a_customer_who_does_not_answer_frees_the_agent_who_was_held_as_if_nothing_had_been() -> (
    None
):
    acd = router()
    ready(acd, "ann", 0)
    ready(acd, "bob", 1)
    [offer] = offers(acd.enqueue(call_back("call", 5, held_for=50), at(5)))
    acd.withdraw(ContactId("call"), at(40))

    assert offer.agent_id == ANN
    assert pairs(acd.enqueue(contact("next", 41), at(41))) == [("next", "ann")]


def test_where_nobody_was_met_there_is_no_wrap_up_and_nothing_was_handled() -> None:
    acd = router(replace(queue(wrap_up=15), policy=load("fewest_contacts", {})))
    ready(acd, "ann", 0)
    ready(acd, "bob", 1)
    reached, not_reached = [
        offers(acd.enqueue(call_back(name, 5), at(5)))[0] for name in ("one", "two")
    ]
    for offer in (reached, not_reached):
        acd.accept(offer.id, at(6))
    wrapping = acd.end_interaction(reached.id, at(8), "caller")
    free = acd.end_interaction(not_reached.id, at(8), "caller", met=False)
    acd.end_wrap_up(ANN, at(9))

    assert states(wrapping) == [("ann", "wrap_up")]
    assert states(free) == [("bob", "ready")]
    assert acd.agent(BOB).idle_since == at(8)
    assert pairs(acd.enqueue(contact("next", 10), at(10))) == [("next", "bob")]


def test_who_was_held_for_a_customer_in_vain_has_the_most_urgent_contact_and_then_others() -> None:
    acd = router()
    ready(acd, "ann")
    [held] = offers(acd.enqueue(call_back("call", 1, held_for=30), at(1)))
    acd.enqueue(contact("precious", 2, priority=50), at(2))

    [next_one] = offers(acd.handle_timer(held.expires_at))

    assert next_one.contact_id == "precious"


def test_who_was_held_for_a_customer_in_vain_is_not_held_for_them_again_at_once() -> None:
    acd = router()
    ready(acd, "ann")
    [held] = offers(acd.enqueue(call_back("call", 1, held_for=30), at(1)))

    assert pairs(acd.handle_timer(held.expires_at)) == []
    assert acd.deadline is not None
    assert pairs(acd.handle_timer(acd.deadline)) == [("call", "ann")]
