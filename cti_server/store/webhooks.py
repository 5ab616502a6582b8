"""Webhooks: who is told of which events, how far they are, and what could not be delivered."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord

from .base import Base, SequenceNumber
from .versions import Versioned


class Webhook(Versioned, Base, kw_only=True):
    """
    One subscription. ``names`` are patterns of event names; ``disabled_reason`` is given if it was
    not people who disabled it. The secret before this one signs beside it until
    ``previous_secret_until``.
    """

    __tablename__ = "webhook"

    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]
    names: Mapped[list[str]]
    sealed_secret: Mapped[str]
    previous_sealed_secret: Mapped[str | None] = mapped_column(default=None)
    previous_secret_until: Mapped[datetime | None] = mapped_column(default=None)
    description: Mapped[str | None] = mapped_column(default=None)
    enabled: Mapped[bool] = mapped_column(default=True)
    disabled_reason: Mapped[str | None] = mapped_column(default=None)


class WebhookProgress(Base, kw_only=True):
    """
    How far a webhook is: everything up to ``position`` is delivered, or a dead letter.

    ``attempts`` are those of the event that is next, ``next_at`` is when it is tried again;
    ``failing_since`` is when the last delivery that succeeded was followed by one that failed.
    """

    __tablename__ = "webhook_progress"

    webhook_id: Mapped[str] = mapped_column(
        ForeignKey("webhook.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(SequenceNumber)
    attempts: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None] = mapped_column(default=None)
    next_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    failure: Mapped[str | None] = mapped_column(default=None)
    delivered_at: Mapped[datetime | None] = mapped_column(default=None)


class DeadLetter(Base, kw_only=True):
    """An event that a target did not take; ``delivered_at``: sent again, and taken then."""

    __tablename__ = "dead_letter"

    webhook_id: Mapped[str] = mapped_column(
        ForeignKey("webhook.id", ondelete="CASCADE"), primary_key=True
    )
    sequence: Mapped[int] = mapped_column(
        SequenceNumber, primary_key=True, autoincrement=False, index=True
    )
    name: Mapped[str]
    body: Mapped[str]
    attempts: Mapped[int]
    failure: Mapped[str]
    failed_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None] = mapped_column(default=None)


class Webhooks:
    """The stored webhooks. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def need(self, webhook_id: str) -> Webhook:
        """Raises UnknownRecord."""
        found = await self._session.get(Webhook, webhook_id)
        if found is None:
            raise UnknownRecord("webhook", webhook_id)
        return found

    async def progress(self, webhook_id: str) -> WebhookProgress:
        return await self._session.get_one(WebhookProgress, webhook_id)

    async def page(
        self, limit: int, after: str | None
    ) -> Sequence[tuple[Webhook, WebhookProgress]]:
        """By id."""
        query = select(Webhook, WebhookProgress).join(WebhookProgress)
        if after is not None:
            query = query.where(Webhook.id > after)
        query = query.order_by(Webhook.id).limit(limit)
        return [(one, at) for one, at in (await self._session.execute(query)).all()]

    async def enabled(self) -> Sequence[tuple[Webhook, WebhookProgress]]:
        query = select(Webhook, WebhookProgress).join(WebhookProgress).where(Webhook.enabled)
        return [(one, at) for one, at in (await self._session.execute(query)).all()]

    async def dead_letters(
        self, webhook_id: str, limit: int, after: int | None
    ) -> Sequence[DeadLetter]:
        """The newest first, older than ``after``."""
        query = select(DeadLetter).where(DeadLetter.webhook_id == webhook_id)
        if after is not None:
            query = query.where(DeadLetter.sequence < after)
        query = query.order_by(DeadLetter.sequence.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def undelivered(self) -> int:
        """Dead letters of all webhooks that nobody has sent again."""
        query = select(func.count()).where(DeadLetter.delivered_at.is_(None))
        return await self._session.scalar(query) or 0

    async def need_dead_letter(self, webhook_id: str, sequence: int) -> DeadLetter:
        """Raises UnknownRecord."""
        found = await self._session.get(DeadLetter, (webhook_id, sequence))
        if found is None:
            raise UnknownRecord("dead_letter", str(sequence))
        return found
