"""Whose turn it is to write: asked in every writing transaction of a server, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from cti_server.lease import Lease, TurnNews
from cti_server.store import writer
from cti_server.store.agents import Agent, Agents
from cti_server.store.database import Database
from cti_server.store.errors import Superseded
from cti_server.store.writer import Turn

SHORT, LONG = 0.05, 3600.0  # s


@pytest.fixture
async def other(database: Database) -> AsyncIterator[Database]:
    """Another server's way to the same database."""
    other = Database(database.url.render_as_string(hide_password=False))
    yield other
    await other.close()


def lease(database: Database, folder: Path, lasts: float = LONG) -> Lease:
    folder.mkdir(exist_ok=True)
    return Lease(database, folder, lasts, TurnNews())


async def add(database: Database, name: str) -> None:
    async with database.sessions.begin() as session:
        session.add(Agent(id=name, name=name, number=name))


async def names(database: Database) -> set[str]:
    async with database.readers() as session:
        return {agent.id for agent in await Agents(session).all()}


async def test_whoever_lost_the_turn_can_read_and_not_write(
    database: Database, other: Database, tmp_path: Path
) -> None:
    await lease(database, tmp_path / "one").take()
    await add(database, "li")
    await lease(other, tmp_path / "two", SHORT).take()
    await add(other, "wang")

    with pytest.raises(Superseded):
        await add(database, "zhang")
    with pytest.raises(Superseded):
        await database.in_transaction(writer.beat)

    assert await names(database) == {"li", "wang"}
    assert (database.epoch, other.epoch) == (1, 2)
    assert await other.in_one_look(lambda it: writer.look(it).beat) == 0


async def test_who_takes_over_waits_for_what_is_being_written(
    database: Database, other: Database, tmp_path: Path
) -> None:
    """So nothing is stored after the next turn has begun that is not known where it begins."""
    await lease(database, tmp_path / "one").take()
    async with database.sessions.begin() as session:
        await session.execute(text("SELECT 1"))
        taking = asyncio.create_task(lease(other, tmp_path / "two", SHORT).take())
        done, _ = await asyncio.wait({taking}, timeout=10 * SHORT)
        assert not done
    await taking

    assert other.epoch == 2


async def test_beats_go_on_beside_a_long_transaction(database: Database, tmp_path: Path) -> None:
    if database.dialect == "sqlite":
        return  # where whoever writes is alone
    await lease(database, tmp_path / "one").take()
    async with database.sessions.begin() as session:
        await session.execute(text("SELECT 1"))
        await database.in_transaction(writer.beat)

    assert await database.in_one_look(lambda it: writer.look(it).beat) == 1


async def test_a_frozen_servers_transaction_is_not_left_open_for_ever(
    database: Database, tmp_path: Path
) -> None:
    if database.dialect == "sqlite":
        return  # where the system takes the lock from whoever is gone
    asked = text("SHOW idle_in_transaction_session_timeout")
    await lease(database, tmp_path / "one").take()
    async with database.sessions.begin() as session:
        inside = (await session.execute(asked)).scalar_one()
    async with database.readers() as session:
        outside = (await session.execute(asked)).scalar_one()

    assert (inside, outside) == (f"{writer.LEFT_OPEN}s", "0")


async def test_one_sign_of_life_keeps_the_turn(database: Database, tmp_path: Path) -> None:
    await lease(database, tmp_path / "one").take()
    seen = await database.in_one_look(writer.look)
    await database.in_transaction(writer.beat)

    def take(connection: Connection) -> int | None:
        return writer.take(connection, seen, "two", "two")

    assert await database.in_transaction(take) is None
    assert (await database.in_one_look(writer.look)).epoch == 1


async def test_of_two_who_stand_by_one_takes_over(
    database: Database, other: Database, tmp_path: Path
) -> None:
    await lease(database, tmp_path / "one").take()
    seen = await database.in_one_look(writer.look)
    taken = [
        await other.in_transaction(lambda it, by=name: writer.take(it, seen, by, by))  # type: ignore[misc]
        for name in ("two", "three")
    ]

    assert taken == [2, None]


async def test_who_serves_the_same_folder_and_who_finds_nobody_need_not_wait(
    database: Database, other: Database, tmp_path: Path
) -> None:
    first = lease(database, tmp_path / "one")
    await first.take()
    again = lease(other, tmp_path / "one")
    await again.take()
    assert (other.epoch, again.taken_over) == (2, False)
    await again.close()
    database.epoch = None
    third = lease(database, tmp_path / "three")
    await third.take()

    assert (third.epoch, third.taken_over) == (3, False)
    assert third.before == Turn(2, "", again.folder_id, 0)


async def test_a_copy_of_a_data_folder_is_another_one(database: Database, tmp_path: Path) -> None:
    original = lease(database, tmp_path / "one")
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "folder.id").write_bytes((tmp_path / "one" / "folder.id").read_bytes())
    copy = lease(database, tmp_path / "copy")

    assert original.folder_id == lease(database, tmp_path / "one").folder_id != copy.folder_id


async def test_whose_turn_is_taken_hears_so_at_the_next_beat(
    database: Database, other: Database, tmp_path: Path
) -> None:
    lost = asyncio.Event()
    (tmp_path / "one").mkdir()
    first = Lease(database, tmp_path / "one", SHORT, TurnNews(lost=lost.set))
    await first.take()
    await lease(other, tmp_path / "one").take()
    first.start()
    async with asyncio.timeout(10):
        await lost.wait()
    await first.close()

    assert not (await other.in_one_look(writer.look)).over
