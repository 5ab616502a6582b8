import asyncio
import contextlib
import json
import os
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, column, insert, select, table, text
from sqlalchemy.exc import DBAPIError, StatementError

from cti_server.reporting.counting import counted
from cti_server.store import upgrade
from cti_server.store.agent_states import AgentStatus
from cti_server.store.agents import Agent, Agents
from cti_server.store.call_backs import CallBack
from cti_server.store.contacts import Contact
from cti_server.store.database import Database
from cti_server.store.errors import DatabaseTooNew, UnsupportedDatabase
from cti_server.store.quarter_sources import happened
from cti_server.store.quarters import MarkQuarter, SurveyQuarter
from cti_server.store.queue_waits import QueueWait
from cti_server.store.tables import Base
from tests import preloaded
from tests.fakes.databases import new_sqlite
from tests.fakes.postgres import PostgresServer
from tests.reporting.test_reading import Reading


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/not/there/yet/hotline.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    yield server.create("empty")
    server.drop("empty")


def mapped(name: str | None, *_: object) -> bool:
    """Full-text indexes are none of the mapped tables: each database has its own kind."""
    return name is None or "fts" not in name.split("_")


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"include_name": mapped})
    return list(compare_metadata(context, Base.metadata))


async def test_the_migrations_lead_from_nothing_to_the_tables_that_the_code_maps(
    empty_url: str,
) -> None:
    database = Database(empty_url)
    assert not await database.ready()

    await database.upgrade()
    await database.upgrade()

    assert await database.ready()
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


async def test_several_processes_may_upgrade_at_once(empty_url: str, tmp_path: Path) -> None:
    config = tmp_path / "hotline.yaml"
    config.write_text(yaml.safe_dump({"database_url": empty_url}), encoding="utf-8")
    upgrade = ("db", "upgrade", "--config", str(config))
    processes = [
        await preloaded.run(*upgrade, environment=os.environ, output="both") for _ in range(3)
    ]
    said = [(await process.output.read()).decode() for process in processes]

    assert [await process.wait() for process in processes] == [0, 0, 0], said
    database = Database(empty_url)
    assert await database.ready()
    await database.close()


