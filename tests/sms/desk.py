"""Who sees to texts, on a real database, log and flow; it can be made to die at a given moment."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import select

from config.self_service import ServiceSettings
from config.settings import SHIPPED
from config.sms import SmsSettings
from crm.pop import Pop
from cti_server.calls.exchange import Exchange
from cti_server.channels.tray import Tray
from cti_server.channels.work import About
from cti_server.self_service.values import in_region
from cti_server.sms.conclusions import Answer, Conclusions
from cti_server.sms.inbox import Inbox
from cti_server.sms.services import Services
from cti_server.sms.turns import Offered, Turns
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.store.outbox import OutboxJob
from cti_server.store.sms_messages import SmsMessage, SmsMessages
from cti_server.store.sms_sessions import SmsSession
from cti_server.store.tickets import Ticket
from cti_server.tickets import shipped
from cti_server.tickets.in_calls import TicketsInCalls
from cti_server.tickets.opening import NewTicket
from cti_server.wire.events import ContactQueued, Event
from fax_sms_email.texts import ReceivedText
from ivr.flow import load
from ivr.inquiries import FirstRow, LookUp
from tests.store.logs import open_log
from tests.store.stories import NINE

KEY = b"key"
OURS = "10690000"
LI = "+8613800138000"
SUBSCRIBER = "12345678"
OFFERED = {
    "fault": ServiceSettings.model_validate(
        {"flow": "fault", "title": {"zh": "故障报修", "en": "Report a fault"}}
    )
}
SMS: dict[str, Any] = {
    "gateways": {
        "kannel": {
            "send_url": "http://127.0.0.1:9/sendsms",
            "username": "-",
            "password": "-",
            "secret": "0123456789ab",
        }
    },
    "numbers": {
        OURS: {
            "gateway": "kannel",
            "keywords": {
                "报修": {"service": "fault", "language": "zh"},
                "FAULT": {"service": "fault", "language": "en"},
            },
        }
    },
}
NOBODY = Pop(match="none")


class HandClock:
    def __init__(self) -> None:
        self.at = NINE

    def now(self) -> datetime:
        return self.at


async def _nobody_waits(_: str) -> None:
    pass


class Ports:
    """
    What the flow asks. ``dies_at``: the moment after which nothing of this life goes on;
    ``whose``: what another system does meanwhile that is asked whose a number is.
    """

    def __init__(self, tickets: TicketsInCalls) -> None:
        self.dies_at = ""
        self.dead = asyncio.Event()
        self.whose: Callable[[str], Awaitable[None]] = _nobody_waits
        self._tickets = tickets

    async def at(self, moment: str) -> None:
        if moment == self.dies_at:
            self.dies_at = ""
            self.dead.set()
            await asyncio.Event().wait()

    async def open(self, new: NewTicket) -> str | None:
        await self.at("before the ticket")
        number = await self._tickets.open(new)
        await self.at("after the ticket")
        return number

    async def look_up(self, wish: LookUp | str) -> Any:
        if isinstance(wish, str):
            await self.whose(wish)
            return NOBODY
        await self.at("while it is looked up")
        known = wish.values["account"] == SUBSCRIBER
        return FirstRow({"account": SUBSCRIBER, "address": "海德路 8 号"} if known else None)


class Queues:
    """The agents' tray, as a session sees it: what it is given waits."""

    def __init__(self, log: EventLog, clock: HandClock) -> None:
        self.log = log
        self.clock = clock
        self.taken: list[About] = []

    def take_over(self, about: About, queue: str, contact_id: str, **_: Any) -> None:
        self.taken.append(about)
        self.log.append(
            ContactQueued(
                contact_id=contact_id,
                queue=queue,
                queued_at=self.clock.now(),
                priority=0,
                requirements={},
                channel=about.channel,
            )
        )


class DyingConclusions(Conclusions):
    ports: Ports

    async def conclude(self, message: SmsMessage, answer: Answer) -> None:
        await self.ports.at("before it is marked")
        await super().conclude(message, answer)
        await self.ports.at("after it is marked")


