"""Whose occasion a day is: asked of the database by what it has an index for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm import care
from crm.care import CREATED, AfterOrder, AfterTicket, NoContact, Occasion, Rule, Yearly
from crm.consents import Preferences
from cti_server.store.contacts import Contact, ContactCustomer
from cti_server.store.customers import Customer, Customers
from cti_server.store.orders import Order
from cti_server.store.tickets import Ticket

_DAY = timedelta(days=1)
_SOME = 500  # ids of one query


@dataclass(frozen=True, slots=True)
class Found:
    """An occasion of a customer's. ``about``: the ticket or order."""

    customer_id: str
    occasion: Occasion
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """Looks for the occasions of one rule and day; ``time_zone``: of who names none."""

    session: AsyncSession
    rule: Rule
    day: date
    time_zone: str

    async def found(self) -> list[Found]:
        match self.rule.when:
            case Yearly() as when:
                return await self._yearly(when)
            case AfterTicket() as when:
                return await self._after(when.days, await self._tickets(when))
            case AfterOrder() as when:
                return await self._after(when.days, await self._orders(when))
            case NoContact() as when:
                return await self._silent(when)

    # --- anniversaries ------------------------------------------------------------------------

    async def _yearly(self, when: Yearly) -> list[Found]:
        which = await self._created() if when.field == CREATED else self._born(when)
        query = select(Customer).where(
            which, Customer.merged_into.is_(None), Customer.erased_at.is_(None)
        )
        return [
            Found(customer.id, occasion)
            for customer in await self.session.scalars(query)
            if (occasion := yearly_of(self.rule, when, customer, self.day, self.time_zone))
        ]

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

    async def _tickets(self, when: AfterTicket) -> list[tuple[str, datetime, str, str]]:
        query = select(Ticket.customer_id, Ticket.closed_at, Ticket.id, Ticket.number).where(
            Ticket.type == when.type,
            Ticket.customer_id.is_not(None),
            Ticket.closed_at.between(*_around(self.day - when.days * _DAY)),
        )
        rows = (await self.session.execute(query)).all()
        return [(who, at, id, number) for who, at, id, number in rows if who and at]

    async def _orders(self, when: AfterOrder) -> list[tuple[str, datetime, str, str]]:
        query = select(Order.customer_id, Order.state_since, Order.id, Order.number).where(
            Order.state == "fulfilled",
            Order.customer_id.is_not(None),
            Order.state_since.between(*_around(self.day - when.days * _DAY)),
        )
        if when.fulfilment is not None:
            query = query.where(Order.fulfilment == when.fulfilment)
        rows = (await self.session.execute(query)).all()
        return [(who, at, id, number) for who, at, id, number in rows if who]

    async def _after(
        self, days: int, happened: Iterable[tuple[str, datetime, str, str]]
    ) -> list[Found]:
        found = []
        for customer_id, at, about, number in happened:
            customer = await Customers(self.session).get(customer_id)
            if customer is None or customer.erased_at is not None:
                continue
            zone = zone_of(customer, self.time_zone)
            key = f"{about}@{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
            occasion = care.after(self.rule, days, at, key, number, zone)
            if self._is_of_this_day(occasion, at, zone):
                found.append(Found(customer.id, occasion, about))
        return found

    def _is_of_this_day(self, occasion: Occasion, happened_at: datetime, zone: str) -> bool:
        """Also the day before, where it had not happened yet when that was planned."""
        day = care.local_day(occasion.at, zone)
        before = self.day - _DAY
        return day == self.day or (
            day == before and happened_at >= care.planned_for(before, self.rule.at)
        )

    # --- silence ------------------------------------------------------------------------------

    async def _silent(self, when: NoContact) -> list[Found]:
        """Whose last contact, or whose record without any, was so many months ago."""
        begin, _ = _around(care.months_after(self.day, -when.months))
        _, end = _around(care.months_after(self.day, -when.months) + 3 * _DAY)  # 31 August, too
        last = await self._last_contacts(begin, end)
        found = []
        for customer_id in [*last, *await self._never_heard_of(begin, end)]:
            customer = await Customers(self.session).get(customer_id)
            if customer is None or customer.erased_at is not None:
                continue
            at = await last_contact(self.session, customer)
            zone = zone_of(customer, self.time_zone)
            occasion = care.silence(self.rule, when.months, at, zone)
            if care.local_day(occasion.at, zone) == self.day:
                found.append(Found(customer.id, occasion))
        return list({one.customer_id: one for one in found}.values())

    async def _last_contacts(self, begin: datetime, end: datetime) -> list[str]:
        """Who was in touch in this time, and not since under the same id."""
        query = select(Contact.customer_ids).where(Contact.arrived_at.between(begin, end))
        ids = sorted({one for some in await self.session.scalars(query) for one in some})
        silent: list[str] = []
        for some in _slices(ids):
            link = ContactCustomer
            later = (
                select(link.customer_id)
                .where(link.customer_id.in_(some))
                .group_by(link.customer_id)
                .having(func.max(link.arrived_at) <= end)
            )
            silent += await self.session.scalars(later)
        return silent

    async def _never_heard_of(self, begin: datetime, end: datetime) -> list[str]:
        heard = select(ContactCustomer.customer_id).where(
            ContactCustomer.customer_id == Customer.id
        )
        query = select(Customer.id).where(
            Customer.created_at.between(begin, end),
            Customer.merged_into.is_(None),
            ~heard.exists(),
        )
        return list(await self.session.scalars(query))


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
    """Under whatever id; the record's beginning where there was none."""
    names = await Customers(session).names_of(customer.id)
    last = await session.scalar(
        select(func.max(ContactCustomer.arrived_at)).where(ContactCustomer.customer_id.in_(names))
    )
    return last or customer.created_at


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


def _slices(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _SOME):
        yield ids[start : start + _SOME]
