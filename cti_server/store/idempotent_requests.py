"""Requests that came with an idempotency key, and what was answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base
from .database import Database
from .inserts import insert_into

KEPT = timedelta(hours=24)
_AT_ONCE = 500  # rows of one transaction that deletes


class IdempotentRequest(Base, kw_only=True):
    """``answer`` is sealed; None while nothing was answered yet."""

    __tablename__ = "idempotent_request"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(index=True)
    answer: Mapped[str | None] = mapped_column(default=None)


class IdempotentRequests:
    """The stored ones. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def begin(
        self, caller: str, key: str, fingerprint: str, now: datetime
    ) -> IdempotentRequest | None:
        """Note that the request begins, and return None; or the one that began with this key."""
        theirs = (IdempotentRequest.caller == caller, IdempotentRequest.key == key)
        expired = delete(IdempotentRequest).where(*theirs)
        await self._session.execute(expired.where(IdempotentRequest.started_at <= now - KEPT))
        insert = insert_into(IdempotentRequest, self._session.get_bind().dialect)
        new = insert.values(caller=caller, key=key, fingerprint=fingerprint, started_at=now)
        began = await self._session.execute(
            new.on_conflict_do_nothing().returning(IdempotentRequest.key)
        )
        if began.first() is not None:
            return None
        return await self._session.scalar(select(IdempotentRequest).where(*theirs))

    async def answered(self, caller: str, key: str, answer: str) -> None:
        theirs = (IdempotentRequest.caller == caller, IdempotentRequest.key == key)
        await self._session.execute(update(IdempotentRequest).where(*theirs).values(answer=answer))

    async def answers(self, after: tuple[str, str], limit: int) -> Sequence[IdempotentRequest]:
        """Those that were answered, by caller and key."""
        place = tuple_(IdempotentRequest.caller, IdempotentRequest.key)
        query = select(IdempotentRequest).where(
            IdempotentRequest.answer.is_not(None), place > after
        )
        query = query.order_by(IdempotentRequest.caller, IdempotentRequest.key).limit(limit)
        return (await self._session.scalars(query)).all()

    async def forget(self, caller: str, key: str) -> None:
        """Nothing was done: the same request may come again."""
        theirs = (IdempotentRequest.caller == caller, IdempotentRequest.key == key)
        await self._session.execute(delete(IdempotentRequest).where(*theirs))


class ExpiredRequests:
    """The due work of forgetting keys and answers that are kept no longer."""

    name = "expired_requests"
    records: frozenset[str] = frozenset()

    def __init__(self, database: Database) -> None:
        self._database = database

    async def earliest(self) -> datetime | None:
        async with self._database.readers() as session:
            first = await session.scalar(select(func.min(IdempotentRequest.started_at)))
        return None if first is None else first + KEPT

    async def do(self, now: datetime) -> None:
        old = select(IdempotentRequest.caller, IdempotentRequest.key)
        old = old.where(IdempotentRequest.started_at <= now - KEPT).limit(_AT_ONCE)
        async with self._database.sessions.begin() as session:
            requests = IdempotentRequests(session)
            for caller, key in (await session.execute(old)).all():
                await requests.forget(caller, key)
