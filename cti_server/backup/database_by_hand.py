"""What the command line does for the database."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from config.settings import Settings
from cti_server.administration import DatabaseUnusable
from cti_server.file_keys import FileKeys
from cti_server.pid_file import running_server
from cti_server.privacy.recordings import Archive, SealedArchive
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.errors import StoreError
from recording.errors import RecordingError
from recording.stores.opening import open_stores

from . import database_backup
from .by_hand import BackupRefused
from .database_backup import MANIFEST, Manifest
from .erased_list import ErasedList
from .errors import BackupError


async def save(settings: Settings, into: Path, keep: int | None) -> tuple[Path, Manifest]:
    """Raises BackupRefused and DatabaseUnusable."""
    database = Database(settings.database)
    try:
        made = await database_backup.create(database, settings, into, keep)
    except BackupError as error:
        raise BackupRefused(str(error)) from error
    except (*UNAVAILABLE, StoreError) as error:
        raise DatabaseUnusable(f"no backup was made: {error}") from error
    finally:
        await database.close()
    return made, msgspec.json.decode((made / MANIFEST).read_bytes(), type=Manifest)


async def bring_back(
    settings: Settings, backup: Path, *, tried: bool
) -> tuple[Manifest, int, Sequence[str]]:
    """
    Restore, and erase again what the stores' lists name. ``tried``: it is not to be served.

    Of one that is tried nothing is erased in the stores: the keys in it go, no file does. Raises
    BackupRefused and DatabaseUnusable.
    """
    if not tried and (pid := running_server(settings.data)) is not None:
        raise BackupRefused(f"process {pid} serves {settings.data}: stop it first")
    database = Database(settings.database)
    try:
        manifest = await database_backup.restore(database, backup)
        await database.upgrade()
    except BackupError as error:
        await database.close()
        raise BackupRefused(str(error)) from error
    except (*UNAVAILABLE, StoreError) as error:
        await database.close()
        raise DatabaseUnusable(f"it is not restored: {error}") from error
    try:
        if not manifest.facts.master_keys:
            return manifest, 0, []  # nothing in it was ever sealed
        again, faults = await _erase_again(database, settings, tried=tried)
    except (BackupRefused, *UNAVAILABLE) as error:
        return manifest, 0, [str(error)]
    finally:
        await database.close()
    return manifest, again, faults


async def erase_again(database: Database, settings: Settings) -> tuple[int, Sequence[str]]:
    """
    What the stores' lists name and this database has; how many, and what could not be read.

    Raises BackupRefused, OSError for a silent store, and what the database raises.
    """
    return await _erase_again(database, settings, tried=False)


async def _erase_again(
    database: Database, settings: Settings, *, tried: bool
) -> tuple[int, Sequence[str]]:
    stores = open_stores(settings.archive_stores)
    try:
        keys = FileKeys(database, settings.archive_keys, settings.archive.active_key)
    except RecordingError as error:
        raise BackupRefused(str(error)) from error
    archive: Archive = _KeysAlone(keys)
    if not tried:
        archive = SealedArchive(
            keys,
            stores,
            plain=settings.data / "archive",
            spool=settings.data / "spool",
            peaks=settings.data / "peaks",
        )
    return await ErasedList(database, keys, stores).erase_again(archive, datetime.now(UTC))


class _KeysAlone:
    """Of a database that is tried: the files are the centre's."""

    def __init__(self, keys: FileKeys) -> None:
        self._keys = keys

    async def destroy(self, recording_id: str, file: str | None) -> Sequence[str]:
        await self._keys.destroy(recording_id)
        return ()
