"""Sessions as the log tells of them: who came in, from where, and until when."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class Session(Base, kw_only=True):
    """
    A log-in. ``id`` is the token's; the token itself is kept nowhere.

    Whether a session is over is decided without the database, by
    :class:`cti_server.api.revocations.Revocations`; this is for people to look at.
    """

    __tablename__ = "session"

    id: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[str]
    method: Mapped[str]
    address: Mapped[str]
    client: Mapped[str]
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_by: Mapped[str | None] = mapped_column(default=None)


Index("ix_session_agent_id_expires_at", Session.agent_id, Session.expires_at)


class Sessions:
    """The caller owns the session with the database; it is read only here."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def live(self, agent_id: str, now: datetime) -> Sequence[Session]:
        """Those that are neither closed nor expired, the newest first."""
        query = (
            select(Session)
            .where(Session.agent_id == agent_id, Session.expires_at > now)
            .where(Session.closed_at.is_(None))
            .order_by(Session.opened_at.desc(), Session.id)
        )
        return (await self._session.scalars(query)).all()
