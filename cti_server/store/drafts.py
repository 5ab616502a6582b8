"""What agents have begun to write about contacts and not handed in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base
from .contacts import Contact
from .database import Database
from .inserts import insert_into

MOST = 100
"""Drafts of one agent: one more, and the oldest goes."""
KEPT_AFTER_CONTACT = timedelta(days=1)
KEPT_UNTOUCHED = timedelta(days=30)


class Draft(Base, kw_only=True):
    """``about``: the contact or interaction for which the agent's desktop keeps it."""

    __tablename__ = "draft"

    agent_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(primary_key=True)
    contact_id: Mapped[str] = mapped_column(index=True)
    content: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class Drafts:
    """The stored ones of one agent. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession, agent_id: str) -> None:
        self._session = session
        self._agent_id = agent_id

    async def get(self, kind: str, about: str) -> Draft | None:
        return await self._session.get(Draft, (self._agent_id, kind, about))

    async def all(self) -> Sequence[Draft]:
        """The newest first."""
        query = select(Draft).where(Draft.agent_id == self._agent_id)
        newest = query.order_by(Draft.updated_at.desc(), Draft.kind, Draft.about)
        return (await self._session.scalars(newest)).all()

    async def add(self, draft: Draft) -> None:
        """The oldest make room; of two that are kept at once the newer stays."""
        for old in (await self.all())[MOST - 1 :]:
            await self._session.delete(old)
        await self._session.flush()
        names = Draft.__mapper__.column_attrs.keys()
        values = {name: getattr(draft, name) for name in names}
        new = insert_into(Draft, self._session.get_bind().dialect).values(**values)
        await self._session.execute(
            new.on_conflict_do_update(
                index_elements=["agent_id", "kind", "about"],
                set_={name: values[name] for name in ("contact_id", "content", "updated_at")},
                where=Draft.updated_at <= new.excluded.updated_at,
            )
        )

    async def remove(self, kind: str, about: str) -> None:
        """Harmless if there is none."""
        if (draft := await self.get(kind, about)) is not None:
            await self._session.delete(draft)


class ExpiredDrafts:
    """The due work of forgetting drafts whose contact is over, and those nobody goes on with."""

    name = "expired_drafts"
    records: frozenset[str] = frozenset()

    def __init__(self, database: Database) -> None:
        self._database = database

    async def earliest(self) -> datetime | None:
        theirs = select(func.min(Contact.ended_at)).join(Draft, Draft.contact_id == Contact.id)
        async with self._database.readers() as session:
            ended = await session.scalar(theirs)
            touched = await session.scalar(select(func.min(Draft.updated_at)))
        moments = (
            None if ended is None else ended + KEPT_AFTER_CONTACT,
            None if touched is None else touched + KEPT_UNTOUCHED,
        )
        return min((one for one in moments if one is not None), default=None)

    async def do(self, now: datetime) -> None:
        over = exists().where(
            Contact.id == Draft.contact_id, Contact.ended_at <= now - KEPT_AFTER_CONTACT
        )
        gone = delete(Draft).where(or_(over, Draft.updated_at <= now - KEPT_UNTOUCHED))
        async with self._database.sessions.begin() as session:
            await session.execute(gone)
