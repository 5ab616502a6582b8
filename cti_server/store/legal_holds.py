"""Legal holds: what must be kept, whoever asks for its erasure and however old it is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base
from .contacts import Contact, ContactCustomer
from .customers import Customers
from .recordings import Recording

RECORDS = {"customer", "contact", "recording"}


class LegalHold(Base, kw_only=True):
    """``record`` is "customer", "contact" or "recording"; without ``until`` it is for good."""

    __tablename__ = "legal_hold"

    id: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str]
    record_id: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str]
    placed_by: Mapped[str]
    placed_at: Mapped[datetime] = mapped_column(index=True)
    until: Mapped[datetime | None] = mapped_column(default=None)
    released_at: Mapped[datetime | None] = mapped_column(default=None)
    released_by: Mapped[str | None] = mapped_column(default=None)

    def holds_at(self, now: datetime) -> bool:
        return self.released_at is None and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Held:
    """What stays, with all that hangs on it: a recording's contact, a customer's contacts."""

    customer_ids: frozenset[str] = frozenset()
    contact_ids: frozenset[str] = frozenset()
    call_ids: frozenset[str] = frozenset()


class LegalHolds:
    """The stored holds. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, hold: LegalHold) -> None:
        self._session.add(hold)

    async def get(self, hold_id: str) -> LegalHold | None:
        return await self._session.get(LegalHold, hold_id)

    async def page(
        self, limit: int, after: tuple[datetime, str] | None, record_id: str | None
    ) -> Sequence[LegalHold]:
        """The newest first."""
        query = select(LegalHold).order_by(LegalHold.placed_at.desc(), LegalHold.id.desc())
        if record_id is not None:
            query = query.where(LegalHold.record_id == record_id)
        if after is not None:
            query = query.where(tuple_(LegalHold.placed_at, LegalHold.id) < after)
        return (await self._session.scalars(query.limit(limit))).all()

    async def on(
        self, customer_ids: Collection[str], contact_ids: Collection[str], now: datetime
    ) -> Sequence[LegalHold]:
        """Those that keep one of these customers, contacts, or a recording of the contacts."""
        holds = await self._in_force(now)
        contacts = set(contact_ids)
        held = [hold.record_id for hold in holds if hold.record == "recording"]
        rows = await self._session.execute(
            select(Recording.id, Recording.contact_id).where(Recording.id.in_(held))
        )
        wanted = {
            "customer": set(customer_ids),
            "contact": contacts,
            "recording": {row.id for row in rows if row.contact_id in contacts},
        }
        return [hold for hold in holds if hold.record_id in wanted[hold.record]]

    async def ever_on(self, record_ids: Collection[str]) -> Sequence[LegalHold]:
        """Those that are or were on one of these."""
        query = select(LegalHold).where(LegalHold.record_id.in_(record_ids))
        return (await self._session.scalars(query)).all()

    async def held(self, now: datetime) -> Held:
        """All that is held."""
        ids: dict[str, set[str]] = {name: set() for name in RECORDS}
        for hold in await self._in_force(now):
            ids[hold.record].add(hold.record_id)
        for customer_id in list(ids["customer"]):
            ids["customer"].update(await Customers(self._session).names_of(customer_id))
        of_customers = select(ContactCustomer.contact_id)
        of_customers = of_customers.where(ContactCustomer.customer_id.in_(ids["customer"]))
        ids["contact"].update(await self._session.scalars(of_customers))
        of_recordings = select(Recording.contact_id).where(Recording.id.in_(ids["recording"]))
        ids["contact"].update(await self._session.scalars(of_recordings))
        calls = select(Contact.call_id).where(Contact.id.in_(ids["contact"]))
        return Held(
            frozenset(ids["customer"]),
            frozenset(ids["contact"]),
            frozenset(await self._session.scalars(calls)),
        )

    async def ended_between(self, since: datetime, now: datetime) -> bool:
        """Whether one that held then holds no more now."""
        ended: ColumnElement[bool] = or_(
            LegalHold.released_at.between(since, now), LegalHold.until.between(since, now)
        )
        return await self._session.scalar(select(LegalHold.id).where(ended).limit(1)) is not None

    async def _in_force(self, now: datetime) -> Sequence[LegalHold]:
        query = select(LegalHold).where(
            LegalHold.released_at.is_(None), or_(LegalHold.until.is_(None), LegalHold.until > now)
        )
        return (await self._session.scalars(query.order_by(LegalHold.placed_at))).all()
