"""What a caller says after a tone: recorded, heard again, kept or thrown away."""

import asyncio
import math
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from acd.errors import UnknownQueue
from cti_server.media.g711 import translation
from cti_server.media.worker_reports import CaptureFailed, CaptureHeard
from cti_server.speech.library import in_memory
from ivr.messages import (
    DropMessage,
    KeepMessage,
    Mailbox,
    MessageDropped,
    MessageKept,
    MessagePlayed,
    NotRecorded,
    PlayMessage,
    Record,
    Recorded,
)
from recording.capture import CALLER, HEADER_SIZE, CaptureInfo, LeftFor, read
from recording.errors import CaptureDamaged
from recording.rejected import throw_away

from .contact import Contact
from .exchange import Exchange
from .leg import Leg
from .recorder import begun

log = structlog.get_logger()

DISK_WITHIN: Final = 60.0
"""Seconds for the last samples of a message to be written; it is none if they are not."""
SILENT: Final = "silent"
FAILED: Final = "failed"


class Messages:
    """One call's. At most one message is at hand; the call's end says what becomes of it."""

    def __init__(self, exchange: Exchange, contact: Contact, caller: Leg) -> None:
        self._exchange = exchange
        self._contact = contact
        self._caller = caller
        self._at_hand: _Message | None = None

    async def reply(
        self, wish: Record | PlayMessage | KeepMessage | DropMessage
    ) -> Recorded | NotRecorded | MessagePlayed | MessageKept | MessageDropped:
        match wish:
            case Record():
                return await self._record(wish)
            case PlayMessage():
                await self._play()
                return MessagePlayed()
            case KeepMessage():
                return await self._keep()
            case DropMessage(then):
                await self._drop()
                return MessageDropped(then)

    async def end(self) -> MessageKept | None:
        """
        The call is over, with the message at any step: it is kept if the flow says so.

        Not one that could not be recorded: nobody would hear what was said.
        """
        if (message := self._at_hand) is None:
            return None
        await message.stop()
        whole = message.failed is None and not message.dropped
        if whole and message.says_something and message.wish.kept_if_hung_up:
            kept = await self._keep()
            return kept if isinstance(kept, MessageKept) else None
        await self._drop()
        return None

    async def _record(self, wish: Record) -> Recorded | NotRecorded:
        await self._drop()  # another one in its stead
        message = self._at_hand = _Message(self._exchange, self._info(wish), wish)
        if await message.start(self._caller):
            # What is said into the tone is a part of it: many begin before its end.
            await self._caller.media.play([self._exchange.prompts.beep])
            self._caller.take_digits()
            await message.until_over(self._caller)
            await message.stop()
        if message.failed is not None:
            log.error("message.not_recorded", recording_id=message.id, reason=message.failed)
            await self._drop()
            return NotRecorded(FAILED)
        if not message.says_something:
            await self._drop()
            return NotRecorded(SILENT)
        return Recorded(message.id, message.seconds)

    def _info(self, wish: Record) -> CaptureInfo:
        """With a mailbox it is of the contact that it becomes, else of the call's."""
        exchange, contact, box = self._exchange, self._contact, wish.mailbox
        return CaptureInfo(
            recording_id=exchange.new_id(),
            call_id=contact.call_id,
            contact_id=contact.id if box is None else exchange.new_id(),
            interaction_id="",
            agent_id="",
            queue="" if box is None else box.queue,
            caller_number=contact.caller_number,
            dialled_number=contact.dialled_number,
            started_at=exchange.clock.now(),
            kind="message",
            left=self._left_for(wish),
            sides="customer",
            layout="mono",
            file_format=exchange.recording.format,
        )

    def _left_for(self, wish: Record) -> LeftFor:
        contact, box = self._contact, wish.mailbox or Mailbox("")
        return LeftFor(
            left_in=contact.id,
            since=contact.began_at,
            min_seconds=wish.min_seconds,
            kept_if_hung_up=wish.kept_if_hung_up,
            subject=box.subject,
            priority=box.priority,
            attributes={**contact.collected, "language": contact.language, **box.attributes},
        )

    async def _play(self) -> None:
        """What cannot be read is not heard again; the caller is asked all the same."""
        if (message := self._at_hand) is None:
            return
        try:
            sound = await asyncio.to_thread(_sound, message.folder)
        except (CaptureDamaged, OSError) as error:
            log.warning("message.not_played", recording_id=message.id, reason=str(error))
            return
        with in_memory(sound) as file:
            await self._caller.media.play([file], barge_in=True, private=True)

    async def _keep(self) -> MessageKept | NotRecorded:
        message = self._at_hand
        if message is None:
            return NotRecorded(FAILED)
        if message.info.queue:
            try:
                self._exchange.mailboxes.put(
                    message.info, message.seconds, self._contact.known_customer
                )
            except UnknownQueue as gone:
                log.error("message.mailbox_gone", recording_id=message.id, queue=gone.queue)  # noqa: TRY400
                await self._drop()
                return NotRecorded(FAILED)
            self._contact.mailbox = message.info.queue
        self._at_hand = None
        message.archive()
        return MessageKept(message.id)

    async def _drop(self) -> None:
        """Should the caller leave meanwhile, :meth:`end` goes on with it."""
        if (message := self._at_hand) is not None:
            message.dropped = True
            await message.remove()
            self._at_hand = None


