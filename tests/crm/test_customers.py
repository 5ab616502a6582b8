from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import config
from crm.importing import read_customers
from crm.numbers import normalise
from cti_server.store.customer_imports import CustomerImports, Imported
from cti_server.store.customers import Customer, CustomerNumber, Customers
from cti_server.store.database import Database

NOW = datetime(2031, 7, 4, 8, 0, tzinfo=UTC)
DEMO = Path(config.__file__).with_name("demo") / "customers.csv"


def demo() -> bytes:
    """The customers that a demo starts with."""
    return DEMO.read_bytes()


class Ids:
    """Ids that a test can foretell."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = count(1)

    def __call__(self) -> str:
        return f"customer-{next(self._numbers):06}"


async def take_in(
    database: Database, text: str | bytes, *, ids: Ids | None = None, now: datetime = NOW
) -> Imported:
    found = read_customers(text.encode() if isinstance(text, str) else text, "CN")
    assert found.problems == []
    async with database.sessions.begin() as session:
        return await CustomerImports(session).take_in(found.customers, new_id=ids or Ids(), now=now)


async def names_of(database: Database, number: str) -> list[str]:
    async with database.readers() as session:
        found = await Customers(session).by_number(normalise(number, "CN"))
        return [customer.name for customer in found]


async def test_a_customer_is_stored_with_its_numbers_in_order(database: Database) -> None:
    numbers = ["010-65529988", "13800138000", "95588"]
    customer = Customer(
        id="c", name="王伟", tags=["5G"], created_at=NOW, updated_at=NOW, numbers=[]
    )
    customer.numbers = [
        CustomerNumber.of(normalise(number, "CN"), position)
        for position, number in enumerate(numbers)
    ]
    async with database.sessions.begin() as session:
        Customers(session).add(customer)

    async with database.readers() as session:
        stored = await Customers(session).get("c")
        assert await Customers(session).get("nobody") is None

    assert stored is not None
    assert (stored.name, stored.tags, stored.created_at) == ("王伟", ["5G"], NOW)
    assert [number.value for number in stored.numbers] == [
        normalise(number, "CN") for number in numbers
    ]


async def test_two_who_share_a_number_are_both_found(database: Database) -> None:
    await take_in(database, "name,phone\n张敏,0755-83765566\n李强,075583765566\n")

    assert await names_of(database, "+8675583765566") == ["张敏", "李强"]
    assert await names_of(database, "+8675583765567") == []


async def test_a_second_import_of_the_same_file_changes_no_one(database: Database) -> None:
    first = await take_in(database, demo())
    second = await take_in(database, demo(), now=NOW + timedelta(days=1))

    assert (first, second) == (Imported(31, 0), Imported(0, 31))
    async with database.readers() as session:
        stored = await Customers(session).get("customer-000001")
    assert stored is not None
    assert (stored.name, stored.created_at, stored.updated_at) == (
        "王伟",
        NOW,
        NOW + timedelta(days=1),
    )


async def test_an_id_that_is_known_is_the_same_customer_whatever_else_changed(
    database: Database,
) -> None:
    await take_in(database, "id,name,phone\nC1,王伟,13800138000\n")
    done = await take_in(database, "id,name,phone\nC1,王小伟,13800138000;13900139000\n")

    assert done == Imported(0, 1)
    assert await names_of(database, "13900139000") == ["王小伟"]


async def test_without_an_id_name_and_number_make_the_customer(database: Database) -> None:
    ids = Ids()
    await take_in(database, "name,phone\n张敏,0755-83765566\n", ids=ids)
    done = await take_in(
        database, "name,phone\n李强,0755-83765566\n张敏,0755-83765566;13926501188\n", ids=ids
    )

    assert done == Imported(1, 1)
    assert await names_of(database, "075583765566") == ["张敏", "李强"]
    assert await names_of(database, "13926501188") == ["张敏"]


async def test_a_customer_without_an_id_takes_the_one_that_comes_later(
    database: Database,
) -> None:
    await take_in(database, "name,phone\n王伟,13800138000\n")
    assert await take_in(database, "id,name,phone\nC1,王伟,13800138000\n") == Imported(0, 1)
    assert await take_in(database, "id,name,phone\nC1,王伟,13900139000\n") == Imported(0, 1)

    assert await names_of(database, "13900139000") == ["王伟"]


async def test_namesakes_under_different_ids_stay_two(database: Database) -> None:
    ids = Ids()
    await take_in(database, "id,name,phone\nC1,王伟,13800138000\n", ids=ids)
    done = await take_in(database, "id,name,phone\nC2,王伟,13800138000\n", ids=ids)

    assert done == Imported(1, 0)
    assert await names_of(database, "13800138000") == ["王伟", "王伟"]


async def test_an_update_keeps_what_the_file_has_no_column_for(database: Database) -> None:
    await take_in(database, "id,name,phone,tier,tags\nC1,王伟,13800138000,gold,vip\n")
    await take_in(database, "id,name,phone\nC1,王伟,13900139000\n")

    async with database.readers() as session:
        stored = await Customers(session).get("customer-000001")
    assert stored is not None
    assert (stored.tier, stored.tags) == ("gold", ["vip"])
    assert await names_of(database, "13800138000") == []


async def test_an_import_longer_than_a_batch_knows_its_own_rows(database: Database) -> None:
    rows = "".join(f"客户{n},138{n:08}\n" for n in range(1200))
    ids = Ids()

    assert await take_in(database, "name,phone\n" + rows, ids=ids) == Imported(1200, 0)
    assert await take_in(database, "name,phone\n" + rows, ids=ids) == Imported(0, 1200)


async def test_an_import_that_fails_leaves_nothing(database: Database) -> None:
    found = read_customers("name,phone\n王伟,13800138000\n".encode(), "CN")
    async with database.sessions() as session:
        await CustomerImports(session).take_in(found.customers, new_id=Ids(), now=NOW)
        await session.rollback()

    assert await names_of(database, "13800138000") == []


async def test_removing_a_customer_removes_its_numbers(database: Database) -> None:
    await take_in(database, "name,phone\n王伟,13800138000\n")
    async with database.sessions.begin() as session:
        customer = await Customers(session).get("customer-000001")
        await session.delete(customer)

    async with database.readers() as session:
        assert await session.get(CustomerNumber, ("customer-000001", "+8613800138000")) is None
