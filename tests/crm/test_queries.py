"""Saved queries: what is refused when they are written down, and what both databases answer."""

import asyncio
import json
import re
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Select, literal, literal_column, select, text

from crm.errors import InvalidField, UnknownRecord
from crm.numbers import normalise
from crm.queries import AtHand, Definition, OfferedTo, QueryTooSlow, comparisons, filled
from crm.queries_checks import check
from cti_server import shipped_queries
from cti_server.saved_queries import Queries, checked
from cti_server.store.contacts import Contact, ContactCustomer
from cti_server.store.customer_fields import CustomerField
from cti_server.store.customers import Customer, CustomerNumber
from cti_server.store.database import Database
from cti_server.store.orders import Order
from cti_server.store.outside_data import OutsideData
from cti_server.store.saved_queries_resources import SOURCES, Viewer
from cti_server.store.saved_queries_run import Found, in_time, statement
from cti_server.store.timeline import TimelineEvent

from .test_customers import NOW

DAY = timedelta(days=1)
EVERYBODY = Viewer("li", ("agent",), None, any_task=False)
NORTH = Viewer("chen", ("agent",), frozenset({"north"}), any_task=False)
CUSTOMER = {
    "name": "customer",
    "type": "customer",
    "fill": "customer",
    "labels": {"zh": "客户", "en": "Customer"},
}
OPEN_ORDERS: dict[str, Any] = {
    "resource": "orders",
    "parameters": [CUSTOMER],
    "conditions": [{"column": "customer_id", "parameter": "customer"}],
    "columns": [{"column": "number"}, {"column": "state"}],
    "order": [{"column": "created_at", "descending": True}],
}


def defined(**changes: Any) -> Definition:
    return Definition.model_validate(OPEN_ORDERS | changes)


def queries(database: Database, seconds: float = 5) -> Queries:
    return Queries(
        database=database,
        outside=OutsideData({}),
        lookups={},
        budget=timedelta(seconds=seconds),
        region="CN",
    )


@pytest.fixture
async def stored(database: Database) -> Database:
    """Two customers, one of a team, the other under two ids; their orders and calls."""
    wang = Customer(id="wang", name="王伟", team="north", created_at=NOW, updated_at=NOW)
    wang.numbers = [CustomerNumber.of(normalise("13800138000", "CN"))]
    wang.attributes = {"card": "6222"}
    lei = Customer(id="lei", name="李雷", created_at=NOW, updated_at=NOW)
    old = Customer(id="old", name="李雷", merged_into="lei", created_at=NOW, updated_at=NOW)
    async with database.sessions.begin() as session:
        session.add_all([wang, lei, old])
        await session.flush()
        session.add_all(
            order(f"{customer}{n}", customer, team, n)
            for customer, team in (("wang", "north"), ("lei", None), ("old", None))
            for n in range(3)
        )
        for days, number in ((1, "13800138000"), (2, "+8613800138000"), (40, "013800138000")):
            at = NOW - days * DAY
            session.add(
                Contact(
                    id=f"call{days}",
                    channel="voice",
                    call_id=f"c{days}",
                    caller_number=number,
                    dialled_number="1000",
                    arrived_at=at,
                )
            )
            session.add(
                ContactCustomer(customer_id="wang", contact_id=f"call{days}", arrived_at=at)
            )
        session.add(
            TimelineEvent(
                id="visit",
                customer_id="wang",
                at=NOW,
                kind="web_visit",
                title="Prices",
                source="web",
                added_by="key:web",
                added_at=NOW,
            )
        )
    return database


def order(order_id: str, customer_id: str, team: str | None, n: int) -> Order:
    return Order(
        id=order_id,
        number=order_id,
        state="placed",
        customer_id=customer_id,
        team=team,
        taken_by="li",
        currency="CNY",
        total=n,
        fulfilment="pickup",
        state_since=NOW,
        created_at=NOW + n * DAY,
        updated_at=NOW,
    )


async def run(
    database: Database, definition: Definition, viewer: Viewer = EVERYBODY, **values: Any
) -> list[tuple[Any, ...]]:
    found = await queries(database).run(definition, values, viewer, NOW)
    return [tuple(row) for row in found.rows]


