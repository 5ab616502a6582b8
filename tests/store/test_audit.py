"""The audit trail on both databases: what it tells, and that nobody alters it unseen."""

from collections.abc import Sequence
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cti_server.store.audit import AuditEntry, fact_of
from cti_server.store.audit_trail import AuditTrail, Verdict
from cti_server.store.database import Database
from cti_server.store.records import Records
from cti_server.wire import events
from cti_server.wire.events import Event, Logged

from .stories import NINE, arrival, entries, second


def changed(number: int, who: str = "zhao") -> Event:
    return events.RecordChanged(
        change_id=f"change-{number}",
        record="ticket",
        record_id=f"ticket-{number}",
        action="updated",
        changed_by=who,
        fields=["owner_id"],
    )


STORY: list[Event] = [
    changed(1),
    *arrival(),
    events.RecordRead(record="customer", record_id="c1", what="numbers", read_by="zhao"),
    events.RecordingPlayed(recording_id="r1", played_by="qian"),
    changed(2, "sun"),
    events.LogInFailed(user_id="li", address="127.0.0.1", reason="password"),
    changed(3),
]


async def write(database: Database, story: Sequence[Event], first: int = 1) -> None:
    records = Records(database.engine.dialect)
    batch = entries(story, first)
    await database.in_transaction(lambda connection: records.write(connection, batch))


async def trail(database: Database, **wanted: str | int | datetime) -> list[AuditEntry]:
    async with database.readers() as session:
        return list(await AuditTrail(session).page(100, **wanted))  # type: ignore[arg-type]


async def verdict(database: Database, noted: tuple[int, str] | None = None) -> Verdict:
    async with database.readers() as session:
        return await AuditTrail(session).verify(noted)


async def tamper(database: Database, *statements: str) -> None:
    """What whoever owns the database can do."""
    guards = (
        ["ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_is_kept"]
        if database.dialect == "postgresql"
        else [f"DROP TRIGGER IF EXISTS audit_entry_no_{verb}" for verb in ("update", "delete")]
    )
    async with database.writing.begin() as connection:
        for statement in (*guards, *statements):
            await connection.execute(text(statement))
        if database.dialect == "postgresql":
            await connection.execute(
                text("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_is_kept")
            )


async def test_what_is_protected_is_in_the_trail_and_a_plain_call_is_not(
    database: Database,
) -> None:
    await write(database, STORY[:4])
    await write(database, STORY[4:], 5)

    told = [(e.sequence, e.actor, e.action, e.record, e.record_id) for e in await trail(database)]

    assert told[::-1] == [
        (1, "zhao", "updated", "ticket", "ticket-1"),
        (2, "zhao", "read", "customer", "c1"),
        (3, "qian", "played", "recording", "r1"),
        (4, "sun", "updated", "ticket", "ticket-2"),
        (5, "li", "log_in_failed", "agent", "li"),
        (6, "zhao", "updated", "ticket", "ticket-3"),
    ]
    assert await verdict(database) == Verdict(6, 6, (await trail(database))[0].hash, [])


async def test_who_masks_a_recording_and_what_ends_it_is_in_the_trail(database: Database) -> None:
    span = {"contact_id": "c1", "mask_id": "m1", "agent_id": "li"}
    masked = events.RecordingMasked(**span, asked_by="qian", reason="card_number")
    by_itself = events.RecordingUnmasked(**span, ended_by="limit")
    asked = events.RecordingUnmasked(**span, ended_by="asked", asked_by="qian")
    await write(database, [masked, by_itself, masked, asked])

    told = [(e.actor, e.action, e.record, e.record_id) for e in await trail(database)]

    assert told[::-1] == [
        ("qian", "masked", "contact", "c1"),
        ("system", "unmasked", "contact", "c1"),
        ("qian", "masked", "contact", "c1"),
        ("qian", "unmasked", "contact", "c1"),
    ]


async def test_the_trail_is_found_by_who_what_and_when(database: Database) -> None:
    await write(database, STORY)
    numbers = {entry.sequence: entry.event_sequence for entry in await trail(database)}

    async def found(**wanted: str | int | datetime) -> list[int]:
        return [entry.sequence for entry in await trail(database, **wanted)]

    assert await found(actor="zhao") == [6, 2, 1]
    assert await found(record="ticket", record_id="ticket-2") == [4]
    assert await found(action="played") == [3]
    assert await found(before=3) == [2, 1]
    assert await found(since=second(numbers[3]), until=second(numbers[5])) == [4, 3]
    assert await found(since=second(1000)) == []
    assert await found(until=NINE) == []


