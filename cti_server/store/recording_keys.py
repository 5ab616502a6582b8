"""The keys of sealed recordings, each under a master key; who deletes one destroys the sound."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from recording.keys import WrappedKey

from .base import Base

_AT_ONCE = 500  # ids of one query


class RecordingKey(Base, kw_only=True):
    """
    One recording's key, there before its file is.

    It is in no event and in no backup of the files: without the row, nobody opens any copy.
    """

    __tablename__ = "recording_key"

    recording_id: Mapped[str] = mapped_column(primary_key=True)
    master_key: Mapped[str] = mapped_column(index=True)
    wrapped: Mapped[bytes]

    @property
    def key(self) -> WrappedKey:
        return WrappedKey(self.master_key, self.wrapped)


class RecordingKeys:
    """The stored keys. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, recording_ids: Sequence[str]) -> Mapping[str, WrappedKey]:
        found: dict[str, WrappedKey] = {}
        for start in range(0, len(recording_ids), _AT_ONCE):
            some = recording_ids[start : start + _AT_ONCE]
            query = select(RecordingKey).where(RecordingKey.recording_id.in_(some))
            found |= {row.recording_id: row.key for row in await self._session.scalars(query)}
        return found

    def add(self, recording_id: str, key: WrappedKey) -> None:
        row = RecordingKey(recording_id=recording_id, master_key=key.master, wrapped=key.wrapped)
        self._session.add(row)

    async def destroy(self, recording_id: str) -> None:
        """To do it twice is harmless."""
        await self._session.execute(
            delete(RecordingKey).where(RecordingKey.recording_id == recording_id)
        )

    async def masters(self) -> Sequence[str]:
        """The master keys that have keys below them, each found by one look into the index."""
        found: list[str] = []
        while True:
            query = select(func.min(RecordingKey.master_key))
            if found:
                query = query.where(RecordingKey.master_key > found[-1])
            following = await self._session.scalar(query)
            if following is None:
                return found
            found.append(following)

    async def below(self, master_key: str, limit: int) -> Sequence[RecordingKey]:
        """Some of the keys below this master key."""
        query = select(RecordingKey).where(RecordingKey.master_key == master_key).limit(limit)
        return (await self._session.scalars(query)).all()

    async def replace(self, keys: Iterable[tuple[RecordingKey, WrappedKey]]) -> None:
        """Put these in place of those; of one that was destroyed meanwhile there is no new one."""
        for row, key in keys:
            await self._session.execute(
                update(RecordingKey)
                .where(RecordingKey.recording_id == row.recording_id)
                .where(RecordingKey.master_key == row.master_key)
                .values(master_key=key.master, wrapped=key.wrapped)
            )
