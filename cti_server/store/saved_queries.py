"""Saved queries: what administrators have written down for agents to run."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord

from .base import Base
from .versions import Versioned


class SavedQuery(Versioned, Base, kw_only=True):
    """``latest``: the number of the version that is run now; one that is not active is not."""

    __tablename__ = "saved_query"

    id: Mapped[str] = mapped_column(primary_key=True)
    labels: Mapped[dict[str, str]]
    latest: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)


class SavedQueryVersion(Base, kw_only=True):
    """What the query was (:class:`crm.queries.Definition`). It never changes."""

    __tablename__ = "saved_query_version"

    query_id: Mapped[str] = mapped_column(
        ForeignKey("saved_query.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    written_by: Mapped[str]
    written_at: Mapped[datetime]


class SavedQueries:
    """The stored queries. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, query: SavedQuery) -> None:
        self._session.add(query)

    async def need(self, query_id: str) -> SavedQuery:
        """Raises UnknownRecord."""
        query = await self._session.get(SavedQuery, query_id)
        if query is None:
            raise UnknownRecord("saved_query", query_id)
        return query

    async def all(self) -> Sequence[tuple[SavedQuery, SavedQueryVersion]]:
        """Each with the version that is run now."""
        query = (
            select(SavedQuery, SavedQueryVersion)
            .join(SavedQueryVersion, SavedQueryVersion.query_id == SavedQuery.id)
            .where(SavedQueryVersion.number == SavedQuery.latest)
            .order_by(SavedQuery.id)
        )
        return [(one, version) for one, version in await self._session.execute(query)]

    async def version(self, query_id: str, number: int) -> SavedQueryVersion:
        """Raises UnknownRecord."""
        found = await self._session.get(SavedQueryVersion, (query_id, number))
        if found is None:
            raise UnknownRecord("saved_query_version", f"{query_id}/{number}")
        return found

    async def versions(self, query_id: str) -> Sequence[SavedQueryVersion]:
        """The newest first."""
        version = SavedQueryVersion
        query = select(version).where(version.query_id == query_id)
        return (await self._session.scalars(query.order_by(version.number.desc()))).all()
