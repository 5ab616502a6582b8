"""Destroying recordings: the file, what is left of its capture, and what the row says of people."""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.store.recordings import ERASED, Recording
from recording.archive import DAMAGED
from recording.disk import Disk


class Archive(Protocol):
    """Where recordings are kept: one place to be rid of one, whatever it was kept as."""

    def destroy(self, recording_id: str, file: str | None) -> None:
        """
        Make sure that nobody can hear it ever again; blocks.

        ``file``: as the record names it, None where it was never stored. One that is encrypted
        under a key of its own is destroyed with the key. To do it twice is harmless.
        """


class LocalArchive:
    """Plain files below one folder, and captures that could not be made into a recording."""

    def __init__(self, archive: Path, spool: Path, disk: Disk | None = None) -> None:
        self._archive = archive
        self._spool = spool
        self._disk = disk or Disk()

    def destroy(self, recording_id: str, file: str | None) -> None:
        if file is not None and (path := self._archive / file).parent.is_dir():
            self._disk.remove(path)
            self._disk.remove(path.with_name(f".{path.name}.part"))
            self._disk.sync_folder(path.parent)
        for folder in self._captures(recording_id):
            shutil.rmtree(folder)
            self._disk.sync_folder(folder.parent)

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


def forget(recording: Recording) -> None:
    """What is left in the row when the file is no more."""
    recording.state = ERASED
    recording.caller_number = ""
    recording.file = recording.sha256 = None
