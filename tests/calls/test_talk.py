"""The talk model: every verb in every state, and what follows for everybody's ears."""

import itertools
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cti_server.calls.errors import Engaged, NotNow
from cti_server.calls.sound import Tune, hearers, sound_of, together
from cti_server.calls.talk import (
    Consult,
    Errand,
    Outlook,
    Party,
    Role,
    Room,
    Talk,
    Voice,
    Wanted,
    answered,
    joined,
    left,
    outlook,
    phone_held,
    supervised,
    taken_over,
    unanswered,
    without_agent,
)
from cti_server.calls.verbs import TABLE, Standing, Verb, act, standing

CUSTOMER = Party("customer", Role.CUSTOMER)


def with_ann() -> Talk:
    return joined(joined(Talk(), CUSTOMER), Party("ann", Role.AGENT))


def asking() -> Talk:
    return act(with_ann(), "ann", Verb.CONSULT)


def consulting() -> Talk:
    return answered(asking(), "bob", Role.AGENT)


def swapped() -> Talk:
    return act(consulting(), "ann", Verb.SWAP)


def conference() -> Talk:
    return act(consulting(), "ann", Verb.CONFERENCE)


def transferring() -> Talk:
    return act(with_ann(), "ann", Verb.TRANSFER)


def heard(talk: Talk) -> dict[str, str]:
    """What each hears, as words: names, a tune, or nothing."""
    it = sound_of(talk)
    return {
        one: it.tunes[one].value if one in it.tunes else " ".join(sorted(others))
        for one, others in it.hears.items()
    }


# --- each verb, where it makes sense ----------------------------------------------------------


def test_two_who_talk_hear_one_another() -> None:
    assert heard(with_ann()) == {"customer": "ann", "ann": "customer"}
    assert standing(with_ann(), "ann") is Standing.TALKING


def test_on_hold_the_customer_hears_music_and_the_agent_nothing() -> None:
    talk = act(with_ann(), "ann", Verb.HOLD)

    assert heard(talk) == {"customer": "music", "ann": ""}
    assert standing(talk, "ann") is Standing.ON_HOLD
    assert act(talk, "ann", Verb.RESUME) == with_ann()


def test_a_customer_who_holds_lets_the_agent_hear_music() -> None:
    talk = phone_held(with_ann(), "customer", True)

    assert heard(talk) == {"customer": "", "ann": "music"}
    assert phone_held(talk, "customer", False) == with_ann()


def test_what_the_phone_holds_the_verb_does_not_resume() -> None:
    talk = act(phone_held(act(with_ann(), "ann", Verb.HOLD), "ann", True), "ann", Verb.RESUME)

    assert heard(talk) == {"customer": "music", "ann": ""}
    assert heard(phone_held(talk, "ann", False)) == heard(with_ann())


def test_muting_changes_nothing_for_the_ears_but_is_remembered() -> None:
    talk = act(with_ann(), "ann", Verb.MUTE)

    assert talk["ann"].muted
    assert heard(talk) == heard(with_ann())
    assert act(talk, "ann", Verb.UNMUTE) == with_ann()


def test_who_asks_hears_it_ringing_and_the_customer_music() -> None:
    assert heard(asking()) == {"customer": "music", "ann": "ringing"}
    assert standing(asking(), "ann") is Standing.CALLING


def test_what_is_asked_is_not_heard_by_the_customer() -> None:
    talk = consulting()

    assert heard(talk) == {"customer": "music", "ann": "bob", "bob": "ann"}
    assert (standing(talk, "ann"), standing(talk, "bob")) == (
        Standing.CONSULTING,
        Standing.ADVISING,
    )


def test_swapped_the_adviser_hears_music_and_swapped_again_the_customer() -> None:
    assert heard(swapped()) == {"customer": "ann", "ann": "customer", "bob": "music"}
    assert act(swapped(), "ann", Verb.SWAP) == consulting()


@pytest.mark.parametrize("talk", [consulting(), swapped()], ids=["consulting", "swapped"])
def test_completed_the_adviser_has_the_customer_and_the_agent_is_gone(talk: Talk) -> None:
    talk = act(talk, "ann", Verb.COMPLETE)

    assert heard(talk) == {"customer": "bob", "bob": "customer"}
    assert standing(talk, "bob") is Standing.TALKING