async def test_a_new_file_that_somebody_else_has_just_begun_is_waited_for(tmp_path: Path) -> None:
    """SQLite refuses at once who turns it to a write-ahead log meanwhile."""
    with contextlib.closing(sqlite3.connect(tmp_path / "hotline.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        database = Database(f"sqlite:///{tmp_path}/hotline.db")
        upgrading = asyncio.create_task(database.upgrade())
        await asyncio.wait([upgrading], timeout=0.5)
        assert not upgrading.done()

        other.rollback()
        await upgrading

    assert await database.ready()
    await database.close()


async def test_a_database_of_a_newer_release_is_refused_untouched(database: Database) -> None:
    async with database.writing.begin() as connection:
        ours = await connection.scalar(text("SELECT version_num FROM alembic_version"))
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseTooNew, match="revision 9999"):
        await database.upgrade()
    assert not await database.ready()

    async with database.writing.begin() as connection:
        back = text("UPDATE alembic_version SET version_num = :ours")  # tests share the database
        await connection.execute(back, {"ours": ours})


async def test_a_database_that_is_not_there_is_not_ready(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/none/x.db", f"postgresql://hotline@/x?host={tmp_path}"):
        database = Database(url)
        assert not await database.ready()
        await database.close()


def test_only_two_kinds_of_database_are_spoken_to() -> None:
    with pytest.raises(UnsupportedDatabase, match="mysql"):
        Database("mysql://localhost/hotline")


async def test_moments_come_back_aware_whatever_their_zone(database: Database) -> None:
    moment = datetime(2026, 3, 2, 17, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    async with database.sessions.begin() as session:
        session.add(AgentStatus(agent_id="anna", state="ready", since=moment))

    async with database.readers() as session:
        found = await session.get(AgentStatus, "anna")
        same = await session.scalar(select(AgentStatus).where(AgentStatus.since == moment))
        later = await session.scalar(
            select(AgentStatus).where(AgentStatus.since > moment - timedelta(microseconds=1))
        )

    assert found is not None
    assert (found.since, found.since.utcoffset()) == (moment, timedelta(0))
    assert found.since.tzinfo == UTC
    assert same is found
    assert later is found


async def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 3, 2, 9)  # noqa: DTZ001
    with pytest.raises(StatementError, match="must be aware"):
        async with database.sessions.begin() as session:
            session.add(AgentStatus(agent_id="anna", state="ready", since=naive))


async def test_who_reads_first_and_writes_later_is_not_thrown_out_by_who_wrote_between(
    database: Database,
) -> None:
    """On SQLite a transaction that begins as a reader would fail at once: SQLITE_BUSY_SNAPSHOT."""

    async def add(id: str) -> None:
        async with database.sessions.begin() as session:
            agents = Agents(session)
            number = len(await agents.all())
            await asyncio.to_thread(lambda: None)
            agents.add(Agent(id=id, name=id, number=f"{id}-{number}"))

    await asyncio.gather(*(add(f"agent{n}") for n in range(10)))

    async with database.readers() as session:
        assert len(await Agents(session).all()) == 10


async def test_readers_cannot_write_on_postgresql(postgres_url: str) -> None:
    database = Database(postgres_url)
    async with database.readers() as session:
        with pytest.raises(DBAPIError, match="read-only"):
            await session.execute(
                insert(Agent).values(id="a", name="a", number="1", skills={}, roles=[])
            )
    await database.close()


async def test_a_checkpoint_makes_everything_durable(database: Database) -> None:
    async with database.sessions.begin() as session:
        session.add(Agent(id="anna", name="Anna", number="101"))

    assert await database.make_durable()


async def test_a_look_sees_what_was_written_since_the_last_one_and_holds_up_no_checkpoint(
    database: Database,
) -> None:
    def newest(look: Connection) -> str | None:
        return look.execute(select(Agent.id).order_by(Agent.id.desc())).scalar()

    assert await database.in_one_look(newest) is None
    for id in ("anna", "bert"):
        async with database.sessions.begin() as session:
            session.add(Agent(id=id, name=id, number=id))
        assert await database.make_durable()
        assert await database.in_one_look(newest) == id


async def test_after_a_look_that_failed_the_next_one_is_as_good_as_any(database: Database) -> None:
    with pytest.raises(DBAPIError):
        await database.in_one_look(lambda look: look.execute(text("SELECT * FROM nowhere")))

    found = await database.in_one_look(lambda look: look.execute(text("SELECT 7")).scalar())

    assert found == 7


async def test_an_open_reader_keeps_a_checkpoint_from_being_complete(
    tmp_path: Path,
) -> None:
    database = new_sqlite(tmp_path, patience=0.1)
    async with database.readers() as reader:
        await reader.scalars(select(Agent))
        async with database.sessions.begin() as session:
            session.add(Agent(id="anna", name="Anna", number="101"))
            await session.flush()
            durable_within = await database.make_durable()
    await database.close()

    assert not durable_within


async def test_who_is_thrown_out_of_a_transaction_while_reading_is_in_nobodys_way(
    tmp_path: Path,
) -> None:
    """As a task is that is cancelled there, and whose traceback somebody keeps."""
    database = new_sqlite(tmp_path, patience=0.1)
    async with database.writing.connect() as cancelled:
        await cancelled.execute(text("DELETE FROM agent"))
        driver: Any = (await cancelled.get_raw_connection()).driver_connection
        kept = await driver.cursor()
        await kept.execute("SELECT 1 UNION SELECT 2")  # it has rows to give
        await cancelled.invalidate()
        async with database.sessions.begin() as session:
            session.add(Agent(id="anna", name="Anna", number="101"))
        emptied = await database.empty_log()
        del kept
    async with database.readers() as session:
        agents = [agent.id for agent in await Agents(session).all()]
    await database.close()

    assert emptied
    assert agents == ["anna"]


AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = AT + timedelta(minutes=1)


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Database]:
    """Without any table yet."""
    database = Database(empty_url)
    if database.dialect == "sqlite":
        Path(database.url.database or "").parent.mkdir(parents=True)
    yield database
    await database.close()


def written(connection: Connection, name: str, *rows: dict[str, Any]) -> None:
    """As a release that is gone left them."""
    now = Base.metadata.tables[name].columns
    columns = [column(each, now[each].type) for each in rows[0]]
    connection.execute(insert(table(name, *columns)), rows)


def logged(sequence: int, name: str, contact_id: str, at: datetime, **said: Any) -> dict[str, Any]:
    row = {"sequence": sequence, "at": at, "name": name, "contact_id": contact_id}
    payload = {"event": name, "contact_id": contact_id} | said
    return row | {"payload": json.dumps(payload, separators=(",", ":"))}


def lost_place(id: str, **more: Any) -> dict[str, Any]:
    """Somebody to be called back."""
    facts = {"number": "13800138000", "queue": "sales", "reason": "media-lost", "attempts": 0}
    return {"id": id, "queued_at": AT, "wanted_at": AT, "closed_at": None} | facts | more


def wait(id: int, outcome: str, ended_at: datetime = LATER) -> dict[str, Any]:
    begun = {"contact_id": f"c{id}", "queue": "sales", "joined_at": AT, "since": AT}
    return {"id": id, "ended_at": ended_at, "outcome": outcome, "deferred": False} | begun


async def test_whom_agents_were_to_pick_from_a_list_no_later_release_calls_by_itself(
    empty: Database,
) -> None:
    """Before revision 0020 nobody was called but by an agent's click; since then everybody is."""

    def upgraded(connection: Connection) -> dict[str, bool]:
        command.upgrade(upgrade.config(connection), "0019")
        written(connection, "call_back", lost_place("open"), lost_place("over", closed_at=LATER))
        written(connection, "event", logged(1, "call_back.wanted", "open", AT, reason="media-lost"))
        command.upgrade(upgrade.config(connection), "0026")
        written(connection, "call_back", lost_place("cut_off", due_at=AT))
        written(
            connection,
            "event",
            logged(2, "call_back.wanted", "cut_off", AT, reason="media-lost", priority=0),
        )
        upgrade.upgrade(connection)
        rows = connection.execute(select(CallBack.id, CallBack.by_hand))
        return {row.id: row.by_hand for row in rows}

    found = await empty.in_transaction(upgraded)

    assert found == {"open": True, "over": False, "cut_off": False}


async def test_reports_of_the_past_count_as_offered_and_overflowed_who_would_be_today(
    empty: Database,
) -> None:
    def upgraded(connection: Connection) -> dict[int, str | None]:
        command.upgrade(upgrade.config(connection), "0026")
        written(
            connection,
            "queue_wait",
            wait(1, "turned_away", AT),
            wait(2, "turned_away"),
            wait(3, "exited"),
            wait(4, "exited"),
        )
        written(
            connection,
            "event",
            logged(3, "contact.diverted", "c3", LATER, queue="sales", to="number"),
            logged(4, "contact.diverted", "c4", LATER, queue="sales", to="call_back"),
        )
        upgrade.upgrade(connection)
        rows = connection.execute(select(QueueWait.id, QueueWait.outcome))
        return {row.id: row.outcome for row in rows}

    found = await empty.in_transaction(upgraded)

    assert found == {1: "turned_away", 2: "sent_away", 3: "overflowed", 4: "exited"}


async def test_what_a_release_of_the_past_recorded_is_read_and_reported_after_the_upgrade(
    empty: Database,
) -> None:
    def upgraded(connection: Connection) -> None:
        command.upgrade(upgrade.config(connection), "0027")
        lived = {"flow": "main", "phase": "ended", "phase_since": LATER, "in_hand": {}}
        led = ended("c1", LATER) | lived | {"path": ["welcome", "sales"], "outcome": "handled"}
        on = ended("on", None) | lived | {"flow": None, "phase": "queued", "outcome": None}
        written(connection, "contact", led, on)
        written(connection, "queue_wait", wait(1, "answered") | {"wait_seconds": 60.0})
        upgrade.upgrade(connection)

    await empty.in_transaction(upgraded)
    async with empty.readers() as session:
        rows = await session.scalars(select(Contact).order_by(Contact.id))
        contacts = [(each.id, each.flow, each.path, each.walk_id, each.phase) for each in rows]
    reading = Reading(empty, AT + timedelta(hours=1))
    await reading.count()
    [path], [queue] = await reading("menu-paths"), await reading("queues")

    assert contacts == [
        ("c1", "main", ["welcome", "sales"], None, "ended"),
        ("on", None, [], None, "queued"),
    ]
    assert (path["path"], path["contacts"], path["handled"]) == ("main: welcome > sales", 1, 1)
    assert (queue["queue"], queue["answered"], queue["wait_mean"]) == ("sales", 1, 60.0)


def ended(contact_id: str, ended_at: datetime | None) -> dict[str, Any]:
    facts = dict.fromkeys(("call_id", "caller_number", "dialled_number"), "")
    numbers = dict.fromkeys(("priority", "offers", "transfers"), 0)
    lists: dict[str, Any] = {"customer_ids": [], "path": [], "attributes": {}, "requirements": {}}
    told = {"id": contact_id, "channel": "voice", "direction": "inbound", "masked": False}
    return {**told, "arrived_at": AT, "ended_at": ended_at, **facts, **numbers, **lists}


def rating(contact_id: str, question: str, mark: int | None, best: int = 5, **about: Any) -> Any:
    """Of whoever handled the contact, unless ``about`` says another."""
    served = {"interaction_id": f"{contact_id}.1", "about_agent": "li", "queue": "sales"} | about
    row = {"id": f"{contact_id}.{question}", "contact_id": contact_id, "flow": "", "at": AT}
    return {**row, **served, "question": question, "rating": mark, "best": best}


def complaint(id: str, kind: str = "complaint", agent: str | None = "li") -> dict[str, Any]:
    about = {"about_agent": agent, "queue": agent and "sales"}
    return {"id": id, "kind": kind, "raised_at": LATER, "contact_id": "c1", **about}


async def test_what_customers_said_before_it_was_counted_is_counted_by_the_upgrade_as_since(
    empty: Database,
) -> None:
    late = AT + timedelta(minutes=20)
    nobody = dict.fromkeys(("interaction_id", "about_agent", "queue"))

    def upgraded(connection: Connection) -> tuple[list[Any], list[Any]]:
        command.upgrade(upgrade.config(connection), "0035")
        written(connection, "contact", ended("c1", LATER), ended("c2", late), ended("on", None))
        written(
            connection,
            "rating",
            *(rating("c1", "", None), rating("c1", "service", 4), rating("c1", "solved", 2, 3)),
            *(rating("c2", "", None), rating("c2", "menu", 1, 9, **nobody)),
            *(rating("on", "", None), rating("on", "service", 5)),
        )
        written(
            connection,
            "alert",
            *(complaint("a"), complaint("b", "fire"), complaint("c", agent=None)),
        )
        upgrade.upgrade(connection)
        now = counted(happened(connection, AT, AT + timedelta(minutes=30)), late)
        tables = (SurveyQuarter, MarkQuarter)
        stored = [tuple(row) for one in tables for row in connection.execute(_all(one))]
        return stored, [tuple(row.values()) for one in tables for row in now[one]]

    by_upgrade, by_counting = await empty.in_transaction(upgraded)

    assert sorted(by_upgrade, key=str) == sorted(by_counting, key=str)
    assert {row[1:] for row in by_upgrade} == {
        ("li", "sales", 1, 1, 1),
        ("li", "sales", 1, 0, 0),
        ("li", "sales", "service", "5", "4", 1, 1, 4, 5),
        ("li", "sales", "solved", "3", "2", 1, 0, 2, 3),
        ("", "", "menu", "9", "1", 1, 0, 1, 9),
    }


def _all(record: type[Base]) -> Any:
    return select(record.__table__)