def shipped() -> Mapping[str, Definition]:
    return {each.id: each.definition for each in shipped_queries.written()}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"columns": [{"column": "colour"}]}, "columns.0.column: there is no colour; there is id"),
        (
            {"conditions": [{"column": "colour", "parameter": "customer"}]},
            "conditions.0.column: there is no colour",
        ),
        (
            {"conditions": [{"column": "total", "operator": "begins", "value": 1}]},
            "conditions.0.operator: for total: at_least, ",
        ),
        (
            {"conditions": [{"column": "total", "parameter": "customer"}]},
            "conditions.0.parameter: must be a number",
        ),
        (
            {"conditions": [{"column": "total", "operator": "at_least", "value": "much"}]},
            "conditions.0.value: a number",
        ),
        ({"conditions": [{"column": "customer_id"}]}, "conditions.0.value: either value or "),
        (
            {"conditions": [{"column": "customer_id", "parameter": "who"}]},
            "conditions.0.parameter: there is no who",
        ),
        (
            {"conditions": [{"column": "created_at", "operator": "last_days", "value": 9999}]},
            "conditions.0.value: 1 to 3660 days",
        ),
        ({"parameters": [CUSTOMER, CUSTOMER]}, "parameters: customer is there twice"),
        (
            {"parameters": [CUSTOMER | {"type": "text", "fill": "caller_number"}]},
            "parameters: customer: the caller's number is a phone",
        ),
        (
            {"parameters": [CUSTOMER, CUSTOMER | {"name": "x"}]},
            "parameters: x is used by no condition",
        ),
        ({"columns": [{"column": "id"}, {"column": "id"}]}, "columns: id is there twice"),
        ({"order": [{"column": "colour"}]}, "order.0.column: there is no colour"),
        (
            {"parameters": [], "conditions": [{"column": "taken_by", "value": "li"}]},
            "conditions: none that always holds can use an index: with a million records all "
            "would be read; compare one of id, number, state",
        ),
        (
            {"parameters": [CUSTOMER | {"required": False}]},
            "conditions: none that always holds can use an index",
        ),
        (
            {
                "resource": "contacts",
                "columns": [{"column": "customer_id"}],
                "order": [],
            },
            "columns.0.column: customer_id can only be compared",
        ),
    ],
)
def test_a_bad_definition_is_refused_by_field_and_rule(
    changes: dict[str, Any], problem: str
) -> None:
    definition = defined(**changes)

    with pytest.raises(InvalidField) as refused:
        check(definition, SOURCES[definition.resource].resource)

    assert str(refused.value).startswith(problem)


async def test_what_there_is_to_look_in_is_named(database: Database) -> None:
    with pytest.raises(InvalidField, match="resource: one of customers, contacts, tickets, "):
        async with database.readers() as session:
            await checked(session, defined(resource="bills"))


def test_a_parameter_agrees_with_itself() -> None:
    for wrong in ({"default": 1}, {"type": "number", "choices": [{"value": "1", "labels": {}}]}):
        with pytest.raises(ValidationError):
            defined(parameters=[CUSTOMER | wrong])


def test_a_callers_number_is_protected_whatever_a_query_of_old_calls_it() -> None:
    as_text = CUSTOMER | {"type": "text", "fill": "caller_number"}
    kinds = [CUSTOMER, CUSTOMER | {"type": "phone", "fill": None}, as_text]

    assert [defined(parameters=[each]).parameters[0].protected for each in kinds] == [
        False,
        True,
        True,
    ]


def test_parameters_are_what_is_given_else_what_is_at_hand_else_their_default() -> None:
    days = {"name": "days", "type": "number", "default": 30, "labels": CUSTOMER["labels"]}
    parameters = defined(parameters=[CUSTOMER, days]).parameters
    at_hand = AtHand(agent="li", customer="wang").values

    assert filled(parameters, {}, at_hand) == {"customer": "wang", "days": 30}
    assert filled(parameters, {"customer": "lei", "days": 7}, at_hand)["customer"] == "lei"
    for given, problem in (
        ({}, "parameters.customer: is required"),
        ({"customer": 5}, "parameters.customer: a customer's id"),
        ({"who": "x"}, "parameters.who: the query has no such parameter"),
    ):
        with pytest.raises(InvalidField, match=problem):
            filled(parameters, given, {})