class _Message:
    """The one at hand: its capture, and what is heard on it."""

    def __init__(self, exchange: Exchange, info: CaptureInfo, wish: Record) -> None:
        self.id = info.recording_id
        self.info = info
        self.wish = wish
        self.folder = exchange.spool / info.recording_id
        self.failed: str | None = None
        self.dropped = False
        self.seconds = 0.0
        self._exchange = exchange
        self._spoken = 0.0
        self._over = asyncio.Event()
        self._began = 0.0  # loop time
        self._tone_ended = math.inf  # seconds of it
        self._running = False
        self._noting: asyncio.Task[None] | None = None

    @property
    def says_something(self) -> bool:
        return self._spoken >= self.wish.min_seconds

    async def start(self, caller: Leg) -> bool:
        """Begin to capture; False if the disk refuses."""
        self._noting = asyncio.create_task(asyncio.to_thread(self.info.save, self.folder))
        try:
            await asyncio.shield(self._noting)
        except OSError as error:
            self.failed = str(error)
            return False
        self._running = True
        self._began = asyncio.get_running_loop().time()
        self._exchange.plane.start_capture(
            self.id, self.folder, caller.media, None, self._heard, speech=True
        )
        return True

    async def until_over(self, caller: Leg) -> None:
        """From the tone on, until the caller has ended it by key or silence, or time is over."""
        self._tone_ended = asyncio.get_running_loop().time() - self._began
        key = asyncio.create_task(self._pressed(caller))
        over = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait(
                {key, over},
                timeout=self.wish.max_seconds,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            key.cancel()
            over.cancel()

    async def stop(self) -> None:
        """Nothing more belongs to it, and its file is whole."""
        if not self._running:
            return
        closed = await self._exchange.plane.stop_capture(self.id, DISK_WITHIN)
        self._running = False
        if isinstance(closed, CaptureFailed):
            self._not_whole(closed)

    def archive(self) -> None:
        """It is a recording from now on."""
        self._exchange.append(begun(self.info))
        self._exchange.archiver.submit(self.folder, {})

    async def remove(self) -> None:
        """Nothing is left of it."""
        await self.stop()
        if self._noting is not None:
            with suppress(OSError):
                await self._noting
        await asyncio.to_thread(leave_nothing_of, self.folder)

    def _heard(self, report: CaptureHeard | CaptureFailed) -> None:
        match report:
            case CaptureFailed():
                self._not_whole(report)
                self._over.set()
            case CaptureHeard(seconds=seconds, spoken=spoken, spoken_until=until):
                self.seconds, self._spoken = seconds, spoken
                if seconds - max(until, self._tone_ended) >= self.wish.silence:
                    self._over.set()

    def _not_whole(self, report: CaptureFailed) -> None:
        """What was said before a worker died is a message; the caller can say no more."""
        if not report.cut_short:
            self.failed = self.failed or report.reason

    async def _pressed(self, caller: Leg) -> None:
        while await caller.digits.get() != self.wish.terminator:
            pass


def leave_nothing_of(folder: Path) -> None:
    """A disk that refuses that hurts nobody; blocks."""
    try:
        throw_away(folder)
    except OSError as error:
        log.warning("message.not_thrown_away", recording_id=folder.name, reason=str(error))


def _sound(folder: Path) -> bytes:
    """What was captured, in mu-law as plays have it; blocks."""
    channel = read(folder / CALLER)
    sound = channel.path.read_bytes()[HEADER_SIZE:]
    table = translation(channel.codec or "PCMU", "PCMU")
    return sound if table is None else sound.translate(table)
