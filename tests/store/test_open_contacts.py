"""What is open and no call, as the store finds it after a restart."""

from datetime import UTC, datetime, timedelta

from cti_server.store.contacts import Contact, Contacts
from cti_server.store.database import Database

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def contact(name: str, channel: str, queued: int, ended: int | None = None) -> Contact:
    return Contact(
        id=name,
        channel=channel,
        call_id="",
        caller_number="",
        dialled_number="",
        arrived_at=NINE,
        queued_at=NINE + timedelta(seconds=queued),
        ended_at=None if ended is None else NINE + timedelta(seconds=ended),
    )


async def test_what_is_open_and_no_call_is_found_in_the_order_of_its_waiting(
    database: Database,
) -> None:
    async with database.sessions.begin() as session:
        session.add_all(
            [
                contact("late", "email", 20),
                contact("early", "task", 10),
                contact("done", "email", 5, ended=30),
                contact("call", "voice", 1),
                contact("back", "callback", 2),
            ]
        )

    async with database.readers() as session:
        found = await Contacts(session).open()

    assert [one.id for one in found] == ["early", "late"]