@pytest.mark.parametrize("talk", [consulting(), swapped()], ids=["consulting", "swapped"])
def test_returned_all_is_as_before_and_the_adviser_is_gone(talk: Talk) -> None:
    assert act(talk, "ann", Verb.RETURN) == with_ann()


def test_in_a_conference_everybody_hears_everybody() -> None:
    assert heard(conference()) == {
        "customer": "ann bob",
        "ann": "bob customer",
        "bob": "ann customer",
    }
    assert standing(conference(), "bob") is Standing.CONFERENCE


def test_who_holds_a_conference_leaves_the_others_talking() -> None:
    assert heard(act(conference(), "ann", Verb.HOLD)) == {
        "customer": "bob",
        "bob": "customer",
        "ann": "",
    }


def test_a_blind_transfer_rings_for_the_agent_and_then_the_agent_is_gone() -> None:
    talk = transferring()

    assert heard(talk) == {"customer": "music", "ann": "ringing"}
    assert standing(talk, "ann") is Standing.TRANSFERRING
    assert heard(answered(talk, "bob", Role.EXPERT)) == {"customer": "bob", "bob": "customer"}


@pytest.mark.parametrize("talk", [transferring(), asking()], ids=["transfer", "consult"])
def test_if_nobody_comes_the_agent_has_the_customer_back(talk: Talk) -> None:
    assert unanswered(talk) == with_ann()
    assert act(talk, "ann", Verb.RETURN) == with_ann()


@pytest.mark.parametrize("talk", [transferring(), asking()], ids=["transfer", "consult"])
def test_an_agent_who_leaves_while_it_rings_has_transferred_blindly(talk: Talk) -> None:
    talk = left(talk, "ann")

    assert outlook(talk) is Outlook.EXPECTED
    assert heard(talk) == {"customer": "music"}
    assert heard(answered(talk, "bob", Role.AGENT)) == {"customer": "bob", "bob": "customer"}
    assert outlook(unanswered(talk)) is Outlook.ALONE


def test_what_rings_for_advice_can_become_a_transfer() -> None:
    talk = act(asking(), "ann", Verb.COMPLETE)

    assert standing(talk, "ann") is Standing.TRANSFERRING
    assert heard(answered(talk, "bob", Role.AGENT)) == {"customer": "bob", "bob": "customer"}


def test_to_a_queue_the_agent_goes_at_once() -> None:
    talk = act(with_ann(), "ann", Verb.TRANSFER_TO_QUEUE)

    assert outlook(talk) is Outlook.ALONE
    assert "ann" not in talk


def test_nothing_goes_to_a_queue_while_somebody_rings_for_who_has_left() -> None:
    talk = left(act(conference(), "ann", Verb.CONSULT), "ann")

    assert standing(talk, "bob") is Standing.TALKING
    with pytest.raises(Engaged):
        act(talk, "bob", Verb.TRANSFER_TO_QUEUE)
    assert act(unanswered(talk), "bob", Verb.TRANSFER_TO_QUEUE).customer is not None


def test_an_adviser_who_leaves_brings_the_agent_back_to_the_customer() -> None:
    assert left(consulting(), "bob") == with_ann()
    assert left(swapped(), "bob") == with_ann()


def test_an_agent_who_leaves_the_adviser_leaves_the_customer_to_them() -> None:
    assert heard(left(consulting(), "ann")) == {"customer": "bob", "bob": "customer"}
    assert heard(left(swapped(), "ann")) == {"customer": "bob", "bob": "customer"}


@pytest.mark.parametrize("order", list(itertools.permutations(["ann", "bob", "customer"])))
def test_a_conference_goes_on_until_the_customer_or_the_last_other_has_left(
    order: tuple[str, ...],
) -> None:
    talk = conference()
    for leaver in order:
        talk = left(talk, leaver)
        others = {"ann", "bob"} & {party.id for party in talk.parties}
        if talk.customer is None:
            assert outlook(talk) is Outlook.GONE
            return
        assert outlook(talk) is (Outlook.SERVED if others else Outlook.ALONE)
        for other in others:
            assert together(talk, other)


