"""The open call-backs: one to a number and queue, one agent at a time, once."""

from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from acd.errors import UnknownQueue
from config.call_backs import CallBackSettings
from config.floor import QueueSettings
from cti_server.calls.call_backs import CallBacks
from cti_server.calls.errors import CallBackTaken, NoSuchCallBack
from cti_server.calls.number_plan import NotANumber
from cti_server.calls.open_call_back import OpenCallBack
from cti_server.store.call_backs import CallBacks as StoredCallBacks
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.wire.events import (
    CallArrived,
    CallBackAskedAgain,
    CallBackClosed,
    CallBackDialled,
    CallBackNotReached,
    CallBackRescheduled,
    CallBackWanted,
    CallPlaced,
    ContactEnded,
    Event,
    InteractionStarted,
    Logged,
)
from tests.fakes.databases import new_sqlite

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOW = NINE + timedelta(minutes=1)
LOST = CallBackWanted(
    contact_id="lost", number="13800138000", queue="sales", queued_at=NINE, reason="media-lost"
)
QUEUES = {
    "sales": QueueSettings(name="sales", call_backs=CallBackSettings(attempts=2)),
    "repair": QueueSettings(name="repair"),
}


class SameMoment:
    def now(self) -> datetime:
        return NOW


class Book:
    """A log in memory: everybody hears everything, in one order."""

    def __init__(self) -> None:
        self.subscribers: list[Callable[[Logged], None]] = []
        self._waiting: deque[Event] = deque()
        self._telling = False

    def append(self, event: Event) -> None:
        self._waiting.append(event)
        if self._telling:
            return
        self._telling = True
        while self._waiting:
            logged = Logged(1, NOW, self._waiting.popleft())
            for subscriber in self.subscribers:
                subscriber(logged)
        self._telling = False


class Office:
    """The call-backs, what was logged and what was taken out of the queue."""

    def __init__(self, append: Callable[[Event], object]) -> None:
        self.tell_one = append
        self.told: list[Event] = []
        self.taken_back: list[str] = []
        self.call_backs = self.another()

    def another(self) -> CallBacks:
        """As after a restart: nothing is known yet."""
        numbers = count(1)
        made = CallBacks(
            self.tell_one,
            now=lambda: NOW,
            queues=QUEUES,
            region="CN",
            new_id=lambda: f"new{next(numbers)}",
        )
        made.waits_no_more = lambda one: self.taken_back.append(one.id)
        return made

    def hear(self, logged: Logged) -> None:
        self.told.append(logged.event)
        self.call_backs.hear(logged)

    def dialled(self) -> OpenCallBack:
        """Li has clicked, and the customer's phone rings."""
        one = self.call_backs.claim("lost", "li", "c1")
        self.call_backs.dialled(one)
        return one

    def tell(self, *events: Event) -> None:
        for event in events:
            self.tell_one(event)


@pytest.fixture
def office() -> Office:
    book = Book()
    made = Office(book.append)
    book.subscribers.append(made.hear)
    made.tell(LOST)
    made.told.clear()
    return made


def closed(call_back_id: str, outcome: str, by: str) -> CallBackClosed:
    return CallBackClosed(contact_id=call_back_id, outcome=outcome, closed_by=by)


def arrived(number: str = "+86 138 0013 8000", contact_id: str = "again") -> CallArrived:
    return CallArrived(
        call_id="call",
        contact_id=contact_id,
        sip_call_id="s",
        caller_number=number,
        dialled_number="95588",
        trunk="t",
    )


def placed(contact_id: str) -> CallPlaced:
    """Our own call to the customer."""
    return CallPlaced(
        call_id="out",
        contact_id=contact_id,
        customer_number="13800138000",
        shown_number="95588",
        queue="sales",
        call_back_of="lost",
    )


def served(queue: str = "sales", contact_id: str = "again") -> InteractionStarted:
    return InteractionStarted(contact_id=contact_id, interaction_id="i", agent_id="li", queue=queue)


ENDED = ContactEnded(contact_id="again", outcome="handled", reason="caller-hung-up")


# --- one agent at a time ----------------------------------------------------------------------


