"""Under which keys customers are compared, and which of them are known to be two."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, delete, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.duplicates import LARGEST_BLOCK, Facts

from .base import Base
from .bulk import insert_all
from .customer_search import CustomerTerms

_AT_ONCE = 10_000  # keys in one statement
_PAIRS = 500  # keys with their customers in one statement


class CustomerKey(Base, kw_only=True):
    """
    One of :attr:`crm.duplicates.Facts.keys`: without one in common nobody is compared.

    A customer's own are in :class:`.customer_search.CustomerTerms`: an index by customer would
    cost an import as much as this table.
    """

    __tablename__ = "customer_key"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own attribute

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    customer_id: Mapped[str] = mapped_column(primary_key=True)


class CustomerDistinction(Base, kw_only=True):
    """Somebody has looked at both: they are two. ``first_id`` is the smaller id."""

    __tablename__ = "customer_distinction"

    first_id: Mapped[str] = mapped_column(primary_key=True)
    second_id: Mapped[str] = mapped_column(primary_key=True)
    said_by: Mapped[str]
    said_at: Mapped[datetime]


class CustomerKeys:
    """The stored keys. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def note(self, facts: Mapping[str, Facts], *, new: bool = False) -> None:
        """
        Store the keys of these customers, by id, in place of those that they had.

        ``new``: they had none.
        """
        if new:
            await self._session.flush()  # a new customer's row comes first
        else:
            await self.forget(facts)
        # In the order of the index: pages of neighbours are written once.
        pairs = sorted((key, customer_id) for customer_id, one in facts.items() for key in one.keys)
        rows = [{"key": key, "customer_id": customer_id} for key, customer_id in pairs]
        if rows:
            await self._session.run_sync(insert_all, CustomerKey, rows)

    async def forget(self, customer_ids: Iterable[str]) -> None:
        await self._session.flush()  # a new customer's row comes first
        own = await self.of(list(customer_ids))
        pairs = [(key, customer_id) for customer_id, keys in own.items() for key in keys]
        both = tuple_(CustomerKey.key, CustomerKey.customer_id)
        for start in range(0, len(pairs), _PAIRS):
            some = pairs[start : start + _PAIRS]
            await self._session.execute(delete(CustomerKey).where(both.in_(some)))

    async def shared(self, after: int | None, limit: int) -> Sequence[int]:
        """The keys that several customers have, not too many, in order from ``after`` on."""
        query = select(CustomerKey.key)
        if after is not None:
            query = query.where(CustomerKey.key > after)
        query = query.group_by(CustomerKey.key).having(_FEW).order_by(CustomerKey.key).limit(limit)
        return (await self._session.scalars(query)).all()

    async def few_of(self, keys: Collection[int], *, least: int = 2) -> frozenset[int]:
        """Those of these keys that several customers (or ``least``) have, and not too many."""
        found: set[int] = set()
        for some in _in_chunks(sorted(keys)):
            query = select(CustomerKey.key).where(CustomerKey.key.in_(some))
            few = func.count().between(least, LARGEST_BLOCK)
            query = query.group_by(CustomerKey.key).having(few)
            found.update(await self._session.scalars(query))
        return frozenset(found)

    async def holders(self, keys: Collection[int]) -> dict[int, list[str]]:
        """Who has each of these keys."""
        query = select(CustomerKey.key, CustomerKey.customer_id).where(CustomerKey.key.in_(keys))
        holders: dict[int, list[str]] = {}
        for key, customer_id in await self._session.execute(query):
            holders.setdefault(key, []).append(customer_id)
        return holders

    async def of(self, customer_ids: Collection[str]) -> dict[str, frozenset[int]]:
        """The keys of these customers, as they are stored."""
        query = select(CustomerTerms.customer_id, CustomerTerms.keys).where(
            CustomerTerms.customer_id.in_(customer_ids)
        )
        keys = dict.fromkeys(customer_ids, frozenset[int]())
        for customer_id, own in await self._session.execute(query):
            keys[customer_id] = frozenset(map(int, own.split()))
        return keys


def _in_chunks(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    """A statement has room for some 32,000 parameters, in either database."""
    return (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))


_FEW = func.count().between(2, LARGEST_BLOCK)
