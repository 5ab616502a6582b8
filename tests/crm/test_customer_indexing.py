"""Customers of an import are indexed after it; what happened to them meanwhile counts."""

from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm.importing import read_customers
from crm.search import ways
from cti_server import customer_indexing
from cti_server.customer_indexing import gather, index_those_due, write
from cti_server.sorted_entries import SortedEntries
from cti_server.store.base import Base
from cti_server.store.customer_imports import CustomerImports
from cti_server.store.customer_index import CustomerIndex
from cti_server.store.customer_index_due import CustomerIndexDue, CustomersDue
from cti_server.store.customer_keys import CustomerKey
from cti_server.store.customer_search import CustomerTerm, search
from cti_server.store.customers import Customers
from cti_server.store.database import Database

from .test_customers import NOW, Ids

FILE = "id,name,phone\nC1,王伟,13800138000\nC2,李娜,13900139000\nC3,张敏,13700137000\n"
WANG, LI, ZHANG = (f"customer-00000{number}" for number in (1, 2, 3))


async def import_for_later(database: Database) -> None:
    read = read_customers(FILE.encode(), "CN")
    async with database.sessions.begin() as session:
        imports = CustomerImports(session, index_later=True)
        await imports.take_in(read.customers, new_id=Ids(), now=NOW)


async def rename(database: Database, customer_id: str, name: str) -> None:
    async with database.sessions.begin() as session:
        customer = await Customers(session).need(customer_id, None)
        customer.name = name
        await CustomerIndex(session).note([customer])


async def find(database: Database, text: str) -> list[str]:
    look = partial(search, ways=ways(text), limit=10)
    return (await database.in_one_look(look)).customer_ids


async def count(database: Database, record: type[Base]) -> int | None:
    async with database.readers() as session:
        return await session.scalar(select(func.count()).select_from(record))


async def test_they_are_found_and_compared_when_they_are_indexed(
    database: Database, tmp_path: Path
) -> None:
    await import_for_later(database)
    before = (await find(database, "wangwei"), await count(database, CustomerKey))
    await index_those_due(database, tmp_path)

    assert before == ([], 0)
    assert await find(database, "wangwei") == [WANG]
    assert await count(database, CustomerKey) == 9
    assert await count(database, CustomerIndexDue) == 0
    assert not (tmp_path / "index.sorting").exists()


async def test_whoever_was_edited_or_forgotten_meanwhile_is_indexed_as_they_are_now(
    database: Database, tmp_path: Path
) -> None:
    await import_for_later(database)
    await rename(database, WANG, "赵雷")
    async with database.sessions.begin() as session:
        await CustomerIndex(session).forget([LI])
    edited_before = await find(database, "zhaolei")
    await index_those_due(database, tmp_path)

    assert edited_before == [WANG]
    assert await find(database, "zhaolei") == [WANG]
    assert await find(database, "zhangmin") == [ZHANG]
    async with database.readers() as session:
        gone = select(CustomerTerm.customer_id).where(CustomerTerm.term.in_(("wangwei", "lina")))
        assert (await session.scalars(gone)).all() == []


async def test_an_edit_between_reading_and_writing_wins(database: Database, tmp_path: Path) -> None:
    await import_for_later(database)
    with closing(SortedEntries(tmp_path / "sorting")) as entries:
        await gather(database, entries)
        await rename(database, WANG, "赵雷")
        await write(database, entries)

    read = ["lina", "wangwei", "zhangmin", "zhaolei"]
    async with database.readers() as session:
        found = await session.scalars(select(CustomerTerm.term).where(CustomerTerm.term.in_(read)))
        assert sorted(found) == ["lina", "zhangmin", "zhaolei"]
    assert await count(database, CustomerIndexDue) == 0


async def test_every_part_of_a_long_index_is_written(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer_indexing, "AT_ONCE", 2)
    await import_for_later(database)
    await index_those_due(database, tmp_path)

    assert await find(database, "wangwei") == [WANG]
    assert await find(database, "zhangmin") == [ZHANG]
    assert await count(database, CustomerKey) == 9
    assert await count(database, CustomerIndexDue) == 0


async def test_what_was_left_half_done_is_done_again(database: Database, tmp_path: Path) -> None:
    await import_for_later(database)
    (tmp_path / "index.sorting").write_text("what a process that was killed has left")
    async with database.sessions.begin() as session:
        session.add(CustomerTerm(term="wangwei", customer_id=WANG))
    await index_those_due(database, tmp_path)
    await index_those_due(database, tmp_path)

    assert await find(database, "wangwei") == [WANG]
    async with database.readers() as session:
        assert not await CustomersDue(session).any()
