"""Exports of customers: what was asked for, how far each is, and when its file goes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base

RUNNING, DONE = "running", "done"
CANCELLED, BROKEN_OFF, EXPIRED = "cancelled", "broken_off", "expired"


class ExportJob(Base, kw_only=True):
    """
    One file, its maker's alone. ``wish`` is what was asked for; what was searched for may be a
    person's name, and is forgotten with the file. ``scope``: {"teams": …} of the maker then.
    """

    __tablename__ = "customer_export"

    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default=RUNNING)
    format: Mapped[str]
    revealed: Mapped[bool]
    wish: Mapped[dict[str, Any]]
    scope: Mapped[dict[str, Any]]
    rows: Mapped[int] = mapped_column(default=0)
    size: Mapped[int | None] = mapped_column(BigInteger, default=None)
    reason: Mapped[str | None] = mapped_column(default=None)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def teams(self) -> frozenset[str] | None:
        """Whose rows its maker saw beside those that are nobody's; None: everybody's."""
        teams = self.scope["teams"]
        return None if teams is None else frozenset(teams)

    def forget_search(self) -> None:
        """Whom it was asked for is nobody's business once there is no file of them."""
        if self.wish["q"] is not None:
            self.wish = self.wish | {"q": ""}


Index(
    "ix_customer_export_created_by_created_at",
    ExportJob.created_by,
    ExportJob.created_at,
    ExportJob.id,
)
Index("ix_customer_export_state_expires_at", ExportJob.state, ExportJob.expires_at)


class ExportJobs:
    """The stored exports. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, job: ExportJob) -> None:
        self._session.add(job)

    async def get(self, export_id: str) -> ExportJob | None:
        return await self._session.get(ExportJob, export_id, populate_existing=True)

    async def page(
        self, created_by: str, limit: int, after: tuple[datetime, str] | None = None
    ) -> Sequence[ExportJob]:
        """Theirs, the newest first; ``after``: (created_at, id) of the last one before them."""
        query = select(ExportJob).where(ExportJob.created_by == created_by)
        if after is not None:
            query = query.where(tuple_(ExportJob.created_at, ExportJob.id) < after)
        query = query.order_by(ExportJob.created_at.desc(), ExportJob.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def running(self) -> Sequence[str]:
        """Those that a server that ended has left."""
        query = select(ExportJob.id).where(ExportJob.state == RUNNING).order_by(ExportJob.id)
        return (await self._session.scalars(query)).all()

    async def kept(self) -> Sequence[str]:
        """Those that have a file, or will have one."""
        query = select(ExportJob.id).where(ExportJob.state.in_([RUNNING, DONE]))
        return (await self._session.scalars(query)).all()

    async def with_search(self) -> Sequence[ExportJob]:
        """Those that are over and still say what was searched for."""
        query = select(ExportJob).where(
            ExportJob.state != RUNNING, ExportJob.wish["q"].as_string() != ""
        )
        return (await self._session.scalars(query)).all()

    async def running_of(self, created_by: str) -> int:
        theirs = (ExportJob.created_by == created_by, ExportJob.state == RUNNING)
        count = await self._session.scalar(select(func.count()).where(*theirs))
        return count or 0

    async def note(self, export_id: str, rows: int) -> bool:
        """How many rows are written; False if it is not to go on."""
        return await self._set(export_id, rows=rows)

    async def end(self, export_id: str, state: str, **values: Any) -> bool:
        """
        A running export is over; False for one that somebody has cancelled.

        What was searched for is kept with a file alone.
        """
        going_on = await self._set(export_id, state=state, **values)
        if going_on and state != DONE and (job := await self.get(export_id)) is not None:
            job.forget_search()
        return going_on

    async def _set(self, export_id: str, **values: Any) -> bool:
        changed = await self._session.execute(
            update(ExportJob)
            .where(ExportJob.id == export_id, ExportJob.state == RUNNING)
            .values(**values)
            .returning(ExportJob.id)
        )
        return changed.first() is not None

    async def next_expiry(self) -> datetime | None:
        query = select(func.min(ExportJob.expires_at)).where(ExportJob.state == DONE)
        return await self._session.scalar(query)

    async def expired(self, now: datetime, limit: int) -> Sequence[ExportJob]:
        """Those whose file is not kept any longer."""
        query = select(ExportJob).where(ExportJob.state == DONE, ExportJob.expires_at <= now)
        return (await self._session.scalars(query.limit(limit))).all()