def test_it_is_claimed_dialled_and_closed_when_the_customer_was_spoken_with(
    office: Office,
) -> None:
    one = office.dialled()
    office.tell(served(contact_id="c1"))
    office.call_backs.let_go(one, "c1")

    assert (one.number, one.queue, one.queued_at) == ("13800138000", "sales", NINE)
    assert [each for each in office.told if not isinstance(each, InteractionStarted)] == [
        CallBackDialled(contact_id="lost", new_contact_id="c1", dialled_by="li"),
        closed("lost", "reached", "li"),
    ]
    with pytest.raises(NoSuchCallBack):
        office.call_backs.claim("lost", "wang", "c2")


def test_two_agents_do_not_call_the_same_customer_nor_is_it_moved_meanwhile(
    office: Office,
) -> None:
    office.call_backs.claim("lost", "li", "c1")

    with pytest.raises(CallBackTaken, match="'li' is calling back"):
        office.call_backs.claim("lost", "wang", "c2")
    with pytest.raises(CallBackTaken):
        office.call_backs.remove("lost", "chief")
    with pytest.raises(CallBackTaken):
        office.call_backs.reschedule("lost", NOW, "chief")


def test_whoever_clicks_takes_it_out_of_the_queue_and_the_call_that_waited_changes_nothing(
    office: Office,
) -> None:
    one = office.call_backs.need("lost")
    office.call_backs.queued(one, "waiting")
    office.call_backs.claim("lost", "li", "c1")
    office.call_backs.let_go(one, "waiting")  # as it ends

    assert office.taken_back == ["lost"]
    assert (one.agent_id, one.contact_id) == ("li", "c1")


def test_what_was_never_offered_cannot_be_claimed(office: Office) -> None:
    with pytest.raises(NoSuchCallBack):
        office.call_backs.claim("nobody", "li", "c1")


def test_it_can_be_removed_once_and_then_not_dialled(office: Office) -> None:
    office.call_backs.remove("lost", "chief")

    assert office.told == [closed("lost", "removed", "chief")]
    with pytest.raises(NoSuchCallBack):
        office.call_backs.remove("lost", "chief")
    with pytest.raises(NoSuchCallBack):
        office.call_backs.claim("lost", "li", "c1")


# --- attempts ---------------------------------------------------------------------------------


def test_a_busy_customer_is_due_again_and_after_so_many_times_given_up(
    office: Office,
) -> None:
    one = office.dialled()
    office.call_backs.not_reached(one, "busy", "li")
    office.call_backs.let_go(one, "c1")
    due_at = one.due_at
    office.dialled()
    office.call_backs.not_reached(one, "no_answer", "li")

    def attempt(outcome: str, at: datetime | None) -> CallBackNotReached:
        return CallBackNotReached(
            contact_id="lost",
            new_contact_id="c1",
            agent_id="li",
            outcome=outcome,
            counted=True,
            due_at=at,
        )

    assert due_at == NOW + timedelta(minutes=5)
    assert [each for each in office.told if not isinstance(each, CallBackDialled)] == [
        attempt("busy", due_at),
        attempt("no_answer", None),
        closed("lost", "given_up", "system"),
    ]


def test_an_agent_who_leaves_costs_the_customer_nothing_and_is_not_the_next_one(
    office: Office,
) -> None:
    one = office.dialled()
    office.call_backs.not_reached(one, "agent_left", "li")
    office.call_backs.let_go(one, "c1")

    assert (one.failed, one.due_at, one.lost_by) == (0, NOW, "li")
    assert office.call_backs.due(NOW) == [one]


# --- the customer calls again -----------------------------------------------------------------


def test_nobody_calls_a_customer_who_is_on_the_phone_with_us(office: Office) -> None:
    one = office.call_backs.need("lost")
    one.look_at = None
    office.tell(arrived())
    busy = office.call_backs.engaged(one)
    office.tell(ENDED)

    assert (busy, office.taken_back) == (True, ["lost"])
    assert not office.call_backs.engaged(one)
    assert office.call_backs.due(NOW) == [one]


def test_who_calls_again_and_is_served_anywhere_needs_no_call_back(office: Office) -> None:
    office.tell(arrived("13900139000", "other"), served(contact_id="other"))
    still = office.call_backs.get("lost")
    office.tell(arrived(), served("repair"))

    assert still is not None
    assert office.call_backs.get("lost") is None
    assert office.told[-1] == closed("lost", "served", "system")


