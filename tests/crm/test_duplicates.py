"""Whether two customers are one, and how the suspects are found without looking at all pairs."""

from typing import Any

import pytest
from sqlalchemy import func, select

from crm.contact_points import address
from crm.duplicates import LARGEST_BLOCK, Facts, suspicion
from crm.numbers import normalise
from cti_server.store.customer_index import CustomerIndex
from cti_server.store.customer_keys import CustomerKey
from cti_server.store.customers import ContactPoint, Customer, CustomerNumber, Customers
from cti_server.store.database import Database
from cti_server.store.duplicates import Duplicates

from .test_customers import NOW, take_in


def facts(name: str, *numbers: str, mail: str | None = None, **more: Any) -> Facts:
    found = [address("mail", mail)] if mail else []
    return Facts(
        **{"id": "x", "kind": "person", **more},
        name=name,
        numbers=tuple(normalise(number, "CN") for number in numbers),
        addresses=frozenset((each.kind, each.key) for each in found),
    )


WANG = facts("王伟", "13800138000", mail="w@example.com", company="远景", birth_date="1980-01-02")


@pytest.mark.parametrize(
    ("other", "reasons"),
    [
        (facts("王伟", "+86 138 0013 8000"), ["same_number", "same_name"]),
        (facts("Wei Wang", "13800138000"), ["same_number", "same_sound"]),
        (facts("王玮", mail="W@EXAMPLE.com"), ["same_address", "same_sound"]),
        (facts("王伟", "13800138001"), ["similar_number", "same_name"]),
        (facts("王伟", "13800130800"), ["similar_number", "same_name"]),
        (facts("王伟", company="远景有限公司"), ["same_name", "same_company"]),
        (facts("Wang Wei", birth_date="1980-01-02"), ["same_sound", "same_birth_date"]),
    ],
)
def test_those_who_are_probably_one_are_suspected_and_share_a_key(
    other: Facts, reasons: list[str]
) -> None:
    found = suspicion(WANG, other)

    assert (list(found.reasons), found.suspected) == (reasons, True)
    assert WANG.keys & other.keys


@pytest.mark.parametrize(
    "other",
    [
        facts("王伟"),  # a name that thousands have
        facts("李娜", "13800138000"),  # a couple's telephone
        facts("王伟", "13912345678"),
        facts("王伟", company="近景"),
        facts("王伟", "13800138000", kind="company"),
        facts("王伟", company="远景", birth_date="1981-01-02"),
    ],
)
def test_those_who_are_probably_two_are_not(other: Facts) -> None:
    assert not suspicion(WANG, other).suspected


def test_the_more_speaks_for_it_the_surer_it_is_and_what_speaks_against_it_counts() -> None:
    number = suspicion(WANG, facts("王伟", "13800138000"))
    mail_too = suspicion(WANG, facts("王伟", "13800138000", mail="w@example.com"))
    born_otherwise = suspicion(WANG, facts("王伟", "13800138000", birth_date="1990-01-02"))
    firms = [facts("远景物流", kind="company"), facts("远景物流有限公司", kind="company")]

    assert mail_too.score > number.score > born_otherwise.score
    assert not born_otherwise.suspected
    assert suspicion(*firms).suspected
    assert suspicion(firms[0], firms[1]) == suspicion(firms[1], firms[0])


async def store(database: Database, *rows: tuple[str, str, list[str]]) -> None:
    """Customers by id, name and numbers; whoever has none has the mail address of their id."""
    async with database.sessions.begin() as session:
        found = []
        for customer_id, name, numbers in rows:
            customer = Customer(
                id=customer_id,
                name=name,
                created_at=NOW,
                updated_at=NOW,
                numbers=[CustomerNumber.of(normalise(number, "CN")) for number in numbers],
                contact_points=[],
            )
            if not numbers:
                customer.contact_points = [ContactPoint.of(address("mail", f"{name}@x.example"))]
            found.append(customer)
        session.add_all(found)
        await CustomerIndex(session).note(found)


async def pairs(
    database: Database, teams: frozenset[str] | None = None, limit: int = 50
) -> list[tuple[str, str]]:
    """All of them, page by page."""
    found, after = [], None
    async with database.readers() as session:
        while True:
            page = await Duplicates(session).pairs(after, limit, teams)
            found += [(pair.one.id, pair.other.id) for pair in page.pairs]
            if page.next is None:
                return found
            after = page.next


async def test_each_suspected_pair_is_listed_once_however_many_keys_it_shares(
    database: Database,
) -> None:
    await store(
        database,
        ("a", "王伟", ["13800138000", "13900139000", "01065529988"]),
        ("b", "王玮", ["13800138000", "13900139000"]),
        ("c", "李娜", ["13800138000"]),
        ("d", "wang", []),
        ("e", "wang", []),
        ("f", "张敏", ["13700137000"]),
    )

    assert sorted(await pairs(database)) == [("a", "b"), ("d", "e")]
    assert sorted(await pairs(database, limit=1)) == [("a", "b"), ("d", "e")]


async def test_suspects_of_one_are_the_likeliest_first_and_those_of_other_teams_unseen(
    database: Database,
) -> None:
    await store(
        database,
        ("a", "王伟", ["13800138000", "13900139000"]),
        ("b", "王伟", ["13800138001"]),
        ("c", "王伟", ["13800138000"]),
    )
    async with database.sessions.begin() as session:
        hidden = await session.get(Customer, "b")
        assert hidden is not None
        hidden.team = "south"

    async def suspects(teams: frozenset[str] | None) -> list[str]:
        async with database.readers() as session:
            customer = await Customers(session).need("a", None)
            return [pair.other.id for pair in await Duplicates(session).of(customer, teams)]

    assert await suspects(None) == ["c", "b"]
    assert await suspects(frozenset({"north"})) == ["c"]
    assert ("a", "b") not in await pairs(database, frozenset({"north"}))


async def test_two_who_were_said_to_be_two_are_suspected_no_more(database: Database) -> None:
    await store(database, ("a", "王伟", ["13800138000"]), ("b", "王伟", ["13800138000"]))
    async with database.sessions.begin() as session:
        assert await Duplicates(session).distinguish("b", "a", "zhao", NOW)
        assert not await Duplicates(session).distinguish("a", "b", "zhao", NOW)

    assert await pairs(database) == []


async def test_a_switchboards_number_makes_nobody_a_suspect(database: Database) -> None:
    many = [(f"c{n:02}", f"王伟{n}", ["01065529988"]) for n in range(LARGEST_BLOCK + 1)]
    twins = [("x", "李娜", ["01065529988"]), ("y", "李娜", ["01065529988"])]

    await store(database, *many, *twins)

    assert await pairs(database) == [("x", "y")]  # by name and number's end, not by the number


async def test_what_an_import_brings_is_compared_and_no_key_is_left_behind(
    database: Database,
) -> None:
    await take_in(database, "id,name,phone\nC1,王伟,13800138000\nC2,王玮,13800138000\n")
    suspected = await pairs(database)
    await take_in(database, "id,name,phone\nC2,李娜,13900139000\n")

    assert len(suspected) == 1
    assert await pairs(database) == []
    async with database.sessions.begin() as session:
        await CustomerIndex(session).forget(["customer-000001", "customer-000002"])
    async with database.readers() as session:
        assert await session.scalar(select(func.count()).select_from(CustomerKey)) == 0
