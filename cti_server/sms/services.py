"""The services by text that are under way, and those that a dead server left so."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from acd.model import Channel
from config.self_service import ServiceSettings
from config.sms import KeywordSettings
from cti_server.calls.exchange import Exchange
from cti_server.channels.tray import Tray
from cti_server.outbox.sms import SMS, Text
from cti_server.self_service.model import Wanted
from cti_server.self_service.past import Past
from cti_server.self_service.sentences import sentence
from cti_server.self_service.session import Session
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.log import EventLog
from cti_server.store.outbox import OutboxJobs
from cti_server.store.sms_messages import Sender, SmsMessage, SmsMessages
from cti_server.store.sms_sessions import SmsSession, SmsSessions
from cti_server.store.stored_events import StoredEvents
from cti_server.wire.events import ContactEnded
from fax_sms_email.keywords import plain
from ivr.model import Flow
from ivr.reading import SayInWriting

from .kept import KeptSteps

log = structlog.get_logger()

SETTLED: Final = 60.0
"""Seconds; whatever a flow asks about is answered in less."""


@dataclass(slots=True, eq=False)
class Service:
    """``awaited``: somebody is about to answer the customer, and sees to its end, too."""

    sender: Sender
    session: Session
    steps: KeptSteps
    awaited: bool = False

    def was_said(self, message_id: str) -> bool:
        """Whether it was begun by that text, or goes on since that one."""
        return message_id in (self.session.id, self.steps.last_text)

    def offers(self, text: str) -> bool:
        """Whether it is one of the answers that can be chosen now."""
        asked = self.session.question
        signs = [sign for one in asked.options for sign in one] if asked is not None else []
        return plain(text) in map(plain, signs)

    async def settled(self) -> None:
        """Until the customer is asked something, or it is over."""
        while self.session.question is None and not self.session.over:
            await self.session.settled(SETTLED)

    async def type(self, message_id: str, text: str) -> None:
        """The customer's answer, and all that follows from it."""
        await self.steps.type(message_id, text)
        if (question := self.session.question) is not None:  # else they were given up just now
            self.session.type(question.number, text)
        await self.settled()

    async def leave(self) -> None:
        self.session.leave()
        while not self.session.over:
            await self.session.settled(SETTLED)


class Services:
    """One for each sender at most."""

    def __init__(
        self,
        exchange: Exchange,
        tray: Tray,
        database: Database,
        log: EventLog,
        flows: Mapping[str, Flow],
        services: Mapping[str, ServiceSettings],
        say: SayInWriting,
        *,
        idle: float,
        at_once: int,
    ) -> None:
        """``flows``: by what the configuration calls them; ``idle``: seconds."""
        self._exchange = exchange
        self._tray = tray
        self._database = database
        self._log = log
        self._flows = flows
        self._services = services
        self._say = say
        self._idle = idle
        self._at_once = at_once
        self._running: dict[Sender, Service] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._running)

    @property
    def full(self) -> bool:
        return len(self._running) >= self._at_once

    def of(self, message: SmsMessage) -> Service | None:
        """The one that the text belongs to, if there is one."""
        found = self._running.get(message.sender)
        if found is None or found.was_said(message.id):
            return found
        return None if found.session.over else found

    async def open(self, message: SmsMessage, wanted: KeywordSettings) -> Service:
        """Begin it; its contact has the text's id, so that it is begun once."""
        row = SmsSession(
            contact_id=message.id,
            gateway=message.gateway,
            number=message.number,
            our_number=message.our_number,
            service=wanted.service,
            language=wanted.language,
            flow_version=self._flow(wanted.service).version,
            began_at=message.received_at,
        )
        sender = row.sender
        steps = KeptSteps(self._database, message.id, [])
        service = Service(sender, self._session(row, steps), steps, awaited=True)
        async with self._database.sessions.begin() as session:
            SmsSessions(session).add(row)
            await SmsMessages(session).said_in(message.id, message.id)
        self._run(service)
        return service

    async def take_up(self) -> None:
        """After a start, when the database has all that was told: they go on where they were."""
        async with self._database.readers() as session:
            rows = await SmsSessions(session).all()
            waiting = await SmsMessages(session).waiting_in()
            told = [await StoredEvents(session).of_contact(row.contact_id) for row in rows]
        for row, events in zip(rows, told, strict=True):
            past = Past([one.event for one in events])
            if self._can_go_on(row):
                steps = KeptSteps(self._database, row.contact_id, row.steps, past)
                awaited = row.contact_id in waiting
                self._run(Service(row.sender, self._session(row, steps), steps, awaited))
            else:
                await self._give_up(row, past, told=row.contact_id in waiting)

    async def close(self) -> None:
        """They wait for the next server."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def end(self, service: Service) -> None:
        """The customer wants another one."""
        service.awaited = True
        await service.leave()
        await self.release(service)

    async def release(self, service: Service) -> None:
        """The customer has the answer; what is over is forgotten."""
        service.awaited = False
        if service.session.over:
            if self._running.get(service.sender) is service:
                del self._running[service.sender]
            await self._forget(service.session.id)

    def _flow(self, service: str) -> Flow:
        return self._flows[self._services[service].flow]

    def _can_go_on(self, row: SmsSession) -> bool:
        """In another version of the flow the same answers might mean something else."""
        there = row.service in self._services
        return there and self._flow(row.service).version == row.flow_version

    async def _give_up(self, row: SmsSession, past: Past, *, told: bool) -> None:
        """``told``: a text that is still to be seen to is answered with the same."""
        log.warning("sms.service_changed", contact_id=row.contact_id, service=row.service)
        under_way = not past.handed_over and not past.over
        if under_way:
            self._exchange.append(
                ContactEnded(contact_id=row.contact_id, outcome="failed", reason="flow-changed")
            )
        await self._log.stored()
        async with self._database.sessions.begin() as session:
            if under_way and not told:
                await self._put_failed(session, row)
            await SmsSessions(session).remove(row.contact_id)

    async def _put_failed(self, session: AsyncSession, row: SmsSession) -> None:
        text = Text(
            text=sentence("failed", row.language),
            gateway=row.gateway,
            our_number=row.our_number,
        )
        await OutboxJobs(session).put(
            self._exchange.new_id(),
            f"sms over {row.contact_id}",
            SMS,
            row.number,
            text.as_content(),
            self._exchange.clock.now(),
            contact_id=row.contact_id,
        )

    def _session(self, row: SmsSession, steps: KeptSteps) -> Session:
        offered = self._services[row.service]
        title = offered.title.get("zh" if row.language == "zh" else "en")
        return Session(
            self._exchange,
            self._tray,
            self._flow(row.service),
            Wanted(
                row.service,
                title or next(iter(offered.title.values())),
                Channel.SMS,
                row.language,
            ),
            self._say,
            contact_id=row.contact_id,
            idle=self._idle,
            number=row.number,
            memory=steps,
        )

    def _run(self, service: Service) -> None:
        self._running[service.sender] = service
        task = asyncio.create_task(self._serve(service))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, service: Service) -> None:
        await service.session.run()
        if service.awaited:
            return
        try:
            await self.release(service)
        except UNAVAILABLE as error:  # the next start sees that it was over
            log.warning(
                "sms.not_forgotten", contact_id=service.session.id, reason=type(error).__name__
            )

    async def _forget(self, contact_id: str) -> None:
        await self._log.stored()  # its end is told before nobody can tell it any more
        async with self._database.sessions.begin() as session:
            await SmsSessions(session).remove(contact_id)
