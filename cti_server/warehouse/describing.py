"""
Tells the log of customers whom no event told of: an import brings them by the thousand.

What figures are made of goes into the log in bounded portions, so that the warehouse can be made
from the log alone. Telling of somebody twice does no harm: a description is of a record's version.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from cti_server.clock import Clock
from cti_server.store import warehouse_rows as rows
from cti_server.store.customer_facts import changed_since
from cti_server.store.database import Database
from cti_server.wire.events import CustomersDescribed, Event

AT_ONCE = 500  # customers an event
OVERLAP = timedelta(hours=1)
"""For what was not committed yet when we looked, and for clocks that differ."""


class Description:
    """Goes through the customers at the first start, and after each import."""

    def __init__(
        self,
        source: Database,
        target: Database,
        append: Callable[[Event], object],
        clock: Clock,
    ) -> None:
        self._source = source
        self._target = target
        self._append = append
        self._clock = clock
        self._wanted = True

    def wake(self) -> None:
        """Customers were imported."""
        self._wanted = True

    async def tell(self) -> None:
        """Of all who changed since the last time, if there is a reason to think so."""
        if not self._wanted:
            return
        self._wanted = False
        begun = self._clock.now()
        before = await self._target.in_transaction(_told)
        since = datetime.fromtimestamp(before, begun.tzinfo) - OVERLAP if before else None
        after = ""
        while True:
            async with self._source.readers() as session:
                some = await changed_since(session, since, after, AT_ONCE)
            if some:
                self._append(CustomersDescribed(customers=some))
                after = some[-1].id
            if len(some) < AT_ONCE:
                break
        now = int(begun.timestamp())
        if now > before:
            await self._target.in_transaction(
                lambda it: rows.move_on(it, rows.DESCRIBED, before, now, begun)
            )


def _told(connection: Connection) -> int:
    return rows.position(connection, rows.DESCRIBED)
