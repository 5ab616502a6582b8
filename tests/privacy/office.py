"""A log, a database and the folders beside it, and what erases people from them."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    String,
    Table,
    insert,
    inspect,
)

from config.privacy import PrivacySettings
from crm.erasure import Likeness
from crm.numbers import normalise
from cti_server.clock import SystemClock
from cti_server.privacy.customer_files import CustomerFiles
from cti_server.privacy.declared import DECLARED, Fate
from cti_server.privacy.erasures import ErasureRuns
from cti_server.privacy.retention import RetentionWork
from cti_server.privacy.steps import Elsewhere
from cti_server.store.base import Base, UtcDateTime
from cti_server.store.changes import Changes
from cti_server.store.customer_index import CustomerIndex
from cti_server.store.customers import ContactPoint, Customer, CustomerNumber
from cti_server.store.database import Database
from cti_server.store.log import EventLog
from cti_server.wire.events import (
    CallArrived,
    CallEnded,
    ContactEnded,
    ContactNoted,
    CustomerMatched,
    Event,
    LegStarted,
    RecordingStarted,
    RecordingStored,
)
from tests.fakes.archives import open_archive
from tests.store.stories import NINE

TRACE = "zhengxiaoyu"
NUMBER = "+8613511112222"
TRACES = (TRACE, NUMBER.removeprefix("+86"), "tulpenweg")
PERSON = "person"


@dataclass
class Office:
    database: Database
    folder: Path
    log: EventLog
    changes: Changes
    erasures: ErasureRuns
    retention: RetentionWork
    elsewhere: Elsewhere
    forgotten: list[str]


@asynccontextmanager
async def office(database: Database, folder: Path, clock: Any = None) -> AsyncIterator[Office]:
    clock = clock or SystemClock()
    log = EventLog(database, folder / "journal", clock, move_every=0.01)
    await log.start()
    numbers, forgotten = count(1), list[str]()
    changes = Changes(
        database, log.append, now=clock.now, new_id=lambda: f"c{next(numbers)}-{id(log)}"
    )
    archive = (await open_archive(database, folder)).archive

    async def answers(_: Likeness) -> int:
        return 0

    def new_id() -> str:
        return f"made{next(numbers)}-{id(log)}"

    elsewhere = Elsewhere(
        archive=archive,
        files=CustomerFiles(
            database, folder / "imports", folder / "exports", asyncio.to_thread, "CN"
        ),
        answers=answers,
        numbers=forgotten.extend,
        undelivered=lambda: None,
        unread=lambda contacts: None,
    )
    erasures = ErasureRuns(
        database,
        changes,
        log,
        clock,
        elsewhere,
        region="CN",
        proof_key=b"k" * 32,
        quiet=lambda now: True,
        new_id=new_id,
    )
    retention = RetentionWork(
        database,
        changes,
        log,
        archive=archive,
        imports=folder / "imports",
        settings=PrivacySettings(),
        zone="Asia/Shanghai",
        now=clock.now,
        new_id=new_id,
    )
    try:
        yield Office(database, folder, log, changes, erasures, retention, elsewhere, forgotten)
    finally:
        await erasures.close()
        await log.close()


async def a_customer(database: Database, customer_id: str = PERSON, number: str = NUMBER) -> None:
    async with database.sessions.begin() as session:
        customer = Customer(
            id=customer_id,
            name=f"{TRACE} the customer",
            external_id=f"X-{TRACE}-{customer_id}",
            company=TRACE,
            notes=f"lives in Tulpenweg 7, {TRACE}",
            tags=[TRACE],
            attributes={"birth_date": "1990-01-01", "street": "Tulpenweg 7"},
            created_at=NINE,
            updated_at=NINE,
            numbers=[CustomerNumber.of(normalise(number, "CN"))],
            contact_points=[
                ContactPoint(kind="mail", key=f"{TRACE}@x.example", value=f"{TRACE}@x.example")
            ],
        )
        session.add(customer)
        await session.flush()
        await CustomerIndex(session).note([customer])


def a_call(
    n: int = 1, customer_ids: Iterable[str] = (PERSON,), number: str = NUMBER
) -> list[Event]:
    """A recorded call, that is over, in which something was noted."""
    ids = {"call_id": f"call{n}", "contact_id": f"contact{n}"}
    recording: dict[str, Any] = {
        **ids,
        "recording_id": f"recording{n}",
        "interaction_id": f"interaction{n}",
        "agent_id": "li",
        "queue": "sales",
    }
    customers = list(customer_ids)
    return [
        CallArrived(
            **ids,
            sip_call_id=f"{number}@phone",
            caller_number=number,
            dialled_number="95588",
            trunk="t",
        ),
        LegStarted(
            call_id=f"call{n}", leg_id=f"leg{n}", role="caller", party=number, address="sip:1@x"
        ),
        CustomerMatched(
            contact_id=f"contact{n}",
            match="one" if customers else "none",
            customer_ids=customers,
        ),
        RecordingStarted(**recording),
        ContactNoted(contact_id=f"contact{n}", agent_id="li", text=f"{TRACE} of Tulpenweg"),
        ContactEnded(contact_id=f"contact{n}", outcome="handled", reason="x"),
        CallEnded(**ids, result="ended", reason="x"),
        RecordingStored(
            **recording,
            caller_number=number,
            dialled_number="95588",
            started_at=NINE,
            duration=3.0,
            file=f"2026/03/02/recording{n}.wav",
            size=5,
            sha256="0" * 64,
            codec="PCMA",
            recovered=False,
            quality={},
        ),
    ]


def a_recording(folder: Path, n: int = 1) -> Path:
    path = folder / "archive" / "2026" / "03" / "02" / f"recording{n}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"sound")
    return path


async def fill(database: Database) -> set[str]:
    """
    A row in every table that is treated by declaration, each personal text column with a trace.

    It is the person's by the columns that say whose it is, or hangs on a row that is.
    """
    filled: dict[str, dict[str, Any]] = {}
    wanted = _wanted()
    tables = [table for table in Base.metadata.sorted_tables if table.name in wanted]
    async with database.writing.begin() as connection:
        for table in tables:
            row = {
                column.name: _value(table, column, filled)
                for column in table.columns
                if not (column.nullable and _is_plain(table, column))
            }
            filled[table.name] = row
            if table.name not in {"customer", "contact", "call"}:  # these are there
                await connection.execute(insert(table).values(row))
    return {name for name in filled if DECLARED[name].fate in {Fate.EMPTIED, Fate.DELETED}}


def _wanted() -> set[str]:
    """What is treated by declaration, and what that refers to."""
    tables = {table.name: table for table in Base.metadata.sorted_tables}
    wanted, found = (
        set[str](),
        {"customer"}
        | {name for name, each in DECLARED.items() if each.fate in {Fate.EMPTIED, Fate.DELETED}},
    )
    while found:
        wanted |= found
        found = {
            key.column.table.name
            for name in found
            for key in tables[name].foreign_keys
            if not key.parent.nullable or key.column.table.name in wanted
        } - wanted
    return wanted


def _is_plain(table: Table, column: Column[Any]) -> bool:
    return column.name not in {*DECLARED[table.name].personal, *_OWNERS} and not column.foreign_keys


_OWNERS = {"customer_id": PERSON, "contact_id": "contact1", "call_id": "call1"}
_OWN_IDS = {
    "customer": PERSON,
    "contact": "contact1",
    "call": "call1",
    "call_back": "contact1",
    "fax_document": "contact1",
}


def _value(table: Table, column: Column[Any], filled: dict[str, dict[str, Any]]) -> Any:
    if column.foreign_keys:
        [target] = [key.column for key in column.foreign_keys][:1]
        if target.table.name in filled:
            return filled[target.table.name][target.name]
        return None
    if column.name == "id" and table.name in _OWN_IDS:
        return _OWN_IDS[table.name]
    if column.name in _OWNERS:
        return _OWNERS[column.name]
    if column.name in DECLARED[table.name].personal:
        return _traced(column)
    return _plain(column)


def _traced(column: Column[Any]) -> Any:
    if isinstance(column.type, String):
        return f"{TRACE} {column.table.name}.{column.name}"
    kind = type(DECLARED[column.table.name].personal[column.name])
    if kind in {dict, list}:
        return {"x": TRACE} if kind is dict else [TRACE]
    return _plain(column)


def _plain(column: Column[Any]) -> Any:
    if isinstance(column.type, UtcDateTime):
        return NINE
    if isinstance(column.type, String):
        return f"of {column.table.name}"
    if isinstance(column.type, JSON):
        return {}
    kind: Any = column.type.python_type
    return kind(1) if kind in {int, float, bool} else kind()


async def found_in(
    database: Database, *traces: str, among: Collection[str] = ()
) -> dict[str, list[str]]:
    """
    By table, the columns that have one of these anywhere, asked of the database's catalogue.

    ``among``: of these tables; empty for all there are.
    """

    def look(connection: Connection) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for (_, table), described in inspect(connection).get_multi_columns().items():
            if among and table not in among:
                continue
            columns = [column["name"] for column in described]
            texts = ", ".join(f'lower(CAST("{column}" AS TEXT))' for column in columns)
            rows = connection.exec_driver_sql(f'SELECT {texts} FROM "{table}"').all()  # noqa: S608
            for column, kept in zip(columns, zip(*rows, strict=True), strict=False):
                if any(trace in text for text in kept if text is not None for trace in traces):
                    found.setdefault(table, []).append(column)
        return found

    async with database.engine.connect() as connection:
        return await connection.run_sync(look)


def files_with(folder: Path, *traces: str) -> list[str]:
    """The files below that have one of these in them."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(trace.encode() in path.read_bytes().lower() for trace in traces)
    )
