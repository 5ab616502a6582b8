"""
All that is stored of one person: every row, of every table that knows them.

No list of tables is kept that could forget one: a table belongs to the person by its
``customer_id``, ``contact_id`` or ``call_id``, or because it hangs by a foreign key on a row that
does. What is only derived from the rest, and what cannot be found that way, is named here.
"""

from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from .contacts import Contact, ContactCustomer
from .customers import Customers
from .tables import Base

LEFT_OUT = {
    "customer_key": "made of names and numbers, to find duplicates by",
    "customer_term": "made of names and numbers, to find customers by",
    "customer_terms": "made of names and numbers, to find customers by",
    "agent_state_period": "an agent's time, which names the contact",
    "agent_status": "an agent's time, which names the contact",
    "erasure": "what is being made to be no more",
    **dict.fromkeys(
        (
            *("dw_customer", "dw_contact", "dw_event", "dw_promotion"),
            *("dw_order", "dw_ticket", "dw_disposition"),
        ),
        "made of the log for figures, without names",
    ),
}
"""Tables that know customers, and why they have nothing more to say of them."""

_BY_OTHER_NAMES = {
    "customer": ("customer_id", "id"),
    "contact": ("contact_id", "id"),
    "call": ("call_id", "id"),
    "call_back": ("contact_id", "id"),
    "fax_document": ("contact_id", "id"),
}
"""The table's own id is one of these."""

_PAIRS = {
    "customer_merge": ("survivor_id", "merged_id"),
    "customer_distinction": ("first_id", "second_id"),
}
"""Two customers each."""

_AT_ONCE = 500  # ids of one query

Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Person:
    """
    ``customer_ids``: every id that the customer has had. A contact that was perhaps somebody else's
    (several customers have the number) is ``shared``: that it happened is told, and no more.
    """

    customer_ids: Sequence[str]
    contact_ids: Sequence[str]
    call_ids: Sequence[str]
    shared: Sequence[str]


async def person(
    session: AsyncSession, customer_id: str, *, last_of_several: bool = False
) -> Person:
    """
    ``last_of_several``: a contact that is shared only with customers who were erased is theirs,
    for nobody else is left who could have it erased. They are shown nothing of it for that.
    """
    ids = await Customers(session).names_of(customer_id)
    query = (
        select(Contact.id, Contact.call_id, Contact.customer_ids)
        .join(ContactCustomer, ContactCustomer.contact_id == Contact.id)
        .where(ContactCustomer.customer_id.in_(ids))
    )
    contacts = {row.id: row for row in await session.execute(query)}
    theirs = set(ids)
    if last_of_several:
        everybody = {each for row in contacts.values() for each in row.customer_ids}
        theirs |= await Customers(session).erased_among(everybody - theirs)
    own = [row for row in contacts.values() if set(row.customer_ids) <= theirs]
    return Person(
        customer_ids=ids,
        contact_ids=[row.id for row in own],
        call_ids=[row.call_id for row in own],
        shared=sorted(contacts.keys() - {row.id for row in own}),
    )


async def all_records(session: AsyncSession, who: Person) -> AsyncIterator[tuple[str, Rows]]:
    """Each table that has something of the person, and its rows, a few hundred at a time."""
    async for table, rows in _found(session, who, lambda table: table.columns):
        yield table.name, rows


async def all_keys(session: AsyncSession, who: Person) -> AsyncIterator[tuple[Table, Rows]]:
    """The same rows by their primary keys alone."""
    async for table, rows in _found(session, who, _keys):
        yield table, rows


async def keys_below(
    session: AsyncSession, record: str, ids: Sequence[str]
) -> AsyncIterator[tuple[Table, Rows]]:
    """Of these rows and of all that hangs on them by foreign keys, the primary keys."""
    table = Base.metadata.tables[record]
    [key] = table.primary_key.columns
    yield table, [{key.name: each} for each in ids]
    nobody = Person([], [], [], [])
    async for below, rows in _found(session, nobody, _keys, {record: list(ids)}):
        yield below, rows


def _keys(table: Table) -> Iterable[Column[Any]]:
    return table.primary_key.columns


async def _found(
    session: AsyncSession,
    who: Person,
    columns: Callable[[Table], Iterable[Column[Any]]],
    hung_upon: Mapping[str, list[Any]] = MappingProxyType({}),
) -> AsyncIterator[tuple[Table, Rows]]:
    found: dict[str, list[Any]] = dict(hung_upon)
    for table in Base.metadata.sorted_tables:  # what is hung upon comes first
        if table.name in LEFT_OUT:
            continue
        seen: set[Any] = set()
        for condition in _conditions(table, who, found):
            async for rows in _rows(session, table, columns(table), condition, seen):
                yield table, rows
        if len(table.primary_key.columns) == 1 and seen:
            found[table.name] = [key[0] for key in seen]


def tables_of_people() -> Collection[str]:
    """Where a person's rows are looked for."""
    somebody = Person(["x"], ["x"], ["x"], [])
    found: dict[str, list[Any]] = {}
    for table in Base.metadata.sorted_tables:
        if table.name not in LEFT_OUT and any(True for _ in _conditions(table, somebody, found)):
            found[table.name] = ["x"]
    return found.keys()


def _conditions(
    table: Table, who: Person, found: dict[str, list[Any]]
) -> Iterator[ColumnElement[bool]]:
    """Which rows are the person's; one row may be meant by several."""
    ids = {
        "customer_id": who.customer_ids,
        "contact_id": who.contact_ids,
        "call_id": who.call_ids,
    }
    if table.name in _BY_OTHER_NAMES:
        kind, name = _BY_OTHER_NAMES[table.name]
        yield from _among(table.c[name], ids[kind])
        if kind != "customer_id" and "customer_id" in table.c:
            yield from _among(table.c["customer_id"], who.customer_ids)
    elif table.name in _PAIRS:
        for name in _PAIRS[table.name]:
            yield from _among(table.c[name], who.customer_ids)
    elif table.name == "audit_entry":
        for theirs in _among(table.c.record_id, who.customer_ids):
            yield (table.c.record == "customer") & theirs
    else:
        yield from _by_ids(table, ids)
        for key in table.foreign_keys:
            if key.column.primary_key:
                yield from _among(key.parent, found.get(key.column.table.name, []))


def _by_ids(table: Table, ids: dict[str, Sequence[str]]) -> Iterator[ColumnElement[bool]]:
    """A row that says whose it is belongs to nobody else, whatever contact it came from."""
    owner = table.c.get("customer_id")
    if owner is not None:
        yield from _among(owner, ids["customer_id"])
    for name in ("contact_id", "call_id"):
        if name in table.c:
            for theirs in _among(table.c[name], ids[name]):
                yield theirs if owner is None else theirs & owner.is_(None)


def _among(column: Column[Any], ids: Sequence[Any]) -> Iterator[ColumnElement[bool]]:
    for start in range(0, len(ids), _AT_ONCE):
        yield column.in_(ids[start : start + _AT_ONCE])


async def _rows(
    session: AsyncSession,
    table: Table,
    columns: Iterable[Column[Any]],
    condition: ColumnElement[bool],
    seen: set[Any],
) -> AsyncIterator[Rows]:
    """The rows that were not seen yet."""
    keys = list(table.primary_key.columns)
    query = select(*columns).where(condition).order_by(*keys)
    result = await session.execute(query)
    for some in result.mappings().partitions(_AT_ONCE):
        new = []
        for row in some:
            key = tuple(row[column.name] for column in keys)
            if key not in seen:
                seen.add(key)
                new.append(dict(row))
        if new:
            yield new
