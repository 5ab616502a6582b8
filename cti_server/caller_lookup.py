"""Who calls: our own records, brought up to date by the outside CRM where there is one."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from crm.errors import CrmError
from crm.numbers import Number, normalise
from crm.pop import Pop

from .outside_crm import OutsideCrm, OutsideCrmFailed, OutsideCustomer
from .store import outside_customers
from .store.changes import Changes
from .store.customer_index import CustomerIndex
from .store.database import UNAVAILABLE, Database
from .store.lookup import CustomerLookup

log = structlog.get_logger()

CHANGED_BY = "outside-crm"


class CallerLookup:
    """
    Asks both at once. What the other system says becomes our record, and the pop is of that record:
    so history, tickets, tags and routing are the same whoever keeps the customers.
    """

    def __init__(
        self,
        own: CustomerLookup,
        outside: OutsideCrm,
        *,
        database: Database,
        changes: Changes,
        region: str,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._own = own
        self._outside = outside
        self._database = database
        self._changes = changes
        self._region = region
        self._now = now
        self._new_id = new_id

    async def look_up(self, number: str) -> Pop:
        """Never raises for the other system's sake, nor for the database's."""
        caller = normalise(number, self._region)
        pop, news = await asyncio.gather(self._own.look_up(number), self._follow(caller))
        return await self._own.look_up(number) if news else pop

    async def _follow(self, caller: Number) -> bool:
        """Whether our records have changed by what the other system said."""
        try:
            customer = await self._outside.find(caller)
            return customer is not None and await self._take_over(customer, caller)
        except OutsideCrmFailed as error:
            log.warning("crm.outside_failed", reason=str(error))
        except (*UNAVAILABLE, CrmError) as error:
            log.warning("crm.outside_not_kept", reason=type(error).__name__)
        return False

    async def _take_over(self, customer: OutsideCustomer, caller: Number) -> bool:
        said = _said(customer)
        async with self._database.readers() as session:
            record = await outside_customers.find(session, customer.external_id)
            if record and not outside_customers.differences(record, said, caller):
                return False
        async with self._changes.begin(CHANGED_BY) as change:
            record = await outside_customers.find(change.session, customer.external_id)
            if record is None:
                record = outside_customers.new_record(
                    said, caller, new_id=self._new_id, now=self._now()
                )
                change.session.add(record)
                await CustomerIndex(change.session).note([record])
                change.record("customer", record.id, "created", fields=[*said, "numbers"])
                return True
            changed = outside_customers.differences(record, said, caller)
            for name, value in changed.items():
                setattr(record, name, value)
            record.updated_at = self._now()
            await CustomerIndex(change.session).note([record])
            change.record("customer", record.id, "updated", fields=changed)
        return True


def _said(customer: OutsideCustomer) -> dict[str, Any]:
    said = customer.model_dump(exclude_unset=True)
    return said | {"tags": list(said["tags"])} if said.get("tags") is not None else said
