"""When call-backs wait among the callers, on a real floor: due, in their hours, and wanted."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from acd.model import ContactId, Offer, Outcome, WaitingContact
from acd.queue import Queue
from acd.router import Router
from config.call_backs import CallBackSettings
from config.floor import QueueSettings
from crm.calendars import Calendar
from crm.consents import Refusal
from cti_server.calls.call_back_turns import AGAIN, CallBackTurns
from cti_server.calls.call_back_wishes import CallBackWishes
from cti_server.calls.call_backs import CallBacks
from cti_server.calls.exchange import Exchange
from cti_server.calls.number_plan import NoTrunkForNumber
from cti_server.calls.open_call_back import OpenCallBack
from cti_server.calls.outreach import CustomerDeclines, Outreach
from cti_server.calls.switchboard import Switchboard
from cti_server.floor.floor import Floor
from cti_server.store.call_backs import CallBack
from cti_server.wire.events import (
    CallBackAskedAgain,
    CallBackClosed,
    CallBackQueued,
    CallBackRescheduled,
    ContactEnded,
    Event,
    Logged,
)
from tests.crm.test_calendars import hours, shanghai

from .test_call_backs import LOST, NOW, Book

MONDAY = NOW  # 17:01 in Shanghai


def stored(id: str, number: str) -> CallBack:
    """As an older release left it, to be picked by an agent."""
    facts: dict[str, Any] = {"queued_at": NOW, "wanted_at": NOW, "due_at": NOW, "queue": "sales"}
    return CallBack(id=id, number=number, reason="media-lost", by_hand=True, **facts)


class Office:
    """A floor nobody is at, and call-backs with their turns; time stands until it is set."""

    def __init__(self, **rules: Any) -> None:
        self.time = MONDAY
        self.told: list[Event] = []
        self.refusal: Refusal | None = None
        self.dialable = True
        self.broken = False
        numbers = count(1)

        def new_id() -> str:
            return f"id{next(numbers)}"

        settings = QueueSettings(name="sales", call_backs=CallBackSettings(**rules))
        book = Book()
        self.floor = Floor(Router([Queue("sales")], new_id), self, book.append)
        self.call_backs = CallBacks(
            book.append, now=self.now, queues={"sales": settings}, region="CN", new_id=new_id
        )
        book.subscribers += [self.call_backs.hear, self._hear]
        exchange = SimpleNamespace(
            queues={"sales": settings},
            floor=self.floor,
            append=book.append,
            user_agent=SimpleNamespace(draining=False),
            outbound=SimpleNamespace(shown_to=self._shown_to),
            regions=SimpleNamespace(of=lambda number: ()),
            new_id=new_id,
        )
        self.wishes = CallBackWishes(self.call_backs, cast(Outreach, self))
        self.turns = CallBackTurns(
            self.call_backs,
            cast(Exchange, exchange),
            cast(Switchboard, self),
            self.wishes,
            lambda calendar_id: Calendar(hours()) if calendar_id == "office" else None,
            cast(Any, None),
            lambda: None,
        )
        self.append: Callable[[Event], None] = book.append

    def now(self) -> datetime:
        return self.time

    def _hear(self, logged: Logged) -> None:
        self.told.append(logged.event)

    def _shown_to(self, number: str, queue: str) -> str:
        if not self.dialable:
            raise NoTrunkForNumber(number)
        return "95588"

    async def need_allowed(
        self, *_: object, overruled: Callable[[Refusal], bool], **__: object
    ) -> None:
        """As the customers' wishes would have it."""
        if self.broken:
            raise RuntimeError("no answer")
        if self.refusal is not None and not overruled(self.refusal):
            raise CustomerDeclines(self.refusal, "voice", "service")

    def find(self, contact_id: str) -> None:
        """No call has begun."""

    def offer_ended(self, offer: Offer, outcome: Outcome) -> None:
        """As no call has begun, nobody wants to know."""

    def reserved(self, one: OpenCallBack) -> Offer:
        """An agent's phone rings for it."""
        one.agent_id = "li"
        facts = {"id": "offer", "contact_id": one.contact_id, "agent_id": one.agent_id}
        return cast(Offer, SimpleNamespace(**facts))

    async def wanted(self) -> OpenCallBack:
        self.append(LOST)
        await self.turns.do(self.time)
        return self.call_backs.need("lost")

    async def at(self, moment: datetime) -> None:
        """That time has come, and what was due by then is done."""
        self.time = moment
        await self.turns.do(moment)

    def waiting(self) -> int:
        return self.floor.census().waiting

    def last(self, kind: type[Event]) -> Event:
        return next(one for one in reversed(self.told) if isinstance(one, kind))


