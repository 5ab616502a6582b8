"""Reports of a log say what its live figures said, however they are cut; on both databases."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from acd.service_level import Formula, ServiceLevel, Waited
from cti_server.reporting.counting import begin_of, quarter_of
from cti_server.reporting.definitions import REPORTS
from cti_server.reporting.keeping import CountedQuarters
from cti_server.reporting.reading import Asked, ManagementReports, ReportsNotReady, Terms
from cti_server.reporting.satisfaction import satisfied
from cti_server.reporting.spans import Span
from cti_server.store.agents import Agent, Agents
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.wire import events
from cti_server.wire.events import Logged
from tests.fakes.databases import new_sqlite
from tests.live.days import LEVEL, NINE, ZONE, Day, at, store

RESTS = timedelta(seconds=60)  # less than until the next quarter is due
DAY = NINE.astimezone(ZoneInfo(ZONE)).date()
LINES: Mapping[str, int | None] = {"carrier": 30}


class Frozen:
    """A clock that is set."""

    def __init__(self, now: datetime) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment


class Stored:
    """A log of which everything is stored, until the database is away."""

    def __init__(self) -> None:
        self.away = False

    async def stored(self) -> None:
        if self.away:
            await asyncio.Event().wait()


class Reading:
    def __init__(self, database: Database, now: datetime, level: ServiceLevel = LEVEL) -> None:
        self.clock = Frozen(now)
        self.level = level
        self.log = Stored()
        log: Any = self.log
        self.quarters = CountedQuarters(database, log, self.clock)
        terms = Terms(lambda _: self.level, lambda queue, _: f"the {queue}", LINES)
        self._reports = ManagementReports(database, self.quarters, self.clock, terms)

    async def count(self) -> None:
        """All that is over."""
        now = self.clock.now()
        await self.quarters.start()
        while (due := await self.quarters.earliest()) is not None and due <= now + RESTS:
            await self.quarters.do(self.clock.now())

    async def __call__(
        self,
        report: str,
        by: str = "all",
        *,
        since: date = DAY,
        until: date = DAY,
        zone: str = ZONE,
        **more: Any,
    ) -> list[dict[str, Any]]:
        pages = self.pages(report, by, since=since, until=until, zone=zone, **more)
        return [row async for rows in pages for row in rows]

    def pages(
        self,
        report: str,
        by: str,
        *,
        since: date = DAY,
        until: date = DAY,
        zone: str = ZONE,
        **more: Any,
    ) -> AsyncIterator[Sequence[dict[str, Any]]]:
        asked = Asked(REPORTS[report], Span(since, until, ZoneInfo(zone), by), **more)
        return self._reports.rows(asked)


MARKS: Sequence[Sequence[tuple[str, int, int]]] = (
    [("service", 4, 5), ("solved", 2, 3)],
    [("service", 2, 5), ("service", 5, 5), ("solved", 3, 3)],  # thought better of the first
    [],  # pressed nothing
    [("service", 1, 5)],
)
"""What each customer answers: question, mark, best mark."""


def says(day: Day, seconds: float, contact: str, agent: str, *marks: tuple[str, int, int]) -> None:
    """The survey is begun and answered; whoever is not pleased at all complains."""
    about: Any = {
        "contact_id": contact,
        "interaction_id": f"{contact}-{agent}",
        "about_agent": agent,
        "queue": "sales",
    }
    day.tell(seconds, events.SurveyStarted(**about, flow="survey"))
    for question, mark, best in marks:
        rated = events.ContactRated(**about, question=question, rating=mark, best=best)
        day.tell(seconds, rated)
        if mark == 1:
            day.tell(seconds, events.AlertRaised(**about, alert_id=contact, kind="complaint"))


def busy_day() -> Day:
    day = Day()
    for agent in ("li", "wang"):
        day.state(0, agent, "ready")
    for n, (wait, talk) in enumerate([(3, 60), (19.5, 30), (21, 10), (40.25, 5)]):
        begins, agent = 400.0 * n, "wang" if n == 0 else "li"
        contact = f"c{n}"
        day.arrives(begins, contact)
        day.tell(begins, events.NodeEntered(contact_id=contact, flow="main", node="welcome"))
        day.queued(begins, contact)
        day.connected(begins + wait, contact, agent)
        ends = begins + wait + talk
        day.released(ends, contact, agent, wrap_up=7)
        says(day, ends, contact, agent, *MARKS[n])
        day.ends(ends, contact, "handled")
    for contact, begins, wait in (("gone", 2000, 30), ("short", 2100, 4), ("there", 2200, 0)):
        day.arrives(begins, contact)
        day.queued(begins, contact)
        if contact == "gone":  # about nobody; and what is no complaint
            day.tell(
                begins,
                events.ContactRated(contact_id=contact, question="service", rating=3, best=5),
            )
            day.tell(
                begins, events.AlertRaised(alert_id="gone", kind="complaint", contact_id="gone")
            )
            day.tell(
                begins,
                events.AlertRaised(
                    alert_id="fire",
                    kind="fire",
                    contact_id=contact,
                    about_agent="li",
                    queue="sales",
                ),
            )
        if wait:
            day.ends(begins + wait, contact, "abandoned")
    day.tell(2300, events.ContactTurnedAway(contact_id="full", queue="sales", reason="full"))
    day.offered(2400, "there", "li")
    day.refused(2410, "there", "li", "timed_out")
    absence = events.AgentStateChanged(
        agent_id="wang", state="not_ready", reason="lunch", since=at(2500)
    )
    day.tell(2500, absence)
    day.tell(2600, events.TrunkLineTaken(trunk="carrier"))
    taken = day.log[-1].sequence
    day.tell(2660, events.TrunkLineFreed(trunk="carrier", line=taken, answered=True))
    day.tell(2700, events.CallsRefused(trunk="carrier", cause="overload", calls=2))
    day.state(4000, "wang", "logged_out")
    return day


async def test_a_days_report_is_what_the_day_showed_live(database: Database) -> None:
    day = busy_day()
    await store(database, day.log)
    reading = Reading(database, at(5000))
    await reading.count()

    [sales] = await reading("queues")
    agents = {row["agent"]: row for row in await reading("agents")}
    [carrier] = await reading("trunks")
    live = day.row()["today"]
    counts = ("offered", "answered", "abandoned", "short_abandoned", "turned_away", "handled")
    assert {name: sales[name] for name in counts} == {name: live[name] for name in counts}
    assert (sales["title"], sales["offered"], sales["wait_p50"]) == ("the sales", 7, 21.0)
    for name in ("service_level", "abandon_rate", "asa", "aht", "talk", "hold", "wrap_up"):
        assert sales[name] == pytest.approx(live[name], abs=0.002)
    waits = [sales[f"wait_{name}"] for name in ("mean", "p50", "p90", "p95", "max")]
    assert waits == [22.75, 21.0, 40.25, 40.25, 40.25]
    assert (sales["fairness_agents"], sales["fairness_contacts"]) == (2, 0.8)
    for agent in ("li", "wang"):
        window = day.agent(agent, 5000)["today"]
        for name, value in window.items():
            assert agents[agent][name] == pytest.approx(value, abs=0.002), (agent, name)
    assert (agents["li"]["missed"], agents["li"]["accepted"]) == (1, 3)
    trunk = day.fold.state.trunks["carrier"].windows.today
    assert (carrier["arrived"], carrier["placed"], carrier["placed_answered"]) == (7, 1, 1)
    assert (carrier["refused"], carrier["peak"]) == (trunk.refused, trunk.peak) == (2, 2)
    still = (at(5000) - at(2200)).total_seconds()  # one line is busy since then
    assert carrier["busy_seconds"] == pytest.approx(trunk.line_ms / 1000, abs=still + 0.01)
    assert carrier["busy_hour"] == "2026-03-02T09:00:00+08:00"


async def test_what_customers_said_is_of_the_agent_the_team_and_the_queue_that_it_is_about(
    database: Database,
) -> None:
    await store(database, busy_day().log)
    reading = Reading(database, at(5000))
    await reading.count()

    names = ("surveys", "rated", "response_rate", "marks", "mean_mark", "csat")
    complaints = ("complaints", "complaint_rate")
    said = {
        row["agent"]: tuple(row[name] for name in (*names, *complaints))
        for row in await reading("agents")
    }
    [team], [queue] = await reading("teams"), await reading("queues")
    assert said == {
        "li": (3, 2, 0.6667, 3, round(9 / 13, 4), 0.6667, 1, 0.3333),
        "wang": (1, 1, 1.0, 2, 0.75, 0.5, 0, 0.0),
    }
    for row in (team, queue):
        told = tuple(row[name] for name in (*names, *complaints))
        assert told == (4, 3, 0.75, 5, round(15 / 21, 4), 0.6, 1, 0.25)

    ratings = {
        (row["question"], row["best"], row["mark"]): (row["ratings"], row["share"])
        for row in await reading("ratings")
    }
    assert ratings == {
        ("service", "5", "1"): (1, 0.25),
        ("service", "5", "3"): (1, 0.25),
        ("service", "5", "4"): (1, 0.25),
        ("service", "5", "5"): (1, 0.25),
        ("solved", "3", "2"): (1, 0.5),
        ("solved", "3", "3"): (1, 0.5),
    }
    [best] = await reading("ratings", only={"question": "service", "mark": "5"})
    assert (best["ratings"], best["share"]) == (1, 0.25)
    of_wang = await reading("ratings", sees=lambda agent_id, team: agent_id == "wang")
    assert [(row["mark"], row["share"]) for row in of_wang] == [("4", 1.0), ("2", 1.0)]


@pytest.mark.parametrize(
    ("best", "good"), [(2, {2}), (3, {3}), (4, {3, 4}), (5, {4, 5}), (9, {8, 9})]
)
def test_the_best_two_marks_are_satisfied_unless_that_were_most_of_the_scale(
    best: int, good: set[int]
) -> None:
    assert {mark for mark in range(1, best + 1) if satisfied(mark, best)} == good


async def test_the_sums_of_all_intervals_are_the_sum_of_the_span(database: Database) -> None:
    await store(database, busy_day().log)
    reading = Reading(database, at(5000))
    await reading.count()

    for name, report in REPORTS.items():
        added = [each.name for each in report.columns if not each.under and each.over]
        summed = {
            each
            for each in added
            if each not in {"peak", "lines", "fairness_agents"} and not each.startswith("wait_")
        }
        keys = [key.name for key in report.keys]
        whole = {tuple(row[key] for key in keys): row for row in await reading(name)}
        for by in ("15m", "30m", "hour", "day", "week", "month"):
            rows = await reading(name, by)
            assert {tuple(row[key] for key in keys) for row in rows} == {*whole}, (name, by)
            for key, total in whole.items():
                mine = [row for row in rows if tuple(row[one] for one in keys) == key]
                for each in summed:
                    assert sum(row[each] for row in mine) == pytest.approx(total[each])
                if "peak" in added:
                    assert max(row["peak"] for row in mine) == total["peak"]
    agents, [team] = await reading("agents"), await reading("teams")
    [queue], [channel] = await reading("queues"), await reading("channels")
    for name in ("talked_seconds", "held_seconds", "wrapped_seconds"):
        assert sum(row[name] for row in agents) == team[name] == queue[name] == channel[name]
    assert sum(row["handled"] for row in agents) == queue["handled"] == channel["handlings"] == 4
    absent = await reading("absences")
    assert sum(row["not_ready_seconds"] for row in absent) == team["not_ready_seconds"] == 1500
    [path], [calls] = (
        await reading("menu-paths", only={"path": "main: welcome"}),
        await reading("calls"),
    )
    assert (path["contacts"], calls["arrived"], calls["turned_away"]) == (4, 7, 1)


async def test_what_is_not_counted_yet_is_read_from_the_records_and_says_the_same(
    database: Database,
) -> None:
    await store(database, busy_day().log)
    early, late = Reading(database, at(1500)), Reading(database, at(5000))
    await early.quarters.start()
    await early.count()
    counted_early = early.quarters.counted
    early.clock.moment = at(5000)
    before = {name: await early(name, "15m") for name in REPORTS}
    await late.count()

    assert counted_early.stop == quarter_of(at(1500) - timedelta(minutes=2))
    assert late.quarters.counted.stop > counted_early.stop
    for name, rows in before.items():
        assert await late(name, "15m") == rows, name
    # Counted once more, from records that are still there.
    async with database.writing.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM counted_quarter")
    again = Reading(database, at(5000))
    await again.count()
    assert await again("agents", "15m") == before["agents"]


async def test_a_past_that_is_being_counted_is_no_report_yet(database: Database) -> None:
    await store(database, busy_day().log)
    reading = Reading(database, at(40_000))
    await reading.quarters.start()
    with pytest.raises(ReportsNotReady):
        await reading("agents")
    await reading.quarters.do(reading.clock.now())
    with pytest.raises(ReportsNotReady):
        await reading("agents")
    await reading.count()

    assert begin_of(reading.quarters.first) == at(0)
    assert len(await reading("agents")) == 2
    assert (
        await reading("agents", since=DAY + timedelta(days=9), until=DAY + timedelta(days=9)) == []
    )


async def test_a_database_that_does_not_take_the_log_holds_up_no_other_due_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cti_server.reporting.keeping.LOG_PATIENCE", 0.0)
    database = new_sqlite(tmp_path)
    await store(database, busy_day().log)
    reading = Reading(database, at(5000))
    counting, now = reading.quarters, reading.clock.now()

    async def counted() -> tuple[BaseException | None, range]:
        task = asyncio.create_task(counting.do(now))
        done, _ = await asyncio.wait({task}, timeout=10)
        assert done, "it waits without bound"
        return task.exception(), counting.counted

    await counting.start()
    reading.log.away = True
    error, known = await counted()  # nothing was: what the last one wrote may not be stored
    assert isinstance(error, UNAVAILABLE)
    assert len(known) == 0

    reading.log.away = False
    await counting.do(now)
    reading.log.away = True
    error, known = await counted()  # the past is, since that one
    assert (error, len(known)) == (None, 2)

    now += timedelta(minutes=15)
    error, after = await counted()
    assert isinstance(error, UNAVAILABLE)
    assert after == known
    await database.close()


async def test_a_teams_supervisor_sees_the_teams_agents_and_those_of_none(
    database: Database,
) -> None:
    await store(database, busy_day().log)
    async with database.sessions.begin() as session:
        for number, (agent, team) in enumerate((("li", "north"), ("wang", "south")), 1):
            Agents(session).add(Agent(id=agent, name=agent.title(), number=str(number), team=team))
    reading = Reading(database, at(5000))
    await reading.count()

    def north(agent_id: str, team: str | None) -> bool:
        return team in {None, "north"}

    for report, key in (("agents", "agent"), ("teams", "team"), ("absences", "agent")):
        rows = await reading(report, sees=north)
        assert {row[key] for row in rows} <= {"li", "north"}, report
    assert [row["name"] for row in await reading("agents", sees=north)] == ["Li"]
    assert [row["team"] for row in await reading("teams")] == ["north", "south"]
    assert [row["agent"] for row in await reading("agents", team="south")] == ["wang"]

    async with database.writing.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM agent WHERE id = 'wang'")
    assert [row["agent"] for row in await reading("agents")] == ["li", "wang"]
    for report, key in (("agents", "agent"), ("teams", "team"), ("absences", "agent")):
        rows = await reading(report, sees=north, sees_deleted=False)
        assert {row[key] for row in rows} <= {"li", "north"}, report


async def test_a_filter_that_finds_nothing_keeps_no_look_longer_than_rows_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cti_server.reporting.reading.MOST_INTERVALS", 2)
    database = new_sqlite(tmp_path)
    await store(database, busy_day().log)
    reading = Reading(database, at(5000))
    await reading.count()

    pages = [rows async for rows in reading.pages("agents", "15m", only={"agent": "nobody"})]

    assert pages == [[], [], []]  # the six quarters of which there are records
    assert len(await reading("agents", "15m", only={"agent": "li"})) == 6
    await database.close()


async def test_a_queues_target_of_today_is_applied_to_the_waits_of_any_day(
    database: Database,
) -> None:
    day = busy_day()
    await store(database, day.log)
    reading = Reading(database, at(5000))
    await reading.count()
    for formula in Formula:
        for within in (2, 20, 60):
            target = replace(LEVEL, formula=formula, within=timedelta(seconds=within))
            reading.level = target
            [sales] = await reading("queues")
            expected = target.of(_waits())
            assert sales["service_level"] == (None if expected is None else round(expected, 4))


def _waits() -> Any:
    for seconds in (3, 19.5, 21, 40.25):
        yield Waited(timedelta(seconds=seconds), answered=True)
    for seconds in (30, 4):
        yield Waited(timedelta(seconds=seconds), answered=False)


async def test_days_and_hours_are_local_whatever_the_clocks_do(database: Database) -> None:
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
    # Of these only waits are known: what happened first begins the count.
    reading = Reading(database, datetime(2026, 10, 26, 3, tzinfo=UTC))
    await reading.count()

    async def by(interval: str) -> dict[str, int]:
        since, until = date(2026, 10, 24), date(2026, 10, 26)
        rows = await reading("queues", interval, since=since, until=until, zone="Europe/Berlin")
        return {row["begins_at"]: row["turned_away"] for row in rows}

    assert await by("day") == {
        "2026-10-24T00:00:00+02:00": 1,
        "2026-10-25T00:00:00+02:00": 4,
        "2026-10-26T00:00:00+01:00": 1,
    }
    assert [begin[11:] for begin in await by("hour")] == [
        *("23:00:00+02:00", "00:00:00+02:00", "02:00:00+02:00", "02:00:00+01:00"),
        *("23:00:00+01:00", "00:00:00+01:00"),
    ]
    assert await by("week") == {
        "2026-10-24T00:00:00+02:00": 5,  # a Saturday, on which the span begins
        "2026-10-26T00:00:00+01:00": 1,
    }
    assert await by("month") == {"2026-10-24T00:00:00+02:00": 6}


async def test_lines_of_a_dead_server_are_free_when_the_next_one_starts(
    database: Database,
) -> None:
    day = Day()
    day.tell(0, events.TrunkLineTaken(trunk="carrier"))
    day.tell(600, events.ServerStarted(version="1"))
    day.tell(700, events.TrunkLineTaken(trunk="carrier"))
    taken = day.log[-1].sequence
    day.tell(760, events.TrunkLineFreed(trunk="carrier", line=taken, answered=False))
    await store(database, day.log)
    reading = Reading(database, at(4000))
    await reading.count()

    [carrier] = await reading("trunks")
    assert (carrier["placed"], carrier["busy_seconds"], carrier["peak"]) == (2, 660.0, 1)
