"""Every event in every state has one answer, and this page says which."""

from dataclasses import replace
from itertools import product

import pytest

from acd.agents import TABLE, Agent, AgentEvent, AgentState, Next, step
from acd.errors import IllegalTransition
from acd.model import FINISHING, AgentId, ContactId

from .build import at

S, E = AgentState, AgentEvent

EXPECTED = """
                logged_out  not_ready   ready       ringing     talking     wrap_up
log_in          not_ready   same        same        same        same        same
log_out         same        logged_out  logged_out  logged_out  later       logged_out
ready           refused     ready       same        later       later       ready
not_ready       refused     not_ready   not_ready   later       later       later
offered         refused     refused     ringing     refused     refused     refused
accepted        refused     refused     refused     talking     refused     refused
accepted_beside refused     refused     refused     ready       refused     refused
took_over       back        back        back        refused     refused     refused
took_beside     finishing   one_more    one_more    one_more    one_more    one_more
beside_ended    refused     refused     refused     refused     refused     refused
offer_ended     refused     refused     refused     ready       refused     refused
offer_missed    refused     refused     refused     not_ready   refused     refused
talk_ended      refused     refused     refused     refused     wrap_up     refused
released        refused     refused     refused     refused     ready       refused
wrap_up_ended   refused     same        same        same        refused     ready
"""


IN_HAND = """
                not_ready   ready       ringing     talking     wrap_up     finishing
log_in          same        same        same        same        same        not_ready
log_out         finishing   finishing   finishing   later       finishing   same
ready           ready       same        later       later       ready       ready
not_ready       not_ready   not_ready   later       later       later       not_ready
offered         refused     ringing     refused     refused     refused     refused
accepted        refused     refused     talking     refused     refused     refused
accepted_beside refused     refused     ready       refused     refused     refused
took_over       back        back        refused     refused     refused     back
took_beside     one_more    one_more    one_more    one_more    one_more    one_more
beside_ended    one_fewer   one_fewer   one_fewer   one_fewer   one_fewer   logged_out
offer_ended     refused     refused     ready       refused     refused     refused
offer_missed    refused     refused     not_ready   refused     refused     refused
talk_ended      refused     refused     refused     wrap_up     refused     refused
released        refused     refused     refused     ready       refused     refused
wrap_up_ended   same        same        same        refused     ready       same
"""
"""The same for who holds one contact beside; finishing: logs out when that is done."""


def _answers(page: str) -> list[tuple[str, AgentEvent, str]]:
    header, *rows = (line.split() for line in page.strip().splitlines())
    return [
        (state, E(event), answer)
        for event, *answers in rows
        for state, answer in zip(header, answers, strict=True)
    ]


def _agent(name: str, following: Next | None = None, beside: int = 0) -> Agent:
    state = S.NOT_READY if name == "finishing" else S(name)
    busy = state in (S.RINGING, S.TALKING, S.WRAP_UP)
    return Agent(
        AgentId("ann"),
        state,
        since=at(0),
        idle_since=at(-60),
        reason={"finishing": FINISHING, "not_ready": "break"}.get(name),
        contact_id=ContactId("call") if busy else None,
        next=Next(S.LOGGED_OUT) if name == "finishing" else following,
        beside=beside,
    )


def test_the_pages_have_every_pair() -> None:
    assert {(state, event) for state, event, _ in _answers(EXPECTED)} == set(product(S, E))
    held = {(state, event) for state, event, _ in _answers(IN_HAND)}
    assert held == set(product(["finishing", *S], E)) - set(product([S.LOGGED_OUT], E))
    assert set(TABLE) == set(S)


@pytest.mark.parametrize(("state", "event", "answer"), _answers(EXPECTED))
def test_each_event_in_each_state(state: str, event: AgentEvent, answer: str) -> None:
    _check(_agent(state), event, answer)


@pytest.mark.parametrize(("state", "event", "answer"), _answers(IN_HAND))
def test_each_event_in_each_state_with_a_contact_in_hand(
    state: str, event: AgentEvent, answer: str
) -> None:
    _check(_agent(state, beside=1), event, answer)


def _check(agent: Agent, event: AgentEvent, answer: str) -> None:
    if answer == "refused":
        with pytest.raises(IllegalTransition) as refusal:
            step(agent, event, at(9))
        assert (refusal.value.state, refusal.value.event) == (agent.state, event)
        return
    after = step(agent, event, at(9), "lunch" if event is E.NOT_READY else None)
    began = event in (E.ACCEPTED_BESIDE, E.TOOK_BESIDE)
    assert after.beside == agent.beside + began - (event is E.BESIDE_ENDED)
    match answer:
        case "same":
            assert after is agent
        case "later":
            assert after.next is not None
            assert (after.state, after.since) == (agent.state, at(0))
            assert after.next.state.value == event.value or event is E.LOG_OUT
        case "back":
            assert (after.state, after.since) == (S.TALKING, at(9))
            assert after.next == (agent.next or Next(agent.state, agent.reason))
        case "one_more" | "one_fewer":
            assert after == replace(agent, beside=after.beside, idle_since=at(9))
        case "finishing":
            assert (after.state, after.since) == (S.NOT_READY, at(9))
            assert (after.reason, after.next) == (FINISHING, Next(S.LOGGED_OUT))
        case _:
            assert (after.state, after.since) == (S(answer), at(9))
            assert after.next is None


