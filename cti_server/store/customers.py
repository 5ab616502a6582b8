"""Customers and their numbers."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, ForeignKey, Index, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload

from crm.contact_points import Address
from crm.customer_row import CustomerRow
from crm.duplicates import BIRTH_DATE, Facts
from crm.errors import NotNow, UnknownRecord
from crm.merging import AddressEntry, NumberEntry, Record
from crm.numbers import Number, NumberKind

from .base import Base
from .versions import Versioned


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

    @classmethod
    def of_entry(cls, entry: NumberEntry) -> "CustomerNumber":
        return cls(
            number=entry.number,
            kind=entry.kind,
            tail=entry.tail,
            use=entry.use,
            label=entry.label,
        )

    @property
    def value(self) -> Number:
        return Number(NumberKind(self.kind), self.number)

    @property
    def entry(self) -> NumberEntry:
        return NumberEntry(
            kind=self.kind, number=self.number, tail=self.tail, use=self.use, label=self.label
        )


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

    @classmethod
    def of(cls, address: Address, label: str | None = None) -> "ContactPoint":
        return cls(kind=address.kind, key=address.key, value=address.value, label=label)

    @classmethod
    def of_entry(cls, entry: AddressEntry) -> "ContactPoint":
        return cls(kind=entry.kind, key=entry.key, value=entry.value, label=entry.label)

    @property
    def address(self) -> Address:
        return Address(self.kind, self.key, self.value)

    @property
    def entry(self) -> AddressEntry:
        return AddressEntry(kind=self.kind, key=self.key, value=self.value, label=self.label)


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
    owner_id: Mapped[str | None] = mapped_column(default=None)
    team: Mapped[str | None] = mapped_column(default=None)
    attributes: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    preferences: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    merged_into: Mapped[str | None] = mapped_column(default=None)
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
        """
        Become what the row says; what its file has no column for stays as it is.

        A row of somebody who was merged into this one only brings its numbers: else two rows of
        another system would take turns to rename the one customer.
        """
        if row.external_id and self.external_id not in {None, row.external_id}:
            self.add_numbers([CustomerNumber.of(number) for number in row.numbers])
            self.updated_at = now
            return
        for name in row.model_fields_set - {"numbers", "addresses", "attributes", "tags"}:
            setattr(self, name, getattr(row, name))
        if "tags" in row.model_fields_set:
            self.tags = list(row.tags)
        self.attributes = self.attributes | row.attributes
        if "addresses" in row.model_fields_set:
            others = [point for point in self.contact_points if point.kind != "mail"]
            self.set_contact_points([*map(ContactPoint.of, row.addresses), *others])
        self.set_numbers([CustomerNumber.of(number) for number in row.numbers], keep=True)
        self.updated_at = now

    def set_numbers(self, numbers: Sequence[CustomerNumber], *, keep: bool = False) -> None:
        """In this order; ``keep``: one that was there keeps its use and label."""
        known = {number.number: number for number in self.numbers}
        self.numbers = [_known_or_new(known.get(n.number), n, keep=keep) for n in numbers]
        for position, number in enumerate(self.numbers):
            number.position = position

    def add_numbers(self, numbers: Sequence[CustomerNumber]) -> None:
        """Behind those that are there."""
        known = {number.number for number in self.numbers}
        new = [number for number in numbers if number.number not in known]
        self.set_numbers([*self.numbers, *new], keep=True)

    def set_contact_points(self, points: Sequence[ContactPoint]) -> None:
        """In this order."""
        known = {(point.kind, point.key): point for point in self.contact_points}
        self.contact_points = [_known_or_new(known.get((p.kind, p.key)), p) for p in points]
        for position, point in enumerate(self.contact_points):
            point.position = position

    @property
    def facts(self) -> Facts:
        """What is compared when duplicates are looked for."""
        return Facts(
            id=self.id,
            kind=self.kind,
            name=self.name,
            numbers=tuple(number.value for number in self.numbers),
            addresses=frozenset((point.kind, point.key) for point in self.contact_points),
            company=self.company,
            birth_date=self.attributes.get(BIRTH_DATE),
            external_id=self.external_id,
        )

    @property
    def record(self) -> Record:
        """What a merge takes of it."""
        return Record(
            **{name: getattr(self, name) for name in _OF_RECORD},
            numbers=[number.entry for number in self.numbers],
            addresses=[point.entry for point in self.contact_points],
        )

    def become(self, record: Record, now: datetime) -> None:
        """What a merge, or its undoing, made of it."""
        for name in _OF_RECORD:
            setattr(self, name, getattr(record, name))
        self.set_numbers([CustomerNumber.of_entry(entry) for entry in record.numbers])
        self.set_contact_points([ContactPoint.of_entry(entry) for entry in record.addresses])
        self.updated_at = now

    def seen_by(self, teams: frozenset[str] | None) -> bool:
        """``teams``: whose records are seen beside those that are nobody's; None: everybody's."""
        return teams is None or self.team is None or self.team in teams


_OF_RECORD = tuple(set(Record.__struct_fields__) - {"numbers", "addresses"})
WHOLE = (selectinload(Customer.numbers), selectinload(Customer.contact_points))

_IDS_A_QUERY = 500

P = TypeVar("P", CustomerNumber, ContactPoint)


def _known_or_new(known: P | None, new: P, *, keep: bool = False) -> P:
    """The stored row, for one with the same key cannot be added beside it."""
    if known is None:
        return new
    if not keep:
        for column in (
            ("kind", "use", "label") if isinstance(new, CustomerNumber) else ("value", "label")
        ):
            setattr(known, column, getattr(new, column))
    return known


def _in_scope(teams: frozenset[str] | None) -> list[ColumnElement[bool]]:
    return [] if teams is None else [or_(Customer.team.is_(None), Customer.team.in_(teams))]


def _refuse_erased(customer_id: str, erased_at: datetime | None) -> None:
    if erased_at is not None:
        raise NotNow(f"the customer {customer_id!r} was erased")


Index("ix_customer_created_at_id", Customer.created_at, Customer.id)
for _column, *_order in (
    (Customer.owner_id, Customer.created_at, Customer.id),
    (Customer.merged_into,),
):
    # Of nearly everybody both are NULL: a whole index would be large, and tempt a planner to go
    # through all customers by it.
    Index(
        f"ix_customer_{_column.key}",
        _column,
        *_order,
        sqlite_where=_column.is_not(None),
        postgresql_where=_column.is_not(None),
    )


class Customers:
    """The stored customers. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, customer: Customer) -> None:
        self._session.add(customer)

    async def get(self, customer_id: str) -> Customer | None:
        """The customer, whole; of one that was merged into another, that other one."""
        next_id: str | None = customer_id
        customer = None
        while next_id is not None:
            customer = await self._session.get(Customer, next_id, options=WHOLE)
            next_id = customer.merged_into if customer is not None else None
        return customer

    async def as_stored(self, customer_id: str) -> Customer | None:
        """The row of this very id, even if it is somebody else's name by now; None if erased."""
        customer = await self._session.get(Customer, customer_id, options=WHOLE)
        return customer if customer is None or customer.erased_at is None else None

    async def need(self, customer_id: str, teams: frozenset[str] | None) -> Customer:
        """The same; raises UnknownRecord, also for one that ``teams`` may not see."""
        customer = await self.get(customer_id)
        if customer is None or not customer.seen_by(teams):
            raise UnknownRecord("customer", customer_id)
        return customer

    async def need_whole(
        self, customer_id: str, teams: frozenset[str] | None, *, to_change: bool = False
    ) -> Customer:
        """
        The same, for something that is written of them, or the record itself ``to_change``.

        Nobody erases them before the caller's commit. Raises NotNow for one that was erased.
        """
        customer = await self.need(customer_id, teams)
        _refuse_erased(customer.id, await self.erased_at(customer.id, to_change=to_change))
        return customer

    async def need_present(self, customer_id: str, teams: frozenset[str] | None) -> Customer:
        """The same to be looked at only, by whoever may not write."""
        customer = await self.need(customer_id, teams)
        _refuse_erased(customer.id, customer.erased_at)
        return customer

    async def erased_at(self, customer_id: str, *, to_change: bool = False) -> datetime | None:
        """
        As it stays until the caller's commit.

        On SQLite there is one writer at a time. On PostgreSQL the row is locked: several may write
        of one customer at once, but one alone changes the record.
        """
        query = select(Customer.erased_at).where(Customer.id == customer_id)
        return await self._session.scalar(
            query.with_for_update(read=not to_change, key_share=to_change)
        )

    async def erased_among(self, customer_ids: Collection[str]) -> set[str]:
        ids, found = sorted(customer_ids), set[str]()
        for start in range(0, len(ids), _IDS_A_QUERY):
            some = Customer.id.in_(ids[start : start + _IDS_A_QUERY])
            query = select(Customer.id).where(some, Customer.erased_at.is_not(None))
            found.update(await self._session.scalars(query))
        return found

    async def names_of(self, customer_id: str) -> Sequence[str]:
        """Every id that the customer has had: its own, and those that were merged into it."""
        names = select(Customer.id).where(Customer.id == customer_id).cte("names", recursive=True)
        names = names.union_all(select(Customer.id).join(names, Customer.merged_into == names.c.id))
        return (await self._session.scalars(select(names.c.id))).all()

    async def owners_of(self, customer_ids: Collection[str]) -> dict[str, str]:
        """Every id that these customers have had, with the one of them whose it is now."""
        found = {one: one for one in customer_ids}
        new = list(found)
        while new:
            query = select(Customer.id, Customer.merged_into).where(Customer.merged_into.in_(new))
            rows = (await self._session.execute(query)).all()
            found |= {row.id: found[row.merged_into] for row in rows}
            new = [row.id for row in rows]
        return found

    async def page(
        self,
        limit: int,
        *,
        after: tuple[datetime, str] | None = None,
        teams: frozenset[str] | None = None,
        owner_id: str | None = None,
    ) -> Sequence[Customer]:
        """The newest first, whole; ``after``: (created_at, id) of the last one before them."""
        query = select(Customer).where(Customer.merged_into.is_(None), *_in_scope(teams))
        if owner_id is not None:
            query = query.where(Customer.owner_id == owner_id)
        if after is not None:
            query = query.where(tuple_(Customer.created_at, Customer.id) < after)
        query = query.order_by(Customer.created_at.desc(), Customer.id.desc()).limit(limit)
        return (await self._session.scalars(query.options(*WHOLE))).all()

    async def among(
        self, customer_ids: Collection[str], teams: frozenset[str] | None = None
    ) -> Sequence[Customer]:
        """Those of these customers that are there and can be seen, whole."""
        query = select(Customer).where(
            Customer.id.in_(customer_ids), Customer.merged_into.is_(None), *_in_scope(teams)
        )
        return (await self._session.scalars(query.options(*WHOLE))).all()

    async def by_number(self, number: Number) -> Sequence[Customer]:
        """Whoever has exactly this number; without their numbers."""
        query = (
            select(Customer)
            .join(CustomerNumber)
            .where(CustomerNumber.number == number.text, CustomerNumber.kind == number.kind.value)
            .order_by(Customer.id)
        )
        return (await self._session.scalars(query)).all()