def test_one_at_a_time_asks_in_a_conference() -> None:
    talk = act(conference(), "ann", Verb.CONSULT)

    assert heard(talk) == {"customer": "bob", "bob": "customer", "ann": "ringing"}
    with pytest.raises(Engaged):
        act(talk, "bob", Verb.CONSULT)
    talk = act(answered(talk, "carl", Role.EXPERT), "ann", Verb.CONFERENCE)
    assert heard(talk)["customer"] == "ann bob carl"


def test_nobody_acts_who_is_not_there() -> None:
    with pytest.raises(KeyError):
        act(with_ann(), "bob", Verb.HOLD)
    assert left(with_ann(), "bob") == with_ann()
    with pytest.raises(LookupError):
        answered(with_ann(), "bob", Role.AGENT)


# --- supervisors ------------------------------------------------------------------------------


def beside_ann(talk: Talk, voice: Voice) -> Talk:
    return joined(talk, Party("chief", Role.SUPERVISOR, voice=voice, beside="ann"))


def test_a_monitor_hears_both_and_nobody_hears_the_monitor() -> None:
    assert heard(beside_ann(with_ann(), Voice.NONE)) == {
        "customer": "ann",
        "ann": "customer",
        "chief": "ann customer",
    }


def test_a_whisper_reaches_the_agent_alone() -> None:
    assert heard(beside_ann(with_ann(), Voice.COACH)) == {
        "customer": "ann",
        "ann": "chief customer",
        "chief": "ann customer",
    }


def test_barging_in_everybody_hears_everybody() -> None:
    assert heard(beside_ann(with_ann(), Voice.ALL))["customer"] == "ann chief"


def test_a_monitor_goes_where_the_agent_goes_and_keeps_nobody_from_the_music() -> None:
    talk = beside_ann(consulting(), Voice.NONE)

    assert heard(talk)["chief"] == "ann bob"
    assert heard(talk)["customer"] == "music"
    on_hold = beside_ann(act(with_ann(), "ann", Verb.HOLD), Voice.NONE)
    assert heard(on_hold) == {"customer": "music", "ann": "", "chief": "customer"}


@pytest.mark.parametrize(
    ("voice", "expected"),
    [
        (Voice.NONE, Outlook.ALONE),
        (Voice.COACH, Outlook.ALONE),
        (Voice.ALL, Outlook.SERVED),
    ],
)
def test_of_supervisors_only_one_who_joined_in_keeps_the_customer(
    voice: Voice, expected: Outlook
) -> None:
    talk = left(beside_ann(with_ann(), voice), "ann")

    assert outlook(talk) is expected
    assert without_agent(talk)


def test_a_supervisor_who_takes_over_has_the_customer_and_the_agent_is_out() -> None:
    talk = taken_over(beside_ann(with_ann(), Voice.NONE), "chief")

    assert [party.id for party in talk.parties] == ["customer", "chief"]
    assert talk["chief"].role is Role.AGENT
    assert sound_of(talk).hears == {"customer": ("chief",), "chief": ("customer",)}
    assert standing(talk, "chief") is Standing.TALKING


def test_nothing_is_taken_over_while_the_agent_asks_somebody() -> None:
    talk = act(beside_ann(with_ann(), Voice.NONE), "ann", Verb.CONSULT)

    with pytest.raises(Engaged):
        taken_over(talk, "chief")


def test_a_supervisor_is_heard_as_the_mode_says_and_beside_whom_they_are() -> None:
    talk = beside_ann(with_ann(), Voice.NONE)
    coaching = supervised(talk, "chief", voice=Voice.COACH, beside="ann")
    joined_in = supervised(talk, "chief", voice=Voice.ALL, beside="ann")

    assert hearers(talk, "chief") == []
    assert hearers(coaching, "chief") == ["ann"]
    assert hearers(joined_in, "chief") == ["customer", "ann"]
    assert standing(joined_in, "ann") is Standing.TALKING


# --- all states there are ---------------------------------------------------------------------


def in_state(wanted: Standing) -> Talk:
    return {
        Standing.TALKING: with_ann(),
        Standing.ON_HOLD: act(with_ann(), "ann", Verb.HOLD),
        Standing.CONFERENCE: conference(),
        Standing.CALLING: asking(),
        Standing.TRANSFERRING: transferring(),
        Standing.CONSULTING: consulting(),
        Standing.SWAPPED: swapped(),
        Standing.ADVISING: replace(
            consulting(), consult=Consult("bob", "ann")
        ),  # the same two, the other way round
    }[wanted]


