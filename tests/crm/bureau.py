"""Tickets and tasks on a real database and log, at a time that the test sets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cti_server.due import DueWork
from cti_server.store.agents import Agent
from cti_server.store.changes import Changes
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.store.tasks import Task
from cti_server.store.ticket_clocks import TicketClock, TicketEscalation
from cti_server.store.tickets import Ticket, TicketCallBack
from cti_server.tickets import moving, shipped
from cti_server.tickets.edit import Edit
from cti_server.tickets.escalations import Escalations
from cti_server.tickets.opening import NewTicket, open_ticket
from cti_server.tickets.reminders import Reminders
from cti_server.wire.events import RecordChanged

SHANGHAI = ZoneInfo("Asia/Shanghai")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def monday(hour: float) -> datetime:
    """A moment of Monday, 23 November 2026, in Shanghai; the office is open from 9 to 18."""
    return datetime(2026, 11, 23, tzinfo=SHANGHAI) + hour * HOUR


class _SetClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class Bureau:
    def __init__(self, database: Database, log: EventLog, clock: _SetClock) -> None:
        self.database = database
        self._log = log
        self._clock = clock
        self._ids = count(1)
        self.changes = Changes(database, log.append, now=clock.now, new_id=self.new_id)
        self.works: list[DueWork] = [
            Escalations(database, self.changes, self.new_id),
            Reminders(database, self.changes, self.new_id),
        ]

    def new_id(self) -> str:
        return f"id-{next(self._ids)}"

    def now(self) -> datetime:
        return self._clock.at

    def set(self, at: datetime) -> None:
        self._clock.at = at

    @asynccontextmanager
    async def editing(self, by: str = "li") -> AsyncIterator[Edit]:
        async with self.changes.begin(by) as change:
            yield Edit(change, self.now(), self.new_id)

    async def open(self, type: str = "complaint", by: str = "li", **given: Any) -> Ticket:
        async with self.editing(by) as edit:
            return await open_ticket(
                edit, NewTicket(type=type, subject="Wrong bill", **{"owner_id": "li", **given})
            )

    async def move(self, ticket: Ticket, to: str, by: str = "li") -> Ticket:
        async with self.editing(by) as edit:
            found, kind = await moving.locked(edit, ticket.id)
            await moving.move(edit, found, kind, to)
            return found

    async def change(self, ticket: Ticket, **values: Any) -> Ticket:
        async with self.editing() as edit:
            found, kind = await moving.locked(edit, ticket.id)
            await moving.change(edit, found, kind, values)
            return found

    async def call_back(self, ticket: Ticket, *, reached: bool) -> None:
        async with self.editing() as edit:
            edit.session.add(
                TicketCallBack(
                    id=edit.new_id(),
                    ticket_id=ticket.id,
                    at=edit.now,
                    called_by=edit.by,
                    reached=reached,
                )
            )

    async def due_at(self) -> datetime | None:
        """The earliest moment at which any work is due."""
        found = [at for work in self.works if (at := await work.earliest()) is not None]
        return min(found, default=None)

    async def pass_until(self, at: datetime) -> None:
        """Let time pass, and do what falls due at its moment."""
        while (due := await self.due_at()) is not None and due <= at:
            self.set(max(due, self.now()))
            for work in self.works:
                await work.do(self.now())
        self.set(at)

    async def clock(self, ticket: Ticket, kind: str = "resolution") -> TicketClock:
        async with self.database.readers() as session:
            return await session.get_one(TicketClock, (ticket.id, kind))

    async def ticket(self, ticket: Ticket) -> Ticket:
        async with self.database.readers() as session:
            return await session.get_one(Ticket, ticket.id)

    async def tasks(self, ticket: Ticket) -> list[Task]:
        async with self.database.readers() as session:
            query = select(Task).where(Task.ticket_id == ticket.id)
            return list(await session.scalars(query.order_by(Task.created_at, Task.id)))

    async def escalations(self, ticket: Ticket) -> list[tuple[str, int, datetime, list[str]]]:
        async with self.database.readers() as session:
            query = select(TicketEscalation).where(TicketEscalation.ticket_id == ticket.id)
            query = query.order_by(TicketEscalation.due_at, TicketEscalation.step)
            return [(e.clock, e.step, e.due_at, e.told) for e in await session.scalars(query)]

    async def heard(self, record: str, action: str) -> list[str | None]:
        """Whose desktops were told of this, in order."""
        events = [one.event for one in await self._log.since(0, 10_000)]
        return [
            event.agent_id
            for event in events
            if isinstance(event, RecordChanged) and (event.record, event.action) == (record, action)
        ]


@asynccontextmanager
async def opened(database: Database, folder: Path) -> AsyncIterator[Bureau]:
    clock = _SetClock(monday(9))
    log = EventLog(database, folder / "journal", clock, move_every=60)
    await log.start()
    bureau = Bureau(database, log, clock)
    async with database.sessions.begin() as session:
        for number, (id, role, team) in enumerate(
            [
                ("li", "agent", "north"),
                ("wang", "agent", "north"),
                ("zhao", "supervisor", "north"),
                ("zhou", "supervisor", "south"),
            ]
        ):
            session.add(
                Agent(id=id, name=id.title(), number=str(8001 + number), roles=[role], team=team)
            )
        for id, tier in (("chen", "standard"), ("gu", "gold")):
            session.add(
                Customer(id=id, name=id, tier=tier, created_at=monday(0), updated_at=monday(0))
            )
    await shipped.load(bureau.changes, bureau.now(), bureau.new_id)
    try:
        yield bureau
    finally:
        await log.close()
