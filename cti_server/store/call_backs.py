"""Customers who are to be called back: they asked for it, hung up, or lost their place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from crm.call_backs import CLOSINGS
from crm.timeline import Place

from .base import Base
from .places import before, behind
from .stored_events import StoredEvent


class CallBack(Base, kw_only=True):
    """
    One call-back; its id is that of the contact that it is for, if there was one.

    ``queued_at`` is the moment that counts for the customer's place. Nobody calls before
    ``due_at``; ``wished_at`` is the time that the customer asked for. ``attempts`` counts all calls
    to the customer, ``failed`` those that count against them; ``tried`` tells of the latest.
    ``last_contact_id`` is the contact of the latest call, or as which it waits for the next.
    ``by_hand``: nothing becomes of it until somebody calls, or decides that it is to be called. It
    is open until ``closed_at``; ``outcome`` is how it ended, ``cause`` why it was refused.
    """

    __tablename__ = "call_back"

    id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    queue: Mapped[str]
    queued_at: Mapped[datetime]
    wanted_at: Mapped[datetime]
    reason: Mapped[str]
    priority: Mapped[int] = mapped_column(default=0)
    requirements: Mapped[dict[str, int]] = mapped_column(default_factory=dict)
    language: Mapped[str | None] = mapped_column(default=None)
    customer_id: Mapped[str | None] = mapped_column(default=None)
    due_at: Mapped[datetime]
    wished_at: Mapped[datetime | None] = mapped_column(default=None)
    asked_by: Mapped[str | None] = mapped_column(default=None)
    by_hand: Mapped[bool] = mapped_column(default=False)
    dialling: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    tried: Mapped[list[dict[str, Any]]] = mapped_column(default_factory=list)
    last_agent_id: Mapped[str | None] = mapped_column(default=None)
    last_contact_id: Mapped[str | None] = mapped_column(default=None)
    last_dialled_at: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
    outcome: Mapped[str | None] = mapped_column(default=None)
    closed_by: Mapped[str | None] = mapped_column(default=None)
    cause: Mapped[str | None] = mapped_column(default=None)


Index("ix_call_back_closed_at_queued_at", CallBack.closed_at, CallBack.queued_at)

OPEN = ("open", "waiting", "scheduled", "dialling")
STATES = (*OPEN, "closed", *CLOSINGS)
"""What a list can be asked for."""


class CallBacks:
    """The stored call-backs. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(
        self, call_back_id: str, seen: Sequence[ColumnElement[bool]] = ()
    ) -> CallBack | None:
        """
        ``seen``: by whom (:func:`.contact_scope.call_backs_seen_by`); None also for one they may
        not.
        """
        query = select(CallBack).where(CallBack.id == call_back_id, *seen)
        return await self._session.scalar(query)

    async def all_open(self) -> Sequence[CallBack]:
        """In the order in which the customers queued."""
        query = select(CallBack).where(CallBack.closed_at.is_(None))
        return (await self._session.scalars(query.order_by(CallBack.queued_at, CallBack.id))).all()

    async def in_line(self) -> Sequence[str]:
        """The contacts as which open ones stand in a queue, as far as the log knows."""
        queued, ended = (
            exists().where(
                StoredEvent.contact_id == CallBack.last_contact_id, StoredEvent.name == name
            )
            for name in ("contact.queued", "contact.ended")
        )
        query = select(CallBack.last_contact_id).where(CallBack.closed_at.is_(None), queued, ~ended)
        return [one for one in await self._session.scalars(query) if one is not None]

    async def page(
        self,
        state: str,
        limit: int,
        *,
        now: datetime,
        queue: str | None = None,
        place: Place | None = None,
        seen: Sequence[ColumnElement[bool]] = (),
    ) -> Sequence[CallBack]:
        """
        Those in one of :data:`STATES`.

        Open ones in the order in which the customers queued, closed ones the latest first.
        """
        query = select(CallBack).where(_is(state, now), *seen)
        if queue is not None:
            query = query.where(CallBack.queue == queue)
        if state in OPEN:
            at, id = CallBack.queued_at, CallBack.id
            query = query.where(*behind(at, id, place)).order_by(at, id)
        else:
            query = query.where(*before(CallBack.closed_at, CallBack.id, place))
            query = query.order_by(CallBack.closed_at.desc(), CallBack.id.desc())
        return (await self._session.scalars(query.limit(limit))).all()


def _is(state: str, now: datetime) -> ColumnElement[bool]:
    is_open = CallBack.closed_at.is_(None)
    match state:
        case "open":
            return is_open
        case "dialling":
            return and_(is_open, CallBack.dialling)
        case "scheduled":
            return and_(is_open, ~CallBack.dialling, CallBack.due_at > now)
        case "waiting":
            return and_(is_open, ~CallBack.dialling, CallBack.due_at <= now)
        case "closed":
            return CallBack.closed_at.is_not(None)
    return CallBack.outcome == state
