"""One order for all that happened with a customer, page after page."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.timeline import Place, TimelineEntry, newest
from cti_server.store.contacts import ContactCustomer
from cti_server.store.customers import Customer, Customers
from cti_server.store.database import Database
from cti_server.store.journal_files import Entry
from cti_server.store.records import Records
from cti_server.store.timeline import Timeline, TimelineEvent
from cti_server.wire import events
from tests.store.stories import NINE, arrival, departure, entries, handled_call, second


async def write(database: Database, batch: list[Entry]) -> None:
    records = Records(database.engine.dialect)
    await database.in_transaction(lambda connection: records.write(connection, batch))


def visit(number: int, at: datetime, customer_id: str = "customer1") -> TimelineEvent:
    return TimelineEvent(
        id=f"visit{number}",
        customer_id=customer_id,
        at=at,
        kind="web_visit",
        title="Tariffs",
        data={"page": "/tariffs"},
        source="web",
        external_id=f"v{number}",
        added_by="key:web",
        added_at=at,
    )


@pytest.fixture
async def customers(database: Database) -> None:
    async with database.sessions.begin() as session:
        for number in (1, 2):
            Customers(session).add(
                Customer(
                    id=f"customer{number}", name=f"C{number}", created_at=NINE, updated_at=NINE
                )
            )


async def of(
    database: Database, *customer_ids: str, place: Place | None = None, limit: int = 50
) -> list[TimelineEntry]:
    async with database.readers() as session:
        return await Timeline(session).of(customer_ids, place=place, limit=limit)


@pytest.mark.usefixtures("customers")
async def test_calls_and_visits_stand_in_one_order_with_what_belongs_to_them(
    database: Database,
) -> None:
    await write(database, entries(handled_call(1)))
    async with database.sessions.begin() as session:
        Timeline(session).add(visit(1, NINE))
        Timeline(session).add(visit(2, NINE + timedelta(hours=1)))

    entries_ = await of(database, "customer1")

    assert [(entry.kind, entry.id) for entry in entries_] == [
        ("web_visit", "visit2"),
        ("contact", "contact1"),
        ("web_visit", "visit1"),
    ]
    assert entries_[1].data["recordings"] == ["recording1.1"]
    assert entries_[1].data["outcome"] == "handled"
    assert entries_[0].data == {
        "title": "Tariffs",
        "source": "web",
        "added_by": "key:web",
        "page": "/tariffs",
    }


@pytest.mark.usefixtures("customers")
async def test_pages_have_each_entry_once_whatever_their_size(database: Database) -> None:
    async with database.sessions.begin() as session:
        for number in range(7):
            # Three at the same moment: the id decides.
            Timeline(session).add(visit(number, NINE + timedelta(minutes=number // 3)))
    await write(database, entries([*arrival(1), *departure(1), *arrival(2), *departure(2)]))
    whole = [entry.id for entry in await of(database, "customer1", "customer2")]

    for size in (1, 2, 4):
        seen: list[str] = []
        place = None
        while page := await of(database, "customer1", "customer2", place=place, limit=size):
            seen += [entry.id for entry in page]
            place = page[-1].place
        assert seen == whole

    assert len(whole) == 9


@pytest.mark.usefixtures("customers")
async def test_a_contact_that_two_ids_of_a_customer_have_is_there_once(database: Database) -> None:
    await write(database, entries(arrival(1)))
    async with database.sessions.begin() as session:
        session.add(
            ContactCustomer(customer_id="customer2", contact_id="contact1", arrived_at=second(1))
        )

    assert [entry.id for entry in await of(database, "customer1", "customer2")] == ["contact1"]


@pytest.mark.usefixtures("customers")
async def test_a_contact_moves_to_whom_somebody_says_it_is(database: Database) -> None:
    chosen = events.CustomerChosen(contact_id="contact1", customer_id="customer2", chosen_by="li")
    await write(database, entries([*arrival(1), chosen]))

    assert await of(database, "customer1") == []
    assert [entry.id for entry in await of(database, "customer2")] == ["contact1"]


@pytest.mark.usefixtures("customers")
async def test_a_report_that_comes_twice_is_found_by_its_sender_s_id(database: Database) -> None:
    async with database.sessions.begin() as session:
        Timeline(session).add(visit(1, NINE))
    async with database.readers() as session:
        timeline = Timeline(session)
        again = await timeline.reported("web", "v1")
        of_another = await timeline.reported("counter", "v1")

    assert again is not None
    assert again.id == "visit1"
    assert of_another is None


_entries = st.lists(
    st.builds(
        lambda minute, id: TimelineEntry(
            at=NINE + timedelta(minutes=minute), kind="x", id=str(id), data={}
        ),
        st.integers(0, 5),
        st.integers(0, 50),
    ),
    unique_by=lambda entry: entry.id,
    max_size=12,
)


@given(st.lists(_entries, max_size=4), st.integers(0, 20))
def test_the_newest_of_many_are_those_of_all_together(
    sources: list[list[TimelineEntry]], limit: int
) -> None:
    ordered = [sorted(each, key=lambda entry: entry.place, reverse=True) for each in sources]
    everything = sorted(
        (entry for each in sources for entry in each), key=lambda entry: entry.place, reverse=True
    )

    assert [entry.place for entry in newest(ordered, limit)] == [
        entry.place for entry in everything[:limit]
    ]
