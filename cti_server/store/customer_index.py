"""Everything that is derived from customers and kept beside them: what has to follow each edit."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from crm.duplicates import Facts
from crm.search import Searched

from .customer_keys import CustomerKeys
from .customer_search import CustomerSearch, Noted
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
            digits=tuple(number.number.removeprefix("+") for number in customer.numbers),
            addresses=tuple(point.value for point in customer.contact_points),
            company=customer.company,
            external_id=customer.external_id,
            tags=tuple(customer.tags),
            attributes=customer.attributes,
        )
        return cls(customer.id, customer.facts, Noted(customer.team, searched))


class CustomerIndex:
    """
    The one place to tell of customers who are new, changed or gone.

    The caller owns the session and its transaction.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._keys = CustomerKeys(session)
        self._search = CustomerSearch(session)

    async def note(self, customers: Iterable[Customer]) -> None:
        """Of each of these, whole, in place of what was noted."""
        await self._store([Entry.of(customer) for customer in customers], new=False)

    async def note_new(self, entries: Iterable[Entry]) -> None:
        """Of customers of whom nothing was noted."""
        await self._store(list(entries), new=True)

    async def forget(self, customer_ids: Collection[str]) -> None:
        """These can be found no more, and nobody is compared with them."""
        await self._keys.forget(customer_ids)
        await self._search.forget(customer_ids)

    async def _store(self, entries: list[Entry], *, new: bool) -> None:
        await self._keys.note({entry.customer_id: entry.facts for entry in entries}, new=new)
        await self._search.note({entry.customer_id: entry.noted for entry in entries}, new=new)
