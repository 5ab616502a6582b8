"""
The archive's chain: what was stored, owed, copied, moved, encoded anew and erased, each entry with
the hash of the one before.

An entry says what the recording's row said then, by a hash of it, and is written in the
transaction that writes the row. So whoever alters or removes a row, or an entry, has to write all
later entries anew, and is found by who has noted a later hash. An erasure adds an entry; what it
was that was erased is then nowhere, for the row's own hash had the sound's in it.

The caller's number is not in it: it goes from the row earlier than the recording, by the contacts'
retention.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from cti_server.wire import events
from cti_server.wire.events import Logged

from .audit import BEGINNING
from .base import Base, SequenceNumber
from .recordings import ERASED, Recording
from .rows import Rows

_ACTIONS: Mapping[type, str] = {
    events.RecordingStored: "stored",
    events.RecordingOwed: "owed",
    events.RecordingCopied: "copied",
    events.RecordingMoved: "moved",
    events.RecordingReencoded: "reencoded",
}
_TOLD = (
    *("id", "kind", "call_id", "contact_id", "interaction_id", "agent_id", "queue"),
    *("dialled_number", "started_at", "state", "duration", "file", "size", "sha256", "codec"),
    *("recovered", "quality", "rule", "asked_by", "stores", "owed"),
)
"""The columns of a recording that an entry speaks for."""

_IDS = 500  # of one query
_encode = msgspec.json.Encoder(order="deterministic").encode


class ArchiveEntry(Base, kw_only=True):
    """
    One fact of the archive. ``sequence`` counts without a gap.

    ``content`` is the SHA-256 of the recording's row as it was then, empty of one that was erased.
    """

    __tablename__ = "archive_entry"

    sequence: Mapped[int] = mapped_column(SequenceNumber, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    action: Mapped[str]
    recording_id: Mapped[str] = mapped_column(index=True)
    content: Mapped[str]
    previous_hash: Mapped[str]
    hash: Mapped[str]

    def computed_hash(self) -> str:
        """SHA-256 of the previous hash and the content, as one JSON array in this order."""
        told = [
            self.previous_hash,
            self.sequence,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.action,
            self.recording_id,
            self.content,
        ]
        return hashlib.sha256(_encode(told)).hexdigest()


@dataclass(frozen=True, slots=True)
class Fact:
    """What is to be added to the chain."""

    at: datetime
    action: str
    recording_id: str
    content: str = ""


def content_of(row: Mapping[str, Any]) -> str:
    """The hash of a recording's columns by name."""
    told = {name: row[name] for name in _TOLD}
    told["started_at"] = row["started_at"].astimezone(UTC).isoformat(timespec="microseconds")
    return hashlib.sha256(_encode(told)).hexdigest()


def row_of(recording: Recording) -> Mapping[str, Any]:
    return {name: getattr(recording, name) for name in _TOLD}


def facts_of(batch: Iterable[Logged], rows: Rows) -> Sequence[Fact]:
    """
    What these events, from which the ``rows`` followed, did to the archive.

    Several events of one recording all speak of its row as it is after the last of them.
    """
    facts = []
    for logged in batch:
        event = logged.event
        if isinstance(
            event,
            events.RecordingStored
            | events.RecordingOwed
            | events.RecordingCopied
            | events.RecordingMoved
            | events.RecordingReencoded,
        ):
            recording_id = event.recording_id
            row = rows.changed.get((Recording, recording_id))
            if row is not None and row["state"] == "stored":
                action = _ACTIONS[type(event)]
                facts.append(Fact(logged.at, action, recording_id, content_of(row)))
    return facts


def erased(recording: Recording, at: datetime) -> Fact:
    return Fact(at, ERASED, recording.id)


def extend_archive(connection: Connection, facts: Sequence[Fact]) -> None:
    """
    Add entries, in the caller's transaction.

    The last entry is read from the database every time: what a broken commit left is the truth.
    """
    if not facts:
        return
    columns = ArchiveEntry.__table__.columns
    newest = select(columns.sequence, columns.hash).order_by(columns.sequence.desc()).limit(1)
    before = connection.execute(newest).first()
    sequence, previous = (0, BEGINNING) if before is None else (before.sequence, before.hash)
    added = []
    for fact in facts:
        sequence += 1
        entry = ArchiveEntry(
            sequence=sequence,
            at=fact.at.astimezone(UTC),
            action=fact.action,
            recording_id=fact.recording_id,
            content=fact.content,
            previous_hash=previous,
            hash="",
        )
        previous = entry.hash = entry.computed_hash()
        added.append({column.name: getattr(entry, column.name) for column in columns})
    connection.execute(insert(ArchiveEntry), added)


class ArchiveEntries:
    """Reads the chain. The caller owns the session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def after(self, sequence: int, limit: int) -> Sequence[ArchiveEntry]:
        query = select(ArchiveEntry).where(ArchiveEntry.sequence > sequence)
        return (
            await self._session.scalars(query.order_by(ArchiveEntry.sequence).limit(limit))
        ).all()

    async def erased_after(self, sequence: int, limit: int) -> Sequence[ArchiveEntry]:
        """What was erased, entry by entry."""
        query = select(ArchiveEntry).where(
            ArchiveEntry.sequence > sequence, ArchiveEntry.action == ERASED
        )
        return (
            await self._session.scalars(query.order_by(ArchiveEntry.sequence).limit(limit))
        ).all()

    async def latest_of(self, recording_ids: Sequence[str]) -> Mapping[str, ArchiveEntry]:
        """The last entry of each of some hundred recordings."""
        newest = select(func.max(ArchiveEntry.sequence)).group_by(ArchiveEntry.recording_id)
        newest = newest.where(ArchiveEntry.recording_id.in_(recording_ids))
        found = await self._session.scalars(
            select(ArchiveEntry).where(ArchiveEntry.sequence.in_(newest))
        )
        return {entry.recording_id: entry for entry in found}

    async def of(self, recording_ids: Sequence[str]) -> Mapping[str, Sequence[ArchiveEntry]]:
        """All entries of these, each in the chain's order."""
        found: dict[str, list[ArchiveEntry]] = {each: [] for each in recording_ids}
        for start in range(0, len(recording_ids), _IDS):
            some = recording_ids[start : start + _IDS]
            query = select(ArchiveEntry).where(ArchiveEntry.recording_id.in_(some))
            for entry in await self._session.scalars(query.order_by(ArchiveEntry.sequence)):
                found[entry.recording_id].append(entry)
        return found

    async def is_empty(self) -> bool:
        return await self._session.scalar(select(ArchiveEntry.sequence).limit(1)) is None

    async def head(self) -> str:
        """The last entry, as ``SEQUENCE:HASH``."""
        newest = select(ArchiveEntry).order_by(ArchiveEntry.sequence.desc()).limit(1)
        last = await self._session.scalar(newest)
        return f"0:{BEGINNING}" if last is None else f"{last.sequence}:{last.hash}"

    async def without_row(self, limit: int) -> Sequence[str]:
        """Recordings that the chain knows, and that have no row."""
        query = (
            select(ArchiveEntry.recording_id)
            .outerjoin(Recording, Recording.id == ArchiveEntry.recording_id)
            .where(Recording.id.is_(None))
            .distinct()
            .limit(limit)
        )
        return (await self._session.scalars(query)).all()
