"""Imports of customers: what was uploaded, and how far each is."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Index, case, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base

UPLOADED, RUNNING, DONE = "uploaded", "running", "done"
CANCELLED, BROKEN_OFF = "cancelled", "broken_off"


class ImportJob(Base, kw_only=True):
    """
    One file. ``columns``: what somebody said that its headers mean ("" for nothing).

    ``rows``, ``created``, ``updated`` and ``refused`` change in the transactions that store the
    rows: they are exact whatever happens.
    """

    __tablename__ = "customer_import"

    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(default=UPLOADED)
    filename: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    columns: Mapped[dict[str, str]] = mapped_column(default_factory=dict)
    rows: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None] = mapped_column(default=None)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def chosen(self) -> dict[str, str | None]:
        """What each header means; None for what is left out."""
        return {header: name or None for header, name in self.columns.items()}


Index("ix_customer_import_created_at_id", ImportJob.created_at, ImportJob.id)


class ImportJobs:
    """The stored imports. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, job: ImportJob) -> None:
        self._session.add(job)

    async def get(self, import_id: str) -> ImportJob | None:
        return await self._session.get(ImportJob, import_id, populate_existing=True)

    async def page(
        self, limit: int, after: tuple[datetime, str] | None = None
    ) -> Sequence[ImportJob]:
        """The newest first; ``after``: (created_at, id) of the last one before them."""
        query = select(ImportJob).order_by(ImportJob.created_at.desc(), ImportJob.id.desc())
        if after is not None:
            query = query.where(tuple_(ImportJob.created_at, ImportJob.id) < after)
        return (await self._session.scalars(query.limit(limit))).all()

    async def running(self) -> Sequence[str]:
        """Those that a server that ended has left."""
        query = select(ImportJob.id).where(ImportJob.state == RUNNING).order_by(ImportJob.id)
        return (await self._session.scalars(query)).all()

    async def hold(self) -> None:
        """
        None starts until this transaction is over, and whose start was under way has started.

        On SQLite the transaction that begins here has the one write lock.
        """
        connection = await self._session.connection()
        if connection.dialect.name == "postgresql":
            await self._session.execute(text("LOCK TABLE customer_import IN EXCLUSIVE MODE"))

    async def cancel(self, import_id: str, reason: str) -> bool:
        """One that is not at work never will be; False for one that is."""
        begins = ImportJob.state.in_([UPLOADED, BROKEN_OFF])
        changed = await self._session.execute(
            update(ImportJob)
            .where(ImportJob.id == import_id, ImportJob.state != RUNNING)
            .values(state=case((begins, CANCELLED), else_=ImportJob.state), reason=reason)
            .returning(ImportJob.id)
        )
        return changed.first() is not None

    async def note(
        self, import_id: str, *, rows: int, created: int, updated: int, refused: int
    ) -> bool:
        """Add what was done to a running import; False if it is not to go on."""
        changed = await self._session.execute(
            update(ImportJob)
            .where(ImportJob.id == import_id, ImportJob.state == RUNNING)
            .values(
                rows=rows,
                created=ImportJob.created + created,
                updated=ImportJob.updated + updated,
                refused=refused,
            )
            .returning(ImportJob.id)
        )
        return changed.first() is not None

    async def end(self, import_id: str, state: str, reason: str | None, now: datetime) -> None:
        """A running import is over; one that was cancelled stays so."""
        await self._session.execute(
            update(ImportJob)
            .where(ImportJob.id == import_id, ImportJob.state == RUNNING)
            .values(state=state, reason=reason, ended_at=now)
        )
