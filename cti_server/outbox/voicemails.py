"""Callers' messages by mail: who is named for a mailbox is told when one is in the archive."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from config.floor import QueueSettings
from config.mail import MailboxSettings
from crm.numbers import mask
from cti_server.clock import Clock
from cti_server.sip.parties import ANONYMOUS
from cti_server.store.database import Database
from cti_server.store.outbox import OutboxJobs
from cti_server.store.recordings import MESSAGE, Recording
from cti_server.wire.events import Logged, RecordingStored
from fax_sms_email.voicemail_notice import Language, LeftMessage, notice

from .mail import EMAIL

LOOK_BACK = timedelta(days=3)
"""
Before a start: a message that was in the archive, and not in the outbox yet, when the server died.
Older ones were mailed, or nobody wanted it then.
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What a recording's row and its event both say."""

    recording_id: str
    contact_id: str
    queue: str
    caller_number: str
    started_at: datetime
    duration: float
    file: str


class VoicemailMails:
    """
    Due work (:mod:`cti_server.due`) beside the call and the task, which know nothing of it.

    Each message is put into the outbox once for each address: by its key, whoever sees it twice.
    """

    name = "voicemail_mails"
    records: frozenset[str] = frozenset()

    def __init__(
        self,
        boxes: Mapping[str, MailboxSettings],
        queues: Mapping[str, QueueSettings],
        database: Database,
        clock: Clock,
        new_id: Callable[[], str],
        *,
        language: Language,
        time_zone: str,
        due_changed: Callable[[], None],
    ) -> None:
        """``boxes``: by queue."""
        self._boxes = {queue: box for queue, box in boxes.items() if box.mail}
        self._queues = queues
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._language: Language = language
        self._zone = ZoneInfo(time_zone)
        self._due_changed = due_changed
        self._news: dict[str, Stored] = {}
        self._due_at: datetime | None = None

    async def take_up(self) -> None:
        """What a crash kept from the outbox; when what comes is heard, and the rest is stored."""
        if not self._boxes:
            return
        async with self._database.readers() as session:
            found = await session.scalars(
                select(Recording).where(
                    Recording.started_at >= self._clock.now() - LOOK_BACK,
                    Recording.kind == MESSAGE,
                    Recording.state == "stored",
                    Recording.queue.in_(self._boxes),
                )
            )
            for row in found:
                self._take(
                    Stored(
                        row.id,
                        row.contact_id,
                        row.queue,
                        row.caller_number,
                        row.started_at,
                        row.duration or 0.0,
                        row.file or "",
                    )
                )

    def hear(self, logged: Logged) -> None:
        match logged.event:
            case RecordingStored(kind="message", queue=queue) as event if queue in self._boxes:
                self._take(
                    Stored(
                        event.recording_id,
                        event.contact_id,
                        event.queue,
                        event.caller_number,
                        event.started_at,
                        event.duration,
                        event.file,
                    )
                )
                self._due_changed()

    async def earliest(self) -> datetime | None:
        return self._due_at

    async def do(self, now: datetime) -> None:
        messages, due_at = list(self._news.values()), self._due_at
        async with self._database.sessions.begin() as session:
            await self._put(session, messages, now)
        for each in messages:
            del self._news[each.recording_id]
        self._due_at = due_at if self._news else None  # some may have come meanwhile

    def _take(self, message: Stored) -> None:
        self._news[message.recording_id] = message
        self._due_at = self._due_at or self._clock.now()

    async def _put(self, session: AsyncSession, messages: Iterable[Stored], now: datetime) -> None:
        jobs = OutboxJobs(session)
        for message in messages:
            box = self._boxes[message.queue]
            letter = notice(self._left(message, box), box.language or self._language)
            for address in box.mail:
                await jobs.put(
                    self._new_id(),
                    f"voicemail {message.recording_id} {address}",
                    EMAIL,
                    address,
                    msgspec.to_builtins(letter),
                    now,
                    contact_id=message.contact_id,
                )

    def _left(self, message: Stored, box: MailboxSettings) -> LeftMessage:
        """A queue that hides its customers' numbers hides them here, too."""
        queue, language = self._queues.get(message.queue), box.language or self._language
        number = "" if message.caller_number == ANONYMOUS else message.caller_number
        if queue is not None and queue.mask_numbers:
            number = mask(number)
        return LeftMessage(
            recording_id=message.recording_id,
            recording=message.file,
            mailbox=_title(queue, message.queue, language),
            number=number,
            at=message.started_at.astimezone(self._zone),
            seconds=message.duration,
            link=None if box.link is None else box.link.replace("{contact_id}", message.contact_id),
        )


def _title(queue: QueueSettings | None, name: str, language: Language) -> str:
    return name if queue is None else queue.title.get(language, name)
