"""Dispositions: the codes, which queues insist on one, and what agents recorded."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.dispositions import Code

from .base import Base
from .interactions import Interaction
from .versions import Versioned

OFFERED_BEFORE = timedelta(days=1)
"""No conversation is longer: what was offered earlier need not be looked at."""


class DispositionCode(Versioned, Base, kw_only=True):
    """What may have become of a contact; a code without a parent may be a group of others."""

    __tablename__ = "disposition_code"

    id: Mapped[str] = mapped_column(primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("disposition_code.id"), default=None)
    labels: Mapped[dict[str, str]]
    queues: Mapped[list[str]]
    form_id: Mapped[str | None] = mapped_column(ForeignKey("form.id"), default=None)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class DispositionRule(Versioned, Base, kw_only=True):
    """Whether the agents of a queue have to record a disposition; ``id`` is the queue's name."""

    __tablename__ = "disposition_rule"

    id: Mapped[str] = mapped_column(primary_key=True)
    required: Mapped[bool]


class Disposition(Versioned, Base, kw_only=True):
    """What an agent said of an interaction, whose id it has."""

    __tablename__ = "disposition"

    id: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(index=True)
    agent_id: Mapped[str]
    queue: Mapped[str]
    code_id: Mapped[str] = mapped_column(ForeignKey("disposition_code.id"))
    filled_form_id: Mapped[str | None] = mapped_column(ForeignKey("filled_form.id"), default=None)
    note: Mapped[str | None] = mapped_column(default=None)


Index("ix_disposition_code_id_created_at", Disposition.code_id, Disposition.created_at)
Index(
    "ix_disposition_created_at_code_id_queue_agent_id",
    Disposition.created_at,
    Disposition.code_id,
    Disposition.queue,
    Disposition.agent_id,
)
Index("ix_disposition_queue_created_at", Disposition.queue, Disposition.created_at)


class Dispositions:
    """The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def codes(self) -> Sequence[DispositionCode]:
        query = select(DispositionCode).order_by(DispositionCode.position, DispositionCode.id)
        return (await self._session.scalars(query)).all()

    async def code(self, code_id: str) -> DispositionCode | None:
        return await self._session.get(DispositionCode, code_id)

    async def choice(self, code_id: str) -> Code | None:
        """A code as it is chosen or not."""
        found = await self.code(code_id)
        if found is None:
            return None
        below = select(DispositionCode.id).where(
            DispositionCode.parent_id == code_id, DispositionCode.active
        )
        return Code(
            id=found.id,
            parent_id=found.parent_id,
            queues=found.queues,
            form_id=found.form_id,
            active=found.active,
            has_children=await self._session.scalar(below.limit(1)) is not None,
        )

    async def rules(self) -> Sequence[DispositionRule]:
        return (await self._session.scalars(select(DispositionRule))).all()

    async def rule(self, queue: str) -> DispositionRule | None:
        return await self._session.get(DispositionRule, queue)

    async def get(
        self, interaction_id: str, seen: Sequence[ColumnElement[bool]] = ()
    ) -> Disposition | None:
        query = select(Disposition).where(Disposition.id == interaction_id, *seen)
        return await self._session.scalar(query)

    async def owed(self, agent_id: str, since: datetime) -> Sequence[Interaction]:
        """The agent's that ended since then, need an outcome and have none; the oldest first."""
        query = (
            select(Interaction)
            .join(DispositionRule, DispositionRule.id == Interaction.queue)
            .outerjoin(Disposition, Disposition.id == Interaction.id)
            .where(
                Interaction.agent_id == agent_id,
                Interaction.offered_at >= since - OFFERED_BEFORE,
                Interaction.started_at.is_not(None),
                Interaction.ended_at >= since,
                DispositionRule.required,
                Disposition.id.is_(None),
            )
            .order_by(Interaction.ended_at, Interaction.id)
        )
        return (await self._session.scalars(query)).all()

    async def of_contacts(self, contact_ids: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        """What each contact's agents recorded, in their order, with the words for it."""
        query = (
            select(Disposition, DispositionCode)
            .join(DispositionCode, DispositionCode.id == Disposition.code_id)
            .where(Disposition.contact_id.in_(contact_ids))
            .order_by(Disposition.created_at, Disposition.id)
        )
        found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for one, code in await self._session.execute(query):
            found[one.contact_id].append(
                {
                    "interaction_id": one.id,
                    "agent_id": one.agent_id,
                    "code": code.id,
                    "group": code.parent_id,
                    "labels": code.labels,
                    "note": one.note,
                    "filled_form_id": one.filled_form_id,
                    "recorded_at": one.created_at,
                }
            )
        return found
