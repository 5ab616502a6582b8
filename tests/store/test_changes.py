"""Edits: versions, and events that are as sure as the edit itself."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from crm.errors import AlreadyThere
from cti_server.clock import SystemClock
from cti_server.store.agents import Agent
from cti_server.store.changes import Changes, UnloggedChange
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.wire.events import Logged, RecordChanged


@pytest.fixture
async def log(database: Database, tmp_path: Path) -> AsyncIterator[EventLog]:
    log = EventLog(database, tmp_path / "journal", SystemClock(), move_every=0.01)
    await log.start()
    yield log
    await log.close()


def changes_of(database: Database, log: EventLog) -> Changes:
    numbers = count(1)
    return Changes(
        database,
        log.append,
        now=lambda: datetime.now(UTC),
        new_id=lambda: f"change-{next(numbers)}",
    )


def agent(agent_id: str, number: str) -> Agent:
    return Agent(id=agent_id, name=agent_id, number=number)


async def unlogged(database: Database) -> list[str]:
    async with database.readers() as session:
        return list(await session.scalars(select(UnloggedChange.id)))


async def changed(log: EventLog) -> list[RecordChanged]:
    return [one.event for one in await log.since(0) if isinstance(one.event, RecordChanged)]


async def test_a_change_is_in_the_log_and_leaves_nothing_behind(
    database: Database, log: EventLog
) -> None:
    async with changes_of(database, log).begin("sun") as change:
        change.session.add(agent("li", "8001"))
        change.record("agent", "li", "created", fields=["number", "name"])
    assert await unlogged(database) == ["change-1"]

    await log.stored()

    [event] = await changed(log)
    assert (event.record, event.record_id, event.action) == ("agent", "li", "created")
    assert (event.fields, event.changed_by) == (["name", "number"], "sun")
    assert await unlogged(database) == []


async def test_what_is_rolled_back_is_not_in_the_log(database: Database, log: EventLog) -> None:
    async def fail() -> None:
        async with changes_of(database, log).begin("sun") as change:
            change.session.add(agent("li", "8001"))
            change.record("agent", "li", "created")
            raise RuntimeError("the editor failed")

    with pytest.raises(RuntimeError):
        await fail()
    await log.stored()

    assert await changed(log) == []
    assert await unlogged(database) == []


async def test_a_change_that_a_crash_kept_from_the_log_is_logged_once_at_the_next_start(
    database: Database, log: EventLog
) -> None:
    def crash(event: object) -> Logged:
        raise SystemError("the power went")

    numbers = count(1)
    dying = Changes(
        database, crash, now=lambda: datetime.now(UTC), new_id=lambda: f"lost-{next(numbers)}"
    )

    async def define() -> None:
        async with dying.begin("sun") as change:
            change.session.add(agent("li", "8001"))
            change.record("agent", "li", "created")

    with pytest.raises(SystemError):
        await define()

    reborn = changes_of(database, log)
    assert await reborn.recover() == 1
    await log.stored()
    assert await reborn.recover() == 0

    assert [event.change_id for event in await changed(log)] == ["lost-1"]


async def test_two_who_take_the_same_number_at_once_are_told_apart(
    database: Database, log: EventLog
) -> None:
    changes = changes_of(database, log)

    async def add(agent_id: str) -> None:
        async with changes.begin("sun") as change:
            change.session.add(agent(agent_id, "8001"))

    outcomes = await asyncio.gather(add("li"), add("wang"), return_exceptions=True)

    [refused] = [outcome for outcome in outcomes if outcome]
    assert isinstance(refused, AlreadyThere)
    assert str(refused) == "another record has this number already"
