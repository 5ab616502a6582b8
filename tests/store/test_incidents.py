"""Incidents and who went before whom, asked of real databases."""

from sqlalchemy import update

from cti_server.store.contacts import Contact, Contacts
from cti_server.store.database import Database
from cti_server.store.incidents import Incidents
from cti_server.store.records import Records
from cti_server.wire import events

from .stories import entries, handled_call, second
from .test_records import write


async def test_incidents_go_on_after_the_last_one_of_a_page(database: Database) -> None:
    found = [
        events.IncidentFound(incident_id=f"x{n}", kind="not_held", subject="i") for n in range(3)
    ]
    await write(database, Records(database.engine.dialect), entries(found))
    async with database.readers() as session:
        first = await Incidents(session).page(2)
        rest = await Incidents(session).page(2, before=(first[-1].found_at, first[-1].id))

    assert [one.id for one in (*first, *rest)] == ["x2", "x1", "x0"]


async def test_who_came_later_and_was_served_first_went_before(database: Database) -> None:
    await write(database, Records(database.engine.dialect), entries(handled_call()))
    async with database.writing.begin() as connection:
        await connection.execute(update(Contact).values(queued_at=second(3)))
    async with database.readers() as session:
        contacts = Contacts(session)
        served = await contacts.get("contact1")
        assert served is not None
        earlier = Contact(
            id="earlier",
            channel="voice",
            call_id="c",
            caller_number="",
            dialled_number="",
            arrived_at=second(0),
            queue=served.queue,
            queued_at=second(1),
        )
        (other,) = await contacts.went_before(earlier, second(1000))
        nobody = await contacts.went_before(earlier, second(2))

    assert (other.contact_id, other.priority, bool(other.wanted_its_agent)) == (
        "contact1",
        served.priority,
        False,
    )
    assert nobody == []
