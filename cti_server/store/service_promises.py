"""Service levels that were promised to customers, one by one or by their tier."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord
from crm.promises import Promise, Terms

from .base import Base
from .versions import Versioned


class ServicePromise(Versioned, Base, kw_only=True):
    """Of one customer (a contract) or one tier; ``terms``: a :class:`crm.promises.Terms`."""

    __tablename__ = "service_promise"

    id: Mapped[str] = mapped_column(primary_key=True)
    labels: Mapped[dict[str, str]]
    tier: Mapped[str | None] = mapped_column(default=None, index=True)
    customer_id: Mapped[str | None] = mapped_column(
        ForeignKey("customer.id"), default=None, index=True
    )
    terms: Mapped[dict[str, Any]]
    active_from: Mapped[datetime | None] = mapped_column(default=None)
    active_to: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def promise(self) -> Promise:
        return Promise(
            Terms.model_validate(self.terms),
            tier=self.tier,
            customer_id=self.customer_id,
            active_from=self.active_from,
            active_to=self.active_to,
        )


class ServicePromises:
    """The stored promises. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> Sequence[ServicePromise]:
        query = select(ServicePromise).order_by(ServicePromise.id)
        return (await self._session.scalars(query)).all()

    async def need(self, promise_id: str) -> ServicePromise:
        """Raises UnknownRecord."""
        found = await self._session.get(ServicePromise, promise_id)
        if found is None:
            raise UnknownRecord("service_promise", promise_id)
        return found

    async def of(self, customer_ids: Collection[str], tiers: Collection[str]) -> list[Promise]:
        """What was promised to who has these ids and tiers, at whatever time."""
        query = select(ServicePromise).where(
            or_(ServicePromise.customer_id.in_(customer_ids), ServicePromise.tier.in_(tiers))
        )
        return [one.promise for one in await self._session.scalars(query)]
