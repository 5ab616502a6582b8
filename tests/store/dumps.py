"""Everything that a database holds, as values."""

from typing import Any

from sqlalchemy import select

from cti_server.store.database import Database
from cti_server.store.tables import Base

Dump = dict[str, list[tuple[Any, ...]]]


async def dump(database: Database, *tables: str) -> Dump:
    """The rows of these tables, or of all, in the order of their keys."""
    found: Dump = {}
    async with database.engine.connect() as connection:
        for name in tables or Base.metadata.tables:
            table = Base.metadata.tables[name]
            query = select(table).order_by(*table.primary_key)
            found[name] = [tuple(row) for row in await connection.execute(query)]
    return found


async def sequences(database: Database) -> list[int]:
    """The numbers of the events in the database."""
    return [row[0] for row in (await dump(database, "event"))["event"]]
