"""Whose occasion a day is: asked of the database by what it has an index for."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from crm import care
from crm.care import CREATED, AfterOrder, AfterTicket, NoContact, Occasion, Rule, Yearly
from crm.consents import Preferences
from cti_server.store.contacts import Contact, ContactCustomer
from cti_server.store.customers import Customer, Customers
from cti_server.store.orders import Order
from cti_server.store.tickets import Ticket

_DAY = timedelta(days=1)

_Happened = Select[str | None, datetime | None, str, str]
"""To whom, when, and the id and number of what it was."""


@dataclass(frozen=True, slots=True)
class Found:
    """An occasion of a customer's. ``about``: the ticket or order."""

    customer_id: str
    occasion: Occasion
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What some customers have; ``last``: behind whom the next page begins, None if none does."""

    found: Sequence[Found] = ()
    last: str | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """Looks for the occasions of one rule and day; ``time_zone``: of who names none."""

    session: AsyncSession
    rule: Rule
    day: date
    time_zone: str

    async def page(self, behind: str | None, limit: int) -> Page:
        """Of the next so many customers who may have one, in the order of their ids."""
        match self.rule.when:
            case Yearly() as when:
                ids, found = await self._yearly(when, behind, limit)
            case AfterTicket() as when:
                ids, found = await self._after(when.days, self._tickets(when), behind, limit)
            case AfterOrder() as when:
                ids, found = await self._after(when.days, self._orders(when), behind, limit)
            case NoContact() as when:
                ids, found = await self._silent(when, behind, limit)
        return Page(found, ids[-1] if len(ids) == limit else None)

    async def _customers(self, ids: Collection[str]) -> dict[str, Customer]:
        """Whoever these are by now, by these ids; nobody who was erased."""
        rows = await self.session.scalars(select(Customer).where(Customer.id.in_(ids)))
        found = {}
        for row in rows.all():
            whole = row if row.merged_into is None else await Customers(self.session).get(row.id)
            if whole is not None and whole.erased_at is None:
                found[row.id] = whole
        return found

    # --- anniversaries ------------------------------------------------------------------------

    async def _yearly(
        self, when: Yearly, behind: str | None, limit: int
    ) -> tuple[list[str], list[Found]]:
        which = await self._created() if when.field == CREATED else self._born(when)
        query = (
            select(Customer)
            .where(which, Customer.merged_into.is_(None), Customer.erased_at.is_(None))
            .where(*_behind(Customer.id, behind))
        )
        some = (await self.session.scalars(query.order_by(Customer.id).limit(limit))).all()
        found = [
            Found(customer.id, occasion)
            for customer in some
            if (occasion := yearly_of(self.rule, when, customer, self.day, self.time_zone))
        ]
        return [customer.id for customer in some], found

    def _born(self, when: Yearly) -> ColumnElement[bool]:
        value = Customer.attributes[when.field].as_string()
        return func.substr(value, 6, 5).in_(care.born_on(when, self.day))

    async def _created(self) -> ColumnElement[bool]:
        """Around this day of each year since the first customer."""
        first = await self.session.scalar(select(func.min(Customer.created_at)))
        years = range(first.year - 1, self.day.year) if first is not None else ()
        return or_(
            *(
                Customer.created_at.between(*_around(care.anniversary(self.day, year)))
                for year in years
            ),
            Customer.id.in_(()),  # where there is no year
        )

    # --- after something ----------------------------------------------------------------------

    def _tickets(self, when: AfterTicket) -> _Happened:
        return select(Ticket.customer_id, Ticket.closed_at, Ticket.id, Ticket.number).where(
            Ticket.type == when.type,
            Ticket.customer_id.is_not(None),
            Ticket.closed_at.between(*_around(self.day - when.days * _DAY)),
        )

    def _orders(self, when: AfterOrder) -> _Happened:
        query = select(Order.customer_id, Order.state_since, Order.id, Order.number).where(
            Order.state == "fulfilled",
            Order.customer_id.is_not(None),
            Order.state_since.between(*_around(self.day - when.days * _DAY)),
        )
        if when.fulfilment is not None:
            query = query.where(Order.fulfilment == when.fulfilment)
        return query

    async def _after(
        self, days: int, happened: _Happened, behind: str | None, limit: int
    ) -> tuple[list[str], list[Found]]:
        whose = happened.selected_columns[0]
        query = happened.with_only_columns(whose).where(*_behind(whose, behind)).distinct()
        ids = list(await self.session.scalars(query.order_by(whose).limit(limit)))
        customers = await self._customers(ids)
        rows = (await self.session.execute(happened.where(whose.in_(ids)))).all()
        found = []
        for customer_id, at, about, number in rows:
            customer = customers.get(customer_id or "")
            if customer is None or at is None:
                continue
            zone = zone_of(customer, self.time_zone)
            key = f"{about}@{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
            occasion = care.after(self.rule, days, at, key, number, zone)
            if self._is_of_this_day(occasion, at, zone):
                found.append(Found(customer.id, occasion, about))
        return ids, found

    def _is_of_this_day(self, occasion: Occasion, happened_at: datetime, zone: str) -> bool:
        """Also the day before, where it had not happened yet when that was planned."""
        day = care.local_day(occasion.at, zone)
        before = self.day - _DAY
        return day == self.day or (
            day == before and happened_at >= care.planned_for(before, self.rule.at)
        )

    # --- silence ------------------------------------------------------------------------------

    async def _silent(
        self, when: NoContact, behind: str | None, limit: int
    ) -> tuple[list[str], list[Found]]:
        """Whose last contact, or whose record without any, was so many months ago."""
        begin, _ = _around(care.months_after(self.day, -when.months))
        _, end = _around(care.months_after(self.day, -when.months) + 3 * _DAY)  # 31 August, too
        query = union(
            self._heard_of(begin, end).where(*_behind(ContactCustomer.customer_id, behind)),
            self._never_heard_of(begin, end).where(*_behind(Customer.id, behind)),
        )
        whose = query.subquery().c.customer_id
        ids = list(await self.session.scalars(select(whose).order_by(whose).limit(limit)))
        customers = {one.id: one for one in (await self._customers(ids)).values()}
        last = await last_contacts(self.session, customers)
        found = []
        for customer in customers.values():
            zone = zone_of(customer, self.time_zone)
            at = last.get(customer.id, customer.created_at)
            occasion = care.silence(self.rule, when.months, at, zone)
            if care.local_day(occasion.at, zone) == self.day:
                found.append(Found(customer.id, occasion))
        return ids, found

    def _heard_of(self, begin: datetime, end: datetime) -> Select[str]:
        """Who was in touch in this time; perhaps since, too."""
        return (
            select(ContactCustomer.customer_id)
            .join(Contact, Contact.id == ContactCustomer.contact_id)
            .where(Contact.arrived_at.between(begin, end))
        )

    def _never_heard_of(self, begin: datetime, end: datetime) -> Select[str]:
        heard = select(ContactCustomer.customer_id).where(
            ContactCustomer.customer_id == Customer.id
        )
        return select(Customer.id).where(
            Customer.created_at.between(begin, end),
            Customer.merged_into.is_(None),
            ~heard.exists(),
        )


def zone_of(customer: Customer, time_zone: str) -> str:
    return Preferences.model_validate(customer.preferences).time_zone or time_zone


def yearly_of(
    rule: Rule, when: Yearly, customer: Customer, day: date, time_zone: str
) -> Occasion | None:
    zone = zone_of(customer, time_zone)
    if when.field == CREATED:
        born = care.local_day(customer.created_at, zone)
    else:
        born_on = _date(customer.attributes, when.field)
        if born_on is None:
            return None
        born = born_on
    return care.yearly(rule, when, born, day, zone)


async def last_contact(session: AsyncSession, customer: Customer) -> datetime:
    """The record's beginning where there was none."""
    last = await last_contacts(session, [customer.id])
    return last.get(customer.id, customer.created_at)


async def last_contacts(
    session: AsyncSession, customer_ids: Collection[str]
) -> dict[str, datetime]:
    """Of each of these who was ever in touch, under whatever id."""
    owners = await Customers(session).owners_of(customer_ids)
    link = ContactCustomer
    query = (
        select(link.customer_id, func.max(link.arrived_at))
        .where(link.customer_id.in_(owners))
        .group_by(link.customer_id)
    )
    last: dict[str, datetime] = {}
    for name, at in await session.execute(query):
        last[owners[name]] = max(at, last.get(owners[name], at))
    return last


def _date(attributes: Mapping[str, object], field: str) -> date | None:
    """None for a field that is no date: a rule may name any."""
    value = attributes.get(field)
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _around(day: date) -> tuple[datetime, datetime]:
    """All of the day, wherever it is."""
    midnight = datetime.combine(day, time(), UTC)
    return midnight - _DAY, midnight + 2 * _DAY


def _behind(column: SQLColumnExpression[str], customer_id: str | None) -> list[ColumnElement[bool]]:
    return [] if customer_id is None else [column > customer_id]
