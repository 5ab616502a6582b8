"""Whether the archive is as it was written: its chain, the recordings' rows, and their files."""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recording.errors import RecordingError
from recording.rereading import Kept, fault_of
from recording.stores.port import Store

from .backup.kept import kept_of
from .file_keys import FileKeys
from .store.archive_entries import ArchiveEntries, ArchiveEntry, content_of, row_of
from .store.audit import BEGINNING
from .store.audit_trail import missing
from .store.database import Database
from .store.recordings import ERASED, Recording, Recordings

_AT_ONCE = 500  # rows a query
_TOLD = 1000  # recordings without a row that are named


@dataclass(slots=True)
class Verdict:
    """What was found: the last entry as ``SEQUENCE:HASH``, and every fault in words."""

    entries: int = 0
    head: str = f"0:{BEGINNING}"
    recordings: int = 0
    files: int = 0
    faults: list[str] = field(default_factory=list)


class ArchiveCheck:
    """
    One check. ``files``: how many recordings are opened whole, None for all of them.

    It may run beside a server: a recording and its entry are read at one moment, and what was
    erased or encoded anew while it was looked at is no fault.
    """

    def __init__(
        self,
        database: Database,
        keys: FileKeys,
        stores: Sequence[Store],
        *,
        files: int | None,
        chance: random.Random,
    ) -> None:
        self._database = database
        self._keys = keys
        self._stores = {store.name: store for store in stores}
        self._files = files
        self._chance = chance
        self._sample: list[Recording] = []
        self._seen = 0
        self.verdict = Verdict()

    async def run(self, noted: tuple[int, str] | None = None) -> Verdict:
        """``noted``: an entry's number and hash that somebody wrote down outside."""
        await self._check_chain(noted)
        await self._check_rows()
        for recording in self._sample:
            await self._check_files(recording)
        return self.verdict

    async def _check_chain(self, noted: tuple[int, str] | None) -> None:
        last, previous, verdict = 0, BEGINNING, self.verdict
        async with self._database.readers() as session:
            while found := await ArchiveEntries(session).after(last, _AT_ONCE):
                for entry in found:
                    verdict.faults += missing(last, entry.sequence)
                    verdict.faults += _faults(entry, previous)
                    if noted == (entry.sequence, entry.hash):
                        noted = None
                    last, previous = entry.sequence, entry.hash
                verdict.entries += len(found)
                session.expunge_all()
            without_row = await ArchiveEntries(session).without_row(_TOLD)
        if noted is not None and noted[0]:
            there = noted[0] <= last
            told = "its hash is not the noted one" if there else "removed, and all after it"
            verdict.faults.append(f"entry {noted[0]}: {told}")
        verdict.faults += [f"recording {each}: its row was removed" for each in without_row]
        verdict.head = f"{last}:{previous}"

    async def _check_rows(self) -> None:
        after = ""
        while True:
            async with self._database.at_one_moment() as session:
                found = await Recordings(session).after(after, _AT_ONCE)
                if not found:
                    return
                entries = await ArchiveEntries(session).latest_of([each.id for each in found])
            self.verdict.recordings += len(found)
            for recording in found:
                self.verdict.faults += _row_faults(recording, entries.get(recording.id))
                if recording.state == "stored" and recording.stores:
                    await self._choose(recording)
            after = found[-1].id

    async def _choose(self, recording: Recording) -> None:
        """Look at its files now, if at all of them; else perhaps at the end (algorithm R)."""
        if self._files is None:
            await self._check_files(recording)
            return
        self._seen += 1
        if len(self._sample) < self._files:
            self._sample.append(recording)
        elif (place := self._chance.randrange(self._seen)) < self._files:
            self._sample[place] = recording

    async def _check_files(self, recording: Recording) -> None:
        faults = await self._file_faults(recording)
        if faults:
            async with self._database.readers() as session:
                now = await Recordings(session).get(recording.id)
            if now is None or now.state != "stored" or now.file != recording.file:
                return
        self.verdict.files += 1
        self.verdict.faults += [f"recording {recording.id}: {each}" for each in faults]

    async def _file_faults(self, recording: Recording) -> list[str]:
        try:
            keys = await self._keys.of([recording.id])
        except RecordingError as error:
            return [f"its key does not open: {error}"]
        if recording.id not in keys:
            return ["its key was removed"]
        kept = kept_of(recording, keys[recording.id])
        return [
            f"{recording.file} in {name!r} {fault}"
            for name in recording.stores
            if (fault := await asyncio.to_thread(_file_fault, self._stores, name, kept))
        ]


def _faults(entry: ArchiveEntry, previous: str) -> list[str]:
    found = []
    if entry.hash != entry.computed_hash():
        found.append(f"entry {entry.sequence}: altered")
    if entry.previous_hash != previous:
        found.append(f"entry {entry.sequence}: does not follow the entry before it")
    return found


def _row_faults(recording: Recording, entry: ArchiveEntry | None) -> list[str]:
    """A plain file of a release that had no chain has no entry."""
    if entry is None:
        lacking = recording.state == "stored" and recording.stores
        return [f"recording {recording.id}: has no entry"] if lacking else []
    if entry.action == ERASED:
        if recording.state == ERASED:
            return []
        return [f"recording {recording.id}: is there, though entry {entry.sequence} erased it"]
    if content_of(row_of(recording)) == entry.content:
        return []
    return [f"recording {recording.id}: its row was altered since entry {entry.sequence}"]


def _file_fault(stores: Mapping[str, Store], name: str, kept: Kept) -> str:
    if name not in stores:
        return "cannot be looked at: no such store is configured"
    try:
        return fault_of(kept, stores[name])
    except OSError as error:
        return f"cannot be looked at: {error}"
