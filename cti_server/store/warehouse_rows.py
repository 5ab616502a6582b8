"""
What the warehouse reads and writes. The caller owns the connection and its transaction.

Each does many statements at once and none of them waits for another, so they are plain functions of
a connection, for :meth:`cti_server.store.database.Database.in_transaction`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update

from .base import Base
from .bulk import insert_rows, put_rows
from .inserts import insert_into
from .stored_events import StoredEvent
from .warehouse import FACTS, ContactFact, CustomerVersion, EventFact, WarehouseProgress

_IDS_A_STATEMENT = 500

Row = dict[str, Any]

LOADED, DESCRIBED = "facts", "descriptions"
"""Who is how far."""

_VERSION = Base.metadata.tables[CustomerVersion.__tablename__]
_CONTACT = Base.metadata.tables[ContactFact.__tablename__]


class ElsewhereLoaded(Exception):
    """Somebody else brought the warehouse further at the same moment."""


def position(connection: Connection, name: str) -> int:
    """How far ``name`` is, 0 where it has not begun."""
    query = select(WarehouseProgress.position).where(WarehouseProgress.name == name)
    return connection.scalar(query) or 0


def move_on(connection: Connection, name: str, before: int, after: int, now: datetime) -> None:
    """Raises ElsewhereLoaded, and then nothing of this transaction may stay."""
    if before == 0 and position(connection, name) == 0:
        begun = insert_into(WarehouseProgress, connection.dialect)
        begun = begun.values(name=name, position=0).on_conflict_do_nothing()
        connection.execute(begun)
    moved = connection.execute(
        update(WarehouseProgress)
        .where(WarehouseProgress.name == name, WarehouseProgress.position == before)
        .values(position=after, loaded_at=now)
    )
    if moved.rowcount != 1:
        raise ElsewhereLoaded(name)


def current_versions(connection: Connection, customer_ids: Collection[str]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for some in _some(customer_ids):
        query = select(_VERSION).where(
            _VERSION.c.customer_id.in_(some), _VERSION.c.valid_to.is_(None)
        )
        found |= {row["customer_id"]: dict(row) for row in connection.execute(query).mappings()}
    return found


def contacts(connection: Connection, contact_ids: Collection[str]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for some in _some(contact_ids):
        query = select(_CONTACT).where(_CONTACT.c.contact_id.in_(some))
        found |= {row["contact_id"]: dict(row) for row in connection.execute(query).mappings()}
    return found


def next_key(connection: Connection) -> int:
    return (connection.scalar(select(func.max(CustomerVersion.key))) or 0) + 1


def put(connection: Connection, table: type[Base], rows: Sequence[Row]) -> None:
    """Write rows whole, over those that are there."""
    if rows:
        put_rows(connection, table, rows)


def add(connection: Connection, table: type[Base], rows: Sequence[Row]) -> None:
    """Write rows that are new, whole."""
    if rows:
        insert_rows(connection, table, rows)


def regroup(connection: Connection, customer_ids: Collection[str]) -> None:
    """Have all versions of these, and of whoever was merged into them, say who they are today."""
    family = _family(connection, customer_ids)
    for row in family.values():
        survivor, seen = row, {row.customer_id}
        while (above := family.get(survivor.merged_into or "")) and above.customer_id not in seen:
            survivor = above
            seen.add(above.customer_id)
        if row.survivor != survivor.member:
            connection.execute(
                update(CustomerVersion)
                .where(CustomerVersion.member == row.member)
                .values(survivor=survivor.member)
            )


def _family(connection: Connection, customer_ids: Collection[str]) -> dict[str, Any]:
    """The current versions of these, of all who are below them, and of all who are above those."""
    found: dict[str, Any] = {}
    asked: set[str] = set()
    wanted = set(customer_ids)
    while wanted:
        asked |= wanted
        for some in _some(wanted):
            named = or_(
                CustomerVersion.customer_id.in_(some), CustomerVersion.merged_into.in_(some)
            )
            query = select(_VERSION).where(_VERSION.c.valid_to.is_(None), named)
            found |= {row.customer_id: row for row in connection.execute(query)}
        above = {row.merged_into for row in found.values() if row.merged_into}
        wanted = (found.keys() | above) - asked
    return found


def empty(connection: Connection) -> None:
    """As before the first event; what has been described stays in the log."""
    tables: tuple[type[Base], ...] = (*FACTS, ContactFact, CustomerVersion)
    for table in tables:
        connection.execute(delete(table))
    facts = WarehouseProgress.name == LOADED
    connection.execute(update(WarehouseProgress).where(facts).values(position=0))


def logged_by_name(connection: Connection, up_to: int) -> dict[str, int]:
    """How many events of each name the log has up to this number."""
    query = select(StoredEvent.name, func.count()).where(StoredEvent.sequence <= up_to)
    return dict(connection.execute(query.group_by(StoredEvent.name)).all())


def loaded_by_name(connection: Connection) -> dict[str, int]:
    """How many facts there are of each event's name."""
    query = select(EventFact.name, func.count()).group_by(EventFact.name)
    return dict(connection.execute(query).all())


def loaded_by_record(connection: Connection) -> dict[str, int]:
    """How many of the facts are changes of which kind of record."""
    query = select(EventFact.record, func.count()).where(EventFact.action.is_not(None))
    found = connection.execute(query.group_by(EventFact.record))
    return {record: count for record, count in found if record is not None}


def rows_of(connection: Connection, table: type[Base]) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0


def _some(ids: Iterable[str]) -> Iterator[list[str]]:
    every = sorted(ids)
    for start in range(0, len(every), _IDS_A_STATEMENT):
        yield every[start : start + _IDS_A_STATEMENT]
