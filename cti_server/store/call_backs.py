"""Callers who are to be called back, because they lost their place by no fault of theirs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class CallBack(Base, kw_only=True):
    """
    One call-back; its id is that of the contact that was lost.

    ``queued_at`` is the moment that counted for the caller's place. It is open until ``closed_at``;
    ``outcome`` is "reached" (the customer was spoken with) or "removed".
    """

    __tablename__ = "call_back"

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    queue: Mapped[str]
    queued_at: Mapped[datetime]
    wanted_at: Mapped[datetime]
    reason: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    last_agent_id: Mapped[str | None] = mapped_column(default=None)
    last_contact_id: Mapped[str | None] = mapped_column(default=None)
    last_dialled_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    outcome: Mapped[str | None] = mapped_column(default=None)
    closed_by: Mapped[str | None] = mapped_column(default=None)


Index("ix_call_back_closed_at_queued_at", CallBack.closed_at, CallBack.queued_at)


class CallBacks:
    """The stored call-backs. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, call_back_id: str) -> CallBack | None:
        return await self._session.get(CallBack, call_back_id)

    async def open(self, limit: int, *, queue: str | None = None) -> Sequence[CallBack]:
        """Those still to be dialled, in the order in which the callers had queued."""
        query = select(CallBack).where(CallBack.closed_at.is_(None))
        if queue is not None:
            query = query.where(CallBack.queue == queue)
        query = query.order_by(CallBack.queued_at, CallBack.id).limit(limit)
        return (await self._session.scalars(query)).all()