async def test_the_database_itself_refuses_to_alter_or_remove_an_entry(database: Database) -> None:
    await write(database, STORY)

    for statement in ("UPDATE audit_entry SET actor = 'nobody'", "DELETE FROM audit_entry"):
        with pytest.raises(DBAPIError, match="only ever added to"):
            async with database.writing.begin() as connection:
                await connection.execute(text(statement))
    assert (await verdict(database)).faults == []


PLANTED = {
    "an altered actor": (
        ["UPDATE audit_entry SET actor = 'li' WHERE sequence = 3"],
        ["entry 3: altered", "entry 3: event 7 of the log differs"],
    ),
    "altered details": (
        ["UPDATE audit_entry SET details = '{}' WHERE sequence = 4"],
        ["entry 4: altered", "entry 4: event 8 of the log differs"],
    ),
    "an altered time": (
        ["UPDATE audit_entry SET at = '2026-03-02 08:00:00.000000' WHERE sequence = 1"],
        ["entry 1: altered", "entry 1: event 1 of the log differs"],
    ),
    "a removed first entry": (
        ["DELETE FROM audit_entry WHERE sequence = 1"],
        ["entry 1: removed", "entry 2: does not follow the entry before it", "event 1: has no"],
    ),
    "removed entries in between": (
        ["DELETE FROM audit_entry WHERE sequence IN (3, 4)"],
        ["entries 3 to 4: removed", "entry 5: does not follow", "event 7:", "event 8:"],
    ),
    "a removed last entry": (
        ["DELETE FROM audit_entry WHERE sequence = 6"],
        ["event 10: has no entry"],
    ),
    "two entries in each other's place": (
        [
            "UPDATE audit_entry SET sequence = 100 WHERE sequence = 2",
            "UPDATE audit_entry SET sequence = 2 WHERE sequence = 3",
            "UPDATE audit_entry SET sequence = 3 WHERE sequence = 100",
        ],
        [
            "entry 2: altered",
            "entry 2: does not follow the entry before it",
            "entry 3: altered",
            "entry 3: does not follow the entry before it",
            "entry 4: does not follow the entry before it",
        ],
    ),
    "an altered event": (
        [
            "UPDATE event SET payload = replace(payload, 'sun', 'li') WHERE sequence = 8",
        ],
        ["entry 4: event 8 of the log differs"],
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
async def test_each_planted_fault_is_found_in_its_place(database: Database, planted: str) -> None:
    statements, expected = PLANTED[planted]
    await write(database, STORY)

    await tamper(database, *statements)

    faults = (await verdict(database)).faults
    assert len(faults) == len(expected), faults
    assert all(fault.startswith(start) for fault, start in zip(faults, expected, strict=True))


async def test_a_trail_that_was_written_anew_as_a_whole_is_told_by_a_noted_hash(
    database: Database,
) -> None:
    await write(database, STORY)
    noted = (await trail(database))[1]
    await tamper(database, "DELETE FROM audit_entry", "DELETE FROM event")
    await write(database, [changed(9), *STORY[1:]])

    assert (await verdict(database)).faults == []
    assert (await verdict(database, (noted.sequence, noted.hash))).faults == [
        f"entry {noted.sequence}: its hash is not the noted one"
    ]


async def test_a_trail_that_was_cut_off_is_told_by_a_noted_hash(database: Database) -> None:
    await write(database, STORY)
    noted = (await trail(database))[0]
    await tamper(
        database,
        "DELETE FROM audit_entry WHERE sequence > 4",
        "DELETE FROM event WHERE sequence > 8",
    )

    assert (await verdict(database)).faults == []
    assert (await verdict(database, (noted.sequence, noted.hash))).faults == [
        "entry 6: removed, and all after it"
    ]


async def test_old_events_may_go_and_the_trail_stays(database: Database) -> None:
    await write(database, STORY)

    async with database.writing.begin() as connection:
        await connection.execute(text("DELETE FROM event WHERE sequence < 8"))

    assert (await verdict(database)).faults == []


TEXTS = st.text(max_size=300)


@given(actor=TEXTS, record_id=TEXTS, what=TEXTS)
def test_whatever_an_event_says_the_entry_says_the_same(
    actor: str, record_id: str, what: str
) -> None:
    read = events.RecordRead(record="customer", record_id=record_id, what=what, read_by=actor)
    logged = Logged(1, NINE, read)
    fact = fact_of(read)
    assert fact is not None

    entry = AuditEntry.following(None, logged, fact)

    assert entry.tells(logged, fact)
    assert "\0" not in entry.actor + entry.record_id + entry.details
