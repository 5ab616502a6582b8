"""Of which queues recordings may be listed, played and exported, by role, user and API key."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import JSON, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from recording.access import Queues, Right

from .base import Base
from .versions import Versioned


class RecordingRight(Versioned, Base, kw_only=True):
    """``id`` is its holder's: "role:supervisor", "user:zhao" or "key:…". None: every queue."""

    __tablename__ = "recording_right"

    id: Mapped[str] = mapped_column(primary_key=True)
    listed: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    played: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True), default=None)
    exported: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True), default=None)

    @property
    def right(self) -> Right:
        return Right(_queues(self.listed), _queues(self.played), _queues(self.exported))


def _queues(names: list[str] | None) -> Queues:
    return None if names is None else frozenset(names)


class RecordingRights:
    """The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, right: RecordingRight) -> None:
        self._session.add(right)

    async def get(self, holder: str) -> RecordingRight | None:
        return await self._session.get(RecordingRight, holder)

    async def all(self) -> Sequence[RecordingRight]:
        query = select(RecordingRight).order_by(RecordingRight.id)
        return (await self._session.scalars(query)).all()

    async def of(self, holders: Collection[str]) -> Mapping[str, Right]:
        query = select(RecordingRight).where(RecordingRight.id.in_(holders))
        return {one.id: one.right for one in await self._session.scalars(query)}
