"""Merges of customers, with what it takes to undo them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import NotNow
from crm.merging import Merger, undone

from .base import Base
from .consents import Consent, Consents
from .customer_index import CustomerIndex
from .customers import Customer, Customers

SOURCE = "merge"
"""Of a refusal that one of the two had spoken, and that holds for the one who they are."""


class CustomerMerge(Base, kw_only=True):
    """``records``: the :class:`crm.merging.Merger` as JSON, empty when a person was erased."""

    __tablename__ = "customer_merge"

    id: Mapped[str] = mapped_column(primary_key=True)
    survivor_id: Mapped[str] = mapped_column(index=True)
    merged_id: Mapped[str] = mapped_column(index=True)
    merged_at: Mapped[datetime]
    merged_by: Mapped[str]
    records: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None] = mapped_column(default=None)
    undone_by: Mapped[str | None] = mapped_column(default=None)

    @property
    def merger(self) -> Merger:
        return msgspec.convert(self.records, Merger)


class CustomerMerges:
    """The stored merges. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession, new_id: Callable[[], str]) -> None:
        self._session = session
        self._new_id = new_id
        self._index = CustomerIndex(session)

    async def get(self, merge_id: str) -> CustomerMerge | None:
        return await self._session.get(CustomerMerge, merge_id)

    async def of(self, customer_ids: Sequence[str]) -> Sequence[CustomerMerge]:
        """What these customers were merged from or into, the newest first."""
        query = (
            select(CustomerMerge)
            .where(
                CustomerMerge.survivor_id.in_(customer_ids)
                | CustomerMerge.merged_id.in_(customer_ids)
            )
            .order_by(CustomerMerge.merged_at.desc(), CustomerMerge.id.desc())
        )
        return (await self._session.scalars(query)).all()

    async def merge(
        self, survivor: Customer, merged: Customer, merger: Merger, merged_by: str, now: datetime
    ) -> CustomerMerge:
        """Carry out what :func:`crm.merging.merge` decided on these two."""
        await self._keep_refusals(survivor, merged, merged_by, now)
        merged.set_numbers([])
        merged.set_contact_points([])
        merged.merged_into = survivor.id
        merged.updated_at = now
        await self._session.flush()
        survivor.become(merger.after, now)
        await self._index.note([survivor])
        await self._index.forget([merged.id])
        merge = CustomerMerge(
            id=self._new_id(),
            survivor_id=survivor.id,
            merged_id=merged.id,
            merged_at=now,
            merged_by=merged_by,
            records=msgspec.to_builtins(merger),
        )
        self._session.add(merge)
        return merge

    async def undo(
        self, merge: CustomerMerge, undone_by: str, now: datetime
    ) -> tuple[Customer, Customer]:
        """
        Take the two apart again; return the survivor and the one who is back.

        Raises NotNow (UndoContradicted) where something since stands in the way.
        """
        survivor, merged = await self._apart(merge)
        survivor.become(undone(merge.merger, survivor.record), now)
        await self._session.flush()
        merged.merged_into = None
        merged.become(merge.merger.merged, now)
        await self._session.execute(
            delete(Consent).where(
                Consent.customer_id == survivor.id,
                Consent.source == SOURCE,
                Consent.at == merge.merged_at,
            )
        )
        await self._index.note([survivor, merged])
        merge.undone_at, merge.undone_by = now, undone_by
        return survivor, merged

    async def _apart(self, merge: CustomerMerge) -> tuple[Customer, Customer]:
        """The two, if nothing happened since that has to be undone first."""
        if merge.undone_at is not None:
            raise NotNow("this merge is undone already")
        customers = Customers(self._session)
        survivor = await customers.as_stored(merge.survivor_id)
        merged = await customers.as_stored(merge.merged_id)
        if survivor is None or merged is None or not merge.records:
            raise NotNow("one of the two was erased since")
        later = await self._later(merge)
        if later is not None:
            raise NotNow(f"undo the later merge {later.id!r} of this customer first")
        return survivor, merged

    async def _later(self, merge: CustomerMerge) -> CustomerMerge | None:
        """A merge that has the survivor in it and came after this one; the newest."""
        found = [each for each in await self.of([merge.survivor_id]) if each.undone_at is None]
        return found[0] if found and found[0].id != merge.id else None

    async def _keep_refusals(
        self, survivor: Customer, merged: Customer, merged_by: str, now: datetime
    ) -> None:
        """Where one of the two refused and the other did not, the refusal holds for both."""
        consents = Consents(self._session)
        mine = await consents.in_force(await Customers(self._session).names_of(survivor.id))
        theirs = await consents.in_force(await Customers(self._session).names_of(merged.id))
        for channel, purpose in mine.keys() & theirs.keys():
            given = {side[channel, purpose].given for side in (mine, theirs)}
            if given == {True, False}:
                consents.add(
                    Consent(
                        id=self._new_id(),
                        customer_id=survivor.id,
                        channel=channel,
                        purpose=purpose,
                        given=False,
                        source=SOURCE,
                        at=now,
                        recorded_by=merged_by,
                    )
                )