class Desk:
    def __init__(self, database: Database, log: EventLog) -> None:
        self.database = database
        self.log = log
        self.clock = HandClock()
        self.settings = SmsSettings.model_validate(SMS)
        self.flows = {"fault": load(SHIPPED / "flows" / "fault.yaml")}
        self._ids = count(1)
        self.changes = Changes(database, log.append, now=self.clock.now, new_id=self.new_id)
        self.ports = Ports(TicketsInCalls(self.changes, self.clock, self.new_id, in_time=20))
        self.queues = Queues(log, self.clock)
        self._gateway_ids = count(1)

    def new_id(self) -> str:
        return f"id-{next(self._ids):06}"

    async def open(self) -> None:
        """A life begins; the database has what the one before had told."""
        await self.log.stored()
        exchange = SimpleNamespace(
            clock=self.clock,
            append=self.log.append,
            customers=self.ports,
            other_systems=self.ports,
            tickets=self.ports,
            queues={"repair": SimpleNamespace(hours=None)},
            region="CN",
            is_open=lambda calendar, now: True,
            new_id=self.new_id,
            pop_budget=5.0,
        )
        self.services = Services(
            cast("Exchange", exchange),
            cast("Tray", self.queues),
            self.database,
            self.log,
            self.flows,
            OFFERED,
            in_region("CN"),
            idle=600.0,
            at_once=10,
        )
        conclusions = DyingConclusions(
            self.changes, self.ports.look_up, self.clock, self.new_id, KEY
        )
        conclusions.ports = self.ports
        self.turns = Turns(
            self.settings,
            Offered(OFFERED, KEY),
            self.services,
            conclusions,
            self.database,
            self.log,
            self.clock,
            lambda: None,
        )
        async with self.database.sessions.begin() as session:
            await SmsMessages(session).take_up(self.clock.now())
        await self.services.take_up()

    async def close(self) -> None:
        """It ends, as if killed: nothing that goes on has another word."""
        await self.turns.close()
        await self.services.close()

    async def take(self, text: str, number: str = LI) -> None:
        inbox = Inbox(
            self.settings.kannels,
            {"kannel": "-"},
            self.settings.numbers,
            self.changes,
            self.clock,
            self.new_id,
            "CN",
        )
        self.clock.at += timedelta(seconds=1)
        received = ReceivedText(
            gateway_id=str(next(self._gateway_ids)), number=number, our_number=OURS, text=text
        )
        assert await inbox.take("kannel", received)

    async def see_to(self) -> None:
        """Everything that is due, to its end or to the death of it."""
        async with asyncio.timeout(60):
            while (at := await self.turns.earliest()) is not None and at <= self.clock.now():
                await self.turns.do(self.clock.now())
                while self.turns.running and not self.ports.dead.is_set():
                    died = asyncio.create_task(self.ports.dead.wait())
                    await asyncio.wait(
                        [*self.turns.running, died], return_when=asyncio.FIRST_COMPLETED
                    )
                    died.cancel()
                if self.ports.dead.is_set():
                    return

    async def asks(self, *texts: str) -> str:
        """One after the other; the last answer."""
        for text in texts:
            await self.take(text)
            await self.see_to()
        return (await self.sent())[-1]

    async def sent(self, number: str = LI) -> list[str]:
        """What waits in the outbox for them, in order."""
        query = select(OutboxJob).where(OutboxJob.recipient == number, OutboxJob.state == "waiting")
        async with self.database.readers() as session:
            jobs = await session.scalars(query.order_by(OutboxJob.created_at, OutboxJob.id))
            return [job.content["text"] for job in jobs]

    async def stored(self) -> tuple[list[SmsMessage], list[SmsSession], list[Ticket]]:
        async with self.database.readers() as session:
            messages = (await session.scalars(select(SmsMessage).order_by(SmsMessage.id))).all()
            sessions = (await session.scalars(select(SmsSession))).all()
            tickets = (await session.scalars(select(Ticket))).all()
        return list(messages), list(sessions), list(tickets)

    async def told(self) -> list[Event]:
        await self.log.stored()
        return [one.event for one in await self.log.since(0)]

    async def counted(self) -> Counter[str]:
        return Counter(type(event).__name__ for event in await self.told())


@asynccontextmanager
async def opened(database: Database, folder: Path) -> AsyncIterator[Desk]:
    async with open_log(database, folder / "journal") as log:
        desk = Desk(database, log)
        await shipped.load(desk.changes, NINE, desk.new_id)
        await desk.open()
        try:
            yield desk
        finally:
            await desk.close()
