"""
Who wants no texts any more, and who was told lately that we did not understand.

Under a keyed digest of the number: that nobody writes to them again outlives all that is known of
a person, and tells nobody who they are.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base
from .erasures import digest_of
from .inserts import insert_into

TOLD_FOR: Final = timedelta(hours=1)
"""Who was told which keywords there are is not told again for so long."""
_KIND: Final = "sms"


class SmsSender(Base, kw_only=True):
    """``stopped_at``: nothing is sent to them since; ``told_at``: which keywords there are."""

    __tablename__ = "sms_sender"

    digest: Mapped[str] = mapped_column(primary_key=True)
    stopped_at: Mapped[datetime | None] = mapped_column(default=None)
    told_at: Mapped[datetime | None] = mapped_column(default=None)


class SmsSenders:
    """The stored senders. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession, key: bytes) -> None:
        self._session = session
        self._key = key

    async def of(self, number: str) -> SmsSender | None:
        return await self._session.get(SmsSender, self._digest(number))

    async def has_stopped(self, number: str) -> bool:
        found = await self.of(number)
        return found is not None and found.stopped_at is not None

    async def stopped_among(self, numbers: Collection[str]) -> set[str]:
        digests = {self._digest(number): number for number in numbers}
        query = select(SmsSender.digest).where(
            SmsSender.digest.in_(digests), SmsSender.stopped_at.is_not(None)
        )
        return {digests[digest] for digest in await self._session.scalars(query)}

    async def put(self, number: str, **what: datetime | None) -> None:
        """Keep this of them, beside what is kept."""
        values = {"digest": self._digest(number), **what}
        statement = insert_into(SmsSender, self._session.get_bind().dialect).values(**values)
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["digest"], set_=what)
        )

    def _digest(self, number: str) -> str:
        return digest_of(self._key, _KIND, number)


async def forget(session: AsyncSession, now: datetime) -> None:
    """Of whom nothing is to be known any more."""
    over = SmsSender.told_at.is_(None) | (SmsSender.told_at <= now - TOLD_FOR)
    await session.execute(delete(SmsSender).where(SmsSender.stopped_at.is_(None), over))
