"""
Each text that came in is seen to once: what it asks for is done, and its answer is in the outbox.

Of one sender one after the other, in the order in which they came. The text is marked and its
answer put in one transaction; until then a crash lets it be seen to again, which finds what was
done already.
"""

import asyncio
import functools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from config.self_service import ServiceSettings
from config.sms import SmsNumberSettings, SmsSettings
from cti_server.clock import Clock
from cti_server.self_service.sentences import sentence
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.log import EventLog
from cti_server.store.sms_messages import FAILED, PASSED_OVER, Sender, SmsMessage, SmsMessages
from cti_server.store.sms_senders import TOLD_FOR, SmsSender, SmsSenders
from fax_sms_email.keywords import Asked, Wanted, Wish, language_of, read
from fax_sms_email.texts import cut

from .conclusions import Answer, Conclusions
from .services import Service, Services
from .wording import PARTS, keywords, last_said, words

log = structlog.get_logger()

AT_ONCE: Final = 16
"""Senders who are seen to at the same time."""
LEASE: Final = timedelta(seconds=30)
"""After which a text is seen to again of which nothing was heard."""
ATTEMPTS: Final = 5
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Offered:
    """The services that keywords may name; ``key``: of the digests of numbers."""

    services: Mapping[str, ServiceSettings]
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """Of the sender, as a text is seen to: ``lately``, how many came in the last hour."""

    stopped: bool
    told_lately: bool
    lately: int


