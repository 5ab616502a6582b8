"""
The last entry of the archive's chain, put once a day where nobody of the database can write.

Who alters the archive, and writes all of its chain anew, is found by it: ``hotline archive verify
--noted``.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal

import msgspec

from config.archive import PublishSettings
from crm.retention import next_run
from cti_server.open_incidents import OpenIncidents
from cti_server.outbox.mail import EMAIL
from cti_server.store.archive_entries import ArchiveEntries
from cti_server.store.database import Database
from cti_server.store.outbox import OutboxJobs
from fax_sms_email.letters import Letter

Language = Literal["zh", "en"]


class HeadFault(StrEnum):
    """The kind of incidents that this tells of."""

    NOT_PUBLISHED = "head_not_published"


class PublishedHeads:
    """
    Due work (:mod:`cti_server.due`): at the start, and in each quiet hour.

    A day has one mail to each address, however often the server begins; a file gets a line each
    time. An archive without an entry has no head.
    """

    name = "published_heads"
    records: frozenset[str] = frozenset()

    def __init__(
        self,
        settings: PublishSettings,
        database: Database,
        incidents: OpenIncidents,
        *,
        quiet_hour: int,
        zone: str,
        language: Language,
        begins_at: datetime,
        new_id: Callable[[], str],
        due_changed: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._database = database
        self._incidents = incidents
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
                head = await entries.head()
                await self._mail(OutboxJobs(session), head, now)
                await self._note(head, now)
        self._due_at = next_run(now, self._quiet_hour, self._zone)
        self._due_changed()  # for the mails

    async def _mail(self, jobs: OutboxJobs, head: str, now: datetime) -> None:
        letter = msgspec.to_builtins(letter_of(head, now, self._language))
        for address in self._settings.mail:
            key = f"archive head {now.astimezone(UTC).date()} {address}"
            await jobs.put(self._new_id(), key, EMAIL, address, letter, now)

    async def _note(self, head: str, now: datetime) -> None:
        if (file := self._settings.file) is None:
            return
        try:
            await asyncio.to_thread(note_head, file, head, now)
        except OSError as error:
            self._incidents.begins(HeadFault.NOT_PUBLISHED, str(file), error.strerror or str(error))
        else:
            self._incidents.is_over(HeadFault.NOT_PUBLISHED, str(file), "published")


def note_head(file: Path, head: str, at: datetime) -> None:
    """Add a line. Blocks; raises OSError."""
    with file.open("a", encoding="ascii") as published:
        published.write(f"{at.astimezone(UTC).isoformat(timespec='seconds')} {head}\n")


def letter_of(head: str, at: datetime, language: Language) -> Letter:
    day = at.astimezone(UTC).date().isoformat()
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
