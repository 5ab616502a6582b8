"""What an erasure waits for, and what comes when it is done."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import select

from crm.erasure import ErasureRefused, Subject
from cti_server.privacy.steps import NotYet, Steps
from cti_server.store.contacts import Contact
from cti_server.store.database import Database
from cti_server.store.erasures import Erasure
from cti_server.store.legal_holds import LegalHold
from cti_server.store.recordings import Recording
from cti_server.wire.events import AgentStateChanged, ContactNoted, RecordChanged, RecordingStarted
from tests.fakes.databases import new_sqlite
from tests.store.stories import NINE

from .office import (
    NUMBER,
    PERSON,
    TRACES,
    a_call,
    a_customer,
    a_recording,
    found_in,
    office,
)


async def test_what_comes_late_does_not_bring_the_person_back(
    database: Database, tmp_path: Path
) -> None:
    """The log's mover knows rows as they were before."""
    async with office(database, tmp_path) as here:
        await a_customer(database)
        for told in a_call(1):
            here.log.append(told)
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        await here.erasures.carry_on(erasure.id)

        here.log.append(
            RecordingStarted(
                recording_id="late",
                call_id="call1",
                contact_id="contact1",
                interaction_id="i",
                agent_id="li",
                queue="sales",
            )
        )
        here.log.append(ContactNoted(contact_id="contact1", agent_id="li", text="a late word"))
        await here.log.stored()

        touched = {"contact", "call", "leg", "recording", "event"}
        assert await found_in(database, *TRACES, among=touched) == {}


async def test_an_agent_who_is_still_busy_with_a_contact_is_waited_for(
    database: Database, tmp_path: Path
) -> None:
    """After the call, too: what is on their screen would be written down."""
    async with office(database, tmp_path) as here:
        await a_customer(database)
        for told in a_call(1):
            here.log.append(told)
        here.log.append(working("wrap_up", "contact1"))
        with pytest.raises(ErasureRefused, match="under way: contact1"):
            await here.erasures.accept(PERSON, None, "asked", "sun")
        here.log.append(working("ready", None))

        _, new = await here.erasures.accept(PERSON, None, "asked", "sun")

    assert new


def working(state: str, contact_id: str | None) -> AgentStateChanged:
    return AgentStateChanged(agent_id="li", state=state, since=NINE, contact_id=contact_id)


def hold(record: str, record_id: str) -> LegalHold:
    return LegalHold(
        id=f"hold of {record_id}",
        record=record,
        record_id=record_id,
        reason="a court",
        placed_by="sun",
        placed_at=NINE,
    )


async def test_what_is_held_of_contacts_found_only_by_their_number_waits_until_it_is_released(
    database: Database, tmp_path: Path
) -> None:
    """Of these nobody asked when the erasure was taken, and the hold came later still."""
    async with office(database, tmp_path) as here:
        await a_customer(database)
        for told in a_call(1, customer_ids=()):
            here.log.append(told)
        wav = a_recording(tmp_path, 1)
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        async with database.sessions.begin() as session:
            session.add(hold("recording", "recording1"))
        with pytest.raises(NotYet, match="a legal hold on the recording recording1"):
            await here.erasures.carry_on(erasure.id)
        async with database.readers() as session:
            kept = await session.get_one(Contact, "contact1")
        assert (kept.caller_number, wav.exists()) == (NUMBER, True)

        async with database.sessions.begin() as session:
            (await session.get_one(LegalHold, "hold of recording1")).released_at = NINE
        await here.erasures.carry_on(erasure.id)
        async with database.readers() as session:
            emptied = await session.get_one(Contact, "contact1")

    assert (emptied.caller_number, wav.exists()) == ("", False)


async def test_a_recording_that_is_still_written_is_waited_for(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        *begun, stored = a_call(1, customer_ids=())
        for told in begun:
            here.log.append(told)
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        with pytest.raises(NotYet, match="recording1 is still being written"):
            await here.erasures.carry_on(erasure.id)
        wav = a_recording(tmp_path, 1)
        here.log.append(stored)
        await here.log.stored()
        await here.erasures.carry_on(erasure.id)

    assert not wav.exists()


async def test_a_recording_that_is_stored_after_it_was_erased_is_not_there_and_its_file_goes(
    database: Database, tmp_path: Path
) -> None:
    async with office(database, tmp_path) as here:
        await a_customer(database)
        *_, stored = events = a_call(1)
        for told in events:
            here.log.append(told)
        erasure, _ = await here.erasures.accept(PERSON, None, "asked", "sun")
        await here.erasures.carry_on(erasure.id)
        here.log.append(stored)
        await here.log.stored()
        wav = a_recording(tmp_path, 1)
        async with database.readers() as session:
            late = await session.get_one(Recording, "recording1")
        await here.retention.begin("sun", dry=False, now=NINE)
        while await here.retention.earliest() == NINE:
            await here.retention.do(NINE)
        async with database.readers() as session:
            gone = await session.get_one(Recording, "recording1")

    assert (late.state, late.caller_number) == ("erased", "")
    assert (gone.state, gone.file, wav.exists()) == ("erased", None, False)


async def test_one_erasure_that_fails_says_so_and_the_others_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, written = new_sqlite(tmp_path), []
    do, write_anew = Steps.do, database.write_anew

    async def fail_for_one(self: Steps, erasure: Erasure, subject: Subject) -> Mapping[str, int]:
        if erasure.customer_id == PERSON:
            raise KeyError("nobody expected this")
        return await do(self, erasure, subject)

    async def count_and_write() -> None:
        written.append(1)
        await write_anew()

    monkeypatch.setattr(Steps, "do", fail_for_one)
    monkeypatch.setattr(database, "write_anew", count_and_write)
    async with office(database, tmp_path) as here:
        ended = asyncio.Event()
        here.log.subscribe(
            lambda told: (
                ended.set()
                if isinstance(told.event, RecordChanged) and told.event.action == "completed"
                else None
            )
        )
        taken = []
        for customer_id in (PERSON, "second", "third"):
            await a_customer(database, customer_id)
            taken.append((await here.erasures.accept(customer_id, None, "asked", "sun"))[0].id)
        here.erasures.start()
        async with asyncio.timeout(30):
            while len(await _states(database)) < 3 or (await _states(database))[2] != "done":
                ended.clear()
                await ended.wait()
        states = await _states(database)
        async with database.readers() as session:
            failed = await session.get_one(Erasure, taken[0])

    assert states == ["running", "done", "done"]
    assert "KeyError" in (failed.waiting_for or "")
    assert written == [1]
    await database.close()


async def _states(database: Database) -> list[str]:
    async with database.readers() as session:
        query = select(Erasure.state).order_by(Erasure.requested_at)
        return list(await session.scalars(query))
