"""Customers from a spreadsheet: each row becomes a customer, or changes the one that it means."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from crm.contact_points import Address
from crm.customer_row import CustomerRow
from crm.numbers import Number

from .bulk import insert_all
from .customer_index import CustomerIndex, Entry
from .customer_search import Noted
from .customers import WHOLE, ContactPoint, Customer, CustomerNumber, Customers
from .rows import Row

BATCH = 1_000  # rows whose customers are looked for in one statement


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import's rows."""

    created: int
    updated: int


class CustomerImports:
    """Where imports are stored. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession, *, index_later: bool = False) -> None:
        """``index_later``: somebody will do so (:mod:`cti_server.customer_indexing`)."""
        self._session = session
        self._index_later = index_later

    async def take_in(
        self, rows: Sequence[CustomerRow], *, new_id: Callable[[], str], now: datetime
    ) -> Imported:
        """
        Create or update a customer for each row.

        A row is an existing customer's if it has the same external id; else if it has the same
        name and one of the numbers or addresses. Two who share a number stay two.
        """
        created = 0
        for start in range(0, len(rows), BATCH):
            left: Sequence[CustomerRow] = rows[start : start + BATCH]
            while left:
                known = await self._known(left)
                new, left = await self._some(left, known, new_id, now)
                created += new
        return Imported(created=created, updated=len(rows) - created)

    async def known(self, rows: Sequence[CustomerRow]) -> list[str | None]:
        """For each row, the customer whom it would change; None if it would make a new one."""
        found = await self._known(rows)
        customers = [found.find(row) for row in rows]
        return [customer.id if customer else None for customer in customers]

    async def _some(
        self,
        rows: Sequence[CustomerRow],
        known: "_Known",
        new_id: Callable[[], str],
        now: datetime,
    ) -> tuple[int, Sequence[CustomerRow]]:
        """
        Take rows in as long as none means a customer whom another of them makes.

        Return how many were made, and the rows that are left.
        """
        new = _NewCustomers(now)
        changed: dict[str, Customer] = {}
        taken = 0
        for row in rows:
            customer = known.find(row)
            if customer is None:
                if new.has(row):
                    break
                new.add(row, new_id())
            else:
                customer.take(row, now)
                known.add(customer)
                changed[customer.id] = customer
            taken += 1
        await self._session.flush()
        if changed:
            await CustomerIndex(self._session).note(changed.values())
        if new.entries:
            await self._session.run_sync(new.store)
            index = CustomerIndex(self._session)
            note = index.note_later if self._index_later else index.note_new
            await note(new.entries)
        return len(new.entries), rows[taken:]

    async def _known(self, rows: Sequence[CustomerRow]) -> "_Known":
        ids = await self._ids(rows)
        if not ids:
            return _Known(())
        query = select(Customer).where(Customer.id.in_(ids)).options(*WHOLE)
        found = (await self._session.scalars(query)).all()
        known = _Known(customer for customer in found if customer.merged_into is None)
        for customer in found:
            if customer.merged_into and (
                survivor := await Customers(self._session).get(customer.id)
            ):
                known.add(survivor, external_id=customer.external_id)
        return known

    async def _ids(self, rows: Sequence[CustomerRow]) -> set[str]:
        """
        Of those who have one of the rows' ids, or a number or address and the name of one.

        Each by its own index: an OR of them has PostgreSQL look through all customers. Names are
        compared here: hundreds may share a switchboard.
        """
        found: set[str] = set()
        if ids := {row.external_id for row in rows} - {None}:
            query = select(Customer.id).where(Customer.external_id.in_(ids))
            found.update(await self._session.scalars(query))
        meant = {reach for row in rows for reach in _reach(row)}
        numbers = {number.text for row in rows for number in row.numbers}
        addresses = {address.key for row in rows for address in row.addresses}
        for column, of, values in (
            (CustomerNumber.number, CustomerNumber.customer_id, numbers),
            (ContactPoint.key, ContactPoint.customer_id, addresses),
        ):
            if values:
                reached = select(of, column, Customer.name).join(Customer, Customer.id == of)
                having = await self._session.execute(reached.where(column.in_(values)))
                found.update(one for one, value, name in having if (value, name) in meant)
        return found


class _Known:
    """The customers that rows of an import may mean."""

    def __init__(self, customers: Iterable[Customer]) -> None:
        self._by_external_id: dict[str, Customer] = {}
        self._by_reach: dict[tuple[str, str], Customer] = {}
        for customer in customers:
            self.add(customer)

    def add(self, customer: Customer, *, external_id: str | None = None) -> None:
        for name in {customer.external_id, external_id} - {None}:
            self._by_external_id[str(name)] = customer
        for number in customer.numbers:
            self._by_reach[number.number, customer.name] = customer
        for point in customer.contact_points:
            self._by_reach[point.key, customer.name] = customer

    def find(self, row: CustomerRow) -> Customer | None:
        if row.external_id in self._by_external_id:
            return self._by_external_id[row.external_id]
        for reach in _reach(row):
            customer = self._by_reach.get(reach)
            # A namesake whom the other system knows under another id is somebody else.
            if customer and not (row.external_id and customer.external_id):
                return customer
        return None


class _NewCustomers:
    """Rows of customers who are not there yet: stored for less than objects would cost."""

    def __init__(self, now: datetime) -> None:
        self.entries: list[Entry] = []
        self._now = now
        self._customers: list[Row] = []
        self._numbers: list[Row] = []
        self._points: list[Row] = []
        self._external_ids: set[str | None] = set()
        self._reached: dict[tuple[str, str], bool] = {}  # whether one with an external id

    def has(self, row: CustomerRow) -> bool:
        """Whether one of these may be meant by the row."""
        if row.external_id and row.external_id in self._external_ids:
            return True
        others = (self._reached.get(reach) for reach in _reach(row))
        return any(named is not None and not (named and row.external_id) for named in others)

    def add(self, row: CustomerRow, customer_id: str) -> None:
        self._external_ids.add(row.external_id)
        for reach in _reach(row):
            self._reached[reach] = self._reached.get(reach, True) and bool(row.external_id)
        self._customers.append(_customer(row, customer_id, self._now))
        for place, number in enumerate(row.numbers):
            self._numbers.append(_number(number, customer_id, place))
        for place, address in enumerate(row.addresses):
            self._points.append(_point(address, customer_id, place))
        self.entries.append(
            Entry(customer_id, row.facts, Noted(None, row.searched, row.facts.keys))
        )

    def store(self, session: Session) -> None:
        insert_all(session, Customer, self._customers)
        insert_all(session, CustomerNumber, self._numbers)
        insert_all(session, ContactPoint, self._points)


def _reach(row: CustomerRow) -> list[tuple[str, str]]:
    """By what a customer without an external id is known: a number or address, and the name."""
    keys = [number.text for number in row.numbers] + [address.key for address in row.addresses]
    return [(key, row.name) for key in keys]


_OF_ROW = ("external_id", "kind", "name", "tier", "language", "company", "notes", "attributes")


def _customer(row: CustomerRow, customer_id: str, now: datetime) -> Row:
    return {name: getattr(row, name) for name in _OF_ROW} | {
        "id": customer_id,
        "tags": list(row.tags),
        "owner_id": None,
        "team": None,
        "preferences": {},
        "merged_into": None,
        "erased_at": None,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }


def _number(number: Number, customer_id: str, place: int) -> Row:
    return {
        "customer_id": customer_id,
        "number": number.text,
        "kind": number.kind.value,
        "tail": number.tail,
        "position": place,
        "use": "phone",
        "label": None,
    }


def _point(address: Address, customer_id: str, place: int) -> Row:
    return {
        "customer_id": customer_id,
        "kind": address.kind,
        "key": address.key,
        "value": address.value,
        "label": None,
        "position": place,
    }
