"""What is searched for a person may be cut off, hostile or larger than memory should be."""

import asyncio
import os
import threading
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from crm.erasure import Subject
from cti_server import process_turns
from cti_server.customer_export_runs import ExportRuns, folders_in
from cti_server.privacy.customer_files import (
    PIECE,
    CustomerFiles,
    Found,
    Search,
    StillAtWork,
    search,
)
from cti_server.process_turns import NICENESS, ProcessTurns, answer_of
from cti_server.store.database import Database
from cti_server.store.exports import BROKEN_OFF, DONE, EXPIRED, RUNNING, ExportJob, ExportJobs
from cti_server.store.import_jobs import ImportJobs
from tests.store.stories import NINE

from .office import files_with

SUBJECT = Subject(
    customer_ids=["c1"], names=["郑小雨"], numbers=[("international", "+8613511112222")]
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "imports" / "one"
    folder.mkdir(parents=True)
    return folder


def looked_for(folder: Path) -> Found | None:
    return search(Search(folder.parent, SUBJECT, "CN")).get("one")


def test_refused_rows_that_a_killed_import_cut_amid_a_character_are_searched(folder: Path) -> None:
    problems = folder / "problems.csv"
    whole = "row,problem,姓名,手机\n2,x,郑小雨,13511112222\n3,x,王伟,13900139000\n4,x,李"
    problems.write_bytes(whole.encode("utf-8-sig")[:-1])

    assert looked_for(folder) == Found(False, 1)
    assert problems.read_text("utf-8-sig").splitlines()[:2] == [
        "row,problem,姓名,手机",
        "3,x,王伟,13900139000",
    ]
    assert [each.name for each in folder.iterdir()] == ["problems.csv"]
    assert looked_for(folder) is None


def test_a_refused_cell_may_be_longer_than_a_csv_readers_own_limit(folder: Path) -> None:
    problems = folder / "problems.csv"
    problems.write_text(f"row,problem,name\n2,x,{'a' * 140_000}\n3,x,13511112222\n", "utf-8-sig")

    assert looked_for(folder) == Found(False, 1)
    assert "13511112222" not in problems.read_text("utf-8-sig")


@pytest.mark.parametrize("before", [PIECE - 4, PIECE + 9, 2 * PIECE - 7])
def test_a_file_that_is_one_huge_line_is_searched_in_pieces(folder: Path, before: int) -> None:
    source = folder / "source"
    source.write_bytes(b"\0" + b"x" * before + "郑小雨".encode() + b"x" * PIECE)
    assert looked_for(folder) == Found(True, 0)

    source.write_bytes(b"\0" + b"x" * 3 * PIECE)
    assert looked_for(folder) is None


async def test_a_process_of_its_own_answers_after_all_others_and_its_death_is_told() -> None:
    only_thread, over = ThreadPoolExecutor(1), threading.Event()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(only_thread)
    loop.run_in_executor(None, over.wait)  # it needs none of the threads that all share
    try:
        async with asyncio.timeout(30):
            assert await answer_of(os.nice, 0) == min(19, os.nice(0) + NICENESS)
    finally:
        over.set()
    with pytest.raises(BrokenExecutor):
        await answer_of(os._exit, 3)


async def test_work_that_the_database_broke_off_is_done_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else it would be under way until the next start, and every erasure wait for it."""
    monkeypatch.setattr(process_turns, "RETRY", 0)
    turns, tried, done = ProcessTurns(), list[str](), asyncio.Event()

    async def work(work_id: str) -> None:
        tried.append(work_id)
        if len(tried) == 1:
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        done.set()

    turns.start(work, "one")
    async with asyncio.timeout(30):
        await done.wait()
    await turns.close()

    assert tried == ["one", "one"]


async def test_an_erasure_and_the_start_of_an_import_wait_for_one_another(
    database: Database,
) -> None:
    async def another() -> None:
        async with database.sessions.begin() as session:
            await ImportJobs(session).hold()

    async with database.sessions.begin() as session:
        await ImportJobs(session).hold()
        waits = asyncio.create_task(another())
        done, _ = await asyncio.wait([waits], timeout=0.2)
    async with asyncio.timeout(30):
        await waits

    assert not done


async def an_export(database: Database, export_id: str, state: str, folder: Path) -> None:
    (folder / export_id).mkdir(parents=True)
    (folder / export_id / "customers.csv").write_text("郑小雨")
    wish = {"columns": ["name"], "language": "en", "byte_order_mark": True, "owner_id": None}
    async with database.sessions.begin() as session:
        job = ExportJob(
            id=export_id,
            state=state,
            format="csv",
            revealed=False,
            wish=wish | {"q": "郑小雨"},
            scope={"teams": None},
            created_by="sun",
            created_at=NINE,
        )
        session.add(job)


async def searched_for(database: Database) -> dict[str, tuple[str, str]]:
    async with database.readers() as session:
        return {
            job.id: (job.state, job.wish["q"]) for job in await ExportJobs(session).page("sun", 9)
        }


async def test_no_export_is_left_and_nobody_can_tell_whom_it_was_about(
    database: Database, tmp_path: Path
) -> None:
    exports = tmp_path / "exports"
    files = CustomerFiles(database, tmp_path / "imports", exports, asyncio.to_thread, "CN")
    for export_id, state in (("done", DONE), ("broken", BROKEN_OFF), ("gone", EXPIRED)):
        await an_export(database, export_id, state, exports)
    await an_export(database, "running", RUNNING, exports)
    with pytest.raises(StillAtWork, match="the export running"):
        await files.forget(SUBJECT)
    async with database.sessions.begin() as session:
        assert await ExportJobs(session).end("running", BROKEN_OFF)
    assert (await searched_for(database))["running"] == (BROKEN_OFF, "")

    assert await files.forget(SUBJECT) == 1

    assert folders_in(exports) == []
    assert await searched_for(database) == {
        "done": (EXPIRED, ""),
        "broken": (BROKEN_OFF, ""),
        "gone": (EXPIRED, ""),
        "running": (BROKEN_OFF, ""),
    }


async def test_what_a_killed_server_left_of_an_export_goes_at_the_next_start(
    database: Database, tmp_path: Path
) -> None:
    exports = tmp_path / "exports"
    for export_id, state in (("done", DONE), ("discarded", EXPIRED)):
        await an_export(database, export_id, state, exports)
    (exports / "nobodys").mkdir()

    await ExportRuns(database, lambda event: None, exports, timedelta(hours=1)).resume()

    assert files_with(exports, "郑小雨") == ["done/customers.csv"]
    assert folders_in(exports) == [exports / "done"]
