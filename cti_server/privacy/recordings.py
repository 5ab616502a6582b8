"""Destroying recordings: the key, the files, what is left of a capture, and what the row says."""

import asyncio
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.file_keys import FileKeys
from cti_server.store.archive_entries import erased, extend_archive
from cti_server.store.foreign_calls import ForeignCalls
from cti_server.store.recording_bookmarks import RecordingBookmarks
from cti_server.store.recording_edits import RecordingEdits
from cti_server.store.recording_merges import RecordingMerges
from cti_server.store.recordings import ERASED, Recording
from cti_server.store.reviews import Reviews
from recording.archive import DAMAGED, names_of
from recording.disk import Disk
from recording.drawing import peaks_file
from recording.stores.folder import FolderStore
from recording.stores.port import Store


class Archive(Protocol):
    """Where recordings are kept: one place to be rid of one, whatever it was kept as."""

    async def destroy(self, recording_id: str, file: str | None) -> Sequence[str]:
        """
        Make sure that nobody can hear it ever again.

        ``file``: as the record names it, None where it was never stored. To do it twice is
        harmless. Raises what the database raises, and OSError for a store that has to be asked
        again: by then the key is gone, and what is left there is noise. Gives the stores that
        have let it go: one that is configured no more is not asked, and keeps the noise.
        """


class SealedArchive:
    """
    Sealed files in stores, each with a key in the database, and captures that became no recording.

    ``plain``: the folder of the files of releases that did not seal; ``peaks``: of what was drawn
    of recordings.
    """

    def __init__(
        self,
        keys: FileKeys,
        stores: Sequence[Store],
        *,
        plain: Path,
        spool: Path,
        peaks: Path,
        disk: Disk | None = None,
    ) -> None:
        self._keys = keys
        self._stores = [*stores, FolderStore("plain", plain, disk)]
        self._spool = spool
        self._disk = disk or Disk()
        self._peaks = FolderStore("peaks", peaks, disk)

    async def destroy(self, recording_id: str, file: str | None) -> Sequence[str]:
        await self._keys.destroy(recording_id)
        await asyncio.to_thread(self._remove, recording_id, file)
        return [store.name for store in self._stores]

    def _remove(self, recording_id: str, file: str | None) -> None:
        """The captures first: no store that fails is in their way."""
        for folder in self._captures(recording_id):
            shutil.rmtree(folder)
            self._disk.sync_folder(folder.parent)
        if file is not None:
            for name in names_of(file):
                self._peaks.delete(peaks_file(name))
                for store in self._stores:
                    store.delete(name)

    def _captures(self, recording_id: str) -> Sequence[Path]:
        """Put aside as damaged, perhaps several times, or forgotten in the spool."""
        aside = self._spool / DAMAGED
        named = [self._spool / recording_id, aside / recording_id]
        return [*filter(Path.is_dir, named), *aside.glob(f"{recording_id}-*")]


async def of_contacts(session: AsyncSession, contact_ids: Sequence[str]) -> Sequence[Recording]:
    """Those that are not destroyed yet, a few hundred at most."""
    query = select(Recording).where(
        Recording.contact_id.in_(contact_ids), Recording.state != ERASED
    )
    return (await session.scalars(query.order_by(Recording.id).limit(500))).all()


async def forget(session: AsyncSession, recordings: Sequence[Recording], now: datetime) -> None:
    """What is left in the rows when the files are no more; the archive's chain has it for good."""
    facts = [erased(each, now) for each in recordings if each.stores]
    for each in recordings:
        each.state = ERASED
        each.caller_number = each.last_digits = ""
        each.file = each.sha256 = each.owed = each.moved = each.leaving = each.replaced = None
        each.stores = []
    gone = [each.id for each in recordings]
    await RecordingEdits(session).forget(gone)
    await Reviews(session).withdraw_of(gone, now)
    await RecordingBookmarks(session).forget(gone)
    await RecordingMerges(session).forget(gone, now)
    await ForeignCalls(session).forget(gone)
    await session.flush()
    await session.run_sync(lambda it: extend_archive(it.connection(), facts))
