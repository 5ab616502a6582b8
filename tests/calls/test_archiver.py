"""Captures become recordings whatever fails on the way."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from config.archive import FolderSettings
from cti_server.calls.archiver import Archiver
from cti_server.wire.events import RecordingFailed, RecordingStored
from recording.archive import Order
from recording.capture import AGENT, CALLER, INFO, CaptureInfo, write_header
from recording.errors import KeysRefused, StoreSpared, StoreUnavailable


class FailingJobs(Executor):
    """Does each job at once; the first ones fail, as with a dead process or a full disk."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.done = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        self.done += 1
        done: Future[Any] = Future()
        if self.failures:
            done.set_exception(self.failures.pop(0))
            return done
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - the caller of result() gets it
            done.set_exception(error)
        return done


def capture(spool: Path, recording_id: str = "r1") -> Path:
    folder = spool / recording_id
    CaptureInfo(
        recording_id=recording_id,
        call_id="c1",
        contact_id="k1",
        interaction_id="i1",
        agent_id="li",
        queue="sales",
        caller_number="13800138000",
        dialled_number="1000",
        started_at=datetime(2026, 11, 21, 9, 0, tzinfo=UTC),
    ).save(folder)
    for name in (CALLER, AGENT):
        (folder / name).write_bytes(write_header("PCMU", 0) + b"\x7f" * 8000)
    return folder


async def keys(recording_ids: Sequence[str]) -> dict[str, bytes]:
    return dict.fromkeys(recording_ids, b"k" * 32)


class Archive:
    """An archiver on a temporary disk, with the events it logged."""

    def __init__(
        self,
        folder: Path,
        *failures: Exception,
        first_pause: float = 0.01,
        keys: Callable[[Sequence[str]], Awaitable[Mapping[str, bytes]]] = keys,
        jobs: FailingJobs | None = None,
    ) -> None:
        self.spool = folder / "spool"
        self.events: list[Any] = []
        self.logged = asyncio.Event()
        self.jobs = jobs or FailingJobs(*failures)
        self.archiver = Archiver(
            spool=self.spool,
            stores={"local": FolderSettings(kind="folder", folder=folder / "archive")},
            keys=keys,
            jobs=self.jobs,
            append=self.events.append,
            logged=self.settled,
            first_pause=first_pause,
            gather=0.01,
        )
        self.stored = asyncio.Event()

    async def settled(self) -> None:
        self.stored.set()
        await self.logged.wait()


def test_a_recording_is_stored_after_its_job_process_died_twice(tmp_path: Path) -> None:
    async def scenario() -> Archive:
        archive = Archive(tmp_path, BrokenExecutor("died"), OSError("no process any more"))
        archive.logged.set()
        archive.archiver.submit(capture(archive.spool), {"caller_mos": 4.4})
        async with asyncio.timeout(30):
            await archive.stored.wait()
        await archive.archiver.close(within=30)
        return archive

    archive = asyncio.run(scenario())
    (stored,) = archive.events

    assert isinstance(stored, RecordingStored)
    assert stored.quality == {"caller_mos": 4.4}
    assert (tmp_path / "archive" / stored.file).is_file()
    assert not (tmp_path / "spool" / "r1").exists()
    assert archive.archiver.postponed == 2


def test_captures_wait_for_master_keys_that_cannot_be_read(tmp_path: Path) -> None:
    refused = [KeysRefused("archive.key: Permission denied")]

    async def refused_once(recording_ids: Sequence[str]) -> dict[str, bytes]:
        if refused:
            raise refused.pop()
        return await keys(recording_ids)

    async def scenario() -> list[Any]:
        archive = Archive(tmp_path, keys=refused_once)
        archive.logged.set()
        archive.archiver.submit(capture(archive.spool), {})
        async with asyncio.timeout(30):
            await archive.stored.wait()
        await archive.archiver.close(within=30)
        return archive.events

    (stored,) = asyncio.run(scenario())

    assert isinstance(stored, RecordingStored)


def test_one_whose_key_does_not_open_waits_and_holds_up_no_other(tmp_path: Path) -> None:
    async def of_others(recording_ids: Sequence[str]) -> dict[str, bytes]:
        return await keys([each for each in recording_ids if each != "r1"])

    async def scenario() -> Archive:
        archive = Archive(tmp_path, keys=of_others, first_pause=30)
        archive.logged.set()
        for each in ("r1", "r2"):
            archive.archiver.submit(capture(archive.spool, each), {})
        async with asyncio.timeout(30):
            await archive.stored.wait()
        await archive.archiver.close(within=30)
        return archive

    archive = asyncio.run(scenario())

    assert [event.recording_id for event in archive.events] == ["r2"]
    assert (archive.spool / "r1").is_dir()
    assert archive.archiver.postponed == 1


class AwayStore(FailingJobs):
    """Jobs for a store that is away: of each only the first capture is tried."""

    def __init__(self) -> None:
        super().__init__()
        self.tried: list[str] = []
        self.both_tried = asyncio.Event()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        orders: Sequence[Order] = args[0]
        self.tried.append(orders[0].folder.name)
        if len(set(self.tried)) == 2:
            self.both_tried.set()
        spared = [StoreSpared("s3", "it has just failed")] * (len(orders) - 1)
        done: Future[Any] = Future()
        done.set_result([StoreUnavailable("s3", "it is away"), *spared])
        return done


