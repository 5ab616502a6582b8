"""
How long management reports of a month take: a centre of 280 seats, on both databases.

    python -m benchmarks.bench_reports [--seats 280 --days 31]

The quarters of an hour are written straight into their tables: every seat at work for nine hours of
a day, with sixteen offers an hour in ten queues. What it costs to count an hour of records into
quarters is measured on an hour of real rows.
"""

import argparse
import asyncio
import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert

from acd.service_level import ServiceLevel
from cti_server.clock import SystemClock
from cti_server.reporting.counting import begin_of, counted, quarter_of
from cti_server.reporting.definitions import REPORTS
from cti_server.reporting.keeping import CountedQuarters
from cti_server.reporting.reading import Asked, ManagementReports, Terms
from cti_server.reporting.spans import Span
from cti_server.store.agent_states import AgentStatePeriod, AgentStatus
from cti_server.store.base import Base
from cti_server.store.calls import Call
from cti_server.store.contacts import Contact
from cti_server.store.database import Database
from cti_server.store.interactions import Interaction
from cti_server.store.quarter_rows import store
from cti_server.store.quarter_sources import happened
from cti_server.store.quarters import (
    AbsenceQuarter,
    AgentQuarter,
    ContactQuarter,
    CountedQuarter,
    HandlingQuarter,
    LineQuarter,
    WaitQuarter,
)
from cti_server.store.queue_waits import QueueWait

from .both_databases import both_databases

ZONE = ZoneInfo("Asia/Shanghai")
FIRST = date(2026, 10, 1)
QUEUES = [f"queue-{number}" for number in range(10)]
NUMBERS = [f"4008{number:06}" for number in range(30)]
TRUNKS = ["carrier-a", "carrier-b"]
PATHS = [f"main: welcome > menu-{one} > item-{two}" for one in range(8) for two in range(5)]
A_QUARTER = 900_000  # milliseconds
AT_WORK = range(32, 68)  # quarters of the day
ASKED = (
    *(("agents", "all"), ("agents", "day"), ("agents", "hour"), ("teams", "day")),
    *(("absences", "all"), ("queues", "all"), ("queues", "day"), ("queues", "15m")),
    *(("trunks", "day"), ("numbers", "all"), ("menu-paths", "all"), ("channels", "day")),
)


class NothingLogged:
    async def stored(self) -> None:
        """All of it is."""


