"""
New customers of an import, of whom keys and terms are stored, but not yet in their indexes.

An import makes a million of them, and each has some twenty entries at random places of two large
indexes. One by one each entry would cost a page; all together, in the order of the index, they cost
each page once (:mod:`cti_server.customer_indexing`).
"""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Index, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base
from .bulk import insert_all
from .customer_keys import CustomerKey
from .customer_search import CustomerTerm, CustomerTerms


class CustomerIndexDue(Base, kw_only=True):
    """
    One such customer.

    ``gone``: whoever changed the customer since then has brought both indexes up to date.
    """

    __tablename__ = "customer_index_due"

    customer_id: Mapped[str] = mapped_column(primary_key=True)
    gone: Mapped[bool] = mapped_column(default=False)


Index(
    "ix_customer_index_due_gone",
    CustomerIndexDue.customer_id,
    sqlite_where=CustomerIndexDue.gone.is_(True),
    postgresql_where=CustomerIndexDue.gone.is_(True),
)


class CustomersDue:
    """Whoever is to be indexed. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, customer_ids: Iterable[str]) -> None:
        """Their terms and keys are stored."""
        rows = [{"customer_id": customer_id, "gone": False} for customer_id in customer_ids]
        await self._session.run_sync(insert_all, CustomerIndexDue, rows)

    async def withdraw(self, customer_ids: Collection[str]) -> None:
        """
        These are indexed, or gone, by this transaction, and not later.

        Comes before anything else of it: so it waits for :func:`add_entries`, and sees what that
        has written, or has that know of it.
        """
        due = CustomerIndexDue
        mark = update(due).where(due.customer_id.in_(list(customer_ids)), due.gone.is_(False))
        await self._session.execute(mark.values(gone=True))

    async def any(self) -> bool:
        one = select(CustomerIndexDue.customer_id).limit(1)
        return (await self._session.scalars(one)).first() is not None

    async def page(self, after: str, limit: int) -> Sequence[tuple[str, str, str]]:
        """Id, terms (as they are stored) and keys, in the order of ids."""
        due = CustomerIndexDue
        query = (
            select(due.customer_id, CustomerTerms.terms, CustomerTerms.keys)
            .outerjoin(CustomerTerms, CustomerTerms.customer_id == due.customer_id)
            .where(due.customer_id > after)
            .order_by(due.customer_id)
            .limit(limit)
        )
        return [(row[0], row[1] or "", row[2] or "") for row in await self._session.execute(query)]


def add_entries(
    connection: Connection, record: type[CustomerTerm | CustomerKey], rows: Sequence[Any]
) -> None:
    """
    To PostgreSQL, entries of an index, each with its customer's id, that are not there yet.

    Of customers who are gone none.
    """
    connection.exec_driver_sql("LOCK TABLE customer_index_due IN SHARE MODE")
    due = CustomerIndexDue
    gone = set(connection.scalars(select(due.customer_id).where(due.gone.is_(True))))
    if left := [row for row in rows if row[1] not in gone]:
        connection.exec_driver_sql(_ADD[record], tuple(map(list, zip(*left, strict=True))))


_ADD: dict[type[CustomerTerm | CustomerKey], str] = {
    CustomerTerm: "INSERT INTO customer_term (term, customer_id) "
    "SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING",
    CustomerKey: "INSERT INTO customer_key (key, customer_id) "
    "SELECT * FROM unnest($1::bigint[], $2::text[]) ON CONFLICT DO NOTHING",
}


def attach(connection: Connection, *, path: Path) -> None:
    """A file of sorted entries (:mod:`cti_server.sorted_entries`), to SQLite's connection."""
    connection.exec_driver_sql("ATTACH DATABASE ? AS sorted", (str(path),))


def add_attached(
    connection: Connection, record: type[CustomerTerm | CustomerKey], after: int, to: int
) -> None:
    """
    To SQLite, the same of the attached file's rows behind ``after``, up to ``to``.

    A row that does not go through Python takes a seventh of the time.
    """
    connection.exec_driver_sql(_ADD_ATTACHED[record] + _OF_PART, (after, to))


_ADD_ATTACHED: dict[type[CustomerTerm | CustomerKey], str] = {
    CustomerTerm: "INSERT OR IGNORE INTO customer_term (term, customer_id) "
    "SELECT entry, id FROM sorted.term",
    CustomerKey: "INSERT OR IGNORE INTO customer_key (key, customer_id) "
    "SELECT entry, id FROM sorted.key",
}
_OF_PART = (
    " WHERE rowid > ? AND rowid <= ? AND id NOT IN "
    "(SELECT customer_id FROM customer_index_due WHERE gone IS 1) ORDER BY rowid"
)


def forget_due(connection: Connection, customer_ids: Sequence[str]) -> None:
    """They are indexed."""
    due = CustomerIndexDue
    connection.execute(delete(due).where(due.customer_id.in_(customer_ids)))
