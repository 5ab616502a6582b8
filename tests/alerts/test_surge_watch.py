"""The watch of surges on a real database: what it learns, raises with its breakdown, and clears."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cti_server.alerts import arriving
from cti_server.alerts.open_alerts import OpenAlerts
from cti_server.alerts.surge_watch import SurgeWatch
from cti_server.live.snapshot import Snapshot
from cti_server.reporting.counting import quarter_of
from cti_server.store.contacts import Contact
from cti_server.store.database import Database
from cti_server.store.quarters import LineQuarter
from cti_server.store.queue_waits import QueueWait
from cti_server.wire.events import (
    AlertCleared,
    AlertDetailed,
    AlertRaised,
    CallArrived,
    Event,
    Logged,
)
from tests.fakes.databases import new_sqlite

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NUMBER = "95555"
WUHAN, SHANGHAI = "+862787654321", "+862187654321"


class Quarters:
    """All that ever was is counted, from some week on."""

    def __init__(self, weeks: int) -> None:
        self.first = quarter_of(NINE - timedelta(weeks=weeks, hours=1))
        self.counted = range(self.first, quarter_of(NINE))


class Watched:
    """A surge watch whose minutes pass when a test says so; ``minute``: its process's first."""

    def __init__(self, database: Database, weeks: int, *, minute: int = 0) -> None:
        self.database = database
        self.minute = minute
        self.offered: dict[str, int] = {}  # today, by queue
        self.is_away = False
        self.told: list[Event] = []
        self.alerts = OpenAlerts(self.append, lambda: f"a{len(self.told)}")
        self.watch = SurgeWatch(
            self.alerts,
            self.figures,
            Quarters(weeks),
            database,
            self,
            stored=self.stored,
            zone="Asia/Shanghai",
            region="CN",
        )

    def now(self) -> datetime:
        return NINE + timedelta(minutes=self.minute)

    def figures(self) -> Snapshot:
        queues = {name: {"today": {"offered": count}} for name, count in self.offered.items()}
        return Snapshot(sequence=1, at=self.now(), day=NINE, interval_from=NINE, queues=queues)

    async def stored(self) -> None:
        """Everything is, while the database is there."""
        if self.is_away:
            raise TimeoutError

    def append(self, event: Event) -> None:
        self.told.append(event)
        self.alerts.hear(Logged(len(self.told), self.now(), event))

    async def minutes(self, number: int, calls: int, caller: str = SHANGHAI) -> None:
        """So many pass, with so many calls in each."""
        for _ in range(number):
            await recorded(self.database, range(self.minute, self.minute + 1), calls, caller)
            for call in range(calls):
                arrived = CallArrived(
                    call_id=f"{self.minute}-{call}", contact_id=f"{self.minute}-{call}",
                    sip_call_id="s", caller_number=caller, dialled_number=NUMBER, trunk="t",
                )  # fmt: skip
                self.watch.hear(Logged(1, self.now(), arrived))
            self.minute += 1
            await self.watch.look()


async def recorded(database: Database, minutes: range, calls: int, caller: str = SHANGHAI) -> None:
    """As the records have it, whatever process has heard the calls."""
    async with database.sessions() as session, session.begin():
        for minute in minutes:
            for call in range(calls):
                at = NINE + timedelta(minutes=minute, seconds=call)
                session.add(contact(f"{minute}-{call}", at, caller, ["interest"]))


def contact(contact_id: str, at: datetime, caller: str, path: list[str]) -> Contact:
    return Contact(
        id=contact_id, channel="voice", call_id=contact_id, caller_number=caller,
        dialled_number=NUMBER, arrived_at=at, flow="bank", path=path,
    )  # fmt: skip


async def usual(database: Database, weeks: int) -> None:
    """Two calls a minute at this time of each week, from Shanghai."""
    async with database.sessions() as session, session.begin():
        for back in range(1, weeks + 1):
            at = NINE - timedelta(weeks=back)
            for quarter in range(quarter_of(at) - 4, quarter_of(at) + 8):
                session.add(
                    LineQuarter(
                        number=quarter, kind="number", name=NUMBER, arrived=30, answered=30,
                        refused=0, unavailable=0, turned_away=0, placed=0, placed_answered=0,
                        busy_ms=0, peak=1,
                    )
                )  # fmt: skip
            for number in range(20):
                session.add(contact(f"w{back}-{number}", at, SHANGHAI, ["balance"]))


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    it = new_sqlite(tmp_path)
    yield it
    await it.close()


async def test_a_surge_is_raised_with_what_is_new_about_it_and_ends_by_itself(
    database: Database,
) -> None:
    await usual(database, 5)
    it = Watched(database, 5)
    await it.minutes(16, 2)
    assert it.told == []
    [expected] = it.watch.forecasts()
    assert (expected.subject, expected.name, expected.weeks) == ("number", NUMBER, 5)
    assert expected.expected_per_hour == pytest.approx(120, rel=0.02)

    await it.minutes(5, 12, caller=WUHAN)
    [alert] = it.alerts.all
    assert (alert.kind, alert.severity, alert.lasting) == ("surge", "critical", True)
    assert alert.surge is not None
    assert alert.surge.parts is None  # it is told before that is known
    assert await it.watch.break_down() is True
    [alert] = it.alerts.all
    surge = alert.surge
    assert surge is not None
    assert (surge.name, surge.window_minutes, surge.weeks) == (NUMBER, 5, 5)
    assert surge.count > 2 * surge.expected
    assert surge.parts is not None
    first = {part.dimension: part for part in reversed(surge.parts)}
    path, region = first["menu_path"], first["region"]
    assert (path.name, path.share, path.share_before) == ("bank: interest", 1.0, 0.0)
    assert region.labels is not None
    assert (region.name, region.labels.en, region.share_before) == (
        "湖北省武汉市",
        "Wuhan, Hubei",
        0,
    )
    assert region.share > 0.5

    await it.minutes(20, 2)
    assert list(it.alerts.all) == []
    assert [type(event) for event in it.told] == [AlertRaised, AlertDetailed, AlertCleared]


