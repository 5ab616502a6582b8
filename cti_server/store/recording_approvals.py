"""What a second person is asked to approve before it is done, and what they said."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Index, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.errors import UnknownRecord
from recording.four_eyes import state_at

from .base import Base
from .versions import Versioned

_AT_ONCE = 200  # rows that are looked through


class RecordingApproval(Versioned, Base, kw_only=True):
    """
    ``about``: exactly what is to be done; the ``fingerprint`` is of that.

    ``asked_by`` may be an API key; ``person_id`` is then who made it. ``created_at``: when it was
    asked.
    """

    __tablename__ = "recording_approval"

    id: Mapped[str] = mapped_column(primary_key=True)
    action: Mapped[str]
    fingerprint: Mapped[str] = mapped_column(index=True)
    about: Mapped[dict[str, Any]]
    reason: Mapped[str]
    asked_by: Mapped[str]
    person_id: Mapped[str]
    approved: Mapped[bool | None] = mapped_column(default=None)
    decided_by: Mapped[str | None] = mapped_column(default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
    decision_reason: Mapped[str | None] = mapped_column(default=None)
    valid_until: Mapped[datetime | None] = mapped_column(default=None)
    used_at: Mapped[datetime | None] = mapped_column(default=None)

    def state_at(self, now: datetime) -> str:
        return state_at(
            now,
            asked_at=self.created_at,
            approved=self.approved,
            valid_until=self.valid_until,
            used_at=self.used_at,
        )


Index("ix_recording_approval_created_at_id", RecordingApproval.created_at, RecordingApproval.id)


class RecordingApprovals:
    """The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, approval: RecordingApproval) -> None:
        self._session.add(approval)

    async def need(self, approval_id: str) -> RecordingApproval:
        """Raises UnknownRecord."""
        found = await self._session.get(RecordingApproval, approval_id)
        if found is None:
            raise UnknownRecord(RecordingApproval.__tablename__, approval_id)
        return found

    async def standing(
        self, fingerprint: str, asked_by: str, now: datetime
    ) -> RecordingApproval | None:
        """One that was approved for them, and holds; the one that was asked first."""
        table = RecordingApproval
        query = select(table).where(
            table.fingerprint == fingerprint,
            table.asked_by == asked_by,
            table.approved.is_(True),
            table.used_at.is_(None),
            table.valid_until > now,
        )
        return await self._session.scalar(query.order_by(table.created_at).limit(1))

    async def page(
        self, limit: int, after: tuple[datetime, str] | None, *, asked_by: str | None
    ) -> Sequence[RecordingApproval]:
        """The newest first; ``asked_by``: theirs alone."""
        table = RecordingApproval
        query = select(table)
        if asked_by is not None:
            query = query.where(table.asked_by == asked_by)
        if after is not None:
            query = query.where(tuple_(table.created_at, table.id) < after)
        order = (table.created_at.desc(), table.id.desc())
        return (await self._session.scalars(query.order_by(*order).limit(limit))).all()

    async def forget(self, about: Callable[[str], bool]) -> int:
        """
        Empty those that name somebody: who decided on what stays, and nothing can be done by them.

        How many that were.
        """
        emptied, last = 0, ""
        table = RecordingApproval
        while True:
            query = select(table).where(table.id > last).order_by(table.id).limit(_AT_ONCE)
            found = (await self._session.scalars(query)).all()
            if not found:
                return emptied
            for one in found:
                if any(map(about, (*_texts(one.about), one.reason, one.decision_reason or ""))):
                    one.about, one.reason, one.decision_reason = {}, "", None
                    one.fingerprint = ""
                    emptied += 1
            last = found[-1].id


def _texts(told: Any) -> list[str]:
    if isinstance(told, dict):
        return [text for each in told.values() for text in _texts(each)]
    return [str(told)]
