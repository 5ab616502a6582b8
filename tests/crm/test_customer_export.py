"""Exports at work, on both databases; that they have a process is shown in tests/api."""

import csv
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crm.importing import CustomerFile
from crm.numbers import normalise
from cti_server import customer_export
from cti_server.customer_export import Order, carry_out, file_of
from cti_server.customer_export_runs import ExpiredExports, ExportRuns
from cti_server.store.customer_index import CustomerIndex
from cti_server.store.customers import Customer, CustomerNumber, Customers
from cti_server.store.database import Database
from cti_server.store.exports import CANCELLED, ExportJob, ExportJobs

from .test_customers import NOW

WISH: dict[str, Any] = {
    "columns": None,
    "language": "zh",
    "byte_order_mark": True,
    "q": None,
    "owner_id": None,
}


async def begin(
    database: Database, folder: Path, *, teams: list[str] | None = None, **more: Any
) -> Order:
    async with database.sessions.begin() as session:
        job = ExportJob(
            id="one",
            format=more.pop("format", "csv"),
            revealed=True,
            wish=WISH | more,
            scope={"teams": teams},
            created_by="sun",
            created_at=NOW,
        )
        ExportJobs(session).add(job)
    url = database.url.render_as_string(hide_password=False)
    return Order(url, folder, "one", timedelta(hours=1))


async def store(database: Database, count: int, **more: Any) -> None:
    async with database.sessions.begin() as session:
        customers = [
            Customer(
                id=f"c{n:04}",
                name=f"客户{n}",
                created_at=NOW + timedelta(seconds=n),
                updated_at=NOW,
                numbers=[CustomerNumber.of(normalise(str(13800000000 + n), "CN"))],
                **more,
            )
            for n in range(count)
        ]
        for customer in customers:
            Customers(session).add(customer)
        await CustomerIndex(session).note(customers)


async def job_of(database: Database) -> ExportJob:
    async with database.readers() as session:
        job = await ExportJobs(session).get("one")
    assert job is not None
    return job


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def left_in(folder: Path) -> list[str]:
    return [str(each) for each in folder.glob("one/*")]


async def test_everybody_is_in_the_file_page_by_page_in_the_lists_order(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer_export, "AT_ONCE", 3)
    monkeypatch.setattr(customer_export, "NOTED_EVERY", 1)
    await store(database, 7)
    order = await begin(database, tmp_path)

    await carry_out(order)

    job = await job_of(database)
    file = file_of(tmp_path, job)
    assert (job.state, job.rows, job.size) == ("done", 7, file.stat().st_size)
    assert [row["姓名"] for row in rows_of(file)] == [f"客户{n}" for n in range(6, -1, -1)]
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert [each.name for each in file.parent.iterdir()] == ["customers.csv"]


async def test_the_scope_of_who_asked_and_what_they_searched_for_hold(
    database: Database, tmp_path: Path
) -> None:
    await store(database, 12, team="north")
    order = await begin(database, tmp_path, q="客户1", teams=["north"], byte_order_mark=False)

    await carry_out(order)

    file = file_of(tmp_path, await job_of(database))
    assert {row["姓名"] for row in rows_of(file)} == {"客户1", "客户10", "客户11"}
    assert not file.read_bytes().startswith(b"\xef\xbb\xbf")


async def test_another_teams_customers_are_in_no_file(database: Database, tmp_path: Path) -> None:
    await store(database, 2, team="north")
    order = await begin(database, tmp_path, q="客户", teams=["south"])

    await carry_out(order)

    assert (await job_of(database)).rows == 0


async def test_a_workbook_is_read_by_the_import(database: Database, tmp_path: Path) -> None:
    await store(database, 2, notes="=1+1")
    await carry_out(await begin(database, tmp_path, format="xlsx"))

    data = file_of(tmp_path, await job_of(database)).read_bytes()
    rows = [row.customer for row in CustomerFile(io.BytesIO(data), "CN")]
    assert [(row.name, row.notes) for row in rows if row] == [
        ("客户1", "=1+1"),
        ("客户0", "=1+1"),
    ]
    assert [row.numbers[0].text for row in rows if row] == ["+8613800000001", "+8613800000000"]


async def test_a_sheet_that_would_be_too_long_is_given_up_and_leaves_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer_export, "MOST_OF_A_SHEET", 2)
    await store(database, 2)

    await carry_out(await begin(database, tmp_path, format="xlsx"))

    job = await job_of(database)
    assert (job.state, job.reason) == (
        "broken_off",
        "a sheet has 2 rows at most; a CSV file has no limit",
    )
    assert left_in(tmp_path) == []


async def test_one_that_is_cancelled_leaves_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(database, 3)
    order = await begin(database, tmp_path)
    monkeypatch.setattr(customer_export, "AT_ONCE", 1)
    monkeypatch.setattr(customer_export, "NOTED_EVERY", 1)
    noted = customer_export._noted  # noqa: SLF001 - the moment between two pages

    async def cancel_and_note(stored: Database, export_id: str, rows: int) -> bool:
        async with stored.sessions.begin() as session:
            await ExportJobs(session).end(export_id, CANCELLED)
        return await noted(stored, export_id, rows)

    monkeypatch.setattr(customer_export, "_noted", cancel_and_note)
    await carry_out(order)

    assert (await job_of(database)).state == CANCELLED
    assert left_in(tmp_path) == []


async def test_a_file_goes_when_its_time_has_come_and_with_it_what_was_searched_for(
    database: Database, tmp_path: Path
) -> None:
    await store(database, 1)
    await carry_out(await begin(database, tmp_path, q="客户"))
    runs = ExportRuns(database, lambda event: None, tmp_path, timedelta(hours=1))
    work = ExpiredExports(database, runs)
    due = await work.earliest()
    assert due is not None

    await work.do(due - timedelta(seconds=1))
    assert file_of(tmp_path, await job_of(database)).is_file()
    await work.do(due)

    job = await job_of(database)
    assert (job.state, job.wish["q"]) == ("expired", "")
    assert left_in(tmp_path) == []
    assert await work.earliest() is None
