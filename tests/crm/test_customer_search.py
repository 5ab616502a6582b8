from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from crm.contact_points import address
from crm.numbers import normalise
from crm.search import Searched, Way, ways
from cti_server.store.customer_index import CustomerIndex
from cti_server.store.customer_search import MOST, Found, Place, search
from cti_server.store.customers import ContactPoint, Customer, CustomerNumber, Customers
from cti_server.store.database import Database

from .test_customers import NOW


def person(
    customer_id: str,
    name: str,
    *numbers: str,
    mail: str | None = None,
    team: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    **values: Any,
) -> Customer:
    return Customer(
        id=customer_id,
        name=name,
        team=team,
        attributes=dict(attributes or {}),
        created_at=NOW,
        updated_at=NOW,
        numbers=[CustomerNumber.of(normalise(number, "CN")) for number in numbers],
        contact_points=[ContactPoint.of(address("mail", mail))] if mail else [],
        **values,
    )


PEOPLE = (
    (
        "wang",
        "王小明",
        "13800138000",
        {"company": "蓝海科技有限公司", "tags": ["5G 套餐"], "notes": "客户要求周末回访。"},
    ),
    ("ouyang", "欧阳修", "010-65529988", {"mail": "Xiu.Ouyang@example.com"}),
    (
        "smith",
        "Zoë Smith",
        "+442079460018",
        {"external_id": "CRM-0077", "notes": "Call in the EVENING"},
    ),
    ("shan", "单田芳", "13911112222", {"attributes": {"id_card": "110101198003078515"}}),
    ("lv", "吕布", "13700001111", {"attributes": {"city": "南京", "churned": True}}),
)


async def store(database: Database, *customers: Customer) -> None:
    async with database.sessions.begin() as session:
        for customer in customers:
            Customers(session).add(customer)
        await CustomerIndex(session).note(customers)


@pytest.fixture
async def people(database: Database) -> Database:
    await store(
        database,
        *(person(one, name, number, **more) for one, name, number, more in PEOPLE),
    )
    return database


def page(look: Connection, *, text: str, **scope: Any) -> Found:
    return search(look, ways(text), **scope)


async def find(database: Database, text: str, **scope: Any) -> list[str]:
    found = await database.in_one_look(partial(page, text=text, limit=50, **scope))
    assert found.next is None
    return found.customer_ids


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("王小明", "wang"),
        ("小明", "wang"),
        ("王先生", "wang"),
        ("wangxiaoming", "wang"),
        ("Wang Xiao", "wang"),
        ("Xiaoming Wang", "wang"),
        ("wxm", "wang"),
        ("13800138000", "wang"),
        ("+86 138 0013 8000", "wang"),
        ("8000", "wang"),
        ("0013-8000", "wang"),
        ("1380", "wang"),
        ("+86 1380", "wang"),
        ("010-6552", "ouyang"),
        ("207946", "smith"),
        ("回访", "wang"),
        ("周末回访", "wang"),
        ("王 回访", "wang"),
        ("evening", "smith"),
        ("王 8000", "wang"),
        ("蓝海", "wang"),
        ("科技", "wang"),
        ("5g", "wang"),
        ("ouyang", "ouyang"),
        ("oyx", "ouyang"),
        ("010-65529988", "ouyang"),
        ("xiu.ouyang@EXAMPLE.com", "ouyang"),
        ("zoe", "smith"),
        ("smith zoë", "smith"),
        ("+44 20 7946 0018", "smith"),
        ("crm-0077", "smith"),
        ("shan tian", "shan"),
        ("11010119800307", "shan"),
        ("lvbu", "lv"),
        ("南京", "lv"),
    ],
)
async def test_a_customer_is_found_by(people: Database, text: str, expected: str) -> None:
    assert await find(people, text) == [expected]


@pytest.mark.parametrize(
    "text", ["王大明", "dan tianfang", "138", "000", "9999", "%", "_", "true", "访", "李 回访"]
)
async def test_nobody_is_found_by(people: Database, text: str) -> None:
    assert await find(people, text) == []


async def test_a_field_that_is_withheld_leads_to_nobody(people: Database) -> None:
    hidden = frozenset({"id_card"})

    assert await find(people, "110101198003078515", hidden=hidden) == []
    assert await find(people, "单田芳", hidden=hidden) == ["shan"]


async def test_a_team_finds_its_own_customers_and_nobodys(database: Database) -> None:
    await store(
        database,
        person("a", "王一", "13800138001", team="north"),
        person("b", "王二", "13800138002", team="south"),
        person("c", "王三", "13800138003"),
    )

    assert set(await find(database, "wang", teams=frozenset({"north"}))) == {"a", "c"}


async def test_who_was_changed_is_found_as_they_are_now_and_who_is_gone_no_more(
    people: Database,
) -> None:
    async with people.sessions.begin() as session:
        customer = await Customers(session).need("wang", None)
        customer.name = "李雷"
        await CustomerIndex(session).note([customer])
        await CustomerIndex(session).forget(["lv"])

    assert await find(people, "王小明") == []
    assert await find(people, "lilei") == ["wang"]
    assert await find(people, "lvbu") == []


async def test_pages_show_everybody_once_in_an_order_that_stays(database: Database) -> None:
    await store(
        database,
        *(
            person(f"c{number:03}", name, f"138001{number:05}")
            for number in range(60)
            for name in [["王伟", "Wang Weiwei", "王王王"][number % 3]]
        ),
    )
    shown: list[str] = []
    place: Place | None = None
    while True:
        found = await database.in_one_look(partial(page, text="w", limit=7, after=place))
        shown += found.customer_ids
        place = found.next
        if place is None:
            break

    assert sorted(shown) == [f"c{number:03}" for number in range(60)]


async def test_a_query_that_fits_few_of_many_ends_early_and_goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cti_server.store.customer_search.MOST", 40)
    monkeypatch.setattr("cti_server.store.customer_search.AT_ONCE", 20)
    await store(
        database,
        *(
            person(f"c{number:03}", "王伟", f"138001{number:05}", tags=["x"] if number > 97 else [])
            for number in range(100)
        ),
    )
    pages: list[list[str]] = []
    place: Place | None = None
    while True:
        found = await database.in_one_look(partial(page, text="王伟 x", limit=10, after=place))
        pages.append(found.customer_ids)
        place = found.next
        if place is None:
            break

    assert MOST > 40
    assert [] in pages
    assert [one for page in pages for one in page] == ["c098", "c099"]


def _beginnings(term: str) -> Iterator[str]:
    return (term[:length] for length in range(1, len(term) + 1))


@given(st.text(max_size=40))
def test_whatever_is_typed_is_looked_for_or_not_at_all(text: str) -> None:
    assert all(isinstance(way, Way) and way.drive for way in ways(text))


@given(st.text(alphabet="王小明李雷abc é-'", min_size=1, max_size=12))
def test_the_beginning_of_each_term_of_a_name_means_its_owner(name: str) -> None:
    terms = Searched(name=name).terms

    for term in terms:
        for beginning in _beginnings(term):
            assert any(way.meets(terms) for way in ways(beginning)) or not ways(beginning)
