"""How many arrived minute by minute, on either database."""

from datetime import UTC, datetime, timedelta

from cti_server.store.arrivals import arrived_by_minute
from cti_server.store.contacts import Contact
from cti_server.store.database import Database
from cti_server.store.queue_waits import QueueWait

TEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MINUTE = int(TEN.timestamp()) // 60


def contact(
    at: timedelta, number: str = "95555", *, channel: str = "voice", direction: str = "inbound"
) -> Contact:
    return Contact(
        id=f"{at}-{number}-{channel}-{direction}", channel=channel, call_id="c", caller_number="1",
        dialled_number=number, arrived_at=TEN + at, direction=direction,
    )  # fmt: skip


def wait(
    number: int, at: timedelta, outcome: str | None = None, *, deferred: bool = False
) -> QueueWait:
    return QueueWait(
        id=number, contact_id="k", queue="loans", joined_at=TEN + at, since=TEN + at,
        outcome=outcome, deferred=deferred,
    )  # fmt: skip


async def test_calls_that_came_in_and_waits_at_the_line_are_counted_by_minute(
    database: Database,
) -> None:
    second = timedelta(seconds=1)
    rows = [
        *(contact(at * second) for at in (0, 59, 60)),
        contact(5 * second, "95500"),
        contact(90 * second),  # after what was asked for
        contact(-1 * second),
        contact(6 * second, direction="outbound"),
        contact(7 * second, channel="email"),
        *(wait(at, at * second) for at in (1, 61, 62)),
        wait(2, 2 * second, "abandoned"),
        wait(3, 3 * second, "turned_away"),
        wait(4, 4 * second, deferred=True),
        wait(100, 100 * second),
    ]
    async with database.sessions() as session, session.begin():
        session.add_all(rows)

    found = await database.in_slow_look(
        10.0,
        lambda it, _: arrived_by_minute(
            it, TEN, numbers_until=TEN + 90 * second, queues_until=TEN + 62 * second
        ),
    )
    assert found == {
        ("number", "95555"): {MINUTE: 2, MINUTE + 1: 1},
        ("number", "95500"): {MINUTE: 1},
        ("queue", "loans"): {MINUTE: 2, MINUTE + 1: 1},
    }
