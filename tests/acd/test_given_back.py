"""What is given back waits at its old place before anybody is offered anything instead."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from acd.effects import Effect
from acd.model import RELEASED, AgentId, Channel, ContactId, OfferId, Purpose, WaitingContact
from acd.policies import load
from acd.profile import Profile
from acd.requirements import Requirement
from acd.router import Router

from .build import at, contact, offers, pairs, queue, ready, router

ANN = AgentId("ann")


def mail(name: str, queued: float) -> WaitingContact:
    return replace(contact(name, queued), channel=Channel.EMAIL)


def holding(acd: Router, *names: str, room: int = 2) -> list[OfferId]:
    """Ann comes and takes these mails, each of which came before the one before it."""
    acd.put_agent(ANN, Profile(capacity={Channel.EMAIL: room}), at(0))
    acd.log_in(ANN, at(0))
    acd.set_ready(ANN, at(0))
    taken = []
    for number, name in enumerate(names):
        [offer] = offers(acd.enqueue(mail(name, 9 - number), at(10), returning=True))
        acd.accept(offer.id, at(10))
        taken.append(offer.id)
    return taken


def test_it_goes_before_what_waited_for_its_place_in_the_queues_limit() -> None:
    acd = router(replace(queue(), max_served=1))
    [first] = holding(acd, "first")
    ready(acd, "bob", 11)
    assert pairs(acd.enqueue(mail("second", 12), at(12))) == []

    assert pairs(acd.give_back(first, at(13), lost_by=ANN)) == [("first", "bob")]
    assert acd.position(ContactId("second")) == 1


def test_it_goes_before_what_waited_for_the_room_that_it_took() -> None:
    acd = router()
    [first] = holding(acd, "first", room=1)
    assert pairs(acd.enqueue(mail("second", 12), at(12))) == []

    assert pairs(acd.give_back(first, at(13))) == [("first", "ann")]
    assert acd.position(ContactId("second")) == 1


@pytest.mark.parametrize(
    "leave",
    [
        lambda acd: acd.log_out(ANN, at(20), give_back=True),
        lambda acd: acd.remove_agent(ANN, at(20)),
        lambda acd: acd.release(ANN, RELEASED, at(20)),
    ],
)
def test_of_all_that_an_agent_leaves_behind_the_most_urgent_goes_first(
    leave: Callable[[Router], list[Effect]],
) -> None:
    acd = router()
    holding(acd, "later", "earlier")
    ready(acd, "bob", 11)

    assert pairs(leave(acd)) == [("earlier", "bob")]
    assert acd.position(ContactId("later")) == 1


def test_what_rang_at_who_is_sent_home_waits_for_its_turn_with_the_rest() -> None:
    acd = router()
    holding(acd, "earlier")
    assert pairs(acd.enqueue(mail("rung", 15), at(15))) == [("rung", "ann")]
    ready(acd, "bob", 16)

    assert pairs(acd.log_out(ANN, at(20), give_back=True)) == [("earlier", "bob")]


def test_whoever_was_to_advise_on_it_may_have_it_and_nothing_before_it() -> None:
    acd = router()
    [first] = holding(acd, "first")
    ready(acd, "bob", 11, english=1)
    advice = replace(contact("first", 12, english=1), purpose=Purpose.CONSULT)
    assert pairs(acd.enqueue(advice, at(12))) == [("first", "bob")]
    acd.set_not_ready(ANN, None, at(13))
    assert pairs(acd.enqueue(mail("second", 14), at(14))) == []

    assert pairs(acd.give_back(first, at(15))) == [("first", "bob")]
    assert acd.position(ContactId("second")) == 1


def test_of_two_who_are_free_by_it_the_policy_chooses() -> None:
    by_skill = load("most_skilled")
    acd = router(replace(queue(), policy=by_skill, preferred=(Requirement("english", 1),)))
    [first] = holding(acd, "first", room=1)
    ready(acd, "bob", 11, english=1)
    advice = replace(contact("first", 12, english=1), purpose=Purpose.CONSULT)
    assert pairs(acd.enqueue(advice, at(12))) == [("first", "bob")]
    assert pairs(acd.enqueue(mail("second", 8), at(14), returning=True)) == []
    skilled = Profile({"english": 3}, capacity={Channel.EMAIL: 1})
    assert pairs(acd.put_agent(ANN, skilled, at(14))) == []

    assert pairs(acd.give_back(first, at(15))) == [("second", "ann"), ("first", "bob")]
