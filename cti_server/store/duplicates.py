"""Customers that may be one: looked for among those with a key in common, and nowhere else."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import combinations
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.duplicates import Facts, Suspicion, suspicion

from .customer_keys import CustomerDistinction, CustomerKeys
from .customers import Customer, Customers

_KEYS_AT_ONCE = 100
_LOOKS = 10  # at so many keys, for one page at most


class Pair(NamedTuple):
    """Two customers that may be one."""

    one: Customer
    other: Customer
    suspicion: Suspicion


class PairPage(NamedTuple):
    """Some pairs; ``next`` is the key after which more may follow, None at the end."""

    pairs: list[Pair]
    next: int | None


class Duplicates:
    """The suspects. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._keys = CustomerKeys(session)
        self._customers = Customers(session)

    async def of(self, customer: Customer, teams: frozenset[str] | None) -> list[Pair]:
        """Who may be this customer, the likeliest first."""
        alike = await self.like(customer.facts, teams)
        known = await self._known_as_two([customer.id, *(other.id for other, _ in alike)])
        return [
            Pair(customer, other, found)
            for other, found in alike
            if _sorted(customer.id, other.id) not in known
        ]

    async def like(
        self, facts: Facts, teams: frozenset[str] | None
    ) -> list[tuple[Customer, Suspicion]]:
        """The customers whom these facts may be about, the likeliest first."""
        keys = await self._keys.few_of(facts.keys, least=1)
        holders = await self._keys.holders(keys)
        ids = {one for several in holders.values() for one in several} - {facts.id}
        others = await self._customers.among(ids, teams)
        alike = [(other, suspicion(facts, other.facts)) for other in others]
        suspected = [(other, found) for other, found in alike if found.suspected]
        return sorted(suspected, key=lambda one: (-one[1].score, one[0].id))

    async def pairs(self, after: int | None, limit: int, teams: frozenset[str] | None) -> PairPage:
        """
        Suspected pairs, in the order of their smallest key; at least ``limit``, if there are.

        A page may be short, or empty, and still have a next one: it looks at so many keys only.
        """
        found: list[Pair] = []
        for _ in range(_LOOKS):
            keys = await self._keys.shared(after, _KEYS_AT_ONCE)
            found += await self._pairs_under(keys, teams)
            if len(keys) < _KEYS_AT_ONCE:
                return PairPage(found, None)
            after = keys[-1]
            if len(found) >= limit:
                break
        return PairPage(found, after)

    async def distinguish(self, one_id: str, other_id: str, said_by: str, at: datetime) -> bool:
        """Remember that they are two; False if that was known."""
        first, second = _sorted(one_id, other_id)
        if await self._session.get(CustomerDistinction, (first, second)) is not None:
            return False
        self._session.add(
            CustomerDistinction(first_id=first, second_id=second, said_by=said_by, said_at=at)
        )
        return True

    async def _pairs_under(self, keys: Sequence[int], teams: frozenset[str] | None) -> list[Pair]:
        """The pairs whose smallest common key is one of these: so each pair comes once."""
        holders = await self._keys.holders(keys)
        ids = {one for several in holders.values() for one in several}
        seen = {one.id: one for one in await self._customers.among(ids, teams)}
        theirs = await self._keys.of(seen)
        few = await self._keys.few_of({key for some in theirs.values() for key in some})
        known = await self._known_as_two(seen)
        pairs = []
        for key in keys:
            for one_id, other_id in combinations(sorted(holders[key]), 2):
                if not {one_id, other_id} <= seen.keys() or (one_id, other_id) in known:
                    continue
                if min(theirs[one_id] & theirs[other_id] & few) == key:
                    one, other = seen[one_id], seen[other_id]
                    pairs.append(Pair(one, other, suspicion(one.facts, other.facts)))
        return [pair for pair in pairs if pair.suspicion.suspected]

    async def _known_as_two(self, customer_ids: Collection[str]) -> set[tuple[str, str]]:
        query = select(CustomerDistinction.first_id, CustomerDistinction.second_id).where(
            CustomerDistinction.first_id.in_(customer_ids),
            CustomerDistinction.second_id.in_(customer_ids),
        )
        return {(first, second) for first, second in await self._session.execute(query)}


def _sorted(one_id: str, other_id: str) -> tuple[str, str]:
    return (one_id, other_id) if one_id < other_id else (other_id, one_id)
