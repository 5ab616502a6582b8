"""Look-ups into other systems' databases, of both kinds: read only, in time, as declared."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr
from sqlalchemy import make_url, text

from config.queries import OutsideDatabaseSettings
from crm.errors import InvalidField
from crm.queries import Lookup, OutsideUnavailable, QueryTooSlow
from cti_server.calls.other_systems import OtherSystems
from cti_server.connectors.calls import Connectors
from cti_server.refusals import StartFailed
from cti_server.saved_queries_lookups import load_lookups
from cti_server.store.database import Database
from cti_server.store.outside_data import OutsideData
from ivr.inquiries import FirstRow, LookUp, Unanswered

LABELS = {"zh": "账单", "en": "Bills"}
BILLS: dict[str, Any] = {
    "labels": LABELS,
    "database": "billing",
    "sql": "SELECT no, cents FROM bill WHERE customer = :customer ORDER BY no",
    "parameters": [{"name": "customer", "type": "number", "labels": LABELS}],
    "columns": [{"column": "no", "labels": LABELS}, {"column": "cents", "labels": LABELS}],
    "limit": 2,
}
ENDLESS = (
    "WITH RECURSIVE n(no) AS (SELECT 1 UNION ALL SELECT no + 1 FROM n WHERE no < 1000000000) "
    "SELECT count(*) AS no, 1 AS cents FROM n"
)


def lookup(**changes: Any) -> Lookup:
    return Lookup.model_validate(BILLS | changes)


def databases(url: str, seconds: float = 5) -> dict[str, OutsideDatabaseSettings]:
    timeout = timedelta(seconds=seconds)
    return {"billing": OutsideDatabaseSettings(url=SecretStr(url), timeout=timeout)}


@pytest.fixture
async def billing(database: Database) -> AsyncIterator[str]:
    """Another system's database with three bills of one customer."""
    async with database.engine.begin() as connection:
        await connection.execute(
            text("CREATE TABLE bill (no integer, customer integer, cents integer)")
        )
        rows = "INSERT INTO bill VALUES (0, 7, 0), (1, 7, 100), (2, 7, 200)"
        await connection.execute(text(rows))
    yield database.url.render_as_string(hide_password=False)
    async with database.engine.begin() as connection:
        await connection.execute(text("DROP TABLE bill"))


async def look(url: str, seconds: float = 5, customer: Any = 7, **changes: Any) -> Any:
    outside = OutsideData(databases(url, seconds))
    try:
        return await outside.look_up("bills", lookup(**changes), {"customer": customer})
    finally:
        await outside.close()


async def test_rows_come_up_to_the_limit_and_nothing_can_be_written(billing: str) -> None:
    found = await look(billing)

    assert (found.rows, found.more) == ([(0, 0), (1, 100)], True)
    assert (await look(billing, customer=8)).rows == []
    write = (
        "WITH x AS (SELECT 1) INSERT INTO bill SELECT * FROM bill WHERE customer = :customer "
        "RETURNING no, cents"
    )
    with pytest.raises(OutsideUnavailable):
        await look(billing, sql=write)
    assert len((await look(billing, limit=50)).rows) == 3


async def test_a_flow_finds_the_first_row_by_what_its_caller_pressed(billing: str) -> None:
    outside = OutsideData(databases(billing))
    systems = OtherSystems(Connectors({}), {"bills": lookup()}, outside, lambda: "key")
    try:
        found = [
            await systems.look_up(LookUp("bills", {"customer": pressed}, within=5.0))
            for pressed in ("7", "8", "7 OR 1=1")
        ]
    finally:
        await outside.close()

    refused = Unanswered("bills: parameters.customer: a number")
    assert found == [FirstRow({"no": 0, "cents": 0}), FirstRow(None), refused]


async def test_what_is_given_is_a_value_and_never_sql(billing: str) -> None:
    """PostgreSQL refuses a text for a number; SQLite finds nothing that is equal."""
    attack = "7 OR 1=1"
    try:
        rows = (await look(billing, customer=attack)).rows
    except InvalidField as error:
        assert error.field == "parameters"  # noqa: PT017 - one of two right answers
        rows = []

    assert rows == []


async def test_what_takes_too_long_is_broken_off(billing: str) -> None:
    with pytest.raises(QueryTooSlow):
        await look(billing, 0.2, sql=ENDLESS + " WHERE :customer = 7")


async def test_slow_ones_keep_no_thread_from_others_and_spend_their_own_time_on_waiting(
    billing: str,
) -> None:
    outside = OutsideData(databases(billing, 0.3))
    slow = lookup(sql=ENDLESS + " WHERE :customer = 7")

    async def told_too_slow() -> None:
        with pytest.raises(QueryTooSlow, match=r"broken off after 0\.3 s"):
            await outside.look_up("bills", slow, {"customer": 7})

    began = time.monotonic()
    looking = [asyncio.create_task(told_too_slow()) for _ in range(12)]
    await asyncio.sleep(0)
    await asyncio.to_thread(lambda: None)
    assert not any(each.done() for each in looking)
    await asyncio.gather(*looking)
    await outside.close()

    assert time.monotonic() - began < 2


async def test_other_columns_than_declared_are_not_shown(billing: str) -> None:
    with pytest.raises(OutsideUnavailable, match="other columns than are declared"):
        await look(billing, sql="SELECT cents, no FROM bill WHERE customer = :customer")


async def test_a_database_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path / 'none.db'}", "postgresql://x:y@127.0.0.1:1/none"):
        with pytest.raises(OutsideUnavailable, match="bills: billing does not answer"):
            await look(url, 1)
    assert not (tmp_path / "none.db").exists()


def left_in(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def test_anothers_sqlite_file_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "a b.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE bill (no integer, customer integer, cents integer)")
    connection.close()
    before = file.read_bytes()

    assert (await look(str(make_url("sqlite://").set(database=str(file))))).rows == []

    assert file.read_bytes() == before
    assert left_in(tmp_path) == ["a b.db"]


def test_a_file_of_look_ups_is_checked_before_the_server_starts(tmp_path: Path) -> None:
    file = tmp_path / "lookups.yaml"
    wrong: dict[str, Any] = {
        "bills": BILLS | {"database": "crm"},
        "Bills": BILLS,
        "writes": BILLS | {"sql": "DELETE FROM bill WHERE customer = :customer"},
        "forgets": BILLS | {"sql": "SELECT no, cents FROM bill WHERE no = :no"},
    }
    file.write_text(yaml.safe_dump(wrong))

    with pytest.raises(StartFailed) as refused:
        load_lookups(file, ["billing"])

    assert sorted(str(refused.value).replace(f"{file}: ", "").splitlines()) == [
        "Bills.id: small letters, digits and underscores",
        "bills.database: there is no crm in queries.databases",
        "forgets.parameters: must be those of the SQL; only one has customer, no",
        "writes.sql: must be a SELECT",
    ]
    file.write_text(yaml.safe_dump({"bills": BILLS}))
    assert load_lookups(file, ["billing"]) == {"bills": lookup()}
    assert load_lookups(None, []) == {}
