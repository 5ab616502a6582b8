"""How long each class of data is kept, and what was done about it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.recording_retention import RecordingRule

from .base import Base
from .orders import Order
from .reservations import Slot
from .tasks import Task
from .tickets import Ticket
from .timeline import TimelineEvent
from .versions import Versioned
from .webhooks import DeadLetter

RUNNING, DONE = "running", "done"
RECORDINGS = "recordings"
"""The class whose rows have rules of their own, by queue and kind."""


class RetentionRule(Versioned, Base, kw_only=True):
    """
    ``id`` names the class (:mod:`crm.retention`); without ``days`` it is kept for good.

    ``swept_until``: everything before that is done, but for what was held then.
    """

    __tablename__ = "retention_rule"

    id: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int | None] = mapped_column(default=None)
    swept_until: Mapped[datetime | None] = mapped_column(default=None)


class RecordingRetention(Versioned, Base, kw_only=True):
    """
    How long recordings of a ``queue`` and ``kind`` are kept; empty is any, for good without days.

    ``swept_until`` as of a class.
    """

    __tablename__ = "recording_retention"

    id: Mapped[str] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="")
    days: Mapped[int | None] = mapped_column(default=None)
    swept_until: Mapped[datetime | None] = mapped_column(default=None)

    __table_args__ = (UniqueConstraint("queue", "kind"),)

    @property
    def rule(self) -> RecordingRule:
        return RecordingRule(self.id, self.queue or None, self.kind or None, self.days)


class RetentionRun(Base, kw_only=True):
    """
    One day's work, or a dry run, which only counts.

    ``counts`` and ``held``: rows by class; ``class_now`` and ``reached`` (when, id) are where it
    goes on.
    """

    __tablename__ = "retention_run"

    id: Mapped[str] = mapped_column(primary_key=True)
    dry: Mapped[bool]
    asked_by: Mapped[str]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    state: Mapped[str] = mapped_column(default=RUNNING)
    class_now: Mapped[str | None] = mapped_column(default=None)
    reached_at: Mapped[datetime | None] = mapped_column(default=None)
    reached_id: Mapped[str | None] = mapped_column(default=None)
    counts: Mapped[dict[str, int]] = mapped_column(default_factory=dict)
    held: Mapped[dict[str, int]] = mapped_column(default_factory=dict)


Index("ix_retention_run_started_at_id", RetentionRun.started_at, RetentionRun.id)


for _since in (Order.state_since, Slot.ends_at, TimelineEvent.at, DeadLetter.failed_at):
    Index(f"ix_{_since.class_.__tablename__}_{_since.key}", _since)
for _ended in (Ticket.closed_at, Task.ended_at):
    Index(
        f"ix_{_ended.class_.__tablename__}_{_ended.key}",
        _ended,
        sqlite_where=_ended.is_not(None),
        postgresql_where=_ended.is_not(None),
    )
"""By which the oldest of what goes is found."""


class Retention:
    """The stored rules and runs. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def rules(self) -> Sequence[RetentionRule]:
        return (await self._session.scalars(select(RetentionRule).order_by(RetentionRule.id))).all()

    async def rule(self, name: str) -> RetentionRule | None:
        return await self._session.get(RetentionRule, name)

    async def of_recordings(self) -> Sequence[RecordingRetention]:
        """By queue and kind."""
        query = select(RecordingRetention)
        query = query.order_by(RecordingRetention.queue, RecordingRetention.kind)
        return (await self._session.scalars(query)).all()

    async def sweep_anew(self) -> None:
        """The next run goes through all that is there, from the beginning."""
        await self._session.execute(update(RetentionRule).values(swept_until=None))
        await self._session.execute(update(RecordingRetention).values(swept_until=None))

    async def rules_changed(self, at: datetime) -> None:
        """
        Other recordings than before are each rule's; a run that is under way takes note.

        The class's row is changed first: whoever notes how far a run is waits for it.
        """
        of_class = update(RetentionRule).where(RetentionRule.id == RECORDINGS)
        await self._session.execute(of_class.values(updated_at=at))
        await self.sweep_anew()

    async def unfinished(self) -> RetentionRun | None:
        query = select(RetentionRun).where(RetentionRun.state == RUNNING)
        return await self._session.scalar(query.order_by(RetentionRun.started_at).limit(1))

    async def latest(self) -> RetentionRun | None:
        """The last one that was no dry run."""
        query = select(RetentionRun).where(RetentionRun.dry.is_(False))
        return await self._session.scalar(query.order_by(RetentionRun.started_at.desc()).limit(1))

    async def run(self, run_id: str) -> RetentionRun | None:
        return await self._session.get(RetentionRun, run_id)

    async def page(self, limit: int, after: tuple[datetime, str] | None) -> Sequence[RetentionRun]:
        """The newest first."""
        query = select(RetentionRun).order_by(
            RetentionRun.started_at.desc(), RetentionRun.id.desc()
        )
        if after is not None:
            query = query.where(tuple_(RetentionRun.started_at, RetentionRun.id) < after)
        return (await self._session.scalars(query.limit(limit))).all()
