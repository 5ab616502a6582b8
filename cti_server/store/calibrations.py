"""Calibrations: several reviewers judge the same recordings, to see how far they agree."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord
from crm.timeline import Place

from .base import Base
from .places import before
from .versions import Versioned

OPEN, CLOSED = "open", "closed"


class Calibration(Versioned, Base, kw_only=True):
    """
    Its reviews (:class:`.reviews.Review`) are one for each reviewer and recording. When it is
    ``closed``, ``agreement`` is what it showed (:class:`crm.quality.calibrating.Agreement`), and
    ``alpha`` the number over all; None where there is none.
    """

    __tablename__ = "calibration"

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    scorecard_id: Mapped[str] = mapped_column(ForeignKey("scorecard.id"))
    scorecard_version: Mapped[int]
    recording_ids: Mapped[list[str]]
    reviewer_ids: Mapped[list[str]]
    due_at: Mapped[datetime]
    created_by: Mapped[str]
    state: Mapped[str] = mapped_column(default=OPEN)
    closed_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    alpha: Mapped[float | None] = mapped_column(default=None)
    agreement: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)


Index("ix_calibration_created_at_id", Calibration.created_at, Calibration.id)


class Calibrations:
    """The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def need(self, calibration_id: str, *, locked: bool = False) -> Calibration:
        """Raises UnknownRecord. Who changes one of its reviews meanwhile does not wait for it."""
        found = await self._session.get(
            Calibration,
            calibration_id,
            with_for_update={"key_share": True} if locked else None,
            populate_existing=locked,
        )
        if found is None:
            raise UnknownRecord("calibration", calibration_id)
        return found

    async def page(self, limit: int, place: Place | None) -> Sequence[Calibration]:
        """The newest first."""
        at, id = Calibration.created_at, Calibration.id
        query = select(Calibration).where(*before(at, id, place))
        return (
            await self._session.scalars(query.order_by(at.desc(), id.desc()).limit(limit))
        ).all()