def test_who_asked_for_a_call_by_a_queue_is_served_by_that_queue_alone(office: Office) -> None:
    asked = office.call_backs.ask("13900139000", "sales", asked_by="li")
    office.tell(arrived("13900139000"), served("repair"))
    still = office.call_backs.get(asked.id)
    office.tell(served("sales"))

    assert (still, office.call_backs.get(asked.id)) == (asked, None)


def test_who_calls_in_while_an_agent_is_rung_for_them_is_not_called_by_that_agent(
    office: Office,
) -> None:
    one = office.call_backs.need("lost")
    office.call_backs.queued(one, "turn")
    one.agent_id = "li"
    office.tell(placed("turn"))
    before = list(office.taken_back)
    office.tell(arrived())

    assert (before, office.taken_back) == ([], ["lost"])


def test_who_is_served_while_their_own_phone_rings_for_it_is_not_tried_again(
    office: Office,
) -> None:
    one = office.dialled()
    office.tell(placed("c1"), arrived(), served())
    office.call_backs.not_reached(one, "busy", "li")
    office.call_backs.let_go(one, "c1")

    assert office.taken_back == ["lost"]  # as li clicked
    assert office.told[-1] == closed("lost", "served", "system")
    assert office.call_backs.earliest() is None


def test_an_agent_who_just_clicked_learns_that_the_customer_was_served(office: Office) -> None:
    one = office.call_backs.claim("lost", "li", "c1")
    office.tell(arrived(), served())

    assert not office.call_backs.is_open(one)
    assert office.taken_back == ["lost"]  # as li clicked: there is no call yet to be called off


def test_who_presses_the_key_for_a_call_is_called_now_whatever_was_planned(
    office: Office,
) -> None:
    later = NOW + timedelta(days=2)
    planned = office.call_backs.ask("13900139000", "sales", asked_by="li", wished_at=later)
    planned.failed = 1
    key = msgspec.structs.replace(
        LOST, contact_id="key", number="13900139000", reason="asked", priority=2
    )
    office.tell(key)

    assert office.told[-2:] == [
        closed("key", "duplicate", "system"),
        CallBackAskedAgain(contact_id=planned.id, queued_at=NINE, priority=2, reason="asked"),
    ]
    assert (planned.due_at, planned.queued_at, planned.wished_at) == (NOW, NINE, None)
    assert (planned.reason, planned.priority, planned.failed) == ("asked", 2, 0)
    assert planned in office.call_backs.due(NOW)


def test_the_same_wish_told_twice_is_one(office: Office) -> None:
    office.tell(msgspec.structs.replace(LOST, reason="server-died"))

    assert office.call_backs.need("lost").reason == "media-lost"
    assert [type(one) for one in office.told] == [CallBackWanted]


def test_a_time_that_is_past_is_wished_for_now(office: Office) -> None:
    past = NOW - timedelta(days=4)
    asked = office.call_backs.ask("13900139000", "sales", asked_by="li", wished_at=past)
    moved = office.call_backs.reschedule("lost", past, "li")

    assert asked.wished_at == asked.due_at == moved.wished_at == moved.due_at == NOW


def test_one_number_waits_once_in_a_queue_and_the_first_place_counts(office: Office) -> None:
    again = msgspec.structs.replace(
        LOST, contact_id="again", number="+8613800138000", queued_at=NOW, reason="asked"
    )
    elsewhere = msgspec.structs.replace(again, contact_id="elsewhere", queue="repair")

    office.tell(again, elsewhere)

    assert closed("again", "duplicate", "system") in office.told
    assert office.call_backs.need("lost").queued_at == NINE
    assert office.call_backs.get("again") is None
    assert office.call_backs.need("elsewhere").queue == "repair"


# --- asked for --------------------------------------------------------------------------------


def test_who_asks_waits_from_then_on_or_from_the_time_that_they_wish(office: Office) -> None:
    now = office.call_backs.ask("13900139000", "sales", asked_by="li")
    later = office.call_backs.ask(
        "13700137000", "sales", asked_by="li", wished_at=NOW + timedelta(days=1)
    )

    assert (now.queued_at, now.due_at, now.reason) == (NOW, NOW, "requested")
    assert later.queued_at == later.due_at == later.wished_at == NOW + timedelta(days=1)


