"""Who is ready and unfit: offered nothing, told why, and offered again at once when well."""

from dataclasses import replace
from datetime import timedelta

import pytest

from acd.agents import AgentState
from acd.effects import FitnessChanged
from acd.errors import AgentNotFree, UnknownAgent
from acd.hopes import hopes_of
from acd.model import AgentId, Channel, OfferId

from .build import at, contact, offers, pairs, queue, ready, router

ANN, BOB = AgentId("ann"), AgentId("bob")


def test_who_is_unfit_is_passed_over_for_somebody_less_idle() -> None:
    acd = router()
    ready(acd, "ann", 0)
    ready(acd, "bob", 1)
    acd.set_fitness(ANN, ("no microphone",), at(2))

    assert pairs(acd.enqueue(contact("call", 5), at(5))) == [("call", "bob")]


def test_the_decision_names_nobody_who_was_unfit_as_a_candidate() -> None:
    acd = router()
    ready(acd, "ann", 0)
    ready(acd, "bob", 1)
    acd.set_fitness(ANN, ("no microphone",), at(2))

    (offer,) = offers(acd.enqueue(contact("call", 5), at(5)))

    assert offer.why.candidates == 1
    assert offer.why.passed_over == ()


def test_who_is_well_again_gets_what_waits_at_once_and_has_kept_the_rank() -> None:
    acd = router()
    ready(acd, "ann", 0)
    acd.set_fitness(ANN, ("no microphone",), at(1))
    acd.enqueue(contact("first", 5), at(5))

    effects = acd.set_fitness(ANN, (), at(9))

    assert effects[0] == FitnessChanged(ANN, ())
    assert pairs(effects) == [("first", "ann")]
    assert offers(effects)[0].why.idle == timedelta(seconds=9)


def test_a_state_is_not_touched_and_the_same_word_twice_is_no_news() -> None:
    acd = router()
    ready(acd, "ann", 0)
    before = acd.agent(ANN)

    told = acd.set_fitness(ANN, ("no microphone",), at(1))
    again = acd.set_fitness(ANN, ("no microphone",), at(2))

    assert told == [FitnessChanged(ANN, ("no microphone",))]
    assert again == []
    assert acd.agent(ANN) is before
    assert acd.agent(ANN).state is AgentState.READY
    assert acd.unfit(ANN) == ("no microphone",)


def test_what_rings_rings_on_and_what_comes_back_goes_to_somebody_fit() -> None:
    acd = router()
    ready(acd, "ann", 0)
    (offer,) = offers(acd.enqueue(contact("call", 5), at(5)))

    assert acd.set_fitness(ANN, ("no microphone",), at(6)) == [
        FitnessChanged(ANN, ("no microphone",))
    ]
    acd.decline(OfferId(offer.id), at(7))
    assert pairs(ready(acd, "bob", 8)) == [("call", "bob")]
    assert pairs(acd.enqueue(contact("next", 9), at(9))) == []


def test_becoming_ready_while_unfit_brings_nothing_until_the_reason_is_gone() -> None:
    acd = router(queue(wrap_up=3))
    acd.enqueue(contact("call", 0), at(0))
    acd.put_agent(ANN, {}, at(1))
    acd.set_fitness(ANN, ("no desktop",), at(1))
    acd.log_in(ANN, at(2))

    assert pairs(acd.set_ready(ANN, at(3))) == []
    assert acd.figures()[0].ready == 0
    assert pairs(acd.set_fitness(ANN, (), at(4))) == [("call", "ann")]


def test_without_a_microphone_calls_go_to_others_and_mails_come_all_the_same() -> None:
    acd = router()
    ready(acd, "ann", 0)
    ready(acd, "bob", 1)

    told = acd.set_fitness(ANN, (), at(2), voiceless=("microphone-muted",))

    assert told == [FitnessChanged(ANN, (), ("microphone-muted",))]
    assert acd.unfit(ANN) == ("microphone-muted",)
    assert pairs(acd.enqueue(contact("call", 5), at(5))) == [("call", "bob")]
    back = replace(contact("back", 6), channel=Channel.CALLBACK)
    assert pairs(acd.enqueue(back, at(6))) == []
    mail = replace(contact("mail", 7), channel=Channel.EMAIL)
    assert pairs(acd.enqueue(mail, at(7))) == [("mail", "ann")]


def test_the_moment_the_microphone_is_there_the_call_that_waits_is_offered() -> None:
    acd = router()
    ready(acd, "ann", 0)
    acd.set_fitness(ANN, (), at(1), voiceless=("microphone-ended",))
    acd.enqueue(contact("call", 5), at(5))
    hoped = hopes_of(acd.books, "call")

    assert pairs(acd.set_fitness(ANN, (), at(9))) == [("call", "ann")]
    assert hoped is not None
    assert hoped.qualified == ((ANN, "microphone-ended"),)


def test_a_desktop_that_goes_away_bars_mails_as_well() -> None:
    acd = router()
    ready(acd, "ann", 0)
    acd.set_fitness(ANN, ("desktop-away",), at(1))
    mail = replace(contact("mail", 7), channel=Channel.EMAIL)
    assert pairs(acd.enqueue(mail, at(7))) == []

    told = acd.set_fitness(ANN, (), at(8), voiceless=("microphone-unasked",))
    assert pairs(told) == [("mail", "ann")]


def test_who_is_voiceless_is_not_asked_by_name_for_a_call_nor_counted_on_by_callers() -> None:
    acd = router()
    ready(acd, "ann", 0)
    acd.set_fitness(ANN, (), at(1), voiceless=("microphone-ended",))

    with pytest.raises(AgentNotFree) as refused:
        acd.offer_to(ANN, contact("call", 5), at(5))

    assert refused.value.unfit == ("microphone-ended",)
    assert acd.prospect_at("sales").serving == 0
    assert acd.need_free(ANN, Channel.CHAT).agent.id == ANN


def test_who_has_no_room_for_its_channel_is_not_told_to_be_ready_for_a_contact() -> None:
    acd = router()
    ready(acd, "ann", 0)
    chat = replace(contact("chat", 1), channel=Channel.CHAT)
    (offer,) = offers(acd.enqueue(chat, at(1)))
    acd.accept(offer.id, at(2))
    acd.enqueue(contact("call", 5), at(5))

    hoped = hopes_of(acd.books, "call")

    assert acd.agent(ANN).state is AgentState.READY
    assert hoped is not None
    assert hoped.qualified == ((ANN, "chat in hand"),)


def test_an_agent_whom_nobody_knows_is_refused() -> None:
    with pytest.raises(UnknownAgent):
        router().set_fitness(BOB, (), at(0))
