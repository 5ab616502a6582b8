"""Emptying the rows of a person: every table as it is declared, none by heart."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.store.personal_records import Person, Rows, all_keys, keys_below

from .declared import DECLARED, Fate


async def count(session: AsyncSession, who: Person) -> Counter[str]:
    """How many rows of which table are to be emptied or deleted, or belong to what is."""
    counts: Counter[str] = Counter()
    async for table, rows in all_keys(session, who):
        if DECLARED[table.name].fate is not Fate.KEPT:
            counts[table.name] += len(rows)
    return counts


async def empty(
    session: AsyncSession, who: Person, only: Collection[str] = DECLARED.keys()
) -> Counter[str]:
    """
    Empty or delete them, as far as this is said by the declaration alone; how many.

    ``only``: of these tables.

    The caller owns the transaction. To do it twice changes nothing.
    """
    counts: Counter[str] = Counter()
    async for table, rows in all_keys(session, who):
        if table.name in only and DECLARED[table.name].fate in {Fate.EMPTIED, Fate.DELETED}:
            await treat(session, table, rows)
            counts[table.name] += len(rows)
    return counts


async def empty_below(session: AsyncSession, record: str, ids: Sequence[str]) -> None:
    """The same for some rows of one table, and what hangs on them."""
    async for table, rows in keys_below(session, record, ids):
        if DECLARED[table.name].fate in {Fate.EMPTIED, Fate.DELETED}:
            await treat(session, table, rows)


async def treat(session: AsyncSession, table: Table, rows: Rows) -> None:
    """What is declared for the table, done to these rows, which are named by their keys."""
    treatment = DECLARED[table.name]
    which = _named(table, rows)
    if treatment.fate is Fate.DELETED:
        await session.execute(delete(table).where(which))
        return
    if treatment.unless is not None:
        which &= table.c[treatment.unless].is_(None)
    values = dict(treatment.personal)
    if "version" in table.c:  # whoever is editing it has to read it again
        values["version"] = table.c.version + 1
    await session.execute(update(table).where(which).values(values))


def _named(table: Table, rows: Rows) -> ColumnElement[bool]:
    keys = list(table.primary_key.columns)
    if len(keys) == 1:
        return keys[0].in_([row[keys[0].name] for row in rows])
    values: Sequence[Any] = [tuple(row[key.name] for key in keys) for row in rows]
    return tuple_(*keys).in_(values)
