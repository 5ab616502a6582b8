"""A real archive below a folder: master keys, file keys in the database, one store or several."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cti_server.file_keys import FileKeys
from cti_server.privacy.recordings import SealedArchive
from cti_server.recorded_sound import RecordedSounds
from cti_server.store.database import Database
from recording.copies import Sound, keep
from recording.stores.folder import FolderStore
from recording.stores.port import Store

MADE_AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class ArchiveOfTests:
    keys: FileKeys
    stores: Sequence[Store]
    archive: SealedArchive
    sounds: RecordedSounds

    async def put(self, recording_id: str, file: str, sound: bytes) -> Sound:
        """The sound, sealed in every store; nothing is logged of it."""
        key = (await self.keys.ensure([recording_id]))[recording_id]
        for store in self.stores:
            kept = keep(store, file, lambda: [sound], key, recording_id)
        return kept


async def open_archive(database: Database, folder: Path, *stores: Store) -> ArchiveOfTests:
    """By default with the store that a server has without any configuration."""
    plain = folder / "archive"
    stores = stores or (FolderStore("local", plain),)
    keys = await FileKeys.open(database, folder / "archive.key", None, now=MADE_AT, own=True)
    return ArchiveOfTests(
        keys=keys,
        stores=stores,
        archive=SealedArchive(
            keys, stores, plain=plain, spool=folder / "spool", peaks=folder / "peaks"
        ),
        sounds=RecordedSounds(database, keys, stores, plain),
    )
