"""Messages that a dead server was about to take: they reach who is to hear them, once."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from acd.errors import UnknownQueue
from crm.pop import Pop
from cti_server.channels.restart import pop_of
from cti_server.media.speech_watch import SpeechWatch
from cti_server.store.alerts import Alert
from cti_server.store.contacts import Contact
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.store.recordings import Recording
from cti_server.wire.events import AlertRaised, Event
from recording.archive import STORED, unfinished
from recording.capture import CALLER, HEADER_SIZE, CaptureInfo, LeftFor, read
from recording.errors import CaptureDamaged
from recording.rejected import is_rejected

from .mailboxes import Mailboxes
from .messages import leave_nothing_of
from .recorder import begun

log = structlog.get_logger()

UNHEARD: Final = "unheard_message"
"""The kind of alert of a message whose flow was cut off before it had gone on with it."""


@dataclass(frozen=True, slots=True)
class _Found:
    """One in the spool, with what is heard on it, in seconds."""

    folder: Path
    info: CaptureInfo
    left: LeftFor
    seconds: float
    spoken: float

    @property
    def counts(self) -> bool:
        """Whether its call would have kept it, the caller being gone now."""
        return self.left.kept_if_hung_up and self.spoken >= self.left.min_seconds


@dataclass(frozen=True, slots=True)
class _Known:
    """What the records say of it."""

    kept: bool
    handed_on: bool
    customer: Pop


async def hand_on_what_was_left(
    spool: Path, database: Database, mailboxes: Mailboxes, append: Callable[[Event], object]
) -> int:
    """
    Do with each message in the spool what its call would have done; how many were handed on.

    To be done before the archiver takes up the captures: what is not kept is not there for it.
    That somebody is told of a message is in the log before it counts as kept, and that before it
    leaves the spool: who is cut off here and begins again tells everybody, and nobody twice. The
    flow that a caller was in is over: of a message without a mailbox the supervisors are told.
    """
    handed_on = 0
    for found in await asyncio.to_thread(_messages_in, spool):
        async with database.readers() as session:
            known = await _known(session, found)
        if not known.kept and not found.counts:
            await asyncio.to_thread(leave_nothing_of, found.folder)
            log.info("message.not_left", recording_id=found.info.recording_id)
            continue
        if not known.handed_on:
            _hand_on(found, known, mailboxes, append)
            handed_on += 1
        if not known.kept:
            append(begun(found.info))
    if handed_on:
        log.warning("message.handed_on_after_crash", messages=handed_on)
    return handed_on


def _hand_on(
    found: _Found, known: _Known, mailboxes: Mailboxes, append: Callable[[Event], object]
) -> None:
    if found.info.queue:
        try:
            mailboxes.put(found.info, found.seconds, known.customer)
        except UnknownQueue as gone:
            log.error(  # noqa: TRY400
                "message.mailbox_gone", recording_id=found.info.recording_id, queue=gone.queue
            )
        else:
            return
    append(unheard(found.left.left_in, found.info.recording_id))


def unheard(contact_id: str, recording_id: str) -> AlertRaised:
    """Somebody is to listen, for nothing came of it; of one message it is the same alert."""
    return AlertRaised(
        alert_id=recording_id, kind=UNHEARD, contact_id=contact_id, recording_id=recording_id
    )


async def _known(session: AsyncSession, found: _Found) -> _Known:
    info, left = found.info, found.left
    recording = await session.get(Recording, info.recording_id)
    kept = recording is not None or (found.folder / STORED).exists()
    told = await session.get(Alert, info.recording_id) is not None
    if info.queue:
        told = told or await session.get(Contact, info.contact_id) is not None
    else:
        told = told or kept  # and its flow went on with it: see calls.aftermath
    call = await session.get(Contact, left.left_in)
    ids: Sequence[str] = () if call is None else call.customer_ids
    return _Known(kept, told, pop_of([await session.get(Customer, one) for one in ids]))


def _messages_in(spool: Path) -> list[_Found]:
    """Those that whoever recorded them was not done with; blocks."""
    return list(_found(unfinished(spool)))


def _found(folders: Sequence[Path]) -> Iterator[_Found]:
    for folder in folders:
        if is_rejected(folder):
            leave_nothing_of(folder)
            continue
        try:
            info = CaptureInfo.load(folder)
            if info.left is None:
                continue
            seconds, spoken = _heard(folder)
        except (CaptureDamaged, OSError):
            continue  # the archiver puts it aside, or tries again
        yield _Found(folder, info, info.left, seconds, spoken)


def _heard(folder: Path) -> tuple[float, float]:
    """How long it is, and how much of that is speech. Raises CaptureDamaged."""
    if not (folder / CALLER).exists():
        return 0.0, 0.0
    channel = read(folder / CALLER)
    watch = SpeechWatch(channel.codec or "PCMU")
    watch.hear(channel.path.read_bytes()[HEADER_SIZE:])
    return watch.seconds, watch.spoken
