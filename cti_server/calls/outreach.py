"""Whether customers may be contacted now: asked before anything of ours leaves for them."""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from crm.consents import Channel, Purpose, Refusal, Wishes, allows
from crm.numbers import normalise
from cti_server.store.consents import Consents
from cti_server.store.customers import Customer, Customers
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.wire.events import Event, OutreachRefused

from .errors import CallError

log = structlog.get_logger()


class CustomerDeclines(CallError):
    """The customer will not be contacted so, or not now; ``until``: when that ends, if it does."""

    def __init__(self, refusal: Refusal, channel: str, purpose: str) -> None:
        until = f" until {refusal.until.isoformat()}" if refusal.until is not None else ""
        super().__init__(f"the customer declines {channel} for {purpose}{until}: {refusal.cause}")
        self.refusal = refusal
        self.cause = refusal.cause


class Outreach:
    """The customers' wishes, and the log of what they kept from happening."""

    def __init__(
        self,
        database: Database,
        append: Callable[[Event], object],
        *,
        now: Callable[[], datetime],
        region: str,
        time_zone: str,
    ) -> None:
        """``region``: where national numbers are from; ``time_zone``: of who names none."""
        self._database = database
        self._append = append
        self._now = now
        self._region = region
        self._time_zone = time_zone

    async def need_allowed(
        self,
        channel: Channel,
        purpose: Purpose,
        *,
        number: str,
        customer_id: str | None,
        asked_by: str,
        overruled: Callable[[Refusal], bool] = lambda refusal: False,
    ) -> None:
        """
        Raises CustomerDeclines, but for what is ``overruled``: the call is made all the same.

        ``customer_id``: who is meant; None: whoever has the number, and then any of them can
        decline for all.

        Without its database the centre still calls back who needs service; it advertises nothing.
        """
        try:
            wishes = await self._wishes(number, customer_id)
        except UNAVAILABLE as error:
            if purpose != "service":
                raise
            log.warning("crm.wishes_unknown", channel=channel, reason=type(error).__name__)
            return
        if customer_id is None and not wishes:
            wishes = [("", Wishes(time_zone=self._time_zone))]
        for declined_by, said in wishes:
            refusal = allows(said, channel, purpose, self._now())
            if refusal is not None and not overruled(refusal):
                self._append(
                    OutreachRefused(
                        customer_id=declined_by,
                        channel=channel,
                        purpose=purpose,
                        cause=refusal.cause,
                        asked_by=asked_by,
                    )
                )
                raise CustomerDeclines(refusal, channel, purpose)

    async def _wishes(self, number: str, customer_id: str | None) -> list[tuple[str, Wishes]]:
        async with self._database.readers() as session:
            customers = Customers(session)
            concerned: Sequence[Customer]
            if customer_id is not None:
                customer = await customers.get(customer_id)
                concerned = [customer] if customer is not None else []
            else:
                concerned = await customers.by_number(normalise(number, self._region))
            said = await Consents(session).wishes(concerned, self._time_zone)
            return [(customer.id, said[customer.id]) for customer in concerned]
