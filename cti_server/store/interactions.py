"""Interactions: what each agent did with each contact, offers that came to nothing included."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, SequenceNumber


class Interaction(Base, kw_only=True):
    """
    One agent's handling of one contact, from the offer to the end of wrap-up.

    ``outcome``: "offered" while the agent is asked; "declined", "timed_out", "unreachable" or
    "withdrawn" if the offer came to nothing; "accepted" once the agent said yes, and for good if
    the caller left before they could talk, or the agent gave advice and never joined the caller;
    "handled" when they talked.
    ``wrap_up_ended_at`` is empty if there was no wrap-up, or while it lasts. ``held_seconds`` are
    those in which the two did not hear one another; ``held_at`` is set while that is so.
    ``recording`` ("always", "on_demand", "never") is what ``recording_rule`` said of a call.
    """

    __tablename__ = "interaction"

    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(index=True)
    call_id: Mapped[str | None]
    agent_id: Mapped[str]
    queue: Mapped[str]
    offered_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None] = mapped_column(default=None)
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    wrap_up_ended_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    outcome: Mapped[str]
    ended_by: Mapped[str | None] = mapped_column(default=None)
    why: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    segment_id: Mapped[int | None] = mapped_column(SequenceNumber, default=None)
    held_seconds: Mapped[float] = mapped_column(default=0.0)
    held_at: Mapped[datetime | None] = mapped_column(default=None)
    recording: Mapped[str | None] = mapped_column(default=None)
    recording_rule: Mapped[str | None] = mapped_column(default=None)


Index("ix_interaction_agent_id_offered_at", Interaction.agent_id, Interaction.offered_at)


class Interactions:
    """The stored interactions. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, interaction_id: str) -> Interaction | None:
        return await self._session.get(Interaction, interaction_id)

    async def of_contacts(self, contact_ids: Sequence[str]) -> Sequence[Interaction]:
        """All that agents had to do with these contacts, in the order offered."""
        query = (
            select(Interaction)
            .where(Interaction.contact_id.in_(contact_ids))
            .order_by(Interaction.offered_at, Interaction.id)
        )
        return (await self._session.scalars(query)).all()

    async def had_part(self, agent_id: str, contact_id: str) -> bool:
        """Whether the agent was ever offered the contact."""
        query = select(Interaction.id).where(
            Interaction.contact_id == contact_id, Interaction.agent_id == agent_id
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def served(self, since: Mapping[str, datetime]) -> dict[str, int]:
        """How many customers each of these agents was connected with, since each one's moment."""
        counts: dict[str, int] = {}
        for agent_id, moment in since.items():  # each by the index: what is older is not looked at
            query = select(func.count()).where(
                Interaction.agent_id == agent_id,
                Interaction.offered_at >= moment,
                Interaction.started_at.is_not(None),
            )
            counts[agent_id] = await self._session.scalar(query) or 0
        return counts

    async def of_agent(self, agent_id: str, *, since: datetime) -> Sequence[Interaction]:
        """What the agent was offered since then, oldest first."""
        query = (
            select(Interaction)
            .where(Interaction.agent_id == agent_id, Interaction.offered_at >= since)
            .order_by(Interaction.offered_at, Interaction.id)
        )
        return (await self._session.scalars(query)).all()