def test_who_asks_twice_has_one_at_the_time_wished_last(office: Office) -> None:
    tomorrow = NOW + timedelta(days=1)

    assert office.call_backs.ask("13800138000", "sales", asked_by="li").id == "lost"
    one = office.call_backs.ask("13800138000", "sales", asked_by="li", wished_at=tomorrow)

    assert (one.id, one.queued_at, one.due_at) == ("lost", NINE, tomorrow)
    assert office.told == [
        CallBackRescheduled(contact_id="lost", due_at=tomorrow, cause="wished", rescheduled_by="li")
    ]
    assert "lost" in office.taken_back


def test_what_cannot_be_called_or_waited_in_is_refused(office: Office) -> None:
    with pytest.raises(NotANumber):
        office.call_backs.ask("anonymous", "sales", asked_by="li")
    with pytest.raises(UnknownQueue):
        office.call_backs.ask("13900139000", "nowhere", asked_by="li")
    assert office.told == []


# --- restarts ---------------------------------------------------------------------------------


@dataclass
class Recorded:
    """An office whose records outlive it."""

    office: Office
    database: Database
    log: EventLog


@pytest.fixture
async def recorded(tmp_path: Path) -> AsyncIterator[Recorded]:
    database = new_sqlite(tmp_path)
    log = EventLog(database, tmp_path / "journal", SameMoment(), move_every=0.02)
    await log.start()
    made = Office(log.append)
    log.subscribe(made.hear)
    made.tell(LOST)
    yield Recorded(made, database, log)
    await log.close()
    await database.close()


async def next_life(of: Recorded) -> CallBacks:
    """What the server knows after a restart."""
    await of.log.stored()
    again = of.office.another()
    async with of.database.readers() as session:
        again.take_up(await StoredCallBacks(session).all_open())
    return again


def facts(one: OpenCallBack) -> dict[str, Any]:
    names = ("id", "number", "queue", "queued_at", "wanted_at", "reason", "due_at", "priority")
    more = ("requirements", "language", "customer_id", "wished_at", "failed")
    return {name: getattr(one, name) for name in (*names, *more)}


async def test_after_a_restart_each_has_its_first_moment_and_all_that_its_place_goes_by(
    recorded: Recorded,
) -> None:
    office = recorded.office
    exact = NINE + timedelta(microseconds=123_457)
    office.tell(
        msgspec.structs.replace(
            LOST,
            contact_id="exact",
            number="13900139000",
            queued_at=exact,
            priority=3,
            requirements={"zh": 2},
            language="zh",
            due_at=NOW + timedelta(hours=1),
            wished=True,
        )
    )
    one = office.dialled()
    office.call_backs.not_reached(one, "busy", "li")
    planned = office.call_backs.ask("13700137000", "sales", asked_by="li", wished_at=NOW)
    office.tell(
        msgspec.structs.replace(
            LOST, contact_id="key", number="13700137000", reason="asked", priority=5
        )
    )

    again = await next_life(recorded)

    for name in ("lost", "exact", planned.id):
        assert facts(again.need(name)) == facts(office.call_backs.need(name))
    assert again.need("exact").queued_at == exact
    assert [each.id for each in again.due(NOW)] == ["lost", planned.id, "exact"]


async def test_a_call_that_the_crash_cut_counts_for_nothing_and_is_tried_again_soon(
    recorded: Recorded,
) -> None:
    office = recorded.office
    office.dialled()

    again = await next_life(recorded)
    one = again.need("lost")

    [told] = [each for each in office.told if isinstance(each, CallBackNotReached)]
    assert (told.outcome, told.counted, told.new_contact_id) == ("cut", False, "c1")
    assert (one.failed, one.in_hand, one.contact_id) == (0, False, None)
    assert one.due_at == NOW + timedelta(minutes=1)


async def test_what_was_closed_does_not_come_back(recorded: Recorded) -> None:
    recorded.office.call_backs.remove("lost", "chief")

    again = await next_life(recorded)

    assert again.earliest() is None
