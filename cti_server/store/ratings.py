"""What customers said of how they were served."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class Rating(Base, kw_only=True):
    """
    A survey that was begun, question by question: ``rating`` is none until it is answered.

    From 1 to ``best``, of one conversation; outside a survey of the contact as a whole. The row
    whose ``question`` is empty is the survey itself, whose ``flow`` asks.
    """

    __tablename__ = "rating"

    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(index=True)
    interaction_id: Mapped[str | None] = mapped_column(default=None)
    about_agent: Mapped[str | None] = mapped_column(default=None)
    queue: Mapped[str | None] = mapped_column(default=None)
    flow: Mapped[str] = mapped_column(default="")
    question: Mapped[str] = mapped_column(default="")
    rating: Mapped[int | None] = mapped_column(default=None)
    best: Mapped[int | None] = mapped_column(default=None)
    at: Mapped[datetime]


Index("ix_rating_at", Rating.at)


class Ratings:
    """The stored ratings. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_contact(self, contact_id: str) -> Sequence[Rating]:
        """What was answered, in the order of the questions' first answers."""
        query = (
            select(Rating)
            .where(Rating.contact_id == contact_id, Rating.rating.is_not(None))
            .order_by(Rating.at, Rating.id)
        )
        return (await self._session.scalars(query)).all()
