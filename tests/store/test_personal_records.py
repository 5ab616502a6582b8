"""All that is stored of one person, on either database."""

from datetime import timedelta

from cti_server.store.contacts import Contact, ContactCustomer
from cti_server.store.customers import Customer
from cti_server.store.database import Database
from cti_server.store.personal_records import all_records, person
from cti_server.store.tasks import Task

from .stories import NINE


def customer(customer_id: str, merged_into: str | None = None) -> Customer:
    return Customer(
        id=customer_id,
        name=customer_id.title(),
        created_at=NINE,
        updated_at=NINE,
        numbers=[],
        contact_points=[],
        merged_into=merged_into,
    )


def contact(n: int, *customer_ids: str) -> list[Contact | ContactCustomer]:
    at = NINE + timedelta(minutes=n)
    one = Contact(
        id=f"contact{n}",
        channel="voice",
        call_id=f"call{n}",
        caller_number="+8613800138000",
        dialled_number="95588",
        arrived_at=at,
        customer_ids=list(customer_ids),
    )
    links = [
        ContactCustomer(customer_id=each, contact_id=one.id, arrived_at=at) for each in customer_ids
    ]
    return [one, *links]


async def test_what_a_person_had_under_any_name_is_theirs_and_a_thousand_contacts_are_all_found(
    database: Database,
) -> None:
    async with database.sessions.begin() as session:
        session.add_all([customer("li"), customer("li_before", merged_into="li"), customer("wang")])
        await session.flush()
        for n in range(1200):
            session.add_all(contact(n, "li" if n % 2 else "li_before"))
        session.add_all(contact(1200, "li", "wang"))
        session.add_all(contact(1201, "wang"))
        session.add(
            Task(
                id="t1",
                title="call Wang",
                customer_id="wang",
                created_by="a",
                created_at=NINE,
                updated_at=NINE,
            )
        )

    found: dict[str, list[str]] = {}
    async with database.readers() as session:
        who = await person(session, "li")
        async for table, rows in all_records(session, who):
            found.setdefault(table, []).extend(str(row.get("id")) for row in rows)

    assert sorted(found["customer"]) == ["li", "li_before"]
    assert sorted(found["contact"]) == sorted(f"contact{n}" for n in range(1200))
    assert who.shared == ["contact1200"]
    assert found.keys() == {"customer", "contact", "contact_customer"}