ALLOWED = {
    Standing.TALKING: "hold resume mute unmute send_digits transfer transfer_to_queue consult",
    Standing.ON_HOLD: "hold resume mute unmute transfer transfer_to_queue consult",
    Standing.CONFERENCE: "hold resume mute unmute send_digits consult",
    Standing.CALLING: "mute unmute complete return",
    Standing.TRANSFERRING: "mute unmute return",
    Standing.CONSULTING: "mute unmute send_digits complete swap return conference",
    Standing.SWAPPED: "mute unmute send_digits complete swap return conference",
    Standing.ADVISING: "mute unmute send_digits",
}


@pytest.mark.parametrize(("state", "verb"), list(itertools.product(Standing, Verb)))
def test_every_verb_has_an_answer_in_every_state(state: Standing, verb: Verb) -> None:
    talk = in_state(state)
    assert standing(talk, "ann") is state

    if verb.value in (*ALLOWED[state].split(), "release"):
        check(act(talk, "ann", verb))
    else:
        with pytest.raises(NotNow) as refused:
            act(talk, "ann", verb)
        assert (refused.value.state, refused.value.verb) == (state.value, verb.value)


def next_states(talk: Talk) -> Iterator[Talk]:
    """All that can happen: verbs, answers, failures, leavers, keys of the phones."""
    for party in talk.parties:
        if party.role is Role.AGENT:
            for verb in {*TABLE[standing(talk, party.id)]} - {Verb.MUTE, Verb.UNMUTE}:
                try:
                    yield act(talk, party.id, verb)
                except Engaged:
                    assert talk.errand is not None or talk.consult is not None
        if party.role is not Role.CUSTOMER:
            yield left(talk, party.id)
        yield phone_held(talk, party.id, not party.phone_holds)
    if talk.errand is not None:
        yield unanswered(talk)
        free = {"ann", "bob", "carl"} - {party.id for party in talk.parties}
        if free:
            yield answered(talk, min(free), Role.AGENT)


def check(talk: Talk) -> None:
    """What holds in every state."""
    it = sound_of(talk)
    ids = {party.id for party in talk.parties}
    assert set(it.hears) == ids
    for one, others in it.hears.items():
        assert one not in others
        assert set(others) <= ids
        assert not (others and one in it.tunes), "a tune over a conversation"
        for other in others:
            assert one in it.hears[other], "somebody listens unheard, and is no supervisor"
    for party in talk.parties:
        if not party.away:
            assert it.hears[party.id] or party.id in it.tunes, f"{party.id} hears nothing at all"
        else:
            assert not it.hears[party.id]
            assert party.id not in it.tunes
    aside = [party for party in talk.parties if party.room is Room.SIDE]
    assert not aside or talk.errand is not None or talk.consult is not None
    assert talk.errand is None or talk.consult is None
    if talk.errand is not None and talk.errand.by is not None:
        assert talk[talk.errand.by].room is Room.SIDE
    if talk.errand is not None and talk.errand.by is None:
        assert talk.errand.wanted is Wanted.TAKE_OVER
    if talk.consult is not None:
        assert talk.consult.by in talk
        assert talk[talk.consult.adviser].room is Room.SIDE
    if talk.customer is not None:
        assert talk.customer.room is Room.MAIN
        assert it.tunes.get("customer") is not Tune.RINGING


def test_in_all_states_that_can_be_reached_everybody_hears_what_they_should() -> None:
    seen = {with_ann()}
    new = deque(seen)
    while new:
        talk = new.popleft()
        check(talk)
        for reached in next_states(talk):
            in_order = sorted(reached.parties, key=lambda party: party.id)
            after = replace(reached, parties=tuple(in_order))
            if after not in seen:
                seen.add(after)
                new.append(after)

    assert len(seen) > 1000
    assert {
        standing(talk, p.id) for talk in seen for p in talk.parties if p.role is Role.AGENT
    } == {*Standing}


def test_who_hears_somebody_is_told_from_the_speakers_side_too() -> None:
    assert sorted(hearers(conference(), "ann")) == ["bob", "customer"]
    assert hearers(act(with_ann(), "ann", Verb.HOLD), "ann") == []
    assert Errand(Wanted.ADVICE, "ann") == asking().errand