@pytest.mark.parametrize(
    ("offered", "included"),
    [
        ({}, True),
        ({"roles": ["agent"]}, True),
        ({"roles": ["supervisor"]}, False),
        ({"teams": ["north"], "queues": ["sales"]}, True),
        ({"teams": ["south"]}, False),
        ({"queues": ["service"]}, False),
    ],
)
def test_a_query_is_for_whom_it_names(offered: dict[str, Any], included: bool) -> None:
    assert OfferedTo(**offered).includes(["agent"], "north", "sales") is included


async def test_a_customer_means_every_id_that_they_had_and_the_newest_come_first(
    stored: Database,
) -> None:
    rows = await run(stored, defined(), customer="old")

    assert rows[0][0] in {"lei2", "old2"}
    assert {number for number, _ in rows} == {
        f"{who}{n}" for who in ("lei", "old") for n in range(3)
    }
    assert [number[-1] for number, _ in rows] == ["2", "2", "1", "1", "0", "0"]


async def test_another_teams_rows_are_not_there(stored: Database) -> None:
    south = Viewer("lin", ("agent",), frozenset({"south"}), any_task=False)

    assert len(await run(stored, defined(), NORTH, customer="wang")) == 3
    with pytest.raises(UnknownRecord):
        await run(stored, defined(), south, customer="wang")
    by_state = defined(parameters=[], conditions=[{"column": "state", "value": "placed"}])
    assert {row[0][:-1] for row in await run(stored, by_state, south)} == {"lei", "old"}
    calls = shipped()["calls_from_number"]
    assert await run(stored, calls, south, number="13800138000", days=90) == []
    assert len(await run(stored, calls, NORTH, number="13800138000", days=90)) == 3


async def test_a_number_is_found_however_the_trunk_wrote_it_in_the_days_that_are_asked(
    stored: Database,
) -> None:
    rows = await run(stored, shipped()["calls_from_number"], number="+86 138 0013 8000", days=30)

    assert [row[0] for row in rows] == [NOW - DAY, NOW - 2 * DAY]
    with pytest.raises(InvalidField, match=r"parameters\.days: 1 to 3660 days"):
        await run(stored, shipped()["calls_from_number"], number="1", days=1e9)


async def test_only_so_many_rows_are_shown_and_that_there_are_more(stored: Database) -> None:
    found = await queries(stored).run(defined(limit=2), {"customer": "wang"}, EVERYBODY, NOW)
    whole = await queries(stored).run(defined(limit=3), {"customer": "wang"}, EVERYBODY, NOW)

    assert (len(found.rows), found.more) == (2, True)
    assert (len(whole.rows), whole.more) == (3, False)


async def test_every_comparison_means_what_it_says(stored: Database) -> None:
    async def numbers(column: str, operator: str, value: Any = None) -> list[str]:
        of_wang = {"column": "customer_id", "value": "wang"}
        more = {"column": column, "operator": operator, "value": value}
        rows = await run(stored, defined(parameters=[], conditions=[of_wang, more]))
        return sorted(row[0] for row in rows)

    assert await numbers("number", "one_of", ["wang0", "lei1"]) == ["wang0"]
    assert await numbers("number", "begins", "wang") == ["wang0", "wang1", "wang2"]
    assert await numbers("number", "begins", "w%") == []
    assert await numbers("number", "is_not", "wang0") == ["wang1", "wang2"]
    assert await numbers("total", "at_least", 1) == ["wang1", "wang2"]
    assert await numbers("total", "less_than", 1) == ["wang0"]
    assert await numbers("note", "empty") == ["wang0", "wang1", "wang2"]
    assert await numbers("note", "filled") == []
    assert await numbers("created_at", "next_days", 1.5) == ["wang0", "wang1"]
    assert await numbers("created_at", "less_than", NOW.isoformat()) == []


