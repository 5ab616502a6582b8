"""Scorecards, version by version, and the codes of errors."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord
from crm.quality.scorecards import Scorecard
from crm.quality.taxonomy import Code, Taxonomy

from .base import Base
from .versions import Versioned


class ScorecardRecord(Versioned, Base, kw_only=True):
    """``latest``: the number of the version that new reviews are made by."""

    __tablename__ = "scorecard"

    id: Mapped[str] = mapped_column(primary_key=True)
    labels: Mapped[dict[str, str]]
    active: Mapped[bool] = mapped_column(default=True)
    latest: Mapped[int] = mapped_column(default=1)


class ScorecardVersion(Base, kw_only=True):
    """``definition``: a :class:`crm.quality.scorecards.Scorecard`. It never changes."""

    __tablename__ = "scorecard_version"

    scorecard_id: Mapped[str] = mapped_column(ForeignKey("scorecard.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    written_by: Mapped[str]
    written_at: Mapped[datetime]

    @property
    def card(self) -> Scorecard:
        return Scorecard.model_validate(self.definition)


class ErrorCode(Versioned, Base, kw_only=True):
    """One kind of error, or a group of them. Its parent never changes: figures name both."""

    __tablename__ = "error_code"
    id: Mapped[str] = mapped_column(primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("error_code.id"), default=None)
    labels: Mapped[dict[str, str]]
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class Scorecards:
    """The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> Sequence[ScorecardRecord]:
        query = select(ScorecardRecord).order_by(ScorecardRecord.id)
        return (await self._session.scalars(query)).all()

    async def need(self, scorecard_id: str, *, locked: bool = False) -> ScorecardRecord:
        """Raises UnknownRecord."""
        found = await self._session.get(ScorecardRecord, scorecard_id, with_for_update=locked)
        if found is None:
            raise UnknownRecord("scorecard", scorecard_id)
        return found

    async def version(self, scorecard_id: str, number: int) -> ScorecardVersion:
        """Raises UnknownRecord."""
        found = await self._session.get(ScorecardVersion, (scorecard_id, number))
        if found is None:
            raise UnknownRecord("scorecard_version", f"{scorecard_id}/{number}")
        return found

    async def codes(self) -> Sequence[ErrorCode]:
        query = select(ErrorCode).order_by(ErrorCode.position, ErrorCode.id)
        return (await self._session.scalars(query)).all()

    async def code(self, code_id: str) -> ErrorCode:
        """Raises UnknownRecord."""
        found = await self._session.get(ErrorCode, code_id)
        if found is None:
            raise UnknownRecord("error_code", code_id)
        return found

    async def taxonomy(self) -> Taxonomy:
        return Taxonomy(Code(one.id, one.parent_id, one.active) for one in await self.codes())
