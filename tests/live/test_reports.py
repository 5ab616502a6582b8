"""Reports from the records say of the same log what the live figures said; both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import example, given, settings

from cti_server.calls.termination import ALL
from cti_server.live.state import State
from cti_server.store.database import Database
from cti_server.store.journal_files import Entry
from cti_server.store.projection import project
from cti_server.store.queue_reports import Asked, Reported, queue_report
from cti_server.store.queue_waits import QueueWait
from cti_server.store.records import Records
from cti_server.store.resolution_reports import Resolved, resolution_report
from cti_server.store.rows import Kept, Rows
from cti_server.store.stretches import Stretches
from cti_server.wire import events
from cti_server.wire.events import Logged
from cti_server.wire.wait_ends import OURS

from .days import LEVEL, ZONE, Day, at, names
from .test_fold import STEPS, write


async def store(database: Database, log: list[Logged]) -> None:
    encode = msgspec.json.Encoder().encode
    entries = [Entry(each, encode(each)) for each in log]
    await database.in_transaction(
        lambda connection: Records(connection.dialect).write(connection, entries)
    )


async def reported(database: Database, **asked: Any) -> dict[tuple[datetime, str], Reported]:
    midnight = at(0) - timedelta(hours=9)
    stretches = Stretches(midnight, midnight + timedelta(days=1), ZONE, asked.pop("length", "all"))
    async with database.readers() as session:
        found = await queue_report(session, Asked(stretches, {"sales": LEVEL}, LEVEL, **asked))
    return {(stretches.begin(number), queue): one for (number, queue), one in found.items()}


def busy_day() -> Day:
    day = Day()
    for agent in ("li", "wang"):
        day.state(0, agent, "ready")
    for n, (wait, talk) in enumerate([(3, 60), (19.5, 30), (21, 10), (40.25, 5)]):
        begins = 400.0 * n
        contact = f"c{n}"
        day.arrives(begins, contact)
        day.queued(begins, contact)
        day.connected(begins + wait, contact, "li" if n else "wang")
        ends = begins + wait + talk
        day.released(ends, contact, "li" if n else "wang", wrap_up=7)
        day.ends(ends, contact, "handled")
    for contact, begins, wait in (("gone", 2000, 30), ("short", 2100, 4), ("there", 2200, 0)):
        day.arrives(begins, contact)
        day.queued(begins, contact)
        if wait:
            day.ends(begins + wait, contact, "abandoned")
    day.tell(2300, events.ContactTurnedAway(contact_id="full", queue="sales", reason="full"))
    return day


async def test_a_days_report_is_what_the_day_showed_live(database: Database) -> None:
    day = busy_day()
    await store(database, day.log)

    [one] = (await reported(database)).values()

    live = day.fold.state.queues["sales"].windows.today
    assert one.sums["offered"] == live.offered == 7
    assert one.sums["answered"] == live.answered == 4
    assert (one.sums["abandoned"], one.sums["short_abandoned"]) == (1, 1)
    assert one.sums["turned_away"] == live.turned_away == 1
    assert one.sums["answered_within"] == live.met == 2
    assert one.sums["answer_seconds"] == pytest.approx(live.answer_ms / 1000)
    assert one.sums["wait_seconds"] == pytest.approx(live.wait_ms / 1000)
    assert one.sums["longest"] == pytest.approx(40.25)
    assert one.quantiles == {0.5: 21.0, 0.9: 40.25, 0.95: 40.25}
    assert one.sums["handled"] == live.handled == 4
    assert one.sums["talk"] == pytest.approx(live.talk_ms / 1000, abs=0.01)
    assert one.sums["wrap_up"] == pytest.approx(live.wrap_ms / 1000, abs=0.01)
    assert {agent: number for agent, (number, _) in one.handled_by.items()} == {"li": 3, "wang": 1}
    assert one.handled_by["li"][1] == pytest.approx(45 + 21, abs=0.01)


async def test_each_interval_has_what_was_over_in_it(database: Database) -> None:
    await store(database, busy_day().log)

    found = await reported(database, length="15m", queue="sales")

    quarters = [
        (begin.strftime("%H:%M"), one.sums["answered"], one.sums["handled"], one.sums["offered"])
        for (begin, _), one in sorted(found.items(), key=lambda each: each[0][0])
    ]
    assert quarters == [("09:00", 3, 3, 3), ("09:15", 1, 1, 1), ("09:30", 0, 0, 3)]
    assert await reported(database, length="hour", queue="law") == {}


async def test_days_begin_at_local_midnight_whatever_the_clocks_do(database: Database) -> None:
    """Summer time ends in Berlin on 25 October 2026: that day has 25 hours."""
    berlin = ZoneInfo("Europe/Berlin")
    moments = [
        datetime(2026, 10, 24, 23, 59, tzinfo=berlin),
        datetime(2026, 10, 25, 0, 0, tzinfo=berlin),
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # 02:30 for the first time
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),  # and for the second
        datetime(2026, 10, 25, 23, 59, tzinfo=berlin),
        datetime(2026, 10, 26, 0, 0, tzinfo=berlin),
    ]
    turned = [events.ContactTurnedAway(contact_id="c", queue="q", reason="full") for _ in moments]
    log = [
        Logged(n, moment.astimezone(UTC), event)
        for n, (moment, event) in enumerate(zip(moments, turned, strict=True), 1)
    ]
    await store(database, log)
    since, until = datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 10, 30, tzinfo=UTC)

    async def by(length: str) -> dict[str, float]:
        stretches = Stretches(since, until, "Europe/Berlin", length)
        async with database.readers() as session:
            found = await queue_report(session, Asked(stretches, {}, LEVEL))
        return {
            stretches.begin(number).isoformat(): one.sums["turned_away"]
            for (number, _), one in sorted(found.items())
        }

    assert await by("day") == {
        "2026-10-24T00:00:00+02:00": 1,
        "2026-10-25T00:00:00+02:00": 4,
        "2026-10-26T00:00:00+01:00": 1,
    }
    assert [begin[11:] for begin in await by("hour")] == [
        *("23:00:00+02:00", "00:00:00+02:00", "02:00:00+02:00", "02:00:00+01:00"),
        *("23:00:00+01:00", "00:00:00+01:00"),
    ]


async def test_who_comes_again_about_the_same_within_the_days_was_not_served_the_first_time(
    database: Database,
) -> None:
    day, hour = Day(), 3600.0

    def call(begins: float, contact: str, customer: str, queue: str = "sales") -> None:
        day.arrives(begins, contact)
        matched = events.CustomerMatched(contact_id=contact, match="one", customer_ids=[customer])
        day.tell(begins, matched)
        day.queued(begins, contact, queue)
        day.connected(begins + 5, contact, "li", queue)
        if contact == "b":
            more = {"to": "agent", "target": "wang", "how": "blind"}
            day.tell(begins + 9, events.ContactTransferred(**names(contact, "li"), **more))
        day.released(begins + 10, contact, "li")
        day.ends(begins + 10, contact, "handled")

    call(0, "a", "nina")
    call(hour, "b", "wei")
    call(2 * hour, "c", "nina")  # again, about the same
    call(3 * hour, "d", "wei", "law")  # about something else
    call(60 * hour, "e", "nina")  # long after
    await store(database, day.log)
    now = at(80 * hour)
    stretches = Stretches(at(-hour), now, ZONE)
    async with database.readers() as session:
        rows = await resolution_report(session, stretches, timedelta(days=1), now)

    assert rows == [
        Resolved(0, "law", contacts=1, transferred=0, transfers=0, resolved=1, pending=0),
        Resolved(0, "sales", contacts=4, transferred=1, transfers=1, resolved=3, pending=1),
    ]


@settings(deadline=None)
@given(STEPS)
@example([(0, "queued", "c1", "li"), (0, "exit", "c1", "li")])  # in, and out in the same moment
def test_the_stored_waits_of_any_log_are_those_that_were_counted_live(
    steps: list[tuple[int, str, str, str]],
) -> None:
    """Where each contact has a call, as the log of a server has it."""
    day = Day()
    for contact in ("c1", "c2", "c3"):
        day.arrives(0, contact)
    over = set[str]()
    for logged in write(steps).log:
        contact_id = getattr(logged.event, "contact_id", None)
        if contact_id in over:
            continue  # nothing happens to a contact that is over
        if isinstance(logged.event, events.ContactEnded):
            over.add(logged.event.contact_id)
        day.tell((logged.at - at(0)).total_seconds(), logged.event)
    rows = Rows(Kept(), {})
    project(rows, day.log)
    waits = [row for (table, _), row in rows.changed.items() if table is QueueWait]

    state: State = day.fold.state
    ended = [row["outcome"] for row in waits if row["ended_at"] is not None]
    kept_out, sent_away = ended.count("turned_away"), ended.count("sent_away")
    live = state.centre.windows
    if state.periods.day_end > 0 and day.log[-1].at - at(0) < timedelta(hours=15):
        today = live.today
        assert len(waits) - kept_out == today.offered
        assert kept_out + sent_away == today.turned_away
        assert ended.count("answered") == today.answered
        assert ended.count("abandoned") == today.abandoned + today.short_abandoned
        assert ended.count("overflowed") == today.overflowed
        assert len(waits) - len(ended) == len(state.waits)


def test_the_reasons_that_are_faults_of_ours_are_those_of_a_server_error() -> None:
    assert {each.reason for each in ALL if each.result == "server_error"} == OURS
