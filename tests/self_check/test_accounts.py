"""An ended call whose records do not agree with one another is told; a sound one is not."""

from collections.abc import Sequence

import pytest

from acd.invariants import Breach
from cti_server.self_check.accounts import Accounts
from cti_server.self_check.calls import CallFault
from cti_server.wire import events
from cti_server.wire.events import Event, Logged
from tests.store.stories import arrival, departure, handled_call, menu, offer, second


def told(story: Sequence[Event]) -> list[Breach]:
    breaches: list[Breach] = []
    accounts = Accounts(breaches.append)
    for number, event in enumerate(story, 1):
        accounts.hear(Logged(number, second(number), event))
    assert len(accounts) == 0
    return breaches


def without(story: Sequence[Event], kind: type[Event]) -> list[Event]:
    return [event for event in story if not isinstance(event, kind)]


@pytest.mark.parametrize("story", [handled_call(), [*arrival(), *menu(), *departure()]])
def test_a_sound_call_is_none_of_the_self_checks_business(story: list[Event]) -> None:
    assert told(story) == []


def test_what_began_and_did_not_end_is_told() -> None:
    (breach,) = told(without(handled_call(), events.InteractionEnded))
    assert breach.kind == CallFault.RECORDS_DISAGREE
    assert breach.contact_id == "contact1"
    assert "the conversation with anna did not end" in breach.detail

    (breach,) = told(without(handled_call(), events.LegEnded))
    assert "did not end" in breach.detail


def test_an_agent_in_two_conversations_of_one_call_is_told() -> None:
    call = handled_call()
    at = next(n for n, one in enumerate(call) if isinstance(one, events.InteractionStarted))
    end = next(n for n, one in enumerate(call) if isinstance(one, events.InteractionEnded))
    started, ended = call[at], call[end]
    assert isinstance(started, events.InteractionStarted)
    assert isinstance(ended, events.InteractionEnded)
    who = {"contact_id": "contact1", "interaction_id": "second", "agent_id": "anna"}
    again = [
        events.InteractionStarted(**who, queue="sales"),
        *(offer(1, "anna", 7) for _ in range(3)),
    ]
    twice = [*call[: at + 1], *again, *call[at + 1 : end]]
    ends = [events.InteractionEnded(**who, ended_by="caller"), ended]
    (breach,) = told([*twice, *ends, *call[end + 1 :]])
    assert "anna was in two conversations at once" in breach.detail


def test_parts_that_are_longer_than_the_whole_are_told() -> None:
    """As if a wait went on while the customer talked: everything would be counted twice."""
    call = handled_call()
    queued = next(n for n, one in enumerate(call) if isinstance(one, events.ContactQueued))
    started = next(n for n, one in enumerate(call) if isinstance(one, events.InteractionStarted))
    late = [*call[:queued], *call[queued + 1 : started + 1], call[queued], *call[started + 1 :]]
    padding = [offer(1, "bea", n) for n in range(20, 40)]
    end = next(n for n, one in enumerate(late) if isinstance(one, events.InteractionEnded))
    (breach,) = told([*late[:end], *padding, *late[end:]])
    assert "its parts are longer than the whole" in breach.detail


def test_what_is_not_followed_any_more_takes_no_room() -> None:
    accounts = Accounts(lambda breach: None)
    for n in range(1, 50):
        for number, event in enumerate(handled_call(n), 1):
            accounts.hear(Logged(number, second(number), event))
    assert len(accounts) == 0
    accounts.hear(Logged(1, second(1), arrival(7)[0]))
    assert len(accounts) == 1
