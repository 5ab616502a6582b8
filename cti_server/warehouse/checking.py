"""Whether the warehouse has what the log has: every event once, and the typed facts of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from cti_server.store import warehouse_rows as rows
from cti_server.store.base import Base
from cti_server.store.database import Database
from cti_server.store.warehouse import (
    ContactFact,
    DispositionFact,
    EventFact,
    OrderFact,
    TicketFact,
)

ARRIVALS = ("call.arrived", "call.placed")
_TYPED: Mapping[str, type[Base]] = {
    "order": OrderFact,
    "ticket": TicketFact,
    "disposition": DispositionFact,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """``logged``: what the log, up to the warehouse's ``position``, has of it."""

    what: str
    logged: int
    loaded: int


@dataclass(frozen=True, slots=True)
class Check:
    position: int
    compared: list[Comparison]

    @property
    def faults(self) -> list[Comparison]:
        return [each for each in self.compared if each.logged != each.loaded]


async def check(source: Database, target: Database) -> Check:
    """Compare counts of the log with those of the facts. The server may be running."""
    position, loaded, typed = await target.in_transaction(_loaded)
    logged = await source.in_transaction(lambda it: rows.logged_by_name(it, position))
    return Check(position, [*_events(logged, loaded), *typed])


def _loaded(connection: Connection) -> tuple[int, dict[str, int], list[Comparison]]:
    """At one moment of the warehouse."""
    by_name = rows.loaded_by_name(connection)
    return rows.position(connection, rows.LOADED), by_name, list(_typed(connection, by_name))


def _events(logged: dict[str, int], loaded: dict[str, int]) -> Iterator[Comparison]:
    for name in sorted(logged.keys() | loaded.keys()):
        yield Comparison(name, logged.get(name, 0), loaded.get(name, 0))
    what = EventFact.__tablename__
    yield Comparison(what, sum(logged.values()), sum(loaded.values()))


def _typed(connection: Connection, by_name: dict[str, int]) -> Iterator[Comparison]:
    arrived = sum(by_name.get(name, 0) for name in ARRIVALS)
    yield Comparison(ContactFact.__tablename__, arrived, rows.rows_of(connection, ContactFact))
    by_record = rows.loaded_by_record(connection)
    for record, table in _TYPED.items():
        of_table = rows.rows_of(connection, table)
        yield Comparison(table.__tablename__, by_record.get(record, 0), of_table)
