"""The archive's care: when it is due, what a stop leaves, and what it tells of what it found."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from cti_server.backup.care import ArchiveCare
from cti_server.backup.errors import NoSecondStore
from cti_server.store.archive_runs import ArchiveRun
from cti_server.wire.events import RecordChanged

from .kept_twice import NINE, KeptTwice

QUIET = datetime(2026, 11, 21, 19, tzinfo=UTC)
"""Three o'clock in Shanghai, after NINE."""
A_DAY = timedelta(days=1)


@asynccontextmanager
async def at_work(care: ArchiveCare) -> AsyncIterator[None]:
    care.start()
    try:
        yield
    finally:
        await care.close()


async def ended(it: KeptTwice, run: ArchiveRun) -> ArchiveRun:
    async with asyncio.timeout(60):
        while (now := await it.run(run.id)).ended_at is None:  # noqa: ASYNC110 - its row says so
            await asyncio.sleep(0.01)
    return now


async def shown(care: ArchiveCare, **figures: float) -> None:
    """Wait until ``/metrics`` says so."""
    async with asyncio.timeout(60):
        while not figures.items() <= (await care.figures()).items():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_rounds_are_due_each_quiet_hour_and_drills_once_a_week(it: KeptTwice) -> None:
    care = it.care()
    assert await care.earliest() is None  # nothing to look after
    await it.add("r1")
    assert await care.earliest() == QUIET

    begun = list[tuple[datetime, str]]()
    for day in range(15):
        it.now.at = QUIET + day * A_DAY + timedelta(minutes=1)
        await care.do(it.now.at)
        for kind in ("round", "drill"):
            run = (await it.runs(kind))[0]
            if run.started_at == it.now.at:
                begun.append((it.now.at, kind))
            if run.ended_at is None:
                async with it.database.sessions.begin() as session:
                    (await session.get_one(ArchiveRun, run.id)).ended_at = it.now.at
                    (await session.get_one(ArchiveRun, run.id)).state = "done"
        assert await care.earliest() == QUIET + (day + 1) * A_DAY

    assert [at.day for at, kind in begun if kind == "drill"] == [21, 28, 5]
    assert len([at for at, kind in begun if kind == "round"]) == 15


async def test_a_centre_with_one_store_has_rounds_and_no_drills(it: KeptTwice) -> None:
    await it.add("r1")
    del it.stores["far"]
    care = it.care()

    it.now.at = QUIET
    await care.do(QUIET)

    assert len(await it.runs("round")) == 1
    assert await it.runs("drill") == []
    with pytest.raises(NoSecondStore):
        await care.begin("drill", "sun")


async def test_a_drill_is_done_told_and_shown(it: KeptTwice) -> None:
    await it.add("r1")
    await it.add("r2")
    care = it.care()
    async with at_work(care):
        good = await ended(it, await care.begin("drill", "sun"))
        it.rot("far", "r1")
        bad = await ended(it, await care.begin("drill", "sun"))
        success = it.now.at.timestamp()
        await shown(care, drill_failed=1, drill_last_success_timestamp_seconds=success)
        it.path("far", "r1").write_bytes(it.path("near", "r1").read_bytes())
        failed = (await it.incidents())[bad.id]
        after = await ended(it, await care.begin("drill", "sun", 1))

    assert (good.state, good.sampled, good.failed, good.asked_by) == ("done", 2, 0, "sun")
    assert (bad.state, bad.failed, bad.mended) == ("failed", 1, 0)
    fault = "was altered: chunk 1 of 3 does not open"
    assert bad.findings == [{"recording_id": "r1", "store": "far", "fault": fault, "mended": False}]
    assert failed.kind == "drill_failed"
    assert failed.detail == f"1 of 2 recordings: recording r1 in 'far' {fault}"
    assert failed.healed_at is None
    assert (after.state, after.sampled) == ("done", 1)
    healed = (await it.incidents())[bad.id]
    assert (healed.healed_at is not None, healed.action) == (True, "drilled_again")


async def test_a_drill_without_its_keys_fails_and_says_so(it: KeptTwice) -> None:
    await it.add("r1")
    (it.folder / "archive.key").unlink()
    care = it.care()
    async with at_work(care):
        run = await ended(it, await care.begin("drill", "sun"))

    assert run.state == "failed"
    assert run.reason is not None
    assert "archive.key: No such file" in run.reason
    assert (await it.incidents())[run.id].detail == run.reason


async def test_what_rots_is_an_incident_until_it_is_mended(it: KeptTwice) -> None:
    for name in ("r1", "r2", "r3"):
        await it.add(name)
    it.rot("far", "r1")
    it.rot("far", "r2")
    saved = it.path("near", "r2").read_bytes()
    it.path("near", "r2").unlink()
    care = it.care()
    async with at_work(care):
        first = await ended(it, await care.begin("round", "sun"))
        told = await it.incidents()
        await ended(it, await care.begin("round", "sun"))
        assert len(await it.incidents()) == len(told)  # each is told once
        it.path("near", "r2").write_bytes(saved)
        last = await ended(it, await care.begin("round", "sun"))
        await shown(care, copies_broken_total=6, copies_mended_total=2, round_failed=0)

    assert (first.state, first.failed, first.mended) == ("failed", 3, 1)
    assert (last.state, last.failed, last.mended) == ("done", 1, 1)
    assert told["r1 in far"].action == "brought_again"
    assert told["r2 in far"].healed_at is None
    assert "no other store has it whole" in told["r2 in near"].detail
    now = await it.incidents()
    assert all(each.healed_at is not None for each in now.values())
    assert now["r2 in far"].action == "brought_again"


async def test_a_run_that_was_cut_is_done_by_the_next_server(it: KeptTwice) -> None:
    await it.add("r1")
    cut = await it.care().begin("drill", "sun")  # and nobody is there to do it
    assert (await it.care().begin("drill", "li")).id == cut.id

    async with at_work(it.care()):
        done = await ended(it, cut)

    assert (done.state, done.sampled) == ("done", 1)
    assert done.started_at == NINE + timedelta(hours=1)


async def test_what_is_erased_is_in_the_stores_lists_at_once(it: KeptTwice) -> None:
    await it.add("r1")
    care = it.care()
    it.log.subscribe(care.hear)
    pages = [it.folder / store / "erased" / "00000001" for store in ("near", "far")]
    async with at_work(care):
        await asyncio.sleep(0)
        assert not any(page.exists() for page in pages)
        await it.erase("r1")
        done = RecordChanged(
            change_id="1", record="erasure", record_id="e1", action="ended", changed_by="sun"
        )
        it.log.append(done)
        async with asyncio.timeout(60):
            while not all(page.exists() for page in pages):  # noqa: ASYNC110 - the stores say so
                await asyncio.sleep(0.01)

    assert all(b'"r1"' not in page.read_bytes() for page in pages)  # sealed
