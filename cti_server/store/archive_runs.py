"""What was done of itself for the archive: rounds through its copies, and drills."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base

ROUND, DRILL = "round", "drill"
RUNNING, DONE, FAILED = "running", "done", "failed"


class ArchiveRun(Base, kw_only=True):
    """
    One round or drill (``kind``) through some recordings: ``wanted`` of them, at most.
    ``stores``: those that there were.

    A round found ``owed`` recordings that some store was to get, and read ``sampled`` ones again,
    up to the one that it ``reached``; a drill restored ``sampled`` ones. Of their copies ``failed``
    had something wrong, of which ``mended`` were put right; ``findings`` names some. A run that
    could not be done has a ``reason``.
    """

    __tablename__ = "archive_run"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    asked_by: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    state: Mapped[str] = mapped_column(default=RUNNING)
    stores: Mapped[list[str]] = mapped_column(default_factory=list)
    wanted: Mapped[int] = mapped_column(default=0)
    owed: Mapped[int] = mapped_column(default=0)
    sampled: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    mended: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(BigInteger, default=0)  # bytes of sound
    reached: Mapped[str] = mapped_column(default="")
    findings: Mapped[list[dict[str, Any]]] = mapped_column(default_factory=list)
    reason: Mapped[str | None] = mapped_column(default=None)


Index("ix_archive_run_kind_started_at_id", ArchiveRun.kind, ArchiveRun.started_at, ArchiveRun.id)


class ArchiveRuns:
    """The stored runs. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, run: ArchiveRun) -> None:
        self._session.add(run)

    async def get(self, kind: str, run_id: str) -> ArchiveRun | None:
        query = select(ArchiveRun).where(ArchiveRun.id == run_id, ArchiveRun.kind == kind)
        return await self._session.scalar(query)

    async def running(self, kind: str) -> ArchiveRun | None:
        return await self._newest(kind, RUNNING)

    async def latest(self, kind: str) -> ArchiveRun | None:
        return await self._newest(kind, *(RUNNING, DONE, FAILED))

    async def last_done(self, kind: str) -> ArchiveRun | None:
        """The last one in which all was well, as far as a run of its kind can tell."""
        return await self._newest(kind, DONE)

    async def last_ended(self, kind: str) -> ArchiveRun | None:
        return await self._newest(kind, DONE, FAILED)

    async def page(
        self, kind: str, limit: int, after: tuple[datetime, str] | None
    ) -> Sequence[ArchiveRun]:
        """The newest first."""
        query = select(ArchiveRun).where(ArchiveRun.kind == kind)
        if after is not None:
            query = query.where(tuple_(ArchiveRun.started_at, ArchiveRun.id) < after)
        query = query.order_by(ArchiveRun.started_at.desc(), ArchiveRun.id.desc())
        return (await self._session.scalars(query.limit(limit))).all()

    async def _newest(self, kind: str, *states: str) -> ArchiveRun | None:
        query = select(ArchiveRun).where(ArchiveRun.kind == kind, ArchiveRun.state.in_(states))
        query = query.order_by(ArchiveRun.started_at.desc(), ArchiveRun.id.desc())
        return await self._session.scalar(query.limit(1))
