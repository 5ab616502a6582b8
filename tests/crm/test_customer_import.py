"""Imports at work, on both databases; that they have a process is shown in tests/api."""

import csv
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from cti_server.customer_import import AT_ONCE, PROBLEMS, SOURCE, Order, carry_out
from cti_server.store.customer_search import CustomerTerm
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.store.import_jobs import RUNNING, ImportJob, ImportJobs

from .test_customers import NOW


async def begin(database: Database, folder: Path, content: str) -> Order:
    (folder / "one").mkdir()
    (folder / "one" / SOURCE).write_text(content)
    async with database.sessions.begin() as session:
        job = ImportJob(
            id="one", state=RUNNING, filename="x", size=1, created_by="sun", created_at=NOW
        )
        ImportJobs(session).add(job)
    url = database.url.render_as_string(hide_password=False)
    return Order(url, folder, "CN", "one")


async def end_of(database: Database) -> tuple[Any, ...]:
    async with database.readers() as session:
        job = await ImportJobs(session).get("one")
        assert job is not None
        stored = await session.scalar(select(func.count()).select_from(Customer))
        return (job.state, job.rows, job.created, job.updated, job.refused, stored)


def lines(count: int, *more: str) -> str:
    rows = [f"c{number},{number},{13800000000 + number}" for number in range(count)]
    return "\n".join(["name,external_id,phone", *rows, *more, ""])


async def test_all_rows_are_stored_and_those_that_were_refused_can_be_read(
    database: Database, tmp_path: Path
) -> None:
    bad = '"=cmd()",x1,13800138000'
    order = await begin(database, tmp_path, lines(AT_ONCE + 50, bad, ",x2,13800138001"))

    await carry_out(order)

    assert await end_of(database) == ("done", AT_ONCE + 52, AT_ONCE + 50, 0, 2, AT_ONCE + 50)
    with (tmp_path / "one" / PROBLEMS).open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            ["row", "problem", "name", "external_id", "phone"],
            [str(AT_ONCE + 52), "name begins like a formula", "'=cmd()", "x1", "13800138000"],
            [str(AT_ONCE + 53), "name is required", "", "x2", "13800138001"],
        ]
    async with database.readers() as session:
        query = select(CustomerTerm.customer_id).where(CustomerTerm.term == "c249")
        assert len((await session.scalars(query)).all()) == 1


async def test_a_large_file_is_read_by_a_process_beside(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cti_server.customer_import.SMALL", 0)
    order = await begin(database, tmp_path, lines(AT_ONCE + 5, ",x2,13800138001"))

    await carry_out(order)

    assert await end_of(database) == ("done", AT_ONCE + 6, AT_ONCE + 5, 0, 1, AT_ONCE + 5)


async def test_one_that_was_cut_short_goes_on_where_it_was(
    database: Database, tmp_path: Path
) -> None:
    order = await begin(database, tmp_path, lines(2 * AT_ONCE + 50))
    async with database.sessions.begin() as session:
        await session.execute(
            update(ImportJob).values(rows=AT_ONCE, created=AT_ONCE)
        )  # by a server that ended

    await carry_out(order)

    rows = 2 * AT_ONCE + 50
    assert await end_of(database) == ("done", rows, rows, 0, 0, AT_ONCE + 50)


async def test_one_that_is_cancelled_stores_no_more(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await begin(database, tmp_path, lines(3 * AT_ONCE))
    real = ImportJobs.note

    async def note(jobs: ImportJobs, import_id: str, **done: int) -> bool:
        if done["rows"] > AT_ONCE:  # somebody cancels before the second transaction
            await jobs._session.execute(update(ImportJob).values(state="cancelled"))  # noqa: SLF001
        return await real(jobs, import_id, **done)

    monkeypatch.setattr(ImportJobs, "note", note)

    await carry_out(order)

    async with database.readers() as session:
        assert await session.scalar(select(func.count()).select_from(Customer)) == AT_ONCE


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("colour\nred\n", "the file has no header with a column that is known"),
        (lines(3).replace("\n1,", "\n\0,").replace("c1", "\0"), "the file is not text in UTF-8"),
    ],
)
async def test_one_of_no_use_says_why(
    database: Database, tmp_path: Path, content: str, reason: str
) -> None:
    await carry_out(await begin(database, tmp_path, content))

    async with database.readers() as session:
        job = await ImportJobs(session).get("one")
    assert job is not None
    assert job.state == "broken_off"
    assert (job.reason or "").startswith(reason)


async def test_a_row_that_the_database_refuses_breaks_off_with_all_before_it_stored(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}")
    await database.upgrade()
    order = await begin(database, tmp_path, lines(2 * AT_ONCE))
    trigger = (
        "CREATE TRIGGER trouble BEFORE INSERT ON customer "
        f"WHEN NEW.external_id = '{AT_ONCE + 5}' BEGIN SELECT RAISE(ABORT, 'constraint'); END"
    )
    async with database.sessions.begin() as session:
        await session.execute(text(trigger))

    await carry_out(order)

    assert await end_of(database) == ("broken_off", AT_ONCE, AT_ONCE, 0, 0, AT_ONCE)
    await database.close()
