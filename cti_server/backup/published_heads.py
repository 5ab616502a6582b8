"""
The last entry of the archive's chain, put once a day where nobody of the database can write.

Who alters the archive, and writes all of its chain anew, is found by it: ``hotline archive verify
--noted``.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec
import structlog

from crm.retention import next_run
from cti_server.background import Background
from cti_server.open_incidents import OpenIncidents
from cti_server.outbox.mail import EMAIL
from cti_server.store.archive_entries import ArchiveEntries
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.outbox import OutboxJobs
from fax_sms_email.letters import Letter

log = structlog.get_logger()

AGAIN: Final = timedelta(minutes=5)
"""After which what failed is tried again."""
SILENT: Final = 30.0  # seconds in which a disk takes a line
LOOK_AGAIN: Final = 3600.0  # seconds after which the clock is looked at: somebody may have set it

Language = Literal["zh", "en"]


class HeadFault(StrEnum):
    """The kind of incidents that this tells of."""

    NOT_PUBLISHED = "head_not_published"


class MailedHeads:
    """
    Due work (:mod:`cti_server.due`): at the start, and in each quiet hour.

    One mail to each address on a day of the ``zone``, however often the server begins. An archive
    without an entry has no head.
    """

    name = "mailed_heads"
    records: frozenset[str] = frozenset()

    def __init__(
        self,
        addresses: Sequence[str],
        database: Database,
        *,
        quiet_hour: int,
        zone: str,
        language: Language,
        begins_at: datetime,
        new_id: Callable[[], str],
        due_changed: Callable[[], None],
    ) -> None:
        self._addresses = addresses
        self._database = database
        self._quiet_hour = quiet_hour
        self._zone = zone
        self._language: Language = language
        self._new_id = new_id
        self._due_changed = due_changed
        self._due_at = begins_at

    async def earliest(self) -> datetime | None:
        return self._due_at

    async def do(self, now: datetime) -> None:
        async with self._database.sessions.begin() as session:
            entries = ArchiveEntries(session)
            if not await entries.is_empty():
                await self._put(OutboxJobs(session), await entries.head(), now)
        self._due_at = next_run(now, self._quiet_hour, self._zone)
        self._due_changed()  # for the outbox

    async def _put(self, jobs: OutboxJobs, head: str, now: datetime) -> None:
        day = now.astimezone(ZoneInfo(self._zone)).date()
        letter = msgspec.to_builtins(letter_of(head, day, self._language))
        for address in self._addresses:
            key = f"archive head {day} {address}"
            await jobs.put(self._new_id(), key, EMAIL, address, letter, now)


class NotedHeads:
    """
    A line in a file, at the start and in each quiet hour.

    A task of its own, for the file may be on a disk that is silent. What failed is tried again.
    """

    def __init__(
        self,
        file: Path,
        database: Database,
        incidents: OpenIncidents,
        *,
        quiet_hour: int,
        zone: str,
        now: Callable[[], datetime],
        again: timedelta = AGAIN,
    ) -> None:
        self._file = file
        self._database = database
        self._incidents = incidents
        self._quiet_hour = quiet_hour
        self._zone = zone
        self._now = now
        self._again = again
        self._running = Background("noted-heads")

    def start(self) -> None:
        self._running.start(self._run())

    async def close(self) -> None:
        await self._running.close()

    async def _run(self) -> None:
        due_at = self._now()
        while True:
            if (now := self._now()) >= due_at:
                done = await self._note(now)
                due_at = next_run(now, self._quiet_hour, self._zone) if done else now + self._again
            left = (due_at - self._now()).total_seconds()
            await asyncio.sleep(min(max(left, 0.0), LOOK_AGAIN))

    async def _note(self, at: datetime) -> bool:
        try:
            async with self._database.readers() as session:
                entries = ArchiveEntries(session)
                head = None if await entries.is_empty() else await entries.head()
        except UNAVAILABLE as error:
            log.warning("archive.head_postponed", reason=type(error).__name__)
            return False
        try:
            if head is not None:
                async with asyncio.timeout(SILENT):
                    await asyncio.to_thread(note_head, self._file, head, at)
        except OSError as error:  # TimeoutError, too
            reason = error.strerror or f"no answer within {SILENT:g} s"
            self._incidents.begins(HeadFault.NOT_PUBLISHED, str(self._file), reason)
            return False
        self._incidents.is_over(HeadFault.NOT_PUBLISHED, str(self._file), "published")
        return True


def note_head(file: Path, head: str, at: datetime) -> None:
    """Add a line. Blocks; raises OSError."""
    with file.open("a", encoding="ascii") as published:
        published.write(f"{at.astimezone(UTC).isoformat(timespec='seconds')} {head}\n")


def letter_of(head: str, day: date, language: Language) -> Letter:
    command = f"hotline archive verify --noted {head}"
    if language == "zh":
        text = (
            f"录音档案链的最后一条记录：\n\n{head}\n\n"
            f"请保存此邮件。如需核实档案此后未被改写或截断，请运行：\n\n{command}\n"
        )
        return Letter(subject=f"录音档案链 {day}", text=text, automatic=True)
    text = (
        f"The last entry of the recordings archive's chain:\n\n{head}\n\n"
        "Keep this mail. That the archive was neither written anew nor cut off since then is shown "
        f"by:\n\n{command}\n"
    )
    return Letter(subject=f"Recordings archive {day}", text=text, automatic=True)