async def test_it_waits_as_a_contact_with_the_callers_own_first_moment() -> None:
    office = Office()
    later = WaitingContact(ContactId("later"), "sales", LOST.queued_at + timedelta(microseconds=1))
    office.floor.enqueue(later)

    one = await office.wanted()

    assert one.contact_id is not None
    assert office.floor.position(one.contact_id) == 1
    assert one.request is not None
    assert one.request.id == one.contact_id
    assert office.floor.position("later") == 2


async def test_outside_its_hours_nobody_is_called_and_when_they_end_it_is_taken_back() -> None:
    office = Office(calendar="office", expire_after=timedelta(days=30))
    one = await office.wanted()
    as_contact, in_hours = one.contact_id, office.waiting()
    evening, morning = shanghai("2026-03-02 18:00"), shanghai("2026-03-03 09:00")
    await office.at(evening)
    at_night = office.waiting()
    told = office.last(CallBackRescheduled)
    await office.at(morning)

    assert (in_hours, at_night, office.waiting()) == (1, 0, 1)
    assert isinstance(told, CallBackRescheduled)
    assert (told.due_at, told.cause) == (morning, "closed")
    ended = office.last(ContactEnded)
    assert isinstance(ended, ContactEnded)
    assert (ended.contact_id, ended.outcome) == (as_contact, "withdrawn")


async def test_it_expires_while_it_waits() -> None:
    office = Office(expire_after=timedelta(hours=1))
    await office.wanted()
    assert await office.turns.earliest() == MONDAY + timedelta(hours=1)
    await office.at(MONDAY + timedelta(hours=1))

    closed = office.last(CallBackClosed)
    assert isinstance(closed, CallBackClosed)
    assert (closed.outcome, office.waiting()) == ("expired", 0)


async def test_where_the_number_cannot_be_called_it_stays_on_the_list_and_says_why() -> None:
    office = Office()
    office.dialable = False
    one = await office.wanted()
    why, waiting = one.hindrance, office.waiting()
    office.dialable = True
    await office.at(MONDAY + AGAIN)

    assert (why, waiting) == ("no-trunk-for-number", 0)
    assert (one.hindrance, office.waiting()) == (None, 1)


async def test_a_list_that_agents_pick_from_waits_for_their_clicks() -> None:
    office = Office(mode="by_hand")
    one = await office.wanted()

    assert (one.hindrance, one.contact_id, office.waiting()) == (None, None, 0)
    assert await office.turns.earliest() == MONDAY + timedelta(days=3)


async def test_what_is_left_to_people_waits_for_a_click_or_a_decision_and_never_expires() -> None:
    office = Office()
    rows = {"left": LOST.number, "clicked": "13900139000", "again": "13700137000"}
    office.call_backs.take_up([stored(*row) for row in rows.items()])
    await office.at(MONDAY + timedelta(days=30))
    untouched = (office.waiting(), list(office.told), await office.turns.earliest())

    one = office.call_backs.claim("clicked", "li", "c1")
    office.call_backs.dialled(one)
    office.call_backs.not_reached(one, "busy", "li")
    office.call_backs.let_go(one, "c1")
    await office.at(MONDAY + timedelta(days=31))
    after_the_click = office.waiting()
    office.call_backs.ask(LOST.number, "sales", asked_by="li")
    await office.at(office.time)

    assert untouched == (0, [], None)
    assert after_the_click == 0
    assert (office.waiting(), one.by_hand) == (1, True)
    assert not office.call_backs.need("left").by_hand

    office.time = MONDAY  # which is when all is logged
    office.append(msgspec.structs.replace(LOST, contact_id="new", number=rows["again"]))
    await office.at(MONDAY)

    assert (office.waiting(), office.call_backs.need("again").by_hand) == (2, False)