def test_one_that_a_store_never_takes_is_not_for_ever_tried_in_the_place_of_others(
    tmp_path: Path,
) -> None:
    async def scenario() -> list[str]:
        jobs = AwayStore()
        archive = Archive(tmp_path, first_pause=0.05, jobs=jobs)
        for each in ("r1", "r2"):
            archive.archiver.submit(capture(archive.spool, each), {})
        async with asyncio.timeout(30):
            await jobs.both_tried.wait()
        await archive.archiver.close(within=30)
        return jobs.tried

    assert asyncio.run(scenario())[:3] == ["r1", "r1", "r2"]


def test_the_capture_stays_until_the_log_is_safe_and_a_stop_does_not_wait_for_ever(
    tmp_path: Path,
) -> None:
    async def scenario() -> tuple[list[Any], bool]:
        archive = Archive(tmp_path)
        folder = capture(archive.spool)
        archive.archiver.submit(folder, {})
        await archive.archiver.close(within=1.0)
        return archive.events, folder.exists()

    (stored,), kept = asyncio.run(scenario())

    assert isinstance(stored, RecordingStored)
    assert kept


def test_what_is_no_capture_is_logged_as_failed_and_put_aside(tmp_path: Path) -> None:
    async def scenario() -> list[Any]:
        archive = Archive(tmp_path)
        folder = capture(archive.spool)
        (folder / AGENT).unlink()
        archive.archiver.submit(folder, {})
        await archive.archiver.close()
        return archive.events

    (failed,) = asyncio.run(scenario())

    assert isinstance(failed, RecordingFailed)
    assert "agent.g711 is missing" in failed.reason
    assert (tmp_path / "spool" / "damaged" / "r1").is_dir()


def test_captures_that_end_together_are_one_job(tmp_path: Path) -> None:
    async def scenario() -> Archive:
        archive = Archive(tmp_path)
        archive.logged.set()
        for name in ("r1", "r2", "r3"):
            archive.archiver.submit(capture(archive.spool, name), {"caller_mos": float(name[1])})
        (archive.spool / "r2" / AGENT).unlink()
        await archive.archiver.close()
        return archive

    archive = asyncio.run(scenario())

    assert archive.jobs.done == 1
    assert [(type(each), each.recording_id) for each in archive.events] == [
        (RecordingStored, "r1"),
        (RecordingFailed, "r2"),
        (RecordingStored, "r3"),
    ]
    assert [path.name for path in archive.spool.iterdir()] == ["damaged"]
    assert archive.archiver.backlog == 0


def test_one_that_cannot_be_read_keeps_no_other_from_the_archive(tmp_path: Path) -> None:
    async def scenario() -> Archive:
        archive = Archive(tmp_path)
        archive.logged.set()
        for name in ("r1", "r2", "r3"):
            archive.archiver.submit(capture(archive.spool, name), {})
        info = archive.spool / "r2" / INFO
        info.write_bytes(info.read_bytes().replace(b'"sales"', b'"sa\xffes"'))
        await archive.archiver.close()
        return archive

    archive = asyncio.run(scenario())

    assert [(type(each), each.recording_id) for each in archive.events] == [
        (RecordingStored, "r1"),
        (RecordingFailed, "r2"),
        (RecordingStored, "r3"),
    ]
    assert (archive.spool / "damaged" / "r2").is_dir()


def test_a_stop_leaves_what_would_be_tried_again_later_to_the_next_start(tmp_path: Path) -> None:
    async def scenario() -> tuple[Archive, float]:
        archive = Archive(tmp_path, *[OSError("no space left")] * 2, first_pause=3600.0)
        archive.archiver.submit(capture(archive.spool), {})
        with capture_logs() as told:
            begun = asyncio.get_running_loop().time()
            await archive.archiver.close(within=30)
            took = asyncio.get_running_loop().time() - begun
        assert [one["event"] for one in told] == ["recording.postponed"]
        return archive, took

    archive, took = asyncio.run(scenario())

    assert took < 10
    assert (archive.jobs.done, archive.events) == (1, [])
    assert (archive.spool / "r1").is_dir()


def test_what_an_earlier_process_left_is_taken_up_and_marked(tmp_path: Path) -> None:
    async def scenario() -> list[Any]:
        archive = Archive(tmp_path)
        archive.logged.set()
        capture(archive.spool)
        assert await archive.archiver.recover() == 1
        await archive.archiver.close()
        return archive.events

    (stored,) = asyncio.run(scenario())

    assert stored.recovered


def test_what_goes_wrong_beside_a_recording_is_told(tmp_path: Path) -> None:
    async def scenario() -> list[Any]:
        archive = Archive(tmp_path)

        def refused(event: object) -> None:
            raise LookupError("no log")

        archive.archiver = Archiver(
            spool=archive.spool,
            stores={"local": FolderSettings(kind="folder", folder=tmp_path / "archive")},
            keys=keys,
            jobs=archive.jobs,
            append=refused,
            logged=archive.settled,
        )
        with capture_logs() as told:
            archive.archiver.submit(capture(archive.spool), {})
            await archive.archiver.close(within=30)
        return told

    [told] = asyncio.run(scenario())
    assert (told["event"], str(told["exc_info"])) == ("recording.archiver_failed", "no log")
