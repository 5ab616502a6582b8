"""Stored recordings become smaller: one file is there at every moment, also when a crash comes."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from cti_server.archive_checking import ArchiveCheck
from cti_server.calls.reencoding import Reencoding
from cti_server.privacy.recordings import SealedArchive
from cti_server.store.archive_entries import ArchiveEntry
from cti_server.wire.events import RecordingCopied, RecordingMoved, RecordingOwed
from recording.copies import look
from recording.errors import StoreUnavailable
from recording.reencoding import reencode_all
from recording.stores.folder import FolderStore
from recording.stores.opening import open_stores
from tests.calls.test_archiver import capture
from tests.calls.test_owed_copies import Server, files_in, is_away, server


def reencoding(it: Server) -> Reencoding:
    return Reencoding(it.database, it.log, keys=it.keys, jobs=it.jobs, settings=it.stores)


async def stored(it: Server, *names: str) -> None:
    for name in names:
        it.archiver.submit(capture(it.spool, name), {})
    await it.archiver.close()


async def faults(it: Server) -> Sequence[str]:
    check = ArchiveCheck(
        it.database, it.keys, open_stores(it.stores), files=None, chance=random.Random(1)
    )
    return (await check.run()).faults


async def test_it_is_opus_in_every_store_from_then_on_and_the_chain_knows(tmp_path: Path) -> None:
    async with server(tmp_path) as it:
        await stored(it, "r1", "r2")
        before = await it.row("r1")

        assert await reencoding(it).reencode([before]) == {}

        row = await it.row("r1")
        assert (row.codec, row.duration, row.stores, row.owed, row.replaced) == (
            *("OPUS", before.duration, ["near", "far"], None, None),
        )
        key = (await it.keys.of(["r1"]))["r1"]
        sounds = [look(store, row.file or "", key, "r1") for store in open_stores(it.stores)]
        assert [(one.sha256, one.size) for one in sounds] == [(row.sha256, row.size)] * 2
        for name in ("near", "far"):
            assert sorted(files_in(tmp_path / name)) == ["r1.opus.sealed", "r2.wav.sealed"]
        async with it.database.readers() as session:
            query = select(ArchiveEntry.action).where(ArchiveEntry.recording_id == "r1")
            assert list(await session.scalars(query)) == ["stored", "reencoded"]
        assert await faults(it) == []
        assert await reencoding(it).reencode([row]) == {"r1": "it is Opus already"}


class _Killed(BaseException):
    """The process is no more."""


async def test_whatever_a_crash_leaves_is_finished_by_who_asks_again(tmp_path: Path) -> None:
    """The new file is there, and nothing was told of it."""
    async with server(tmp_path) as it:
        await stored(it, "r1")
        row = await it.row("r1")
        work = reencoding(it)
        with pytest.raises(_Killed), _dying_after_the_job(it):
            await work.reencode([row])
        assert sorted(files_in(tmp_path / "near")) == ["r1.opus.sealed", "r1.wav.sealed"]
        assert await faults(it) == []  # it is what it was

        assert await reencoding(it).reencode([await it.row("r1")]) == {}
        assert files_in(tmp_path / "near") == files_in(tmp_path / "far") == ["r1.opus.sealed"]
        assert await faults(it) == []


async def test_an_old_file_that_a_store_would_not_remove_goes_after_the_next_start(
    tmp_path: Path,
) -> None:
    async with server(tmp_path) as it:
        await stored(it, "r1")
        old = tmp_path / "far" / ((await it.row("r1")).file or "")
        day = old.parent
        work = reencoding(it)
        with _that_cannot_be_removed(old):
            assert await work.reencode([await it.row("r1")]) == {}
        row = await it.row("r1")
        assert row.replaced is not None
        assert old.exists()
        assert await faults(it) == []
    async with server(tmp_path) as it:
        after = reencoding(it)
        after.start()
        assert after.finished is not None
        await after.finished
        assert (await it.row("r1")).replaced is None
        assert [file.name for file in day.iterdir()] == ["r1.opus.sealed"]
        await after.close()


async def test_a_store_that_is_away_is_asked_once_a_pass_and_the_others_are_rid_of_the_old_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, delete = list[str](), FolderStore.delete

    def far_is_away(store: FolderStore, file: str) -> None:
        if store.name == "far":
            asked.append(file)
            raise StoreUnavailable("far", "no answer")
        delete(store, file)

    async with server(tmp_path) as it:
        await stored(it, "r1", "r2", "r3")
        work = reencoding(it)
        with monkeypatch.context() as away:
            away.setattr(FolderStore, "delete", far_is_away)
            for name, times in (("r1", 1), ("r2", 2)):
                assert await work.reencode([await it.row(name)]) == {}
                assert len(asked) == times
        there = ["r1.opus.sealed", "r2.opus.sealed", "r3.wav.sealed"]
        assert sorted(files_in(tmp_path / "near")) == there
        assert {name for name in ("r1", "r2") if (await it.row(name)).replaced} == {"r1", "r2"}

        assert await work.reencode([await it.row("r3")]) == {}

        assert [name for name in ("r1", "r2", "r3") if (await it.row(name)).replaced] == []
        assert sorted(files_in(tmp_path / "far")) == [f"r{each}.opus.sealed" for each in (1, 2, 3)]


async def test_what_was_altered_is_left_as_it_is(tmp_path: Path) -> None:
    async with server(tmp_path) as it:
        await stored(it, "r1")
        row = await it.row("r1")
        file = tmp_path / "near" / (row.file or "")
        content = bytearray(file.read_bytes())
        content[-1] ^= 1
        file.write_bytes(content)

        refused = await reencoding(it).reencode([row])

        assert list(refused) == ["r1"]
        assert files_in(tmp_path / "near") == files_in(tmp_path / "far") == ["r1.wav.sealed"]
        assert (await it.row("r1")).codec == "PCMU"


async def test_what_a_store_is_owed_waits(tmp_path: Path) -> None:
    is_away(tmp_path / "far")
    async with server(tmp_path) as it:
        await stored(it, "r1")

        refused = await reencoding(it).reencode([await it.row("r1")])

        assert refused == {"r1": "not every store has it yet"}


async def test_what_was_begun_with_the_file_of_before_counts_for_nothing(tmp_path: Path) -> None:
    """A copy or a move of it was under way: the row would name stores that have another."""
    async with server(tmp_path) as it:
        await stored(it, "r1")
        old = (await it.row("r1")).file or ""
        assert await reencoding(it).reencode([await it.row("r1")]) == {}

        it.log.append(RecordingCopied(recording_id="r1", store="third", file=old))
        it.log.append(RecordingMoved(recording_id="r1", store="near", kept_in="far", file=old))

        row = await it.row("r1")
        assert (row.stores, row.moved, row.leaving) == (["near", "far"], None, None)
        assert await faults(it) == []


async def test_what_leaves_a_store_while_it_is_encoded_is_where_the_row_says(
    tmp_path: Path,
) -> None:
    async with server(tmp_path) as it:
        await stored(it, "r1")
        before = await it.row("r1")
        old = before.file or ""
        it.log.append(RecordingMoved(recording_id="r1", store="near", kept_in="far", file=old))
        it.log.append(RecordingOwed(recording_id="r1", stores=("third",)))
        leaving = await it.row("r1")
        assert leaving.leaving == "near"
        assert list(await reencoding(it).reencode([leaving])) == ["r1"]

        assert await reencoding(it).reencode([before]) == {}  # as it was when this was begun

        row = await it.row("r1")
        assert (row.stores, row.owed) == (["near", "far"], "third")
        assert (row.moved, row.leaving) == (None, None)
        assert files_in(tmp_path / "near") == files_in(tmp_path / "far") == ["r1.opus.sealed"]


async def test_who_is_erased_meanwhile_is_in_no_store(tmp_path: Path) -> None:
    async with server(tmp_path) as it:
        await stored(it, "r1")
        row = await it.row("r1")
        archive = SealedArchive(
            it.keys,
            open_stores(it.stores),
            plain=tmp_path / "plain",
            spool=it.spool,
            peaks=tmp_path / "peaks",
        )
        with _dying_after_the_job(it), pytest.raises(_Killed):
            await reencoding(it).reencode([row])
        await archive.destroy("r1", row.file)  # as the row names it: both names go

        assert files_in(tmp_path / "near") == files_in(tmp_path / "far") == []
        assert await reencoding(it).reencode([row]) == {"r1": "it has no key"}


class _dying_after_the_job:  # noqa: N801 - read as a phrase
    """The job process has done its work, and nobody hears of it."""

    def __init__(self, it: Server) -> None:
        self._jobs = it.jobs
        self._submit = it.jobs.submit

    def __enter__(self) -> None:
        def submit(fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
            future = self._submit(fn, *args, **kwargs)
            if fn is reencode_all:
                future.result()
                raise _Killed
            return future

        self._jobs.submit = submit  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        self._jobs.submit = self._submit  # type: ignore[method-assign]


class _that_cannot_be_removed:  # noqa: N801 - read as a phrase
    """A file whose place is taken by a folder while this lasts, as root sees none it may not."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> None:
        self._file.rename(self._file.with_suffix(".aside"))
        self._file.mkdir()
        (self._file / "something").touch()

    def __exit__(self, *_: object) -> None:
        (self._file / "something").unlink()
        self._file.rmdir()
        self._file.with_suffix(".aside").rename(self._file)