def test_who_takes_a_contact_beside_without_being_there_leaves_when_it_is_done() -> None:
    takes = step(_agent("logged_out"), E.TOOK_BESIDE, at(9))

    assert (takes.state, takes.reason, takes.leaves) == (S.NOT_READY, FINISHING, True)
    assert step(takes, E.BESIDE_ENDED, at(20)).state is S.LOGGED_OUT


def test_a_log_out_in_conversation_waits_for_what_is_held_beside_too() -> None:
    leaving = step(_agent("talking", beside=2), E.LOG_OUT, at(1))

    alone = step(leaving, E.RELEASED, at(5))
    assert (alone.state, alone.reason, alone.beside) == (S.NOT_READY, FINISHING, 2)
    last = step(alone, E.BESIDE_ENDED, at(6))
    assert (last.state, last.since, last.beside) == (S.NOT_READY, at(5), 1)
    assert step(last, E.BESIDE_ENDED, at(7)).state is S.LOGGED_OUT


def test_the_last_contact_beside_ends_nothing_while_the_agent_talks() -> None:
    leaving = step(_agent("talking", beside=1), E.LOG_OUT, at(1))

    done = step(leaving, E.BESIDE_ENDED, at(2))

    assert (done.state, done.leaves) == (S.TALKING, True)
    assert step(done, E.RELEASED, at(3)).state is S.LOGGED_OUT


def test_a_contact_taken_beside_ends_the_wait_but_not_a_break_chosen_meanwhile() -> None:
    wants_break = step(_agent("ringing"), E.NOT_READY, at(1), "lunch")

    after = step(wants_break, E.ACCEPTED_BESIDE, at(2))

    assert (after.state, after.reason, after.beside) == (S.NOT_READY, "lunch", 1)
    assert step(_agent("ringing"), E.ACCEPTED_BESIDE, at(2)).idle_since == at(2)


def test_the_same_reason_again_changes_nothing_and_another_one_begins_a_new_period() -> None:
    agent = _agent(S.NOT_READY)

    assert step(agent, E.NOT_READY, at(9), "break") is agent
    assert step(agent, E.NOT_READY, at(9), "lunch").since == at(9)


@pytest.mark.parametrize(("state", "over"), [(S.TALKING, E.RELEASED), (S.WRAP_UP, E.WRAP_UP_ENDED)])
def test_the_last_choice_made_while_busy_is_what_follows(
    state: AgentState, over: AgentEvent
) -> None:
    lunch = step(_agent(state), E.NOT_READY, at(1), "lunch")
    meeting = step(lunch, E.NOT_READY, at(2), "meeting")

    after = step(meeting, over, at(9))

    assert (after.state, after.reason, after.next) == (S.NOT_READY, "meeting", None)


def test_ready_takes_back_a_break_that_was_chosen_while_talking() -> None:
    wants_break = step(_agent(S.TALKING), E.NOT_READY, at(1), "lunch")
    wants_work = step(wants_break, E.READY, at(2))

    assert step(wants_work, E.RELEASED, at(9)).state is S.READY


def test_a_log_out_while_talking_comes_after_the_wrap_up() -> None:
    leaving = step(_agent(S.TALKING), E.LOG_OUT, at(1))
    wrapping_up = step(leaving, E.TALK_ENDED, at(5))

    assert wrapping_up.state is S.WRAP_UP
    assert step(wrapping_up, E.WRAP_UP_ENDED, at(9)).state is S.LOGGED_OUT


@pytest.mark.parametrize("state", [S.TALKING, S.WRAP_UP])
def test_logging_in_again_calls_off_a_log_out_but_not_a_break(state: AgentState) -> None:
    leaving = _agent(state, Next(S.LOGGED_OUT))
    on_break = _agent(state, Next(S.NOT_READY, "lunch"))

    assert step(leaving, E.LOG_IN, at(1)).next is None
    assert step(on_break, E.LOG_IN, at(1)) is on_break


def test_wrap_up_is_ended_by_ready_whatever_was_chosen_before() -> None:
    agent = _agent(S.WRAP_UP, Next(S.NOT_READY, "lunch"))

    assert step(agent, E.READY, at(9)).state is S.READY


def test_a_missed_offer_keeps_the_reason_that_the_agent_gave() -> None:
    agent = _agent(S.RINGING, Next(S.NOT_READY, "lunch"))

    assert step(agent, E.OFFER_MISSED, at(9), "ring_no_answer").reason == "lunch"


def test_an_offer_that_came_to_nothing_does_not_cost_idle_time() -> None:
    ringing = step(_agent(S.READY), E.OFFERED, at(5), contact_id=ContactId("call"))

    after = step(ringing, E.OFFER_ENDED, at(9))

    assert (after.since, after.idle_since) == (at(9), at(-60))


@pytest.mark.parametrize(
    ("state", "event"),
    [(S.NOT_READY, E.READY), (S.TALKING, E.RELEASED), (S.WRAP_UP, E.WRAP_UP_ENDED)],
)
def test_idle_time_begins_when_the_agent_becomes_ready(
    state: AgentState, event: AgentEvent
) -> None:
    assert step(_agent(state), event, at(9)).idle_since == at(9)


@pytest.mark.parametrize("event", [E.ACCEPTED, E.TALK_ENDED])
def test_the_contact_is_the_agents_until_the_wrap_up_is_over(event: AgentEvent) -> None:
    agent = _agent(S.RINGING if event is E.ACCEPTED else S.TALKING)

    assert step(agent, event, at(9)).contact_id == "call"
    assert step(_agent(S.WRAP_UP), E.WRAP_UP_ENDED, at(9)).contact_id is None