class Centre:
    """What its quarters have."""

    def __init__(self, seats: int) -> None:
        self.agents = [f"agent-{number:04}" for number in range(seats)]
        self._chance = random.Random(5)

    def quarter(self, number: int, *, busy: bool) -> dict[type[Base], list[dict[str, Any]]]:
        chance = self._chance
        rows: dict[type[Base], list[dict[str, Any]]] = {CountedQuarter: [{"number": number}]}
        if not busy:
            return rows
        for agent in self.agents:
            at = {"number": number, "agent_id": agent}
            talk, wrap = chance.randrange(400_000, 700_000), chance.randrange(60_000)
            _add(rows, AgentQuarter, {
                **at, "ready_ms": A_QUARTER - talk - wrap - 50_000, "not_ready_ms": 30_000,
                "ringing_ms": 20_000, "talking_ms": talk, "wrap_up_ms": wrap,
            })  # fmt: skip
            if chance.random() < 0.3:
                reason = chance.choice(("lunch", "training", ""))
                _add(rows, AbsenceQuarter, {
                    **at, "reason": reason, "times": 1, "not_ready_ms": 100_000,
                })  # fmt: skip
            for queue in chance.sample(QUEUES, 2):
                taken = dict.fromkeys(
                    ("missed", "declined", "unreachable", "withdrawn", "taken_over"), 0
                )
                _add(rows, HandlingQuarter, {
                    **at, **taken, "queue": queue, "channel": "voice", "presented": 2,
                    "accepted": 2, "handled": 2, "transferred": 0, "talk_ms": talk // 2,
                    "hold_ms": 0, "wrap_ms": wrap // 2,
                })  # fmt: skip
        contacts = len(self.agents) * 3
        for queue in QUEUES:
            some = contacts // len(QUEUES)
            none = ("overflowed", "exited", "lost", "turned_away")
            deferred = ("deferred_offered", "deferred_answered")
            _add(rows, WaitQuarter, {
                "number": number, "queue": queue, "offered": some,
                **dict.fromkeys((*none, *deferred), 0),
                "answered": sorted(chance.randrange(60_000) for _ in range(some - some // 20)),
                "abandoned": sorted(chance.randrange(90_000) for _ in range(some // 20)),
            })  # fmt: skip
        ways = [("trunk", each) for each in TRUNKS] + [("number", each) for each in NUMBERS]
        for kind, name in [*ways, ("all", "")]:
            nothing = ("refused", "unavailable", "turned_away", "placed", "placed_answered")
            _add(rows, LineQuarter, {
                "number": number, "kind": kind, "name": name, "arrived": 20, "answered": 20,
                **dict.fromkeys(nothing, 0), "busy_ms": chance.randrange(10**8), "peak": 90,
            })  # fmt: skip
        for kind, name in [("channel", "voice"), *(("path", each) for each in PATHS)]:
            counts = {
                column.name: chance.randrange(20)
                for column in ContactQuarter.__table__.columns
                if not column.primary_key
            }
            _add(rows, ContactQuarter, {"number": number, "kind": kind, "name": name, **counts})
        return rows

    def hour(self, connection: Connection, begin: datetime) -> int:
        """Records of one hour; how many contacts."""
        rows: dict[type[Base], list[dict[str, Any]]] = {}
        number = 0
        for place, agent in enumerate(self.agents):
            _add(rows, AgentStatus, {"agent_id": agent, "state": "ready", "since": begin})
            for turn in range(12):
                number += 1
                at = begin + timedelta(minutes=5 * turn, seconds=place % 240)
                for step, state in enumerate(("ringing", "talking", "wrap_up", "ready")):
                    _add(rows, AgentStatePeriod, {
                        "id": number * 4 + step, "agent_id": agent, "state": state,
                        "started_at": at + timedelta(seconds=60 * step),
                        "ended_at": at + timedelta(seconds=60 * (step + 1)),
                    })  # fmt: skip
                self._contact(rows, number, agent, at)
        for table, some in rows.items():
            connection.execute(insert(table), some)
        return number

    def _contact(
        self, rows: dict[type[Base], list[dict[str, Any]]], number: int, agent: str, at: datetime
    ) -> None:
        queue, over = QUEUES[number % 10], at + timedelta(seconds=180)
        contact = f"contact-{number}"
        said = {"caller_number": "", "dialled_number": NUMBERS[number % 30]}
        _add(rows, Contact, {
            "id": contact, "channel": "voice", "call_id": contact, **said, "arrived_at": at,
            "ended_at": over, "connected_at": at, "outcome": "handled", "flow": "main",
            "path": ["welcome", "menu-1"], "customer_ids": [], "attributes": {},
            "requirements": {}, "in_hand": {}, "queue": queue,
        })  # fmt: skip
        _add(rows, Call, {
            "id": contact, "contact_id": contact, "sip_call_id": contact, **said,
            "trunk": TRUNKS[number % 2], "arrived_at": at, "answered_at": at, "ended_at": over,
        })  # fmt: skip
        _add(rows, Interaction, {
            "id": contact, "contact_id": contact, "call_id": contact, "agent_id": agent,
            "queue": queue, "offered_at": at, "expires_at": at, "accepted_at": at,
            "started_at": at, "ended_at": over, "wrap_up_ended_at": over, "outcome": "handled",
            "why": {"rule": "longest_idle"},
        })  # fmt: skip
        _add(rows, QueueWait, {
            "id": number, "contact_id": contact, "queue": queue, "joined_at": at, "since": at,
            "ended_at": at, "outcome": "answered", "wait_seconds": 12.0,
        })  # fmt: skip


def _add(rows: dict[type[Base], list[dict[str, Any]]], table: type[Base], row: Any) -> None:
    rows.setdefault(table, []).append(row)


async def fill(database: Database, centre: Centre, days: int) -> None:
    begin = quarter_of(datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=ZONE))

    def one_day(connection: Connection, day: int) -> None:
        for place in range(96):
            rows = centre.quarter(begin + day * 96 + place, busy=place in AT_WORK)
            for table, some in rows.items():
                connection.execute(insert(table), some)

    for day in range(days):
        await database.in_transaction(partial(one_day, day=day))


async def measure(url: str, seats: int, days: int) -> None:
    database, centre = Database(url), Centre(seats)
    await database.upgrade()
    begun = time.perf_counter()
    await fill(database, centre, days)
    print(
        f"{database.dialect}: {days} days of {seats} seats in {time.perf_counter() - begun:.0f} s"
    )
    await _count_an_hour(database, centre)
    log: Any = NothingLogged()
    quarters = CountedQuarters(database, log, SystemClock())
    await quarters.start()
    reports = ManagementReports(
        database,
        quarters,
        SystemClock(),
        Terms(lambda _: ServiceLevel(), lambda queue, _: queue, dict.fromkeys(TRUNKS, 240)),
    )
    for name, by in ASKED:
        span = Span(FIRST, FIRST + timedelta(days=days - 1), ZONE, by)
        for took, cpu, rows in _best([await _read(reports, name, span) for _ in range(2)]):
            print(f"  {name:11} by {by:4} {rows:7} rows  {took:6.2f} s, {cpu:5.2f} s of CPU here")
    print(f"  load {os.getloadavg()[0]:.1f}")
    await database.close()


async def _read(reports: ManagementReports, name: str, span: Span) -> tuple[float, float, int]:
    begun, cpu, rows = time.perf_counter(), time.process_time(), 0
    async for some in reports.rows(Asked(REPORTS[name], span)):
        rows += len(some)
    return time.perf_counter() - begun, time.process_time() - cpu, rows


def _best(runs: list[tuple[float, float, int]]) -> Iterator[tuple[float, float, int]]:
    yield min(runs)


async def _count_an_hour(database: Database, centre: Centre) -> None:
    begin = datetime(2026, 9, 1, 9, tzinfo=UTC)
    contacts = await database.in_transaction(lambda it: centre.hour(it, begin))
    first = quarter_of(begin)
    numbers = range(first, first + 4)

    def count(connection: Connection) -> float:
        begun = time.thread_time()
        found = happened(connection, begin_of(numbers.start), begin_of(numbers.stop))
        store(connection, numbers, counted(found, begin_of(numbers.stop)))
        return time.thread_time() - begun

    begun = time.perf_counter()
    cpu = await database.in_transaction(count)
    took = time.perf_counter() - begun
    print(f"  an hour of {contacts} contacts counted in {took:.2f} s, {cpu:.2f} s of CPU")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seats", type=int, default=280)
    arguments.add_argument("--days", type=int, default=31)
    given = arguments.parse_args()
    with both_databases() as urls:
        for url in urls:
            asyncio.run(measure(url, given.seats, given.days))


if __name__ == "__main__":
    main()
