"""Customers from a spreadsheet: each row becomes a customer, or changes the one that it means."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.customer_row import CustomerRow
from crm.duplicates import Facts

from .customer_keys import CustomerKeys
from .customers import WHOLE, Customer, CustomerNumber, Customers

BATCH = 100  # rows of an import between two breaths of the event loop


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import's rows."""

    created: int
    updated: int


class CustomerImports:
    """Where imports are stored. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def take_in(
        self, rows: Sequence[CustomerRow], *, new_id: Callable[[], str], now: datetime
    ) -> Imported:
        """
        Create or update a customer for each row.

        A row is an existing customer's if it has the same external id; else if it has the same
        name and one of the numbers. Two who share a number stay two.
        """
        created = 0
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            known = await self._known(batch)
            new = []
            for row in batch:
                customer = known.find(row)
                if customer is None:
                    customer = Customer(id=new_id(), name=row.name, created_at=now, updated_at=now)
                    new.append(customer)
                customer.take(row, now)
                known.add(customer)
                known.touched[customer.id] = customer.facts
            await self._session.flush()
            await self._insert(new)
            await CustomerKeys(self._session).note(known.touched)
            created += len(new)
        return Imported(created=created, updated=len(rows) - created)

    async def _insert(self, customers: Sequence[Customer]) -> None:
        """Store many at once, for less than the session takes for as many objects."""
        if not customers:
            return
        columns = [column.name for column in Customer.__table__.c if column.name != "version"]
        rows = [
            {"version": 1, **{name: getattr(customer, name) for name in columns}}
            for customer in customers
        ]
        numbers = [
            {
                "customer_id": customer.id,
                "number": number.number,
                "kind": number.kind,
                "tail": number.tail,
                "position": number.position,
                "use": number.use,
                "label": number.label,
            }
            for customer in customers
            for number in customer.numbers
        ]
        connection = await self._session.connection()
        await connection.execute(insert(Customer), rows)
        await connection.execute(insert(CustomerNumber), numbers)

    async def _known(self, rows: Sequence[CustomerRow]) -> "_Known":
        ids = {row.external_id for row in rows if row.external_id}
        numbers = {number.text for row in rows for number in row.numbers}
        having = select(CustomerNumber.customer_id).where(CustomerNumber.number.in_(numbers))
        query = (
            select(Customer)
            .where(or_(Customer.external_id.in_(ids), Customer.id.in_(having)))
            .options(*WHOLE)
        )
        found = (await self._session.scalars(query)).all()
        known = _Known(customer for customer in found if customer.merged_into is None)
        for customer in found:
            if customer.merged_into and (
                survivor := await Customers(self._session).get(customer.id)
            ):
                known.add(survivor, external_id=customer.external_id)
        return known


class _Known:
    """The customers that rows of an import may mean."""

    def __init__(self, customers: Iterable[Customer]) -> None:
        self._by_external_id: dict[str, Customer] = {}
        self._by_number: dict[tuple[str, str], Customer] = {}
        self.touched: dict[str, Facts] = {}
        for customer in customers:
            self.add(customer)

    def add(self, customer: Customer, *, external_id: str | None = None) -> None:
        for name in {customer.external_id, external_id} - {None}:
            self._by_external_id[str(name)] = customer
        for number in customer.numbers:
            self._by_number[number.number, customer.name] = customer

    def find(self, row: CustomerRow) -> Customer | None:
        if row.external_id in self._by_external_id:
            return self._by_external_id[row.external_id]
        for number in row.numbers:
            customer = self._by_number.get((number.text, row.name))
            # A namesake whom the other system knows under another id is somebody else.
            if customer and not (row.external_id and customer.external_id):
                return customer
        return None
