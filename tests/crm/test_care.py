"""On which days customers are cared for, and that it is once, as they wish, in either database."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import select

from crm import care
from crm.care import Occasion, Rule, Texts, Yearly
from crm.merging import merge
from cti_server.sales.care import Caring, plan_from
from cti_server.store.care import CareOccasion, CareRule
from cti_server.store.consents import Consent
from cti_server.store.contacts import Contact, ContactCustomer
from cti_server.store.customer_merges import CustomerMerges
from cti_server.store.customers import Customer, Customers
from cti_server.store.database import Database
from cti_server.store.orders import Order
from cti_server.store.tasks import Task

from .bureau import HOUR, Bureau, monday, opened

TEXT = {"zh": "{name}您好", "en": "Dear {name}"}
BIRTHDAY: dict[str, Any] = {
    "labels": {"zh": "生日", "en": "Birthday"},
    "when": {"trigger": "yearly", "field": "birth_date"},
    "means": "call",
    "purpose": "service",
    "at": "09:00",
    "who": {"rule": "customer_owner"},
    "text": TEXT,
}
DAY = timedelta(days=1)


def rule(**other: Any) -> Rule:
    return Rule.model_validate(BIRTHDAY | other)


def test_somebody_of_29_february_has_a_birthday_each_year() -> None:
    born = date(2000, 2, 29)
    for leap_day, day in (("february_28", (2, 28)), ("march_1", (3, 1))):
        when = Yearly(trigger="yearly", field="birth_date", leap_day=leap_day)
        for year, expected in ((2026, day), (2028, (2, 29))):
            found = [
                one
                for one in (date(year, 1, 1) + n * DAY for n in range(365))
                if care.yearly(rule(), when, born, one, "Asia/Shanghai") is not None
            ]
            assert [(one.month, one.day) for one in found] == [expected]
            assert "02-29" in care.born_on(when, found[0])


def test_the_day_is_the_customers_own_and_the_first_place_on_earth_is_in_time() -> None:
    day, nine = date(2026, 11, 23), time(9)
    moments = {
        zone: care.moment_of(day, nine, zone)
        for zone in ("Pacific/Kiritimati", "Asia/Shanghai", "America/New_York", "Pacific/Pago_Pago")
    }

    assert care.planned_for(day, nine) == min(moments.values())
    assert max(moments.values()) - min(moments.values()) == 25 * HOUR
    assert care.day_to_plan(min(moments.values()), nine) == day
    assert care.day_to_plan(min(moments.values()) - timedelta(seconds=1), nine) == day - DAY


def test_six_months_after_31_august_is_the_last_of_february() -> None:
    assert care.months_after(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert care.months_after(date(2027, 2, 28), -6) == date(2026, 8, 28)
    assert care.months_after(date(2026, 12, 15), 1) == date(2027, 1, 15)


def test_a_text_is_filled_in_the_customers_language_and_names_nothing_that_is_not_there() -> None:
    texts = Texts(zh="{name}:{number}", en="{name}: {number}")
    occasion = Occasion("k", monday(9), number="C-100016")

    assert (
        care.filled(texts, "zh-CN", name="王{number}", occasion=occasion) == "王{number}:C-100016"
    )
    assert care.filled(texts, "de", name="Gu", occasion=occasion) == "Gu: C-100016"
    with pytest.raises(ValidationError, match=r"there is no \{years\}"):
        rule(when={"trigger": "no_contact", "months": 6}, text={"zh": "{years}", "en": "x"})


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Bureau]:
    async with opened(database, tmp_path) as bureau:
        bureau.works.append(
            Caring(database, bureau.changes, bureau.new_id, "Asia/Shanghai"),
        )
        yield bureau


async def care_by(office: Bureau, id: str, **other: Any) -> None:
    async with office.editing() as edit:
        definition = rule(**other).model_dump(mode="json")
        stored = CareRule(id=id, definition=definition, created_at=edit.now, updated_at=edit.now)
        plan_from(stored, edit.now)
        edit.session.add(stored)


async def customer(office: Bureau, id: str, **values: Any) -> None:
    made = {"created_at": office.now(), "updated_at": office.now(), "name": id, **values}
    async with office.database.sessions.begin() as session:
        session.add(Customer(id=id, **made))


async def occasions(office: Bureau) -> list[tuple[str, str, str | None, str]]:
    """Whose, in which state, why, and when in Shanghai."""
    async with office.database.readers() as session:
        query = select(CareOccasion).order_by(CareOccasion.at, CareOccasion.customer_id)
        return [
            (one.customer_id, one.state, one.cause, f"{one.at.astimezone(monday(0).tzinfo):%d %H}")
            for one in await session.scalars(query)
        ]


async def tasks(office: Bureau) -> list[Task]:
    async with office.database.readers() as session:
        query = select(Task).order_by(Task.created_at, Task.id)
        return list(await session.scalars(query))


async def test_a_birthday_is_a_task_of_the_owners_in_the_customers_morning_once_a_year(
    office: Bureau,
) -> None:
    born = {"attributes": {"birth_date": "1980-11-24"}}
    await customer(office, "mei", owner_id="wang", language="en", **born)
    await customer(office, "joe", preferences={"time_zone": "America/New_York"}, **born)
    await customer(office, "old", attributes={"birth_date": "soon"})
    await care_by(office, "birthday")

    await office.pass_until(monday(24 + 8.9))
    assert await tasks(office) == []
    await office.pass_until(monday(24 + 24))
    made = {task.customer_id: task for task in await tasks(office)}
    office.set(monday(0) + 362 * DAY)  # of a year that nobody saw, but for its last week
    await office.pass_until(monday(0) + 365 * DAY)
    assert len(await tasks(office)) == 2
    await office.pass_until(monday(0) + 367 * DAY)

    assert made["mei"].assignee_id == "wang"
    assert (made["mei"].kind, made["mei"].notes) == ("call", "Dear mei")
    assert (made["joe"].assignee_id, made["joe"].role) == (None, "agent")
    assert made["mei"].created_at == monday(24 + 9)
    assert made["joe"].created_at == datetime(2026, 11, 24, 14, tzinfo=UTC)  # nine in New York
    assert len(await tasks(office)) == 4


async def test_who_declines_is_left_in_peace_and_quiet_hours_are_waited_for(
    office: Bureau,
) -> None:
    born = {"attributes": {"birth_date": "1980-11-24"}}
    quiet = {"quiet_hours": [{"start": "08:00", "end": "12:00"}]}
    always = {"quiet_hours": [{"start": "00:00", "end": "00:00"}]}
    await customer(office, "never", preferences={"never": ["voice"]}, **born)
    await customer(office, "later", preferences=quiet, **born)
    await customer(office, "asleep", preferences=always, **born)
    await customer(office, "gone", **born)
    await customer(office, "no", **born)
    async with office.database.sessions.begin() as session:
        session.add(
            Consent(
                id="c1",
                customer_id="no",
                channel="voice",
                purpose="service",
                given=False,
                source="call",
                at=monday(0),
                recorded_by="li",
            )
        )
    await care_by(office, "birthday")
    await office.pass_until(monday(24 + 4))
    async with office.editing() as edit:
        gone = await Customers(edit.session).get("gone")
        assert gone is not None
        gone.erased_at = edit.now
    await office.pass_until(monday(24 + 11.9))
    early = await tasks(office)
    await office.pass_until(monday(48))

    assert early == []
    assert [(task.customer_id, task.created_at) for task in await tasks(office)] == [
        ("later", monday(24 + 12))
    ]
    assert await occasions(office) == [
        ("asleep", "refused", "quiet_hours", "24 09"),
        ("gone", "dropped", "erased", "24 09"),
        ("later", "done", None, "24 09"),
        ("never", "refused", "channel_refused", "24 09"),
        ("no", "refused", "consent_withdrawn", "24 09"),
    ]


async def test_two_who_turn_out_to_be_one_are_congratulated_once(office: Bureau) -> None:
    for id in ("one", "two"):
        await customer(office, id, attributes={"birth_date": "1980-11-24"})
    await care_by(office, "birthday")
    await office.pass_until(monday(24 + 4))
    assert len(await occasions(office)) == 2
    async with office.editing() as edit:
        one, two = [await Customers(edit.session).get(id) for id in ("one", "two")]
        assert one is not None
        assert two is not None
        merger = merge(one.record, two.record, {})
        await CustomerMerges(edit.session, edit.new_id).merge(one, two, merger, "li", edit.now)
    await office.pass_until(monday(48))

    assert [task.customer_id for task in await tasks(office)] == ["one"]
    assert sorted(state for _, state, _, _ in await occasions(office)) == ["done", "dropped"]


async def test_a_complaint_is_asked_about_some_days_after_it_was_closed_if_it_still_is(
    office: Bureau,
) -> None:
    when = {"trigger": "after_ticket", "type": "suggestion", "days": 2}
    await care_by(office, "asked", when=when, text={"zh": "{number}", "en": "{number}"})
    kept = await office.open("suggestion", customer_id="chen")
    back = await office.open("suggestion", customer_id="gu")
    office.set(monday(20))
    for ticket in (kept, back):
        await office.change(ticket, reason_id="billing_wrong_amount")
        await office.move(ticket, "closed")
    await office.pass_until(monday(48 + 4))
    assert len(await occasions(office)) == 2
    await office.move(back, "in_progress")
    await office.pass_until(monday(48 + 10))

    [task] = await tasks(office)
    assert (task.customer_id, task.notes, task.created_at) == ("chen", kept.number, monday(48 + 9))


async def test_an_order_is_asked_about_after_its_delivery_and_a_long_silence_is_broken(
    office: Bureau,
) -> None:
    delivered = {"trigger": "after_order", "days": 1, "fulfilment": "delivery"}
    await care_by(office, "delivered", when=delivered, means="sms", text=TEXT)
    await care_by(office, "silence", when={"trigger": "no_contact", "months": 3}, means="visit")
    await customer(office, "quiet", created_at=monday(0) - 400 * DAY)
    await customer(office, "new", created_at=monday(24 + 9))
    async with office.database.sessions.begin() as session:
        at = datetime(2026, 8, 24, 3, tzinfo=UTC)
        for id, when in (("k1", at), ("k0", at - 90 * DAY)):
            session.add(contact(id, when, "quiet"))
            session.add(ContactCustomer(customer_id="quiet", contact_id=id, arrived_at=when))
        session.add(order("o1", "delivery", office.now() + 2 * HOUR))
        session.add(order("o2", "pickup", office.now()))
    await office.pass_until(monday(48))

    assert [(task.customer_id, task.kind) for task in await tasks(office)] == [
        ("chen", "sms"),
        ("quiet", "visit"),
    ]
    assert [name async for name in _told(office)] == ["sms_wanted", "visit_wanted"]


async def _told(office: Bureau) -> AsyncIterator[str]:
    """What other systems hear of occasions."""
    for action in ("sms_wanted", "visit_wanted", "call_wanted"):
        for _ in await office.heard("care_occasion", action):
            yield action


async def test_what_was_missed_is_made_up_for_within_a_week_and_no_longer(office: Bureau) -> None:
    for id, birthday in (("late", "1980-12-10"), ("too_late", "1980-12-01")):
        await customer(office, id, attributes={"birth_date": birthday})
    await care_by(office, "birthday")
    await office.pass_until(monday(1))

    office.set(monday(0) + 20 * DAY)  # nobody was there until 13 December
    await office.pass_until(office.now() + DAY)

    assert [task.customer_id for task in await tasks(office)] == ["late"]


def contact(id: str, at: datetime, customer_id: str) -> Contact:
    return Contact(
        id=id,
        channel="call",
        call_id=id,
        caller_number="+8613800138000",
        dialled_number="8000",
        arrived_at=at,
        customer_ids=[customer_id],
    )


def order(id: str, fulfilment: str, at: datetime) -> Order:
    return Order(
        id=id,
        number=id,
        state="fulfilled",
        customer_id="chen",
        taken_by="li",
        currency="CNY",
        total=1,
        fulfilment=fulfilment,
        state_since=at,
        created_at=at,
        updated_at=at,
    )