async def test_who_asks_while_an_agent_calls_one_left_to_people_is_called_if_that_is_in_vain() -> (
    None
):
    office = Office()
    office.call_backs.take_up([stored("clicked", "13900139000")])
    one = office.call_backs.claim("clicked", "li", "c1")
    office.call_backs.dialled(one)
    assert office.call_backs.ask("13900139000", "sales", asked_by="wang") is one
    told = office.last(CallBackAskedAgain)
    office.call_backs.not_reached(one, "busy", "li")
    office.call_backs.let_go(one, "c1")
    await office.at(one.due_at)

    assert (one.by_hand, one.in_hand, office.waiting()) == (False, False, 1)
    assert isinstance(told, CallBackAskedAgain)
    assert (told.contact_id, told.reason, told.queued_at) == ("clicked", "requested", NOW)


async def test_in_a_customers_quiet_hours_it_is_postponed_until_their_end() -> None:
    office = Office()
    office.refusal = Refusal("quiet_hours", MONDAY + timedelta(hours=2))
    one = await office.wanted()
    at_first = office.waiting()
    office.refusal = None
    await office.at(MONDAY + timedelta(hours=2))

    assert (at_first, one.due_at, office.waiting()) == (0, MONDAY + timedelta(hours=2), 1)


async def test_who_will_have_no_calls_is_taken_off_with_the_reason() -> None:
    office = Office()
    office.refusal = Refusal("channel_refused")
    office.append(LOST)
    await office.turns.do(MONDAY)

    closed = office.last(CallBackClosed)
    assert isinstance(closed, CallBackClosed)
    assert (closed.outcome, closed.cause, office.waiting()) == ("refused", "channel_refused", 0)


async def test_who_asked_by_a_key_is_called_whatever_they_wish_of_calls_in_general() -> None:
    office = Office()
    office.refusal = Refusal("channel_refused")
    office.append(msgspec.structs.replace(LOST, reason="asked"))
    await office.turns.do(MONDAY)

    assert office.waiting() == 1


async def test_other_rules_of_the_queue_are_looked_at_at_once() -> None:
    office = Office()
    one = await office.wanted()
    one.look_at = MONDAY + timedelta(days=1)
    office.call_backs.look_at_all()

    assert await office.turns.earliest() == MONDAY


async def test_who_was_reserved_when_its_hours_ended_and_did_not_take_it_does_not_get_it_back() -> (
    None
):
    office = Office(calendar="office", expire_after=timedelta(days=30))
    one = await office.wanted()
    offer = office.reserved(one)
    evening = shanghai("2026-03-02 18:00")
    await office.at(evening)
    in_hand = (one.in_hand, one.look_at)
    office.turns.offer_ended(offer, Outcome.TIMED_OUT)
    await office.at(evening)

    assert in_hand == (True, None)
    assert (office.waiting(), one.due_at) == (0, shanghai("2026-03-03 09:00"))


async def test_what_is_postponed_while_an_agent_has_it_is_free_again_when_it_is_due() -> None:
    office = Office()
    one = await office.wanted()
    office.reserved(one)
    until = MONDAY + timedelta(hours=2)
    office.refusal = Refusal("quiet_hours", until)
    allowed = await office.wishes.may_call(one)
    in_hand = one.in_hand
    office.refusal = None
    await office.at(until)

    assert (allowed, in_hand) == (False, False)
    assert office.waiting() == 1


async def test_what_a_queue_would_not_take_is_tried_again_and_its_contact_is_over() -> None:
    office = Office()
    office.floor.remove_queue("sales")
    one = await office.wanted()
    refused = (one.contact_id, one.look_at)
    ended = office.last(ContactEnded)
    queued = office.last(CallBackQueued)
    office.floor.put_queue(Queue("sales"))
    await office.at(MONDAY + AGAIN)

    assert refused == (None, MONDAY + AGAIN)
    assert isinstance(ended, ContactEnded)
    assert isinstance(queued, CallBackQueued)
    assert ended.contact_id == queued.new_contact_id
    assert office.waiting() == 1


async def test_where_the_customers_wishes_cannot_be_asked_for_it_is_tried_again_soon() -> None:
    office = Office()
    office.broken = True
    with pytest.raises(RuntimeError):
        await office.wanted()
    office.broken = False
    await office.at(MONDAY + AGAIN)

    assert office.waiting() == 1
