"""A log for the warehouse's tests, and what the warehouse then has."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from cti_server.clock import SystemClock
from cti_server.store import warehouse_rows
from cti_server.store.base import Base
from cti_server.store.database import Database
from cti_server.store.records import Records
from cti_server.store.warehouse import FACTS, ContactFact, CustomerVersion
from cti_server.warehouse.loading import Loader
from cti_server.wire.events import CustomerFacts, Event, RecordChanged
from tests.store.stories import entries

TABLES: tuple[type[Base], ...] = (*FACTS, ContactFact, CustomerVersion)

Tables = dict[str, list[dict[str, Any]]]


def changed(record: str, record_id: str, action: str, *fields: str, **facts: Any) -> RecordChanged:
    return RecordChanged(
        change_id="x",
        record=record,
        record_id=record_id,
        action=action,
        changed_by="li",
        fields=list(fields),
        facts=facts,
    )


def customer(customer_id: str, version: int, tier: str = "gold", **more: Any) -> RecordChanged:
    facts = {"kind": "person", "language": "zh", "team": None, "merged_into": None} | more
    return changed("customer", customer_id, "updated", version=version, tier=tier, **facts)


def described(customer_id: str, version: int, tier: str = "silver") -> CustomerFacts:
    return CustomerFacts(id=customer_id, version=version, kind="person", tier=tier, language="zh")


async def log(database: Database, story: Sequence[Event], first: int = 1) -> None:
    """Have the database store these events, each a second after the one before."""
    records = Records(database.engine.dialect)
    await database.in_transaction(lambda it: records.write(it, entries(story, first)))


async def load(database: Database, batch: int = 500) -> int:
    """Bring everything into the warehouse; return in how many goes."""
    loader, goes = Loader(database, database, SystemClock(), batch), 0
    while await loader.load_some():
        goes += 1
    return goes


async def tables(database: Database) -> Tables:
    return await database.in_transaction(_tables)


async def emptied(database: Database) -> None:
    await database.in_transaction(warehouse_rows.empty)


def _tables(connection: Connection) -> Tables:
    found = {}
    for each in TABLES:
        table = Base.metadata.tables[each.__tablename__]
        rows = connection.execute(select(table).order_by(*table.primary_key)).mappings()
        found[each.__tablename__] = [_plain(dict(row)) for row in rows]
    return found


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.astimezone(UTC) if isinstance(value, datetime) else value
        for name, value in row.items()
    }
