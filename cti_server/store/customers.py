"""Customers and their numbers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from crm.customer_row import CustomerRow
from crm.numbers import Number, NumberKind

from .base import Base
from .versions import Versioned

BATCH = 100  # rows of an import between two breaths of the event loop


class CustomerNumber(Base, kw_only=True):
    """
    A number of a customer's, in the one form of :mod:`crm.numbers`; several may share one.

    ``tail`` are the last digits, by which incomplete numbers are found. ``use`` is "phone" or
    "fax", ``label`` what people call it ("office").
    """

    __tablename__ = "customer_number"

    customer_id: Mapped[str] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, init=False
    )
    number: Mapped[str] = mapped_column(primary_key=True, index=True)
    kind: Mapped[str]
    tail: Mapped[str | None] = mapped_column(index=True)
    position: Mapped[int] = mapped_column(default=0)
    use: Mapped[str] = mapped_column(default="phone")
    label: Mapped[str | None] = mapped_column(default=None)

    @classmethod
    def of(cls, number: Number, position: int = 0) -> "CustomerNumber":
        return cls(number=number.text, kind=number.kind.value, tail=number.tail, position=position)

    @property
    def value(self) -> Number:
        return Number(NumberKind(self.kind), self.number)


class ContactPoint(Base, kw_only=True):
    """
    Where a customer is reached other than by number: ``kind`` is "mail", "chat" or "other".

    ``key`` is the one form by which addresses are compared, ``value`` what was written.
    """

    __tablename__ = "contact_point"

    customer_id: Mapped[str] = mapped_column(
        ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True, init=False
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True, index=True)
    value: Mapped[str]
    label: Mapped[str | None] = mapped_column(default=None)
    position: Mapped[int] = mapped_column(default=0)


class Customer(Versioned, Base, kw_only=True):
    """
    A person or company that we serve.

    ``external_id`` is the customer's in the system that an import came from. ``kind`` is "person"
    or "company"; ``company`` is where a person works. ``attributes`` are the fields that the
    centre has defined (:mod:`crm.schema`), ``preferences`` what :mod:`crm.consents` reads.
    ``team`` sees this record; None: everybody does. One that was ``merged_into`` another keeps
    its own id and external id as names of that other one, and nothing by which it can be found.
    """

    __tablename__ = "customer"

    id: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str | None] = mapped_column(unique=True, default=None)
    kind: Mapped[str] = mapped_column(default="person")
    name: Mapped[str] = mapped_column(index=True)
    tier: Mapped[str] = mapped_column(default="standard")
    language: Mapped[str] = mapped_column(default="zh")
    company: Mapped[str | None] = mapped_column(default=None)
    tags: Mapped[list[str]] = mapped_column(default_factory=list)
    notes: Mapped[str | None] = mapped_column(default=None)
    owner_id: Mapped[str | None] = mapped_column(default=None, index=True)
    team: Mapped[str | None] = mapped_column(default=None)
    attributes: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    preferences: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    merged_into: Mapped[str | None] = mapped_column(default=None, index=True)
    erased_at: Mapped[datetime | None] = mapped_column(default=None)
    numbers: Mapped[list[CustomerNumber]] = relationship(
        cascade="all, delete-orphan",
        order_by=CustomerNumber.position,
        lazy="raise",
        passive_deletes=True,
        default_factory=list,
    )
    contact_points: Mapped[list[ContactPoint]] = relationship(
        cascade="all, delete-orphan",
        order_by=ContactPoint.position,
        lazy="raise",
        passive_deletes=True,
        default_factory=list,
    )

    def take(self, row: CustomerRow, now: datetime) -> None:
        """Become what the row says; what its file has no column for stays as it is."""
        for name in row.model_fields_set - {"numbers", "tags"}:
            setattr(self, name, getattr(row, name))
        if "tags" in row.model_fields_set:
            self.tags = list(row.tags)
        known = {number.number: number for number in self.numbers}
        self.numbers = [
            known.get(number.text) or CustomerNumber.of(number) for number in row.numbers
        ]
        for position, number in enumerate(self.numbers):
            number.position = position
        self.updated_at = now


Index("ix_customer_created_at_id", Customer.created_at, Customer.id)


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an import's rows."""

    created: int
    updated: int


class Customers:
    """The stored customers. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, customer: Customer) -> None:
        self._session.add(customer)

    async def get(self, customer_id: str) -> Customer | None:
        """The customer with its numbers."""
        return await self._session.get(
            Customer, customer_id, options=[selectinload(Customer.numbers)]
        )

    async def by_number(self, number: Number) -> Sequence[Customer]:
        """Whoever has exactly this number; without their numbers."""
        query = (
            select(Customer)
            .join(CustomerNumber)
            .where(CustomerNumber.number == number.text, CustomerNumber.kind == number.kind.value)
            .order_by(Customer.id)
        )
        return (await self._session.scalars(query)).all()

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
            await self._session.flush()
            await self._insert(new)
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
            .options(selectinload(Customer.numbers))
        )
        return _Known((await self._session.scalars(query)).all())


class _Known:
    """The customers that rows of an import may mean."""

    def __init__(self, customers: Iterable[Customer]) -> None:
        self._by_external_id: dict[str, Customer] = {}
        self._by_number: dict[tuple[str, str], Customer] = {}
        for customer in customers:
            self.add(customer)

    def add(self, customer: Customer) -> None:
        if customer.external_id is not None:
            self._by_external_id[customer.external_id] = customer
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
