"""Exports of recordings: who took how much away, and whether it arrived."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Index, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base

RUNNING, DONE, CANCELLED, BROKEN_OFF = "running", "done", "cancelled", "broken_off"


class RecordingExport(Base, kw_only=True):
    """
    One export. ``asked``: what was searched by, in names alone: values may be a customer's.

    ``recordings`` are those that were sent whole, ``size`` the bytes of their sound.
    """

    __tablename__ = "recording_export"

    id: Mapped[str] = mapped_column(primary_key=True)
    format: Mapped[str]
    state: Mapped[str] = mapped_column(default=RUNNING)
    asked: Mapped[list[str]]
    recordings: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


Index("ix_recording_export_created_at_id", RecordingExport.created_at, RecordingExport.id)


class RecordingExports:
    """The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, export: RecordingExport) -> None:
        self._session.add(export)

    async def get(self, export_id: str) -> RecordingExport | None:
        return await self._session.get(RecordingExport, export_id)

    async def page(
        self, limit: int, after: tuple[datetime, str] | None, *, created_by: str | None
    ) -> Sequence[RecordingExport]:
        """The newest first; ``created_by``: theirs alone."""
        query = select(RecordingExport)
        if created_by is not None:
            query = query.where(RecordingExport.created_by == created_by)
        if after is not None:
            query = query.where(tuple_(RecordingExport.created_at, RecordingExport.id) < after)
        order = (RecordingExport.created_at.desc(), RecordingExport.id.desc())
        return (await self._session.scalars(query.order_by(*order).limit(limit))).all()