async def test_the_shipped_queries_make_sense_and_run_on_both_databases(stored: Database) -> None:
    values: dict[str, Any] = {
        "customer": "wang",
        "number": "13800138000",
        "days": 30,
        "queue": "sales",
        "owner": "li",
    }
    rows = {}
    for name, definition in shipped().items():
        async with stored.readers() as session:
            await checked(session, definition)
        own = {each.name: values[each.name] for each in definition.parameters if each.sure}
        rows[name] = await run(stored, definition, NORTH, **own)

    assert [row[0] for row in rows["undelivered_orders_of_customer"]] == ["wang2", "wang1", "wang0"]
    assert rows["web_visits_of_customer"] == [(NOW, "Prices", "web")]
    assert rows["customers_with_number"] == [
        ("wang", "王伟", "standard", None, None, "+8613800138000")
    ]
    assert [len(row) for row in rows["contacts_of_customer"]] == [7, 7, 7]


async def test_no_shipped_query_reads_a_whole_table(stored: Database) -> None:
    """
    The databases say so themselves: SCAN, or Seq Scan where PostgreSQL can help it in no way.

    The products are few.
    """
    values: dict[str, Any] = {
        "customer": "wang",
        "number": "1",
        "days": 30,
        "queue": "s",
        "owner": "l",
    }
    for name, definition in shipped().items():
        source = SOURCES[definition.resource]
        if source.small:
            continue
        given = {each.name: values[each.name] for each in definition.parameters}
        query = statement(definition, source, comparisons(definition, given, NOW), NORTH, {})
        plan = await plan_of(stored, query)
        whole = r"SCAN (?!whose)|Seq Scan"  # those "whose" a contact may be were found by an index
        assert not [step for step in plan if re.search(whole, step)], (name, plan)


async def plan_of(database: Database, query: Select[Any]) -> list[str]:
    async with database.reading.connect() as connection:
        explain = "EXPLAIN QUERY PLAN "
        if database.dialect == "postgresql":
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            explain = "EXPLAIN "
        sql = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        rows = (await connection.execute(text(explain + str(sql).replace(":", r"\:")))).all()
    return [str(row[-1]) for row in rows]


async def test_what_takes_too_long_is_broken_off_by_the_database(stored: Database) -> None:
    numbers = select(literal_column("1").label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < 1_000_000_000))
    endless: Select[Any] = select(literal_column("count(*)")).select_from(numbers)

    def count(connection: Any, left: float) -> Found:
        return in_time(connection, left, lambda: Found(connection.execute(endless).all(), False))

    async def told_too_slow() -> None:
        with pytest.raises(QueryTooSlow, match=r"broken off after 0\.2 s"):
            await stored.in_slow_look(0.2, count)

    began = time.monotonic()
    slow = [asyncio.create_task(told_too_slow()) for _ in range(12)]
    await asyncio.sleep(0)
    assert await stored.in_one_look(lambda connection: connection.scalar(select(literal(1)))) == 1
    assert not any(each.done() for each in slow)  # who looks for a caller waits for none of them
    await asyncio.gather(*slow)
    assert time.monotonic() - began < 2  # waiting for a place was their own time
    assert len(await run(stored, defined(), customer="wang")) == 3  # nothing is left behind


async def test_the_centres_own_fields_can_be_shown_and_the_sensitive_ones_are_protected(
    stored: Database,
) -> None:
    async with stored.sessions.begin() as session:
        session.add(
            CustomerField(
                id="card",
                section="basic",
                type="text",
                labels={"zh": "卡号", "en": "Card"},
                sensitive=True,
                created_at=NOW,
                updated_at=NOW,
            )
        )
    definition = Definition.model_validate(
        {
            "resource": "customers",
            "conditions": [{"column": "id", "value": "wang"}],
            "columns": [{"column": "name"}, {"column": "attributes.card"}],
        }
    )
    async with stored.readers() as session:
        resource = await checked(session, definition)

    assert resource.columns["attributes.card"].protected
    assert await run(stored, definition) == [("王伟", "6222")]


def test_a_definition_survives_being_stored() -> None:
    for definition in shipped().values():
        kept = json.loads(json.dumps(definition.model_dump(mode="json")))
        assert Definition.model_validate(kept) == definition