class Turns:
    """Due work (:mod:`cti_server.due`), which only begins: nobody waits for other systems."""

    name = "sms"
    records = frozenset({SmsMessage.__tablename__})

    def __init__(
        self,
        settings: SmsSettings,
        offered: Offered,
        services: Services,
        conclusions: Conclusions,
        database: Database,
        log: EventLog,
        clock: Clock,
        due_changed: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._offered = offered
        self._services = services
        self._conclusions = conclusions
        self._database = database
        self._log = log
        self._clock = clock
        self._due_changed = due_changed
        self._running: dict[Sender, asyncio.Task[None]] = {}

    async def earliest(self) -> datetime | None:
        async with self._database.readers() as session:
            texts = SmsMessages(session)
            waiting = await texts.next_of_each(self._running) if self._places else []
        return min((message.due_at for message in waiting), default=None)

    async def do(self, now: datetime) -> None:
        async with self._database.sessions.begin() as session:
            texts = SmsMessages(session)
            waiting = await texts.next_of_each(self._running)
            due = [message for message in waiting if message.due_at <= now][: self._places]
            for message in due:
                message.attempts += 1
                message.due_at = now + LEASE
        for message in due:
            task = asyncio.create_task(self._see_to(message), name=f"sms {message.id}")
            self._running[message.sender] = task
            task.add_done_callback(functools.partial(self._done, message))

    async def close(self) -> None:
        """What is not seen to by now is so after the next start."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def running(self) -> Collection[asyncio.Task[None]]:
        """Each sees to one sender's text."""
        return self._running.values()

    @property
    def _places(self) -> int:
        return AT_ONCE - len(self._running)

    def _done(self, message: SmsMessage, task: asyncio.Task[None]) -> None:
        """A fault of ours leaves the text to the end of its lease."""
        del self._running[message.sender]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("sms.not_seen_to", message_id=message.id, exc_info=error)
        self._due_changed()

    async def _see_to(self, message: SmsMessage) -> None:
        service = self._services.of(message)
        if service is not None:
            service.awaited = True
        try:
            answer = await self._answer(message, service)
            await self._log.stored()  # what was told of it is safe before it is marked
            await self._conclusions.conclude(message, answer)
            for each in {service, answer.service}:
                if each is not None:
                    await self._services.release(each)
        except UNAVAILABLE as error:
            log.warning("sms.database_unavailable", reason=type(error).__name__)

    async def _answer(self, message: SmsMessage, service: Service | None) -> Answer:
        if message.attempts > ATTEMPTS:
            return await self._given_up(message)
        number = self._settings.numbers.get(message.our_number)
        if number is None:  # it was ours when the text came
            return Answer(state=PASSED_OVER)
        if service is not None and service.was_said(message.id):
            return await self._said(service)
        if message.contact_id is not None:  # the service is not what it was when the server died
            return Answer(sentence("failed", language_of(message.text, number.language)))
        wish = read(message.text, number.keywords)
        known = await self._known(message)
        if (passed := _passed_over(wish, known, self._settings.texts_an_hour)) is not None:
            return passed
        if isinstance(wish, Asked):
            return await self._of_any_number(wish, number, service)
        if service is not None and (wish is None or service.offers(message.text)):
            await service.settled()
            await service.type(message.id, message.text)
            return await self._said(service)
        if isinstance(wish, Wanted):
            return await self._begun(message, number, wish, service)
        return self._not_understood(message, number, known)

    async def _given_up(self, message: SmsMessage) -> Answer:
        log.error("sms.given_up", message_id=message.id, attempts=message.attempts - 1)
        number, known = self._settings.numbers.get(message.our_number), await self._known(message)
        if number is None or known.stopped or known.lately > self._settings.texts_an_hour:
            return Answer(state=FAILED)
        language = language_of(message.text, number.language)
        return Answer(sentence("failed", language), state=FAILED)

    async def _known(self, message: SmsMessage) -> Known:
        now = self._clock.now()
        async with self._database.readers() as session:
            sender = await SmsSenders(session, self._offered.key).of(message.number)
            lately = await SmsMessages(session).lately(message.number, now - HOUR)
        return _known(sender, lately, now)

    async def _of_any_number(
        self, asked: Asked, number: SmsNumberSettings, service: Service | None
    ) -> Answer:
        language = asked.language
        match asked.wish:
            case Wish.STOP:
                answer = Answer(words("stopped", language), stops=True)
            case Wish.START:
                said = f"{words('started', language)}\n{self._keywords(number, language)}"
                return Answer(cut(said, PARTS), starts=True)
            case Wish.HELP:
                return Answer(self._keywords(number, language))
            case Wish.CANCEL if service is None:
                return Answer(words("nothing_to_cancel", language))
            case Wish.CANCEL:
                answer = Answer(words("cancelled", language))
        return answer if service is None else await self._left(service, answer)

    async def _left(self, service: Service, answer: Answer) -> Answer:
        await service.leave()
        return replace(answer, service=service)

    async def _said(self, service: Service) -> Answer:
        await service.settled()
        session = service.session
        text = last_said(session.lines(0), session.question)
        if session.end is not None and session.end.reason == "told-elsewhere":
            text = f"{text}\n{self._elsewhere(session.language)}".strip()
        return Answer(text or None, service=service)

    async def _begun(
        self,
        message: SmsMessage,
        number: SmsNumberSettings,
        wanted: Wanted,
        before: Service | None,
    ) -> Answer:
        keyword = number.keywords[wanted.keyword]
        if before is not None:
            await self._services.end(before)
        if self._services.full:
            return Answer(words("busy", keyword.language))
        return await self._said(await self._services.open(message, keyword))

    def _not_understood(
        self, message: SmsMessage, number: SmsNumberSettings, known: Known
    ) -> Answer:
        """Told once an hour: who answers that is not answered again."""
        if known.told_lately:
            return Answer(state=PASSED_OVER)
        language = language_of(message.text, number.language)
        said = f"{words('unknown', language)}{self._keywords(number, language)}"
        return Answer(cut(said, PARTS), tells=True)

    def _keywords(self, number: SmsNumberSettings, language: str) -> str:
        return cut(keywords(number, self._offered.services, language), PARTS)

    def _elsewhere(self, language: str) -> str:
        return self._settings.elsewhere.get("zh" if language.startswith("zh") else "en", "")


def _known(sender: SmsSender | None, lately: int, now: datetime) -> Known:
    if sender is None:
        return Known(stopped=False, told_lately=False, lately=lately)
    told_at = sender.told_at
    return Known(
        stopped=sender.stopped_at is not None,
        told_lately=told_at is not None and now - told_at < TOLD_FOR,
        lately=lately,
    )


def _passed_over(wish: Asked | Wanted | None, known: Known, most: int) -> Answer | None:
    """Who wants no texts gets none; nor does who sends too many, but is believed all the same."""
    asked = wish.wish if isinstance(wish, Asked) else None
    if known.stopped and asked is not Wish.START:
        return Answer(state=PASSED_OVER)
    if known.lately > most:
        return Answer(state=PASSED_OVER, stops=asked is Wish.STOP, starts=asked is Wish.START)
    return None
