"""Everything that is derived from customers and kept beside them: what has to follow each edit."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm.duplicates import Facts
from crm.search import Searched

from .customer_index_due import CustomersDue
from .customer_keys import CustomerKeys
from .customer_search import CustomerSearch, Noted, store_terms
from .customers import Customer


@dataclass(frozen=True, slots=True)
class Entry:
    """What is derived from one customer."""

    customer_id: str
    facts: Facts
    noted: Noted

    @classmethod
    def of(cls, customer: Customer) -> "Entry":
        searched = Searched(
            name=customer.name,
            kind=customer.kind,
            numbers=tuple(number.value for number in customer.numbers),
            addresses=tuple(point.value for point in customer.contact_points),
            company=customer.company,
            external_id=customer.external_id,
            tags=tuple(customer.tags),
            notes=customer.notes,
            attributes=customer.attributes,
        )
        facts = customer.facts
        return cls(customer.id, facts, Noted(customer.team, searched, facts.keys))


class CustomerIndex:
    """
    The one place to tell of customers who are new, changed or gone.

    The caller owns the session and its transaction.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._keys = CustomerKeys(session)
        self._search = CustomerSearch(session)
        self._due = CustomersDue(session)

    async def note(self, customers: Iterable[Customer]) -> None:
        """Of each of these, whole, in place of what was noted."""
        entries = [Entry.of(customer) for customer in customers]
        await self._due.withdraw([entry.customer_id for entry in entries])
        await self._store(entries, new=False)

    async def note_new(self, entries: Iterable[Entry]) -> None:
        """Of customers of whom nothing was noted."""
        await self._store(list(entries), new=True)

    async def note_later(self, entries: Collection[Entry]) -> None:
        """The same of a great many: what is to be in the indexes, but not yet there."""
        await self._session.flush()  # a new customer's row comes first
        noted = {entry.customer_id: entry.noted for entry in entries}
        await self._session.run_sync(store_terms, noted)
        await self._due.add(noted)

    async def forget(self, customer_ids: Collection[str]) -> None:
        """These can be found no more, and nobody is compared with them."""
        await self._due.withdraw(customer_ids)
        await self._keys.forget(customer_ids)
        await self._search.forget(customer_ids)

    async def _store(self, entries: list[Entry], *, new: bool) -> None:
        await self._keys.note({entry.customer_id: entry.facts for entry in entries}, new=new)
        await self._search.note({entry.customer_id: entry.noted for entry in entries}, new=new)
