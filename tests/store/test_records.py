"""The projection on real databases: what the records say, however the events arrive."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, delete
from sqlalchemy.event import listen, remove

from cti_server.store.agent_states import AgentStates
from cti_server.store.calls import Calls
from cti_server.store.contacts import Contacts
from cti_server.store.database import Database
from cti_server.store.interactions import Interactions
from cti_server.store.journal_files import Entry
from cti_server.store.recording_search import search
from cti_server.store.recordings import Recordings
from cti_server.store.records import Records
from cti_server.store.segments import Segments
from cti_server.store.stored_events import StoredEvents
from cti_server.store.tables import Base
from recording.search import RecordingSearch

from .dumps import dump
from .stories import NINE, arrival, departure, entries, handled_call, logged, menu, second, state
from .test_projection import TWO_CALLS_AT_ONCE

WHOLE = entries(TWO_CALLS_AT_ONCE)


@contextmanager
def statements_of_the_engine() -> Iterator[list[str]]:
    heard: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(statement)

    listen(Engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        remove(Engine, "before_cursor_execute", hear)


async def write(
    database: Database, records: Records, batch: Sequence[Entry], *, derive: bool = True
) -> None:
    rows = await database.in_transaction(
        lambda connection: records.write(connection, batch, derive=derive)
    )
    records.committed(rows)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16])
@pytest.mark.parametrize("restarted", [False, True])
async def test_events_in_small_batches_give_the_same_rows_as_in_one(
    database: Database, size: int, restarted: bool
) -> None:
    await write(database, Records(database.engine.dialect), WHOLE)
    expected = await dump(database)
    async with database.writing.begin() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name != "writer":  # whose turn it is, whatever is written
                await connection.execute(delete(table))

    records = Records(database.engine.dialect)
    for start in range(0, len(WHOLE), size):
        if restarted:
            records = Records(database.engine.dialect)
        await write(database, records, WHOLE[start : start + size])

    assert await dump(database) == expected
    assert all(expected[table] for table in ("contact", "leg", "segment", "recording", "event"))


async def test_the_history_of_a_contact_is_read_back_whole(database: Database) -> None:
    story = handled_call()
    await write(database, Records(database.engine.dialect), entries(story))

    async with database.readers() as session:
        contact = await Contacts(session).get("contact1")
        legs = await Calls(session).legs(["call1"])
        interactions = await Interactions(session).of_contacts(["contact1"])
        segments = await Segments(session).of_contacts(["contact1"])
        recordings = await Recordings(session).of_contacts(["contact1"])
        trace = await StoredEvents(session).of_contact("contact1", ["call1"])

    assert contact is not None
    assert contact.connected_at == second(15)
    assert [leg.role for leg in legs] == ["caller", "agent"]
    assert [(each.agent_id, each.outcome) for each in interactions] == [("anna", "handled")]
    assert [(each.started_at, each.ended_at) for each in segments] == [(second(15), second(17))]
    assert [each.file for each in recordings] == ["2026/03/02/recording1.1.wav"]
    assert trace == [
        each
        for each in logged(story)
        if getattr(each.event, "contact_id", None) or hasattr(each.event, "call_id")
    ]


async def test_the_abandoned_are_listed_to_be_called_back(database: Database) -> None:
    story = [
        *handled_call(1),
        *arrival(2), *menu(2), *departure(2, outcome="abandoned"),
    ]  # fmt: skip
    await write(database, Records(database.engine.dialect), entries(story))

    async with database.readers() as session:
        contacts = Contacts(session)
        abandoned = await contacts.recent(10, outcome="abandoned")
        in_sales = await contacts.recent(10, queue="sales")
        earlier = await contacts.recent(10, before=second(20))

    assert [each.id for each in abandoned] == ["contact2"]
    assert [each.id for each in in_sales] == ["contact2", "contact1"]
    assert [each.id for each in earlier] == ["contact1"]


async def test_what_a_crash_cut_is_found_again(database: Database) -> None:
    story = [state("anna", "not_ready", 0, reason="lunch"), *handled_call(1), *arrival(2)]
    await write(database, Records(database.engine.dialect), entries(story))

    async with database.readers() as session:
        unended = await Calls(session).unended()
        [anna] = await AgentStates(session).now()
        history = await AgentStates(session).history("anna", since=NINE)

    assert [each.id for each in unended] == ["call2"]
    assert (anna.state, anna.since) == ("ready", second(20))
    assert [(each.state, each.reason) for each in history[:2]] == [
        ("not_ready", "lunch"),
        ("ringing", None),
    ]


async def test_an_agents_day_is_read_in_order(database: Database) -> None:
    await write(database, Records(database.engine.dialect), WHOLE)

    async with database.readers() as session:
        offers = await Interactions(session).of_agent("anna", since=NINE)
        talks = await Segments(session).of_agent("anna", since=NINE)
        nothing = await Interactions(session).of_agent("anna", since=second(1000))

    async def recordings(**told: Any) -> list[str]:
        wanted = RecordingSearch.model_validate(told)
        look = partial(search, wanted=wanted, seen=[], limit=10)
        return (await database.in_one_look(look)).ids

    assert ([each.id for each in offers], nothing) == (["interaction1.1"], [])
    assert [each.interaction_id for each in talks] == ["interaction1.1"]
    assert await recordings(agent_id="anna", queue="sales") == ["recording1.1"]
    assert await recordings(before=NINE) == []


async def test_a_shift_is_what_came_since_the_last_log_in(database: Database) -> None:
    story = [
        *(state("anna", "ready", -50), state("anna", "logged_out", -20)),
        *(state("bea", "not_ready", -40), state("bea", "ready", -30)),
        *(state("cleo", "ready", -40), state("cleo", "logged_out", -10)),
        state("anna", "not_ready", -5),
        *handled_call(1),
        *arrival(2),
    ]
    await write(database, Records(database.engine.dialect), entries(story))

    async with database.readers() as session:
        states = await AgentStates(session).since_log_in(second(-35))
        served = await Interactions(session).served({"anna": second(-5), "bea": second(-40)})
        later = await Interactions(session).served({"anna": second(1000)})
        newest = await StoredEvents(session).last_moment()

    assert states["anna"][0] == ("not_ready", second(-5))
    assert [one for one, _ in states["anna"]][1:] == ["ringing", "talking", "wrap_up", "ready"]
    assert states["bea"] == [("ready", second(-30))]  # as far back as was asked
    assert states.keys() == {"anna", "bea"}
    assert (served, later) == ({"anna": 1, "bea": 0}, {"anna": 0})
    assert newest == second(len(story))


async def test_rows_that_fell_out_of_memory_are_loaded_a_query_a_table(
    database: Database,
) -> None:
    calls = 60
    first = [event for n in range(1, calls + 1) for event in [*arrival(n), *menu(n)]]
    then = [event for n in range(1, calls + 1) for event in departure(n)]
    await write(database, Records(database.engine.dialect), entries(first))
    records = Records(database.engine.dialect)
    with statements_of_the_engine() as statements:
        await write(database, records, entries(then, first=len(first) + 1))

    assert len([each for each in statements if each.startswith("SELECT")]) == 6
    assert len(statements) < 16
    async with database.readers() as session:
        assert await Calls(session).unended() == []
