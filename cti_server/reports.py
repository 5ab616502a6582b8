"""What other systems saw of a customer, taken down once, however often it is reported."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm.errors import AlreadyThere, InvalidField, UnknownRecord
from crm.numbers import mask, normalise

from .store import outside_customers
from .store.changes import Changes
from .store.customers import Customer, Customers
from .store.database import Database
from .store.timeline import Timeline, TimelineEvent
from .wire.timeline import TimelineEventToAdd


class Reports:
    """Where reports arrive, whichever way they come. ``region`` is that of numbers without one."""

    def __init__(
        self,
        database: Database,
        changes: Changes,
        *,
        region: str,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._database = database
        self._changes = changes
        self._region = region
        self._now = now
        self._new_id = new_id

    async def take(
        self, wanted: TimelineEventToAdd, by: str, teams: frozenset[str] | None = None
    ) -> tuple[TimelineEvent, bool]:
        """
        The event on the timeline, and whether it is new there; ``by``: who reports it.

        Raises UnknownRecord, also for a customer whom these ``teams`` do not see, InvalidField, and
        NotNow for a customer who was erased.
        """
        try:
            async with self._changes.begin(by) as change:
                known = await _reported(change.session, wanted)
                if known is not None:
                    return known, False
                named = await self._customer(change.session, wanted, teams)
                customer = await Customers(change.session).need_whole(named.id, teams)
                event = self._event(customer, wanted, by)
                Timeline(change.session).add(event)
                change.record(TimelineEvent.__tablename__, event.id, "created")
        except AlreadyThere:
            # Reported twice at the same moment; the other one is there now.
            async with self._database.readers() as session:
                known = await _reported(session, wanted)
            if known is None:
                raise
            return known, False
        return event, True

    async def _customer(
        self, session: AsyncSession, wanted: TimelineEventToAdd, teams: frozenset[str] | None
    ) -> Customer:
        """Whom the report names."""
        customers = Customers(session)
        if wanted.customer_id is not None:
            return await customers.need(wanted.customer_id, teams)
        if wanted.customer_external_id is not None:
            found = await outside_customers.find(session, wanted.customer_external_id)
            if found is None or not found.seen_by(teams):
                raise UnknownRecord("customer", wanted.customer_external_id)
            return found
        number = normalise(wanted.customer_number or "", self._region)
        having = [one for one in await customers.by_number(number) if one.seen_by(teams)]
        if not having:
            raise UnknownRecord("customer", mask(number.text))
        if len(having) > 1:
            raise InvalidField("customer_number", f"is that of {len(having)} customers")
        return having[0]

    def _event(self, customer: Customer, wanted: TimelineEventToAdd, by: str) -> TimelineEvent:
        return TimelineEvent(
            id=self._new_id(),
            customer_id=customer.id,
            at=wanted.at,
            kind=wanted.kind,
            title=wanted.title,
            data=wanted.data,
            source=wanted.source,
            external_id=wanted.external_id,
            added_by=by,
            added_at=self._now(),
        )


async def _reported(session: AsyncSession, wanted: TimelineEventToAdd) -> TimelineEvent | None:
    if wanted.external_id is None:
        return None
    return await Timeline(session).reported(wanted.source, wanted.external_id)
