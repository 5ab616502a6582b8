"""An outbox on a real database and log, with a clock to be moved and a sender to be told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from cti_server.outbox.outbox import Outbox
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.store.outbox import OutboxJob, OutboxJobs
from cti_server.wire.events import MessageFailed, MessageSent
from fax_sms_email.attempts import Pace, Patience
from fax_sms_email.errors import NotSent
from tests.store.logs import open_log
from tests.store.stories import NINE

_ids = count(1)


class HandClock:
    def __init__(self) -> None:
        self.at = NINE

    def now(self) -> datetime:
        return self.at

    def passes(self, **time: float) -> None:
        self.at += timedelta(**time)


class ToldSender:
    """``answers`` are of the next sendings: None, a failure, or "hang" for ever."""

    at_once = 2
    within = timedelta(seconds=20)
    patience = Patience(Pace(timedelta(seconds=10), timedelta(hours=1)), timedelta(days=1))

    def __init__(self) -> None:
        self.answers: list[NotSent | Exception | str | None] = []
        self.sent: list[str] = []
        self.asked = asyncio.Event()

    async def send(self, job: OutboxJob) -> None:
        self.sent.append(job.recipient)
        self.asked.set()
        answer = self.answers.pop(0) if self.answers else None
        if answer == "hang":
            await asyncio.Event().wait()
        if isinstance(answer, Exception):
            raise answer


class PostOffice:
    def __init__(self, database: Database, log: EventLog) -> None:
        self.database = database
        self.log = log
        self.clock = HandClock()
        self.sender = ToldSender()
        self.changes = Changes(
            database, log.append, now=self.clock.now, new_id=lambda: f"id-{next(_ids)}"
        )
        self.woken = asyncio.Event()
        self.outbox = self.opened()

    def opened(self) -> Outbox:
        """As after a crash: the same database, and nothing remembered."""
        self.outbox = Outbox(
            {"email": self.sender},
            self.database,
            self.changes,
            self.clock,
            self.woken.set,
            chance=lambda: 1.0,
        )
        return self.outbox

    async def put(self, to: str, *, key: str = "", channel: str = "email", **also: Any) -> bool:
        async with self.database.sessions.begin() as session:
            return await OutboxJobs(session).put(
                f"job-{to}", key or to, channel, to, {"text": "hello"}, self.clock.now(), **also
            )

    async def turn(self) -> None:
        """What the due timer does: what is due is done, to its end."""
        while (at := await self.outbox.earliest()) is not None and at <= self.clock.now():
            await self.outbox.do(self.clock.now())
            await self.quiet()

    async def quiet(self) -> None:
        """Nothing is on its way any more."""
        async with asyncio.timeout(30):
            while self.outbox.running:
                self.woken.clear()
                await self.woken.wait()

    async def job(self, to: str) -> OutboxJob:
        async with self.database.readers() as session:
            return await OutboxJobs(session).need(f"job-{to}", [])

    async def told(self) -> list[MessageSent | MessageFailed]:
        await self.log.stored()
        events = [one.event for one in await self.log.since(0)]
        return [event for event in events if isinstance(event, MessageSent | MessageFailed)]


@asynccontextmanager
async def open_post_office(database: Database, folder: Path) -> AsyncIterator[PostOffice]:
    async with open_log(database, folder / "journal") as log:
        office = PostOffice(database, log)
        yield office
        await office.outbox.close(within=0)
