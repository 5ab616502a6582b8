"""Who is calling: the look-up that runs beside the menu while the caller listens."""

import asyncio
from collections.abc import Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from crm.matching import decide
from crm.numbers import Number, NumberKind, mask, normalise
from crm.pop import UNAVAILABLE, CustomerSummary, PastContact, Pop

from .contacts import Contact, Contacts
from .customers import Customer, Customers
from .database import UNAVAILABLE as DATABASE_UNAVAILABLE

log = structlog.get_logger()


class CustomerLookup:
    """Finds the customers of a number, with what they wanted before, in two queries."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        region: str,
        *,
        patience: float = 5.0,
        history: int = 5,
    ) -> None:
        """``patience``: seconds after which a database that hangs counts as unavailable."""
        self._sessions = sessions
        self._region = region
        self._patience = patience
        self._history = history

    async def look_up(self, number: str) -> Pop:
        """Never raises for the database's sake: then the answer is "unavailable"."""
        caller = normalise(number, self._region)
        if caller.kind is NumberKind.WITHHELD:
            return Pop(match="none")
        try:
            async with asyncio.timeout(self._patience), self._sessions() as session:
                return await self._found(session, caller, number)
        except DATABASE_UNAVAILABLE as error:
            log.warning(
                "crm.lookup_failed", caller_number=mask(caller.text), reason=type(error).__name__
            )
            return UNAVAILABLE

    async def _found(self, session: AsyncSession, caller: Number, number: str) -> Pop:
        found = await Customers(session).like(caller)
        matched = decide(caller, [candidate for _, candidate in found])
        customers = {customer.id: customer for customer, _ in found}
        contacts = Contacts(session)
        if len(matched.customer_ids) == 1:
            history = await contacts.of_customers(matched.customer_ids, 2 * self._history)
        else:
            # A contact has its number as it was shown, which no driver may refuse to take.
            shown = [number] if number.isprintable() else []
            history = await contacts.of_caller([caller.text, *shown], 2 * self._history)
        return Pop.of(
            [_summary(customers[customer_id]) for customer_id in matched.customer_ids],
            matched.confidence,
            self._past(history),
        )

    def _past(self, contacts: Sequence[Contact]) -> list[PastContact]:
        """The latest that are over; the call that is being answered may be among the others."""
        over = [contact for contact in contacts if contact.ended_at is not None]
        return [_past_contact(contact) for contact in over[: self._history]]


def _summary(customer: Customer) -> CustomerSummary:
    return CustomerSummary(
        id=customer.id,
        kind=customer.kind,
        name=customer.name,
        tier=customer.tier,
        language=customer.language,
        company=customer.company,
        tags=customer.tags,
    )


def _past_contact(contact: Contact) -> PastContact:
    return PastContact(
        contact_id=contact.id,
        channel=contact.channel,
        arrived_at=contact.arrived_at,
        ended_at=contact.ended_at,
        queue=contact.queue,
        agent_id=contact.agent_id,
        outcome=contact.outcome,
    )
