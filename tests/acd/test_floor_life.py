"""Whatever happens on the floor, in whatever order, the router's promises hold."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from acd.agents import Agent
from acd.effects import AgentChanged, Effect, OfferMade, TakenOver
from acd.errors import (
    AgentNotFree,
    AlreadyQueued,
    IllegalTransition,
    InvalidValue,
    OfferOver,
    QueueFull,
    QueueInUse,
    UnknownAgent,
    UnknownQueue,
)
from acd.figures import Census
from acd.model import (
    RELEASED,
    AgentId,
    Channel,
    ContactId,
    OfferId,
    Purpose,
    Rules,
    WaitingContact,
)
from acd.policies import Policy
from acd.profile import Profile
from acd.queue import Queue
from acd.requirements import required
from acd.router import Router

from .build import MORNING, counting, span
from .floor_strategies import AGENTS, CHANGES, CHANNELS, LEVELS, NAMES, POLICIES, PROFILES, QUEUES
from .ledger import BUSY, Ledger, Shift


class FloorLife(RuleBasedStateMachine):
    """Callers come and go, agents work and leave, time passes; the ledger watches."""

    def __init__(self) -> None:
        super().__init__()
        self.now = MORNING
        self.new_name = counting("call")
        self.names: list[str] = []
        self.new_offer_id = counting()
        self.offer_ids: list[OfferId] = []  # the last ones
        self.leaving: set[str] = set()
        self.in_doubt = False  # a promise is broken, and the ledger stopped at it

    @initialize(
        forgiving=st.booleans(),
        limit=st.integers(1, 3),
        policies=st.tuples(POLICIES, POLICIES, POLICIES),
    )
    def open(self, forgiving: bool, limit: int, policies: tuple[Policy, ...]) -> None:
        rules = Rules(
            decline_backoff=span(12),
            no_answer_limit=None if forgiving else limit,
            decline_limit=None if forgiving else limit,
            no_answer_backoff=span(7),
            unreachable_limit=limit,
            unreachable_backoff=span(4),
            seat_rest=span(6),
        )
        queues = [replace(one, policy=by) for one, by in zip(QUEUES, policies, strict=True)]
        self.router = Router(queues, self.new_offer_id, rules)
        self.ledger = Ledger({queue.name: queue for queue in queues}, rules)
        for name in AGENTS:
            self.put(name, Profile({"english": 2, "chinese": 1}))
            self.works(name)

    def happens(self, effects: list[Effect]) -> None:
        self.in_doubt = True
        self.ledger.take(effects, self.now)
        self.in_doubt = False
        offers = [one.offer.id for one in effects if isinstance(one, OfferMade | TakenOver)]
        self.offer_ids = [*self.offer_ids, *offers][-2:]
        for name in AGENTS:
            if not self.router.knows(AgentId(name)):
                self.ledger.agents.pop(name, None)
                self.ledger.shifts.pop(name, None)
                self.ledger.unfit.discard(name)
                self.ledger.voiceless.discard(name)

    def attempt(self, action: Callable[[], list[Effect]], *refusals: type[Exception]) -> None:
        """What is refused has changed nothing: the ledger would notice."""
        before = self.router.census()
        try:
            effects = action()
        except refusals:
            assert self.router.census() == before
            return
        self.happens(effects)

    # --- agents -------------------------------------------------------------------------------

    @rule(name=NAMES, profile=PROFILES)
    def put(self, name: str, profile: Profile) -> None:
        self.ledger.profiles[name] = profile
        self.ledger.squeeze(name)
        self.leaving.discard(name)
        seat = name == "seat"
        self.happens(self.router.put_agent(AgentId(name), profile, self.now, always_ready=seat))

    @rule(name=NAMES, pieces=st.integers(0, 3))
    def has_open_work(self, name: str, pieces: int) -> None:
        try:
            self.router.set_open_work(AgentId(name), pieces)
        except UnknownAgent:
            return
        shift = self.ledger.shifts.setdefault(name, Shift(self.now))
        shift.open_work = pieces

    @rule(name=NAMES)
    def works(self, name: str) -> None:
        self.attempt(lambda: self.router.log_in(AgentId(name), self.now), UnknownAgent)
        self.attempt(lambda: self.router.set_ready(AgentId(name), self.now), UnknownAgent)

    @rule(name=NAMES, reason=st.sampled_from(["lunch", "meeting", None]))
    def takes_a_break(self, name: str, reason: str | None) -> None:
        self.attempt(
            lambda: self.router.set_not_ready(AgentId(name), reason, self.now),
            IllegalTransition,
            UnknownAgent,
        )

    @rule(name=NAMES, sent=st.booleans())
    def logs_out(self, name: str, sent: bool) -> None:
        if not self.router.knows(AgentId(name)):
            return
        self.happens(self.router.log_out(AgentId(name), self.now, give_back=sent))

    @rule(name=NAMES)
    def leaves_for_ever(self, name: str) -> None:
        self.leaving.add(name)
        if not self.router.knows(AgentId(name)):
            return
        self.happens(self.router.remove_agent(AgentId(name), self.now))

    @rule(name=NAMES)
    def is_released(self, name: str) -> None:
        """By an administrator, with whatever they had in hand."""
        if self.router.knows(AgentId(name)):
            self.ledger.released(name)
            self.happens(self.router.release(AgentId(name), RELEASED, self.now))

    @rule(name=NAMES)
    def is_done_with_the_notes(self, name: str) -> None:
        self.attempt(
            lambda: self.router.end_wrap_up(AgentId(name), self.now),
            IllegalTransition,
            UnknownAgent,
        )

    @rule(name=NAMES)
    def plugs_the_phone_in(self, name: str) -> None:
        self.attempt(lambda: self.router.reachable_again(AgentId(name), self.now), UnknownAgent)

    @rule(name=NAMES, away=st.booleans(), broken=st.booleans())
    def finds_the_desktop_or_the_headset_broken_or_well(
        self, name: str, away: bool, broken: bool
    ) -> None:
        unfit, voiceless = ("desktop",) * away, ("headset",) * broken
        self.attempt(
            lambda: self.router.set_fitness(AgentId(name), unfit, self.now, voiceless=voiceless),
            UnknownAgent,
        )

    # --- queues -------------------------------------------------------------------------------

    @rule(name=st.sampled_from([queue.name for queue in QUEUES]), change=CHANGES)
    def a_queue_is_changed(self, name: str, change: dict[str, Any]) -> None:
        queue = self.ledger.queues[name] = replace(self.ledger.queues[name], **change)
        self.happens(self.router.put_queue(queue, self.now))

    @rule(name=st.sampled_from([queue.name for queue in QUEUES]))
    def a_queue_is_taken_away_and_made_anew(self, name: str) -> None:
        ledger, census = self.ledger, self.router.census()
        waits = any(one.queue == name for one in ledger.contacts.values())
        if waits or ledger.busy_for(name):
            with pytest.raises(QueueInUse):
                self.router.remove_queue(name, self.now)
            return
        assert self.router.remove_queue(name, self.now) == []
        for action in (self.router.queue, partial(self.router.remove_queue, now=self.now)):
            with pytest.raises(UnknownQueue):
                action(name)
        assert self.router.put_queue(ledger.queues[name], self.now) == []
        assert self.router.census() == census

    # --- contacts -----------------------------------------------------------------------------

    @rule(
        queue=st.sampled_from(QUEUES),
        priority=st.integers(-1, 2),
        skills=st.one_of(st.just({}), LEVELS),
        before=st.sampled_from([0, 0, 0, 5, 14, 90]),
        wanted=st.none() | NAMES,
        wanted_next=st.none() | NAMES,
        wanted_for=st.integers(0, 40),
        origin=st.sampled_from([((), ""), (("86", "浙江", "杭州"), "repair")]),
        channel=CHANNELS,
        held_for=st.sampled_from([0, 0, 0, 10]),
    )
    def calls(
        self,
        queue: Queue,
        priority: int,
        skills: dict[str, int],
        before: int,
        wanted: str | None,
        wanted_next: str | None,
        wanted_for: int,
        origin: tuple[tuple[str, ...], str],
        channel: Channel,
        held_for: int,
    ) -> None:
        name = ContactId(self.new_name())
        self.names.append(name)
        queued_at = self.now - span(before)  # not 0: somebody who keeps an older place
        contact = WaitingContact(
            name,
            queue.name,
            queued_at,
            priority,
            required(skills),
            wanted=AgentId(wanted) if wanted else None,
            wanted_next=AgentId(wanted_next) if wanted_next else None,
            wanted_for=span(wanted_for),
            region=origin[0],
            work=origin[1],
            channel=channel,
            held_for=span(held_for),
        )
        full = self.ledger.is_full(queue.name) and not before
        self.attempt(
            lambda: self.router.enqueue(contact, self.now, returning=before > 0),
            *([QueueFull] if full else []),
        )
        assert not full or contact.id not in self.ledger.contacts

    @rule(data=st.data())
    def hangs_up(self, data: st.DataObject) -> None:
        """Anybody who ever called, wherever they are now."""
        if self.names:
            name = data.draw(st.sampled_from(self.names[-8:]))
            self.happens(self.router.withdraw(ContactId(name), self.now))
            self.ledger.left(name)

    @rule(name=NAMES, data=st.data(), queue=st.sampled_from(QUEUES))
    def is_asked_for_by_name(self, name: str, data: st.DataObject, queue: Queue) -> None:
        """To take over or advise on a contact that is served, or on one that is nowhere yet."""
        contact = replace(self.some_contact(data, queue), requirements=())
        elsewhere = contact.id in self.ledger.contacts or self.rung_for(contact.id)
        refusals: list[type[Exception]] = [AlreadyQueued] if elsewhere else []
        room = self.ledger.is_free(name) and self.ledger.has_room(name, contact.channel)
        if not room:
            refusals += [AgentNotFree, UnknownAgent]
        self.attempt(lambda: self.router.offer_to(AgentId(name), contact, self.now), *refusals)

    @rule(data=st.data(), queue=st.sampled_from(QUEUES))
    def advice_is_asked_for(self, data: st.DataObject, queue: Queue) -> None:
        contact = self.some_contact(data, queue)
        elsewhere = contact.id in self.ledger.contacts or self.rung_for(contact.id)
        refusals = [QueueFull, *([AlreadyQueued] if elsewhere else [])]
        self.attempt(lambda: self.router.enqueue(contact, self.now), *refusals)

    @rule(name=NAMES, data=st.data(), queue=st.sampled_from(QUEUES))
    def takes_over(self, name: str, data: st.DataObject, queue: Queue) -> None:
        """What somebody else serves, whatever the agent does, but what they have no room for."""
        contact, ledger = self.some_contact(data, queue), self.ledger
        agent = ledger.agents.get(name)
        busy = agent is not None and agent.state in BUSY
        if not ledger.rules.channels[contact.channel].alone and name in ledger.profiles:
            busy = ledger.has_all(name, contact.channel)
        refusals: list[type[Exception]] = [AgentNotFree] if busy or name in self.leaving else []
        if name not in self.ledger.agents:
            refusals += [UnknownAgent]
        beside = not ledger.rules.channels[contact.channel].alone
        if beside and name in ledger.profiles and ledger.would_squeeze(name, contact.channel):
            refusals += [AgentNotFree]
        if ledger.is_to_be_had(contact.id):
            refusals += [AlreadyQueued]
        self.attempt(
            lambda: self.router.take_over(AgentId(name), contact, "somebody", self.now),
            *refusals,
        )

    @rule(data=st.data())
    def loses_the_phone(self, data: st.DataObject) -> None:
        """In a talk: whatever follows, they are offered nothing before they said something."""
        served = sorted(one.agent_id for one in self.ledger.served.values())
        name = data.draw(st.sampled_from([*served, *AGENTS]))
        self.attempt(lambda: self.router.phone_lost(AgentId(name), self.now), UnknownAgent)

    def some_contact(self, data: st.DataObject, queue: Queue) -> WaitingContact:
        served = sorted({offer.contact_id for offer in self.ledger.served.values()})
        name = data.draw(st.sampled_from([*served, *self.names[-3:], "stranger"]))
        self.names.append(name)
        channel = data.draw(CHANNELS)
        return WaitingContact(
            ContactId(name), queue.name, self.now, purpose=Purpose.CONSULT, channel=channel
        )

    @rule(name=NAMES, data=st.data(), queue=st.sampled_from(QUEUES), channel=CHANNELS)
    def is_known_to_have_had_it(
        self, name: str, data: st.DataObject, queue: Queue, channel: Channel
    ) -> None:
        """As after a restart; whether they have room for it or not."""
        contact = replace(self.some_contact(data, queue), channel=channel)
        elsewhere = contact.id in self.ledger.contacts or self.rung_for(contact.id)
        refusals: list[type[Exception]] = [AlreadyQueued] if elsewhere else []
        if self.ledger.rules.channels[channel].alone:
            refusals += [InvalidValue]
        if name not in self.ledger.agents:
            refusals += [UnknownAgent]
        offer_id = OfferId(f"before{len(self.names)}")
        self.attempt(
            lambda: self.router.resume(AgentId(name), contact, offer_id, self.now), *refusals
        )

    @rule(data=st.data(), lost=st.booleans())
    def gives_back(self, data: st.DataObject, lost: bool) -> None:
        """What is held beside; the conversation cannot."""
        offer_id = self.any_offer(data)
        held = self.ledger.served.get(offer_id)
        if held is not None and self.ledger.rules.channels[held.channel].alone:
            with pytest.raises(InvalidValue):
                self.router.give_back(offer_id, self.now)
            return
        lost_by = held.agent_id if held is not None and lost else None
        effects = self.router.give_back(offer_id, self.now, lost_by=lost_by)
        if held is not None:
            self.ledger.given_back(held, lost_by)
        self.happens(effects)

    def rung_for(self, contact_id: str) -> bool:
        return any(offer.contact_id == contact_id for offer in self.ledger.ringing.values())

    # --- offers: any that ever was, dead ones too ---------------------------------------------

    def any_offer(self, data: st.DataObject) -> OfferId:
        open_ones = [OfferId(one) for one in (*self.ledger.ringing, *self.ledger.served)]
        return data.draw(st.sampled_from([*open_ones, *self.offer_ids, OfferId("none")]))

    @rule(data=st.data())
    def accepts(self, data: st.DataObject) -> None:
        offer_id = self.any_offer(data)
        alive = offer_id in self.ledger.ringing or offer_id in self.ledger.served
        self.attempt(
            lambda: self.router.accept(offer_id, self.now), *([] if alive else [OfferOver])
        )
        assert not alive or offer_id in self.ledger.served

    @rule()
    def picks_up_in_the_moment_in_which_it_is_too_late(self) -> None:
        """The timer is a moment late, and the acceptance comes before it."""
        rung = sorted(self.ledger.ringing.values(), key=lambda one: (one.expires_at, one.id))
        if rung:
            self.now = max(self.now, rung[0].expires_at)
            with pytest.raises(OfferOver):
                self.router.accept(rung[0].id, self.now)
            self.happens(self.router.handle_timer(self.now))

    @rule(data=st.data())
    def has_the_customer_on_the_line(self, data: st.DataObject) -> None:
        """Whom the agent was held for until now."""
        offer_id = self.any_offer(data)
        self.router.start_ringing(offer_id, self.now)
        rung = self.ledger.ringing.get(offer_id)
        if rung is not None and rung.held:
            self.ledger.rings(rung, self.now)

    @rule(data=st.data())
    def is_dropped_by_nobody_who_has_it(self, data: st.DataObject) -> None:
        assert self.router.drop_offer(self.any_offer(data), self.now) == []

    @rule(data=st.data())
    def declines(self, data: st.DataObject) -> None:
        self.happens(self.router.decline(self.any_offer(data), self.now))

    @rule(data=st.data())
    def cannot_be_reached(self, data: st.DataObject) -> None:
        self.happens(self.router.unreachable(self.any_offer(data), self.now))

    @rule(data=st.data(), comes_back=st.booleans(), lost=st.booleans())
    def finishes(self, data: st.DataObject, comes_back: bool, lost: bool) -> None:
        """A contact may come back: the agent was lost, or there is more to say."""
        offer_id = self.any_offer(data)
        refusals = [IllegalTransition] if offer_id in self.ledger.ringing else []
        served = self.ledger.served.get(offer_id)
        self.attempt(lambda: self.router.end_interaction(offer_id, self.now, "caller"), *refusals)
        if served is None or not comes_back or served.contact_id in self.ledger.contacts:
            return
        others = any(one.contact_id == served.contact_id for one in self.ledger.served.values())
        contact = WaitingContact(
            served.contact_id, served.queue, served.queued_at, channel=served.channel
        )
        if others or self.rung_for(contact.id):
            self.attempt(
                lambda: self.router.enqueue(contact, self.now, returning=True), AlreadyQueued
            )
            assert contact.id not in self.ledger.contacts
            return
        lost_by = served.agent_id if lost else None
        effects = self.router.enqueue(contact, self.now, returning=True, lost_by=lost_by)
        if lost_by is not None:
            self.ledger.lost(contact.id, lost_by, self.now)
        self.happens(effects)

    # --- time ---------------------------------------------------------------------------------

    @rule(seconds=st.integers(1, 30), late=st.booleans())
    def time_passes(self, seconds: int, late: bool) -> None:
        """The driver calls at each deadline or, when the machine was busy, once afterwards."""
        until = self.now + timedelta(seconds=seconds)
        while not late and (due := self.router.deadline) is not None and due <= until:
            self.now = max(due, self.now)
            self.happens(self.router.handle_timer(self.now))
            self.ledger.check(self.now)
        self.now = until
        self.happens(self.router.handle_timer(self.now))
        assert self.router.deadline is None or self.router.deadline > self.now

    # --- a restart ----------------------------------------------------------------------------

    @rule(away=st.integers(0, 90), agents_first=st.booleans())
    def the_server_restarts(self, away: int, agents_first: bool) -> None:
        """The log tells the new router who was what, and who waited since when."""
        before, names = self.ledger, [one for one in AGENTS if self.router.knows(AgentId(one))]
        names = [name for name in names if name not in self.leaving]
        profiles = {name: before.profiles[name] for name in names}
        self.now += span(away)
        self.leaving.clear()
        self.router = Router(before.queues.values(), self.new_offer_id, before.rules)
        self.ledger = Ledger(before.queues, before.rules, self.now, profiles)
        self.ledger.offer_ids = before.offer_ids
        steps = (
            partial(self._come_back, before),
            partial(self._wait_again, before.contacts),
        )
        for step in steps if agents_first else reversed(steps):
            step()

    def _wait_again(self, contacts: dict[str, WaitingContact]) -> None:
        for contact in contacts.values():
            served = any(one.contact_id == contact.id for one in self.ledger.served.values())
            self.attempt(
                partial(self.router.enqueue, contact, self.now, returning=True),
                *([AlreadyQueued] if served else []),
            )

    def _come_back(self, before: Ledger) -> None:
        """With what they had in hand, but for the conversation."""
        for name in self.ledger.profiles:
            self.put(name, self.ledger.profiles[name])
            self._come_back_as(name, before.agents.get(name))
            for held in before.held(name):
                contact = WaitingContact(
                    held.contact_id, held.queue, held.queued_at, channel=held.channel
                )
                self.attempt(
                    partial(self.router.resume, AgentId(name), contact, held.id, self.now),
                    AlreadyQueued,  # it waits for an adviser, too
                )

    def _come_back_as(self, name: str, was: Agent | None) -> None:
        if was is None or name in self.ledger.agents:
            return  # never logged in, or a seat that is ready again by itself
        effects = self.router.restore(was.id, was.state, was.since, was.reason, self.now)
        now_is = self.ledger.restored(was)
        if now_is.state is not was.state:
            told = effects.pop(0)
            assert isinstance(told, AgentChanged)
            assert told.agent == now_is
        self.happens(effects)

    # --- promises -----------------------------------------------------------------------------

    @invariant()
    def promises_hold(self) -> None:
        self.ledger.check(self.now)
        for name, agent in self.ledger.agents.items():
            assert self.router.agent(AgentId(name)).state is agent.state
        for name in self.leaving:
            gone = not self.router.knows(AgentId(name))
            assert gone or self.router.agent(AgentId(name)).leaves, "who was removed stays"

    @invariant()
    def positions_are_right(self) -> None:
        for name in self.names[-8:]:
            assert self.router.position(ContactId(name)) == self.ledger.position(name)

    @invariant()
    def figures_are_right(self) -> None:
        ledger = self.ledger
        for figures in self.router.figures():
            here = [one for one in ledger.contacts.values() if one.queue == figures.queue]
            waits = [one.queued_at for one in here]
            talks = [one for one in ledger.served.values() if one.queue == figures.queue]
            assert figures.waiting + figures.offered == len(waits)
            assert figures.waiting == sum(one.id in ledger.waiting for one in here)
            assert figures.longest_wait_since == min(waits, default=None)
            assert figures.talking == len(talks)

    def teardown(self) -> None:
        """Everybody goes home, and nothing is left."""
        if not hasattr(self, "router") or self.in_doubt:
            return  # what the ledger missed since would be told instead of the broken promise
        rung = [one.contact_id for one in self.ledger.ringing.values()]
        for name in {*self.ledger.contacts, *rung}:
            self.happens(self.router.withdraw(ContactId(name), self.now))
            self.ledger.left(name)
        for offer_id in [OfferId(one) for one in self.ledger.served]:
            self.happens(self.router.end_interaction(offer_id, self.now, "system"))
        for _ in range(20):
            self.time_passes(30, late=False)
        for name in AGENTS:
            self.leaves_for_ever(name)
        assert self.router.census() == Census(agents=0, waiting=0, offered=0, served=0, alarms=0)
        assert not self.ledger.contacts


FloorLife.TestCase.settings = settings(max_examples=100, stateful_step_count=60, deadline=None)
TestFloorLife = FloorLife.TestCase