async def test_what_an_earlier_process_could_not_tell_of_a_surge_is_told_when_the_records_are_there(
    database: Database,
) -> None:
    await usual(database, 5)
    await recorded(database, range(5), 12, WUHAN)
    it = Watched(database, 5, minute=5)
    details = {
        "subject": "number", "name": NUMBER, "window_minutes": 5, "count": 60, "expected": 10.0,
        "weeks": 5, "parts": None,
    }  # fmt: skip
    it.alerts.raise_one("surge", lasting=True, details=details)
    it.watch.adopt()
    it.is_away = True
    assert await it.watch.break_down() is False

    it.is_away = False
    assert await it.watch.break_down() is True
    [alert] = it.alerts.all
    assert alert.surge is not None
    assert alert.surge.parts is not None
    [region] = [part for part in alert.surge.parts if part.dimension == "region"]
    assert (region.name, region.count, region.share_before) == ("湖北省武汉市", 60, 0)


async def test_whoever_dials_through_a_block_of_numbers_has_a_bounded_number_watched(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "MOST_NUMBERS", 3)
    it = Watched(database, 0)
    for number in (*range(5), 0):
        arrived = CallArrived(
            call_id="c", contact_id="k", sip_call_id="s", caller_number=SHANGHAI,
            dialled_number=f"955{number}", trunk="t",
        )  # fmt: skip
        it.watch.hear(Logged(1, NINE, arrived))
    await it.watch.look()

    assert [one.name for one in it.watch.forecasts()] == ["9550", "9551", "9552"]


async def test_what_an_earlier_process_raised_ends_though_nobody_calls_or_the_queue_is_gone(
    database: Database,
) -> None:
    await usual(database, 5)
    await recorded(database, range(5), 12)
    it = Watched(database, 5, minute=5)
    for subject, name in (("number", NUMBER), ("queue", "gone")):
        details = {
            "subject": subject, "name": name, "window_minutes": 5, "count": 60, "expected": 10.0,
            "weeks": 5, "parts": None,
        }  # fmt: skip
        it.alerts.raise_one("surge", lasting=True, details=details)
    it.watch.adopt()

    await it.minutes(1, 0)
    assert [one.surge.name for one in it.alerts.all if one.surge] == [NUMBER]
    await it.minutes(15, 0)
    assert list(it.alerts.all) == []


async def test_a_surge_that_began_before_a_restart_is_found_in_the_first_minute(
    database: Database,
) -> None:
    """Of a number that nobody has called since, and of a queue whose figures go on."""
    await usual(database, 5)
    await recorded(database, range(5), 12, WUHAN)
    async with database.sessions() as session, session.begin():
        for number in range(20):
            at = NINE + timedelta(minutes=4, seconds=number)
            session.add(
                QueueWait(id=number, contact_id=f"q{number}", queue="loans", joined_at=at, since=at)
            )
    it = Watched(database, 5, minute=5)
    it.offered = {"loans": 320, "cards": 300}
    await it.watch.look()

    found = {one.surge.name: one.surge for one in it.alerts.all if one.surge}
    assert {name: (one.window_minutes, one.count) for name, one in found.items()} == {
        NUMBER: (5, 60),
        "loans": (5, 20),
    }
    await it.minutes(20, 2)
    assert list(it.alerts.all) == []


async def test_what_was_usual_before_a_restart_is_no_surge_after_it(database: Database) -> None:
    await usual(database, 5)
    await recorded(database, range(40), 2)
    it = Watched(database, 5, minute=40)
    await it.minutes(10, 2)
    assert it.told == []


async def test_a_surge_that_began_before_a_restart_is_found_as_soon_as_the_records_are_there(
    database: Database,
) -> None:
    await usual(database, 5)
    await recorded(database, range(5), 20, WUHAN)
    it = Watched(database, 5, minute=5)
    it.is_away = True
    await it.minutes(2, 0)
    assert it.told == []  # it knows less, and goes on

    it.is_away = False
    await it.minutes(1, 0)
    [alert] = it.alerts.all
    assert alert.surge is not None
    assert (alert.surge.name, alert.surge.window_minutes, alert.surge.count) == (NUMBER, 5, 40)


async def test_a_number_that_nobody_had_called_surges_in_its_first_minute(
    database: Database,
) -> None:
    await usual(database, 5)
    it = Watched(database, 5)
    await it.minutes(1, 0)
    await it.minutes(1, 40)
    [alert] = it.alerts.all
    assert alert.surge is not None
    assert (alert.surge.name, alert.surge.count) == (NUMBER, 40)


async def test_where_too_little_is_known_it_says_so_and_raises_nothing(database: Database) -> None:
    await usual(database, 2)
    it = Watched(database, 2)
    await it.minutes(16, 2)
    await it.minutes(3, 30)

    assert it.told == []
    [unknown] = it.watch.forecasts()
    assert (unknown.expected_per_hour, unknown.weeks, unknown.weeks_needed) == (None, 2, 3)
