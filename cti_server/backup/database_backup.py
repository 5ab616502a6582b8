"""
Backups of the database: made beside a running server, checked, kept for a while, restored.

A backup is a folder of its own with the database's file and a manifest; it has its name when it is
whole, and not before. The master keys are never in it: whoever had both would have all recordings.
"""

import asyncio
import hashlib
import re
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec
from sqlalchemy import Connection, inspect, text

from config.settings import Settings
from cti_server.store.database import Database
from recording.disk import Disk

from . import postgres_dump, sqlite_copy
from .errors import BackupError, WouldOverwrite

MANIFEST = "manifest.json"
_NAME = re.compile(r"hotline-\d{8}T\d{9}Z")
_PART = ".part"
_FILES = {"sqlite": "hotline.db", "postgresql": "hotline.dump"}


class BackupInvalid(BackupError):
    """It is no backup of ours, or not the one that was made; nothing was done."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a database says of itself. ``events``: the log's newest number that it has.

    ``archive``: the last entry of the archive's chain; ``master_keys``: the ids of those that its
    recordings' keys are sealed under.
    """

    revision: str
    events: int
    archive: str
    master_keys: tuple[str, ...]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    made_at: datetime
    release: str
    kind: str  # "sqlite" or "postgresql"
    file: str
    size: int
    sha256: str
    facts: Facts


async def create(database: Database, settings: Settings, into: Path, keep: int | None) -> Path:
    """
    A new backup in the folder ``into``, in which the newest ``keep`` stay, all if it is None.

    Raises BackupError, OSError and what the database raises.
    """
    _check_apart(settings.archive_keys, into)
    made_at = datetime.now(UTC)
    whole = into / f"hotline-{made_at:%Y%m%dT%H%M%S}{made_at.microsecond // 1000:03}Z"
    part = whole.with_suffix(_PART)
    Disk().make_folder(into)
    part.mkdir(mode=0o700)
    try:
        await _fill(part, database, made_at)
        Disk().rename(part, whole)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    if keep is not None:
        for old in backups(into)[:-keep]:
            await asyncio.to_thread(shutil.rmtree, old)
    return whole


def _check_apart(keys: Path, into: Path) -> None:
    if keys.resolve().is_relative_to(into.resolve()):
        raise BackupError(f"the master keys {keys} must not lie beside the backups in {into}")


async def _fill(folder: Path, database: Database, made_at: datetime) -> None:
    kind, file = database.dialect, folder / _FILES[database.dialect]
    if kind == "sqlite":
        await asyncio.to_thread(sqlite_copy.copy, Path(str(database.url.database)), file)
        facts = await asyncio.to_thread(sqlite_copy.look, file, facts_of)
    else:
        async with database.reading.connect() as connection:
            facts = await connection.run_sync(facts_of)  # it has these at least
        await postgres_dump.dump(database.url, file)
    sha256 = await asyncio.to_thread(_hash, file)
    manifest = Manifest(
        made_at=made_at,
        release=version("hotline-cti"),
        kind=kind,
        file=file.name,
        size=file.stat().st_size,
        sha256=sha256,
        facts=facts,
    )
    file.chmod(0o600)
    Disk().write_atomically(folder / MANIFEST, [msgspec.json.encode(manifest)])


async def restore(database: Database, backup: Path) -> Manifest:
    """
    Bring the backup to the database's place, where nothing may be.

    Raises BackupError, OSError and what the database raises.
    """
    manifest = await asyncio.to_thread(checked, backup)
    if manifest.kind != database.dialect:
        raise BackupInvalid(f"{backup}: is of {manifest.kind}, the database is {database.dialect}")
    file = backup / manifest.file
    if manifest.kind == "sqlite":
        await asyncio.to_thread(sqlite_copy.bring_back, file, Path(str(database.url.database)))
        return manifest
    async with database.reading.connect() as connection:
        tables = await connection.run_sync(lambda it: inspect(it).get_table_names())
    if tables:
        raise WouldOverwrite(f"the database has {len(tables)} tables: restore to an empty one")
    await postgres_dump.bring_back(file, database.url)
    return manifest


def checked(backup: Path) -> Manifest:
    """Its manifest, if the file is the one that was made. Raises BackupInvalid."""
    try:
        manifest = msgspec.json.decode((backup / MANIFEST).read_bytes(), type=Manifest)
        file = backup / manifest.file
        if manifest.file != _FILES.get(manifest.kind):
            raise BackupInvalid(f"{backup}: {MANIFEST} is none of ours")
        found = _hash(file)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BackupInvalid(f"{backup}: is no whole backup: {error}") from error
    if found != manifest.sha256:
        raise BackupInvalid(f"{file}: has the SHA-256 {found}, not {manifest.sha256}")
    return manifest


def backups(folder: Path) -> Sequence[Path]:
    """Those that are whole, the oldest first."""
    return sorted(
        each
        for each in folder.iterdir()
        if _NAME.fullmatch(each.name) and (each / MANIFEST).is_file()
    )


def facts_of(connection: Connection) -> Facts:
    def one(statement: str) -> tuple[object, ...]:
        return tuple(connection.execute(text(statement)).first() or ())

    last = one("SELECT sequence, hash FROM archive_entry ORDER BY sequence DESC LIMIT 1")
    masters = connection.execute(text("SELECT DISTINCT master_key FROM recording_key"))
    return Facts(
        revision=str(one("SELECT version_num FROM alembic_version")[0]),
        events=int(str(one("SELECT coalesce(max(sequence), 0) FROM event")[0])),
        archive=":".join(map(str, last)),
        master_keys=tuple(sorted(masters.scalars())),
    )


def _hash(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
