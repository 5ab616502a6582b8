"""What customers agreed to and what they refused: every decision, none of them overwritten."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.consents import Decision, Preferences, Wishes, latest

from .base import Base
from .customers import Customer, Customers


class Consent(Base, kw_only=True):
    """
    One decision; the newest of a channel and purpose holds, the older ones prove what held before.

    ``source`` is how it was made ("call", "web form", "merge" …).
    """

    __tablename__ = "consent"

    id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    channel: Mapped[str]
    purpose: Mapped[str]
    given: Mapped[bool]
    source: Mapped[str]
    at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    recorded_by: Mapped[str]

    @property
    def decision(self) -> Decision:
        return Decision(self.channel, self.purpose, self.given, self.at, self.expires_at)


Index("ix_consent_customer_id_at", Consent.customer_id, Consent.at)


class Consents:
    """The stored decisions. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, consent: Consent) -> None:
        self._session.add(consent)

    async def of(self, customer_ids: Collection[str]) -> Sequence[Consent]:
        """All decisions of these customers, the oldest first."""
        query = (
            select(Consent)
            .where(Consent.customer_id.in_(customer_ids))
            .order_by(Consent.at, Consent.id)
        )
        return (await self._session.scalars(query)).all()

    async def in_force(self, customer_ids: Collection[str]) -> dict[tuple[str, str], Decision]:
        """What holds for the one customer who has all these ids, by channel and purpose."""
        decisions = [consent.decision for consent in await self.of(customer_ids)]
        found = {(each.channel, each.purpose): each for each in decisions}
        return {on: latest(decisions, *on) or each for on, each in found.items()}

    async def wishes(self, customers: Sequence[Customer], time_zone: str) -> dict[str, Wishes]:
        """All that these customers said, under whatever id, by their own; ``time_zone``: ours."""
        owners = await Customers(self._session).owners_of([one.id for one in customers])
        said: dict[str, list[Decision]] = {}
        for consent in await self.of(owners):
            said.setdefault(owners[consent.customer_id], []).append(consent.decision)
        return {
            one.id: Wishes(
                preferences=Preferences.model_validate(one.preferences),
                decisions=said.get(one.id, []),
                time_zone=time_zone,
            )
            for one in customers
        }
