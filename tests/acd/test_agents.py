"""Every event in every state has one answer, and this page says which."""

from itertools import product

import pytest

from acd.agents import TABLE, Agent, AgentEvent, AgentState, Next, step
from acd.errors import IllegalTransition
from acd.model import AgentId, ContactId

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
took_over       back        back        back        refused     refused     refused
offer_ended     refused     refused     refused     ready       refused     refused
offer_missed    refused     refused     refused     not_ready   refused     refused
talk_ended      refused     refused     refused     refused     wrap_up     refused
released        refused     refused     refused     refused     ready       refused
wrap_up_ended   refused     same        same        same        refused     ready
"""


def _expected() -> dict[tuple[AgentState, AgentEvent], str]:
    header, *rows = (line.split() for line in EXPECTED.strip().splitlines())
    return {
        (S(state), E(event)): answer
        for event, *answers in rows
        for state, answer in zip(header, answers, strict=True)
    }


def _agent(state: AgentState, following: Next | None = None) -> Agent:
    busy = state in (S.RINGING, S.TALKING, S.WRAP_UP)
    return Agent(
        AgentId("ann"),
        state,
        since=at(0),
        idle_since=at(-60),
        reason="break" if state is S.NOT_READY else None,
        contact_id=ContactId("call") if busy else None,
        next=following,
    )


def test_the_page_has_every_pair() -> None:
    assert set(_expected()) == set(product(S, E))
    assert set(TABLE) == set(S)


@pytest.mark.parametrize(
    ("state", "event", "answer"), [(*pair, answer) for pair, answer in _expected().items()]
)
def test_each_event_in_each_state(state: AgentState, event: AgentEvent, answer: str) -> None:
    agent = _agent(state)

    if answer == "refused":
        with pytest.raises(IllegalTransition) as refusal:
            step(agent, event, at(9))
        assert (refusal.value.state, refusal.value.event) == (state, event)
        return
    after = step(agent, event, at(9), "lunch" if event is E.NOT_READY else None)
    match answer:
        case "same":
            assert after is agent
        case "later":
            assert after.next is not None
            assert (after.state, after.since) == (state, at(0))
            assert after.next.state.value == event.value or event is E.LOG_OUT
        case "back":
            assert (after.state, after.since) == (S.TALKING, at(9))
            assert after.next == Next(state, agent.reason)
        case _:
            assert (after.state, after.since) == (S(answer), at(9))
            assert after.next is None


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
