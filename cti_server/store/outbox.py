"""What is to be sent, by whatever channel: when, how often it was tried, what became of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Index, delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord

from .base import Base
from .inserts import insert_into

WAITING: Final = "waiting"
SENDING: Final = "sending"
SENT: Final = "sent"
DEAD: Final = "dead"
STATES: Final = (WAITING, SENDING, SENT, DEAD)
WITHDRAWN: Final = "withdrawn"
_OPEN = (WAITING, SENDING)
_FORGOTTEN = (SENT, WITHDRAWN)
KEPT: Final = timedelta(days=30)
"""For which what was sent or withdrawn is remembered, so that nobody sends it again."""


class OutboxJob(Base, kw_only=True):
    """
    One message to one recipient.

    ``key``: whoever asks twice for the same gives the same, and gets one job. It is to be sent from
    ``wanted_at`` on, of two that are due the one of the higher ``priority`` first. ``due_at`` is
    when something is to be done with it next: "waiting", it is sent; "sending", whoever had it has
    died, and it is sent again; "sent", it is forgotten; "dead" it is left to people. One that is
    "withdrawn" is shown to nobody: it is there until it is forgotten, so that whoever asks for it
    again, as after a restart, does not get another.
    """

    __tablename__ = "outbox_job"

    id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    channel: Mapped[str]
    recipient: Mapped[str]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    wanted_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    priority: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default=WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    contact_id: Mapped[str | None] = mapped_column(default=None, index=True)
    customer_id: Mapped[str | None] = mapped_column(default=None, index=True)

    def withdraw(self, now: datetime) -> None:
        self.state, self.ended_at, self.due_at = WITHDRAWN, now, now + KEPT
        self.content, self.failure = {}, None


Index("ix_outbox_job_state_due_at", OutboxJob.state, OutboxJob.due_at)
Index("ix_outbox_job_created_at_id", OutboxJob.created_at, OutboxJob.id)


class OutboxJobs:
    """The stored jobs. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def put(
        self,
        job_id: str,
        key: str,
        channel: str,
        recipient: str,
        content: Mapping[str, Any],
        now: datetime,
        *,
        not_before: datetime | None = None,
        priority: int = 0,
        contact_id: str | None = None,
        customer_id: str | None = None,
    ) -> bool:
        """Have it sent; False if it was asked for already, by its ``key``."""
        wanted_at = max(now, not_before or now)
        dialect = self._session.get_bind().dialect
        statement = insert_into(OutboxJob, dialect).values(
            id=job_id,
            key=key,
            channel=channel,
            recipient=recipient,
            content=dict(content),
            created_at=now,
            wanted_at=wanted_at,
            due_at=wanted_at,
            priority=priority,
            state=WAITING,
            attempts=0,
            contact_id=contact_id,
            customer_id=customer_id,
        )
        made = statement.on_conflict_do_nothing(index_elements=["key"]).returning(OutboxJob.id)
        return await self._session.scalar(made) is not None

    async def earliest(self, channels: Collection[str], but: Collection[str]) -> datetime | None:
        """When something is to be done, of these channels; ``but``: not with these jobs."""
        due = select(func.min(OutboxJob.due_at))
        to_send = due.where(*_open(channels, but))
        to_forget = due.where(OutboxJob.state.in_(_FORGOTTEN))
        moments = [await self._session.scalar(query) for query in (to_send, to_forget)]
        return min((at for at in moments if at is not None), default=None)

    async def claim(
        self,
        channel: str,
        most: int,
        now: datetime,
        until: datetime,
        but: Collection[str],
    ) -> Sequence[tuple[OutboxJob, bool]]:
        """
        Take what is due, the most important first; nobody else does before ``until``.

        With each, whether somebody had it before and never said what became of it.
        """
        query = (
            select(OutboxJob)
            .where(*_open([channel], but), OutboxJob.due_at <= now)
            .order_by(OutboxJob.priority.desc(), OutboxJob.due_at, OutboxJob.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        claimed = []
        for job in (await self._session.scalars(query)).all():
            claimed.append((job, job.state == SENDING))
            job.state, job.due_at = SENDING, until
            job.attempts += 1
        return claimed

    async def take_up(self, now: datetime) -> None:
        """After a start, of the one server that there is: whoever had something is dead."""
        theirs = update(OutboxJob).where(OutboxJob.state == SENDING)
        await self._session.execute(theirs.values(due_at=now))

    async def withdraw_all(self, channel: str, recipient: str, now: datetime) -> Sequence[str]:
        """Never send what waits for them; the ids."""
        theirs = (OutboxJob.channel == channel, OutboxJob.recipient == recipient)
        query = select(OutboxJob).where(OutboxJob.state == WAITING, *theirs).with_for_update()
        jobs = (await self._session.scalars(query)).all()
        for job in jobs:
            job.withdraw(now)
        return [job.id for job in jobs]

    async def forget_ended(self, now: datetime) -> None:
        ended = OutboxJob.state.in_(_FORGOTTEN)
        due = delete(OutboxJob).where(ended, OutboxJob.due_at <= now)
        await self._session.execute(due)

    async def get(
        self,
        job_id: str,
        seen: Sequence[ColumnElement[bool]] = (),
        *,
        to_change: bool = False,
    ) -> OutboxJob | None:
        query = select(OutboxJob).where(OutboxJob.id == job_id, *seen)
        return await self._session.scalar(query.with_for_update() if to_change else query)

    async def to_change(self, job_ids: Collection[str]) -> Mapping[str, OutboxJob]:
        """By id, those that are there."""
        query = select(OutboxJob).where(OutboxJob.id.in_(job_ids)).order_by(OutboxJob.id)
        return {job.id: job for job in await self._session.scalars(query.with_for_update())}

    async def need(
        self, job_id: str, seen: Sequence[ColumnElement[bool]], *, to_change: bool = False
    ) -> OutboxJob:
        """Raises UnknownRecord."""
        found = await self.get(job_id, seen, to_change=to_change)
        if found is None:
            raise UnknownRecord("outbox_job", job_id)
        return found

    async def page(
        self,
        limit: int,
        seen: Sequence[ColumnElement[bool]],
        *,
        state: str | None = None,
        channel: str | None = None,
        before: tuple[datetime, str] | None = None,
    ) -> Sequence[OutboxJob]:
        """The newest first, those made before this moment and id; ``seen``: for whoever asks."""
        query = select(OutboxJob).where(*seen)
        if state is not None:
            query = query.where(OutboxJob.state == state)
        if channel is not None:
            query = query.where(OutboxJob.channel == channel)
        if before is not None:
            query = query.where(tuple_(OutboxJob.created_at, OutboxJob.id) < before)
        query = query.order_by(OutboxJob.created_at.desc(), OutboxJob.id.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def counts(self) -> Mapping[str, int]:
        """By state, but of those that were sent."""
        query = (
            select(OutboxJob.state, func.count())
            .where(OutboxJob.state.in_((*_OPEN, DEAD)))
            .group_by(OutboxJob.state)
        )
        return {row.state: row[1] for row in await self._session.execute(query)}


def _open(channels: Collection[str], but: Collection[str]) -> list[ColumnElement[bool]]:
    return [
        OutboxJob.state.in_(_OPEN),
        OutboxJob.channel.in_(channels),
        OutboxJob.id.not_in(but),
    ]
