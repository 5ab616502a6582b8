"""Care in both databases: whose occasion a day is, some customers at a time."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import select

from crm import care
from crm.care import NoContact, Rule, Yearly
from cti_server.sales import care as work
from cti_server.sales.care import Caring, plan_from
from cti_server.store.care import CareOccasion, CareRule
from cti_server.store.changes import Changes
from cti_server.store.contacts import Contact, ContactCustomer
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.tickets.edit import SYSTEM

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
ZONE = "Asia/Shanghai"
HALF_A_YEAR_AGO = datetime(2026, 5, 22, 4, tzinfo=UTC)
LABELS = {"zh": "关怀", "en": "Care"}
YEARLY = Yearly(trigger="yearly", field="created_at")
SILENCE = NoContact(trigger="no_contact", months=6)


def rule(when: Yearly | NoContact) -> Rule:
    values: dict[str, Any] = {
        "labels": LABELS,
        "when": when.model_dump(mode="json"),
        "means": "call",
        "purpose": "service",
        "who": {"rule": "customer_owner"},
        "text": {"zh": "您好", "en": "Good day"},
        "at": "00:00:00",
    }
    return Rule.model_validate(values)


@pytest.fixture
def new_id() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"id-{next(numbers):05}"


@pytest.fixture
def changes(database: Database, new_id: Callable[[], str]) -> Changes:
    return Changes(database, lambda event: None, now=lambda: NOW, new_id=new_id)


async def stored(database: Database, when: Yearly | NoContact) -> None:
    """A rule that begins with the day."""
    made = CareRule(
        id="rule",
        definition=rule(when).model_dump(mode="json"),
        created_at=NOW,
        updated_at=NOW,
    )
    plan_from(made, NOW)
    async with database.sessions.begin() as session:
        session.add(made)


def customer(id: str, created_at: datetime, **other: Any) -> Customer:
    return Customer(id=id, name=id, created_at=created_at, updated_at=NOW, **other)


def contact(id: str, customer_id: str, at: datetime) -> list[Any]:
    whole = Contact(
        id=id,
        channel="voice",
        call_id=id,
        caller_number="",
        dialled_number="",
        arrived_at=at,
        customer_ids=[customer_id],
    )
    return [whole, ContactCustomer(customer_id=customer_id, contact_id=id, arrived_at=at)]


async def planned(database: Database) -> list[str]:
    async with database.readers() as session:
        query = select(CareOccasion.customer_id).order_by(CareOccasion.customer_id)
        return list(await session.scalars(query))


async def test_an_import_is_planned_some_customers_a_turn_and_an_edit_begins_anew(
    database: Database, changes: Changes, new_id: Callable[[], str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(work, "AT_ONCE", 3)
    imported = NOW.replace(year=2024)
    async with database.sessions.begin() as session:
        session.add_all(customer(f"c{number}", imported) for number in range(7))
    await stored(database, YEARLY)
    caring = Caring(database, changes, new_id, ZONE)
    after_each = []
    for _ in range(2):
        await caring.do(NOW)
        after_each.append(len(await planned(database)))
    async with changes.begin(SYSTEM) as change:
        edited = await change.session.get_one(CareRule, "rule")
        behind, version = edited.planned_behind, edited.version
        plan_from(edited, NOW)
    while (at := await caring.earliest()) is not None and at <= NOW:
        await caring.do(NOW)
    async with database.readers() as session:
        done = await session.get_one(CareRule, "rule")

    assert after_each == [3, 6]
    assert (behind, version) == ("c5", 1)  # what was planned is no edit
    assert await planned(database) == [f"c{number}" for number in range(7)]  # and none twice
    assert (done.planned_to, done.planned_behind) == ("2026-11-22", None)
    assert done.next_at == care.planned_for((NOW + timedelta(days=1)).date(), rule(YEARLY).at)


async def test_who_was_silent_is_found_under_whatever_id_a_page_at_a_time(
    database: Database, changes: Changes, new_id: Callable[[], str], monkeypatch: Any
) -> None:
    monkeypatch.setattr(work, "AT_ONCE", 2)
    long_ago = NOW.replace(year=2020)
    async with database.sessions.begin() as session:
        session.add(customer("b-merged-into", long_ago))
        await session.flush()
        session.add_all(
            [
                customer("a-old-name", long_ago, merged_into="b-merged-into"),
                customer("c-silent", long_ago),
                customer("d-called-again", long_ago),
                customer("e-never-heard-of", HALF_A_YEAR_AGO),
                customer("f-erased", HALF_A_YEAR_AGO, erased_at=NOW),
                customer("g-just-recorded", NOW),
                *contact("1", "a-old-name", HALF_A_YEAR_AGO),
                *contact("2", "b-merged-into", HALF_A_YEAR_AGO),
                *contact("3", "c-silent", HALF_A_YEAR_AGO),
                *contact("4", "d-called-again", HALF_A_YEAR_AGO),
                *contact("5", "d-called-again", NOW),
            ]
        )
    await stored(database, SILENCE)
    caring = Caring(database, changes, new_id, ZONE)
    while (at := await caring.earliest()) is not None and at <= NOW:
        await caring.do(NOW)

    assert await planned(database) == ["b-merged-into", "c-silent", "e-never-heard-of"]
