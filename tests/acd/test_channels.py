"""Contacts of several channels in one agent's hands: what comes beside what, and how many."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from acd.agents import AgentState
from acd.effects import Effect, InteractionEnded, OfferEnded, Resumed, TakenOver
from acd.errors import AgentNotFree, AlreadyQueued, InvalidValue, QueueInUse
from acd.model import (
    CHANNEL_RULES,
    FINISHING,
    AgentId,
    Channel,
    ChannelRule,
    ContactId,
    OfferId,
    Outcome,
    Purpose,
    Rules,
    WaitingContact,
)
from acd.policies import load
from acd.profile import Profile
from acd.queue import Queue
from acd.rankings import Spread
from acd.router import Router

from .build import at, contact, offers, outcomes, pairs, queue, ready, router, span, states

ANN, BOB = AgentId("ann"), AgentId("bob")
VOICE, CHAT, EMAIL, TASK = Channel.VOICE, Channel.CHAT, Channel.EMAIL, Channel.TASK
BESIDE = [one for one in Channel if not CHANNEL_RULES[one].alone]


def of(channel: Channel, name: str, queued: float = 0, queue: str = "sales") -> WaitingContact:
    return replace(contact(name, queued, queue), channel=channel)


def comes(
    acd: Router, name: str, now: float = 0, capacity: Mapping[Channel, int] | None = None
) -> list[Effect]:
    acd.put_agent(AgentId(name), Profile(capacity=capacity or {}), at(now))
    acd.log_in(AgentId(name), at(now))
    return acd.set_ready(AgentId(name), at(now))


def takes(acd: Router, one: WaitingContact, now: float) -> OfferId:
    """The contact comes, and whoever is rung for it takes it."""
    [offer] = [made for made in offers(acd.enqueue(one, at(now))) if made.contact_id == one.id]
    acd.accept(offer.id, at(now))
    return offer.id


def in_hand(acd: Router, agent_id: AgentId = ANN) -> list[str]:
    return [offer.contact_id for offer in acd.in_hand(agent_id)]


# --- what comes beside what -------------------------------------------------------------------


@pytest.mark.parametrize("held", BESIDE)
@pytest.mark.parametrize("comes_now", Channel)
def test_what_comes_beside_a_contact_in_hand_is_what_its_rule_says(
    held: Channel, comes_now: Channel
) -> None:
    acd = router()
    ready(acd, "ann")
    takes(acd, of(held, "first"), 1)

    offered = pairs(acd.enqueue(of(comes_now, "second", 2), at(2)))

    rule = CHANNEL_RULES[held]
    fits = rule.capacity > 1 if comes_now is held else comes_now in rule.interrupted_by
    assert offered == ([("second", "ann")] if fits else [])
    assert acd.agent(ANN).beside == 1


def test_a_call_comes_beside_a_mail_and_not_beside_a_chat() -> None:
    assert VOICE in CHANNEL_RULES[EMAIL].interrupted_by
    assert VOICE not in CHANNEL_RULES[CHAT].interrupted_by


def test_what_comes_beside_what_is_data() -> None:
    rules = {**CHANNEL_RULES, CHAT: ChannelRule(3, interrupted_by=frozenset({VOICE}))}
    acd = router(rules=Rules(channels=rules))
    ready(acd, "ann")
    takes(acd, of(CHAT, "chat"), 1)

    assert pairs(acd.enqueue(contact("call", 2), at(2))) == [("call", "ann")]


@pytest.mark.parametrize("comes_now", Channel)
def test_nothing_is_offered_to_who_is_rung_talks_or_wraps_up(comes_now: Channel) -> None:
    acd = router(queue(wrap_up=10))
    ready(acd, "ann")
    [offer] = offers(acd.enqueue(contact("call", 1), at(1)))

    assert pairs(acd.enqueue(of(comes_now, "rings", 2), at(2))) == []
    acd.accept(offer.id, at(3))
    assert pairs(acd.enqueue(of(comes_now, "talks", 4), at(4))) == []
    acd.end_interaction(offer.id, at(5), "caller")
    assert acd.agent(ANN).state is AgentState.WRAP_UP
    assert pairs(acd.enqueue(of(comes_now, "writes", 6), at(6))) == []
    assert pairs(acd.handle_timer(at(15))) == [("rings", "ann")]


def test_who_has_a_chat_in_hand_is_offered_the_call_when_it_is_done() -> None:
    acd = router()
    ready(acd, "ann")
    chat = takes(acd, of(CHAT, "chat"), 1)
    acd.enqueue(contact("call", 2), at(2))

    assert pairs(acd.end_interaction(chat, at(3), "customer")) == [("call", "ann")]


def test_a_contact_that_nobody_has_room_for_blocks_none_behind_it() -> None:
    acd = router()
    ready(acd, "ann")
    takes(acd, of(CHAT, "chat"), 1)
    acd.enqueue(contact("call", 2), at(2))

    assert pairs(acd.enqueue(of(CHAT, "next", 3), at(3))) == [("next", "ann")]
    assert acd.position(ContactId("call")) == 1


def test_a_wrap_up_follows_what_took_the_agent_whole_and_nothing_else() -> None:
    acd = router(queue(wrap_up=10))
    ready(acd, "ann")
    mail = takes(acd, of(EMAIL, "mail"), 1)
    call = takes(acd, contact("call", 2), 2)

    acd.end_interaction(mail, at(3), "agent")
    assert acd.agent(ANN).state is AgentState.TALKING
    acd.end_interaction(call, at(4), "caller")
    assert acd.agent(ANN).state is AgentState.WRAP_UP
    acd.end_wrap_up(ANN, at(5))
    task = takes(acd, of(TASK, "task"), 6)
    acd.end_interaction(task, at(7), "agent")
    assert acd.agent(ANN).state is AgentState.READY


# --- how many ---------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", BESIDE)
def test_one_after_the_other_is_offered_until_the_capacity_is_reached(channel: Channel) -> None:
    acd = router()
    for number in range(8):
        acd.enqueue(of(channel, f"c{number}", number), at(number))
    made = offers(ready(acd, "ann", 10))
    while made:
        [offer] = made  # never two at once
        made = offers(acd.accept(offer.id, at(11)))

    assert in_hand(acd) == [f"c{number}" for number in range(CHANNEL_RULES[channel].capacity)]
    assert acd.agent(ANN).state is AgentState.READY


def test_room_for_one_more_is_filled_at_once() -> None:
    acd = router()
    ready(acd, "ann")
    first, _ = takes(acd, of(EMAIL, "m1"), 1), takes(acd, of(EMAIL, "m2"), 2)
    assert pairs(acd.enqueue(of(EMAIL, "m3", 3), at(3))) == []

    assert pairs(acd.end_interaction(first, at(4), "agent")) == [("m3", "ann")]


def test_an_agents_own_capacity_goes_before_the_channels_and_none_means_never() -> None:
    acd = router()
    comes(acd, "ann", capacity={EMAIL: 3, VOICE: 0})
    for number in range(3):
        takes(acd, of(EMAIL, f"m{number}"), 1)

    assert pairs(acd.enqueue(of(EMAIL, "m3", 2), at(2))) == []
    assert pairs(acd.enqueue(contact("call", 2), at(2))) == []
    assert pairs(acd.enqueue(of(TASK, "task", 2), at(2))) == [("task", "ann")]


def test_more_capacity_is_used_at_once_and_less_takes_nothing_away() -> None:
    acd = router()
    comes(acd, "ann", capacity={CHAT: 1})
    takes(acd, of(CHAT, "c1"), 1)
    acd.enqueue(of(CHAT, "c2", 2), at(2))

    [offer] = offers(acd.put_agent(ANN, Profile(capacity={CHAT: 2}), at(3)))
    acd.accept(offer.id, at(3))
    assert acd.put_agent(ANN, Profile(capacity={CHAT: 0}), at(4)) == []
    assert in_hand(acd) == ["c1", "c2"]
    assert pairs(acd.enqueue(of(CHAT, "c3", 5), at(5))) == []


@pytest.mark.parametrize("capacity", [-1, 101])
def test_a_capacity_that_nobody_has_is_refused(capacity: int) -> None:
    with pytest.raises(InvalidValue):
        Profile(capacity={CHAT: capacity})
    with pytest.raises(InvalidValue):
        ChannelRule(capacity)
    with pytest.raises(InvalidValue):
        ChannelRule(2, alone=True)
    with pytest.raises(InvalidValue):
        Rules(channels={VOICE: ChannelRule(1)})


def test_a_contact_is_not_kept_for_who_gets_none_of_its_channel() -> None:
    acd = router()
    comes(acd, "ann", capacity={CHAT: 0})
    ready(acd, "bob", 1)
    wanted = replace(of(CHAT, "chat", 2), wanted=ANN, wanted_for=span(60))

    assert pairs(acd.enqueue(wanted, at(2))) == [("chat", "bob")]


def test_a_contact_is_kept_for_who_has_no_room_now() -> None:
    acd = router()
    comes(acd, "ann", capacity={CHAT: 1})
    chat = takes(acd, of(CHAT, "c1"), 1)
    ready(acd, "bob", 2)
    wanted = replace(of(CHAT, "c2", 3), wanted=ANN, wanted_for=span(60))

    assert pairs(acd.enqueue(wanted, at(3))) == []
    assert pairs(acd.end_interaction(chat, at(4), "customer")) == [("c2", "ann")]


def test_a_missed_task_is_a_missed_offer() -> None:
    acd = router()
    ready(acd, "ann")
    acd.enqueue(of(TASK, "task", 1), at(1))

    effects = acd.handle_timer(at(21))

    assert outcomes(effects) == [("task", Outcome.TIMED_OUT)]
    assert states(effects) == [("ann", "not_ready")]


# --- who gets it ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spread", "chosen", "behind"),
    [(Spread.BALANCE, "bob", "more_in_hand"), (Spread.FILL, "ann", "fewer_in_hand")],
)
def test_the_queue_says_whether_work_is_balanced_or_agents_are_filled_up(
    spread: Spread, chosen: str, behind: str
) -> None:
    acd = router(replace(queue(), spread=spread))
    ready(acd, "ann")
    takes(acd, of(CHAT, "c1"), 1)
    ready(acd, "bob", 2)

    [offer] = offers(acd.enqueue(of(CHAT, "c2", 3), at(3)))

    assert offer.agent_id == chosen
    assert [one.reason for one in offer.why.passed_over] == [behind]
    assert offer.why.terms == {"chat_in_hand": 1.0 if chosen == "ann" else 0.0}


def test_with_as_much_in_hand_the_policy_decides_and_says_so() -> None:
    acd = router()
    for number, name in enumerate(("ann", "bob")):
        ready(acd, name, number)

    [offer] = offers(acd.enqueue(of(CHAT, "c1", 3), at(3)))

    assert offer.agent_id == "ann"
    assert [one.reason for one in offer.why.passed_over] == ["less_idle"]


def test_an_agents_level_in_the_queue_goes_before_what_they_have_in_hand() -> None:
    acd = router()
    for name, level in (("ann", 1), ("bob", 2)):
        acd.put_agent(AgentId(name), Profile(queues={"sales": level}), at(0), always_ready=True)
    takes(acd, of(CHAT, "c1"), 1)

    assert pairs(acd.enqueue(of(CHAT, "c2", 3), at(3))) == [("c2", "ann")]


@pytest.mark.parametrize(
    ("policy", "chosen"),
    [("longest_idle", "ann"), ("fewest_contacts", "bob"), ("least_open_work", "bob")],
)
def test_what_is_in_hand_counts_as_work(policy: str, chosen: str) -> None:
    acd = router(replace(queue(), policy=load(policy)))
    ready(acd, "ann")
    takes(acd, of(EMAIL, "mail"), 10)
    ready(acd, "bob", 20)

    assert pairs(acd.enqueue(contact("call", 40), at(40))) == [("call", chosen)]


def test_time_with_something_in_hand_is_busy_time() -> None:
    acd = router(replace(queue(), policy=load("least_occupied")))
    for name in ("ann", "bob"):
        ready(acd, name)
    mail = takes(acd, of(EMAIL, "mail"), 10)
    assert in_hand(acd) == ["mail"]
    call = takes(acd, contact("call", 20), 20)  # bob is idle, ann was so for less time
    assert acd.offer_of(BOB) is not None
    acd.end_interaction(call, at(30), "caller")
    acd.end_interaction(mail, at(90), "agent")

    [offer] = offers(acd.enqueue(contact("next", 95), at(95)))

    assert (offer.agent_id, offer.why.terms) == ("bob", {"occupancy": 0.3333})
    assert [one.reason for one in offer.why.passed_over] == ["more_occupied"]


def test_a_queue_gives_way_to_others_by_so_much_waiting() -> None:
    acd = router(queue("calls"), replace(queue("mails"), yields=span(600)))
    acd.enqueue(of(EMAIL, "m1", 0, "mails"), at(0))
    acd.enqueue(of(EMAIL, "m2", 10, "mails"), at(10))
    acd.enqueue(contact("early", 599, "calls"), at(599))
    acd.enqueue(contact("late", 601, "calls"), at(601))

    [offer] = offers(ready(acd, "ann", 700))
    assert offer.contact_id == "early"
    assert [one.id for one in offer.why.passed_over] == ["m1", "late", "m2"]
    acd.accept(offer.id, at(700))
    [offer] = offers(acd.end_interaction(offer.id, at(701), "caller"))

    assert offer.contact_id == "m1"
    assert (offer.why.waited, offer.why.yields, offer.why.credit) == (span(701), span(600), span(0))


def test_a_queue_that_gives_way_no_longer_has_all_its_contacts_at_their_places() -> None:
    mails = replace(queue("mails"), yields=span(600))
    acd = router(queue("calls"), mails)
    acd.enqueue(of(EMAIL, "m1", 0, "mails"), at(0))
    acd.enqueue(contact("call", 5, "calls"), at(5))
    acd.put_queue(replace(mails, yields=span(0)), at(6))
    acd.enqueue(of(EMAIL, "m2", 7, "mails"), at(7))

    assert [acd.position(ContactId(name)) for name in ("m1", "m2")] == [1, 2]
    assert pairs(ready(acd, "ann", 8)) == [("m1", "ann")]


@pytest.mark.parametrize("yields", [-1, 31 * 86400])
def test_a_queue_gives_way_by_a_month_at_most(yields: float) -> None:
    with pytest.raises(InvalidValue):
        Queue("mails", yields=span(yields))


def test_a_policy_and_a_spread_that_come_late_find_who_is_free() -> None:
    acd = router()
    ready(acd, "ann")
    takes(acd, of(CHAT, "c1"), 1)
    ready(acd, "bob", 2)
    late = replace(queue("late"), policy=load("round_robin"), spread=Spread.FILL)
    acd.put_queue(late, at(3))

    assert pairs(acd.enqueue(of(CHAT, "c2", 4, "late"), at(4))) == [("c2", "ann")]
    acd.withdraw(ContactId("c2"), at(5))
    acd.put_queue(replace(late, spread=Spread.BALANCE), at(6))
    assert pairs(acd.enqueue(of(CHAT, "c3", 7, "late"), at(7))) == [("c3", "bob")]


# --- leaving, giving back, taking over --------------------------------------------------------


def test_a_log_out_waits_for_what_is_in_hand_and_nothing_comes_to_it() -> None:
    acd = router()
    ready(acd, "ann")
    first, second = takes(acd, of(CHAT, "c1"), 1), takes(acd, of(CHAT, "c2"), 2)

    acd.log_out(ANN, at(3))
    ann = acd.agent(ANN)
    assert (ann.state, ann.reason, ann.leaves) == (AgentState.NOT_READY, FINISHING, True)
    assert pairs(acd.enqueue(of(CHAT, "c3", 4), at(4))) == []
    assert states(acd.end_interaction(first, at(5), "customer")) == [("ann", "not_ready")]
    assert states(acd.end_interaction(second, at(6), "customer")) == [("ann", "logged_out")]


def test_a_log_out_in_a_call_waits_for_the_mail_too() -> None:
    acd = router()
    ready(acd, "ann")
    mail, call = takes(acd, of(EMAIL, "mail"), 1), takes(acd, contact("call", 2), 2)
    acd.log_out(ANN, at(3))

    acd.end_interaction(call, at(4), "caller")
    assert acd.agent(ANN).reason == FINISHING
    acd.end_interaction(mail, at(5), "agent")
    assert acd.agent(ANN).state is AgentState.LOGGED_OUT


def test_ready_calls_the_log_out_off() -> None:
    acd = router()
    ready(acd, "ann")
    takes(acd, of(CHAT, "c1"), 1)
    acd.log_out(ANN, at(2))
    acd.enqueue(of(CHAT, "c2", 3), at(3))

    assert pairs(acd.set_ready(ANN, at(4))) == [("c2", "ann")]


def test_who_is_sent_home_gives_everything_back_to_its_old_place() -> None:
    acd = router()
    ready(acd, "ann")
    ids = [takes(acd, of(CHAT, name, queued), 10) for name, queued in (("c1", 1), ("c2", 2))]
    assert pairs(acd.enqueue(of(CHAT, "c0", 0), at(11), returning=True)) == [("c0", "ann")]

    effects = acd.log_out(ANN, at(12), give_back=True)

    ended = [(one.offer.id, one.ended_by) for one in effects if isinstance(one, InteractionEnded)]
    assert ended == [(offer_id, "given_back") for offer_id in ids]
    assert [one.offer.contact_id for one in effects if isinstance(one, OfferEnded)] == ["c0"]
    assert [acd.position(ContactId(name)) for name in ("c0", "c1", "c2")] == [1, 2, 3]
    assert acd.agent(ANN).state is AgentState.LOGGED_OUT
    assert acd.census().served == 0


def test_who_is_sent_home_in_a_call_keeps_that_and_nothing_else() -> None:
    acd = router()
    ready(acd, "ann")
    takes(acd, of(EMAIL, "mail"), 1)
    call = takes(acd, contact("call", 2), 2)
    ready(acd, "bob", 3)

    assert pairs(acd.log_out(ANN, at(4), give_back=True)) == [("mail", "bob")]
    assert acd.agent(ANN).state is AgentState.TALKING
    acd.end_interaction(call, at(5), "caller")
    assert acd.agent(ANN).state is AgentState.LOGGED_OUT


def test_an_agent_who_is_removed_leaves_nothing_behind() -> None:
    acd = router()
    ready(acd, "ann")
    takes(acd, of(EMAIL, "mail"), 1)

    acd.remove_agent(ANN, at(2))

    assert not acd.knows(ANN)
    assert pairs(ready(acd, "bob", 3)) == [("mail", "bob")]


def test_what_an_agent_gives_back_goes_to_somebody_else_first() -> None:
    acd = router()
    ready(acd, "ann")
    mail = takes(acd, of(EMAIL, "mail"), 1)

    assert pairs(acd.give_back(mail, at(2), lost_by=ANN)) == []
    assert pairs(acd.handle_timer(at(32))) == [("mail", "ann")]
    assert acd.give_back(mail, at(33)) == []


def test_a_contact_that_somebody_else_has_too_stays_with_them() -> None:
    acd = router()
    ready(acd, "ann")
    mail = takes(acd, of(EMAIL, "mail"), 1)
    ready(acd, "bob", 2)
    advice = replace(of(EMAIL, "mail", 1), purpose=Purpose.CONSULT)
    [offer] = offers(acd.offer_to(BOB, advice, at(3)))
    acd.accept(offer.id, at(4))

    acd.log_out(ANN, at(5), give_back=True)

    assert (in_hand(acd, ANN), in_hand(acd, BOB)) == ([], ["mail"])
    assert acd.position(ContactId("mail")) is None
    acd.end_interaction(offer.id, at(6), "agent")
    assert acd.end_interaction(mail, at(6), "agent") == []


def test_a_call_cannot_be_given_back_so() -> None:
    acd = router()
    ready(acd, "ann")
    call = takes(acd, contact("call", 1), 1)

    with pytest.raises(InvalidValue):
        acd.give_back(call, at(2))


def test_a_contact_is_taken_over_beside_a_call_up_to_the_capacity() -> None:
    acd = router()
    ready(acd, "ann")
    takes(acd, contact("call", 1), 1)

    [taken] = acd.take_over(ANN, of(TASK, "t1", 2), "bob", at(2))[:1]
    assert isinstance(taken, TakenOver)
    assert (acd.agent(ANN).state, in_hand(acd)) == (AgentState.TALKING, ["t1"])
    with pytest.raises(AgentNotFree) as refused:
        acd.take_over(ANN, of(TASK, "t2", 3), "bob", at(3))
    assert refused.value.unfit == ("task full",)


@pytest.mark.parametrize(
    ("rung", "taken", "why"),
    [
        (Channel.CHAT, Channel.CHAT, "chat full"),
        (Channel.VOICE, Channel.CHAT, "chat in hand"),
        (Channel.VOICE, Channel.EMAIL, None),
    ],
)
def test_who_is_rung_takes_nothing_over_that_leaves_no_room_for_it(
    rung: Channel, taken: Channel, why: str | None
) -> None:
    acd = router()
    acd.put_agent(ANN, Profile(capacity={Channel.CHAT: 1}), at(0))
    acd.log_in(ANN, at(0))
    acd.set_ready(ANN, at(0))
    [offer] = offers(acd.enqueue(of(rung, "first", 1), at(1)))
    if why is None:
        acd.take_over(ANN, of(taken, "second", 2), "bob", at(2))
    else:
        with pytest.raises(AgentNotFree) as refused:
            acd.take_over(ANN, of(taken, "second", 2), "bob", at(2))
        assert refused.value.unfit == (why,)
    acd.accept(offer.id, at(3))

    both = {one.contact_id for one in (*acd.in_hand(ANN), acd.offer_of(ANN)) if one is not None}
    assert both == ({"first"} if why else {"first", "second"})


def test_who_is_not_there_takes_a_contact_over_and_is_gone_when_it_is_done() -> None:
    acd = router()
    acd.put_agent(ANN, Profile(), at(0))

    acd.take_over(ANN, of(CHAT, "chat", 1), "bob", at(1))
    assert acd.agent(ANN).reason == FINISHING
    [offer] = acd.in_hand(ANN)
    acd.end_interaction(offer.id, at(2), "customer")

    assert acd.agent(ANN).state is AgentState.LOGGED_OUT


def test_an_agent_is_asked_by_name_for_what_they_have_room_for() -> None:
    acd = router()
    ready(acd, "ann")
    takes(acd, of(CHAT, "chat"), 1)

    with pytest.raises(AgentNotFree) as refused:
        acd.offer_to(ANN, contact("call", 2), at(2))
    assert (refused.value.state, refused.value.unfit) == ("ready", ("chat in hand",))
    [offer] = offers(acd.offer_to(ANN, of(CHAT, "c2", 2), at(2)))
    acd.accept(offer.id, at(3))
    assert in_hand(acd) == ["chat", "c2"]


def test_a_queue_whose_contact_is_in_hand_stays() -> None:
    acd = router()
    ready(acd, "ann")
    takes(acd, of(EMAIL, "mail"), 1)

    with pytest.raises(QueueInUse):
        acd.remove_queue("sales", at(2))


# --- after a restart --------------------------------------------------------------------------


def restarted(reason: str | None = None, state: AgentState = AgentState.READY) -> Router:
    acd = router()
    acd.put_agent(ANN, Profile(), at(100))
    acd.restore(ANN, state, at(0), reason, at(100))
    return acd


def test_after_a_restart_the_agent_has_what_they_had() -> None:
    acd = restarted()

    effects = acd.resume(ANN, of(CHAT, "chat", 5), OfferId("before"), at(100))

    assert [one.offer.id for one in effects if isinstance(one, Resumed)] == ["before"]
    assert acd.agent(ANN).state is AgentState.READY
    assert pairs(acd.enqueue(contact("call", 101), at(101))) == []
    assert pairs(acd.end_interaction(OfferId("before"), at(102), "customer")) == [("call", "ann")]


def test_after_a_restart_more_than_the_capacity_is_kept_and_not_added_to() -> None:
    acd = restarted()
    for name in ("t1", "t2"):
        acd.resume(ANN, of(TASK, name, 5), OfferId(name), at(100))

    assert pairs(acd.enqueue(of(TASK, "t3", 101), at(101))) == []
    acd.end_interaction(OfferId("t1"), at(102), "agent")
    assert acd.position(ContactId("t3")) == 1
    assert pairs(acd.end_interaction(OfferId("t2"), at(103), "agent")) == [("t3", "ann")]


def test_after_a_restart_who_was_leaving_leaves() -> None:
    acd = restarted(FINISHING, AgentState.NOT_READY)
    assert acd.agent(ANN).state is AgentState.LOGGED_OUT
    acd.resume(ANN, of(CHAT, "chat", 5), OfferId("before"), at(100))
    assert acd.agent(ANN).leaves

    acd.end_interaction(OfferId("before"), at(101), "customer")

    assert acd.agent(ANN).state is AgentState.LOGGED_OUT


def test_what_cannot_be_resumed_is_refused() -> None:
    acd = restarted()
    acd.resume(ANN, of(CHAT, "chat", 5), OfferId("before"), at(100))

    with pytest.raises(AlreadyQueued):
        acd.resume(ANN, of(CHAT, "chat", 5), OfferId("before"), at(100))
    with pytest.raises(InvalidValue):
        acd.resume(ANN, contact("call", 5), OfferId("call"), at(100))


def test_an_always_ready_seat_that_rests_wakes_whatever_it_has_in_hand() -> None:
    acd = router()
    acd.put_agent(ANN, Profile(), at(0), always_ready=True)
    mail = takes(acd, of(EMAIL, "mail"), 1)
    acd.enqueue(of(TASK, "task", 2), at(2))
    acd.handle_timer(at(22))  # missed
    acd.withdraw(ContactId("task"), at(23))
    acd.end_interaction(mail, at(24), "agent")
    assert acd.agent(ANN).state is AgentState.NOT_READY

    acd.handle_timer(at(32))

    assert acd.agent(ANN).state is AgentState.READY


def test_room_in_the_queue_and_room_at_the_agent_at_once_are_one_decision() -> None:
    """Ann's end makes both: the queue's next goes to bob, who has less in hand."""
    acd = router(replace(queue(), max_served=2))
    ready(acd, "ann")
    first, _ = takes(acd, of(CHAT, "c1"), 1), takes(acd, of(CHAT, "c2"), 2)
    ready(acd, "bob", 3)
    assert pairs(acd.enqueue(of(CHAT, "c3", 4), at(4))) == []

    assert pairs(acd.end_interaction(first, at(5), "customer")) == [("c3", "bob")]
