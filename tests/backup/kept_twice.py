"""Recordings that lie in two folders, near and far, with whoever looks after them."""

from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from config.archive import ArchiveSettings, FolderSettings, StoreSettings
from cti_server.backup.care import ArchiveCare
from cti_server.backup.drills import Drill
from cti_server.backup.erased_list import ErasedList
from cti_server.backup.incidents import BackupIncidents
from cti_server.backup.rounds import Rounds
from cti_server.clock import SystemClock
from cti_server.privacy.recordings import forget
from cti_server.store.archive_runs import ArchiveRun, ArchiveRuns
from cti_server.store.changes import Changes
from cti_server.store.database import Database
from cti_server.store.incidents import Incident, Incidents
from cti_server.store.log import EventLog
from cti_server.store.recordings import Recording, Recordings
from cti_server.wire.events import RecordingStored
from recording.copies import Sound, bring, keep
from recording.stereo import wav_header
from recording.stores.opening import open_stores
from tests.fakes.archives import ArchiveOfTests, open_archive

NINE = datetime(2026, 11, 21, 9, tzinfo=UTC)
SECONDS = 10
A_MONTH = timedelta(days=30)


def wav(number: int, seconds: float = SECONDS, channels: int = 2) -> bytes:
    """A G.711 file, another one for each number."""
    samples = round(8000 * seconds)
    return wav_header("PCMU", samples, channels) + bytes([number + 1]) * (channels * samples)


def file_of(recording_id: str) -> str:
    return f"2026/11/21/{recording_id}.wav.sealed"


class Now:
    """A moment that a test moves."""

    def __init__(self) -> None:
        self.at = NINE + timedelta(hours=1)

    def __call__(self) -> datetime:
        return self.at


@dataclass
class KeptTwice:
    """``care`` is not at work until a test starts it."""

    database: Database
    folder: Path
    log: EventLog
    kept: ArchiveOfTests
    stores: dict[str, StoreSettings]
    jobs: ThreadPoolExecutor
    now: Now = field(default_factory=Now)
    ids: int = 0

    def path(self, store: str, recording_id: str) -> Path:
        return self.folder / store / file_of(recording_id)

    def rot(self, store: str, recording_id: str, place: int = 70_000) -> None:
        content = bytearray(self.path(store, recording_id).read_bytes())
        content[place] ^= 1
        self.path(store, recording_id).write_bytes(content)

    async def add(
        self,
        recording_id: str,
        *stores: str,
        at: datetime = NINE,
        sound: bytes = b"",
        kind: str = "conversation",
        codec: str = "PCMU",
        layout: str = "stereo",
    ) -> Sound:
        """A recording that lies in these stores; by default in both."""
        stores = stores or ("near", "far")
        number = int(recording_id.removeprefix("r"))
        content = sound or wav(number)
        key = (await self.kept.keys.ensure([recording_id]))[recording_id]
        first, *others = (each for each in self.kept.stores if each.name in stores)
        file = file_of(recording_id)
        kept = keep(first, file, lambda: [content], key, recording_id)
        for other in others:
            bring(first, other, file, key, recording_id, kept)
        self.log.append(
            RecordingStored(
                recording_id=recording_id,
                call_id=f"call-{number}",
                contact_id=f"contact-{number}",
                interaction_id=f"interaction-{number}",
                agent_id="li",
                queue="sales",
                caller_number="13800138000",
                dialled_number="1000",
                started_at=at,
                duration=float(SECONDS),
                file=file_of(recording_id),
                size=kept.size,
                sha256=kept.sha256,
                codec=codec,
                stores=stores,
                kind=kind,
                layout=layout,
            )
        )
        await self.log.stored()
        return kept

    async def erase(self, recording_id: str) -> None:
        await self.kept.archive.destroy(recording_id, file_of(recording_id))
        async with self.log.paused(), self.database.sessions.begin() as session:
            await forget(session, [await session.get_one(Recording, recording_id)], NINE)

    async def row(self, recording_id: str) -> Recording:
        await self.log.stored()
        async with self.database.readers() as session:
            found = await Recordings(session).get(recording_id)
        assert found is not None
        return found

    async def incidents(self) -> dict[str, Incident]:
        """By subject."""
        await self.log.stored()
        async with self.database.readers() as session:
            return {each.subject: each for each in await Incidents(session).page(100)}

    async def run(self, run_id: str) -> ArchiveRun:
        async with self.database.readers() as session:
            return await session.get_one(ArchiveRun, run_id)

    async def runs(self, kind: str) -> list[ArchiveRun]:
        async with self.database.readers() as session:
            return list(await ArchiveRuns(session).page(kind, 100, None))

    def rounds(self, stores: Mapping[str, StoreSettings] | None = None) -> Rounds:
        return Rounds(
            self.database,
            keys=self.kept.keys,
            stores=stores or self.stores,
            jobs=self.jobs,
            append=self.log.append,
            logged=self.log.stored,
        )

    def drill(self, *, keys: Path | None = None, chance: int = 1) -> Drill:
        return Drill(
            self.database,
            self.stores,
            keys=keys or self.folder / "archive.key",
            scratch=self.folder / "scratch",
            jobs=self.jobs,
            chance=Random(chance),
        )

    def care(self, **settings: int) -> ArchiveCare:
        return ArchiveCare(
            self.database,
            Changes(self.database, self.log.append, now=self.now, new_id=self.new_id),
            BackupIncidents(self.database, self.log.append, self.new_id),
            rounds=self.rounds(),
            drill=self.drill,
            erased=ErasedList(self.database, self.kept.keys, self.kept.stores),
            settings=ArchiveSettings.model_validate(settings),
            stores=self.stores,
            quiet_hour=3,
            zone="Asia/Shanghai",
            now=self.now,
            new_id=self.new_id,
        )

    def new_id(self) -> str:
        self.ids += 1
        return f"id-{self.ids:03}"


@asynccontextmanager
async def kept_twice(database: Database, folder: Path) -> AsyncIterator[KeptTwice]:
    stores: dict[str, StoreSettings] = {
        name: FolderSettings(kind="folder", folder=folder / name) for name in ("near", "far")
    }
    log = EventLog(database, folder / "journal", SystemClock(), move_every=0.01)
    await log.start()
    kept = await open_archive(database, folder, *open_stores(stores))
    with ThreadPoolExecutor(1) as jobs:
        try:
            yield KeptTwice(database, folder, log, kept, stores, jobs)
        finally:
            await log.close()
