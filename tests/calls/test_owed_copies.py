"""A recording is stored though a store is away, which gets what it is owed when it is back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from config.archive import FolderSettings, StoreSettings
from cti_server.calls.archiver import Archiver
from cti_server.calls.owed_copies import OwedCopies
from cti_server.clock import SystemClock
from cti_server.file_keys import FileKeys
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.store.recordings import Recording, Recordings
from cti_server.wire.events import RecordingCopied
from recording.archive import copy_all
from recording.copies import look
from recording.stores.opening import open_stores
from tests.calls.test_archiver import capture
from tests.fakes.archives import MADE_AT


@dataclass
class Server:
    """What archives in a server: the records, the log, the archiver, and who brings copies."""

    database: Database
    log: EventLog
    archiver: Archiver
    owed: OwedCopies
    keys: FileKeys
    stores: dict[str, StoreSettings]
    spool: Path
    jobs: "WatchedJobs"
    copied: asyncio.Event  # set when two copies were

    async def row(self, recording_id: str) -> Recording:
        await self.log.stored()
        async with self.database.readers() as session:
            found = await Recordings(session).get(recording_id)
        assert found is not None
        return found

    async def places(self, recording_id: str) -> tuple[list[str], str | None]:
        row = await self.row(recording_id)
        return row.stores, row.owed


class WatchedJobs(ThreadPoolExecutor):
    """Says when somebody has tried to bring copies."""

    def __init__(self) -> None:
        super().__init__(1)
        self.tried = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future = super().submit(fn, *args, **kwargs)
        if fn is copy_all:
            future.add_done_callback(lambda _: self._loop.call_soon_threadsafe(self.tried.set))
        return future


@asynccontextmanager
async def server(folder: Path, batch: int = 16) -> AsyncIterator[Server]:
    stores: dict[str, StoreSettings] = {
        name: FolderSettings(kind="folder", folder=folder / name) for name in ("near", "far")
    }
    database = Database(f"sqlite+aiosqlite:///{folder}/hotline.db")
    await database.upgrade()
    log = EventLog(database, folder / "journal", SystemClock(), move_every=0.01)
    await log.start()
    keys = await FileKeys.open(database, folder / "archive.key", None, now=MADE_AT, own=True)
    copied = asyncio.Event()
    log.subscribe(
        lambda each: (
            copied.set() if isinstance(each.event, RecordingCopied) and owed.copied == 2 else None
        )
    )
    with WatchedJobs() as jobs:
        archiver = Archiver(
            spool=folder / "spool",
            stores=stores,
            keys=keys.ensure,
            jobs=jobs,
            append=log.append,
            logged=log.stored,
            gather=0.01,
        )
        owed = OwedCopies(
            database, log, keys=keys, jobs=jobs, settings=stores, first_pause=0.05, batch=batch
        )
        owed.start()
        await archiver.recover()
        try:
            yield Server(
                database, log, archiver, owed, keys, stores, folder / "spool", jobs, copied
            )
        finally:
            await archiver.close()
            await owed.close()
            await log.close()
            await database.close()


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def is_away(folder: Path) -> None:
    """No folder can be made below a file."""
    folder.write_bytes(b"")


async def test_what_is_owed_is_brought_when_the_store_is_back_also_after_a_restart(
    tmp_path: Path,
) -> None:
    is_away(tmp_path / "far")
    with capture_logs() as told:
        async with server(tmp_path) as it:
            it.archiver.submit(capture(it.spool, "r1"), {})
            it.archiver.submit(capture(it.spool, "r2"), {})
            await it.archiver.close()
            assert [await it.places(each) for each in ("r1", "r2")] == [(["near"], "far")] * 2
            assert not (it.spool / "r1").exists()  # nothing waits for a second copy
        async with server(tmp_path) as it, asyncio.timeout(30):
            await it.jobs.tried.wait()
            assert it.owed.owed == 2
            (tmp_path / "far").unlink()
            await it.copied.wait()
            for each in ("r1", "r2"):
                assert await it.places(each) == (["near", "far"], None)
            row, key = await it.row("r1"), (await it.keys.of(["r1"]))["r1"]
            assert row.file is not None
            heard = {look(store, row.file, key, "r1").sha256 for store in open_stores(it.stores)}
            assert heard == {row.sha256}
    refused = [one["reason"] for one in told if one["event"] == "recording.copies_postponed"]
    assert all("File exists" in reason or "Not a directory" in reason for reason in refused)
    assert refused


async def test_who_is_erased_while_a_copy_is_owed_is_brought_nowhere(tmp_path: Path) -> None:
    is_away(tmp_path / "far")
    async with server(tmp_path) as it:
        it.archiver.submit(capture(it.spool, "r1"), {})
        await it.archiver.close()
        assert await it.places("r1") == (["near"], "far")
        await it.keys.destroy("r1")
    (tmp_path / "far").unlink()
    async with server(tmp_path) as it:
        it.archiver.submit(capture(it.spool, "r2"), {})
        await it.archiver.close()

        assert await it.places("r2") == (["near", "far"], None)
        assert files_in(tmp_path / "far") == ["r2.wav.sealed"]


async def test_what_can_never_be_brought_keeps_no_others_from_their_copies(tmp_path: Path) -> None:
    is_away(tmp_path / "far")
    with capture_logs():
        async with server(tmp_path) as it:
            for each in ("r1", "r2", "r3"):
                it.archiver.submit(capture(it.spool, each), {})
            await it.archiver.close()
            lost = (await it.row("r1")).file
        assert lost is not None
        (tmp_path / "near" / lost).unlink()
        (tmp_path / "far").unlink()
        async with server(tmp_path, batch=1) as it, asyncio.timeout(30):
            await it.copied.wait()
            places = [await it.places(each) for each in ("r1", "r2", "r3")]

    assert places == [(["near"], "far"), (["near", "far"], None), (["near", "far"], None)]
