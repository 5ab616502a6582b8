"""Calls of other PBXs that were recorded here: what these call them, by the recording."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Index, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base
from .recordings import SIPREC, Recording


class ForeignCallRecord(Base, kw_only=True):
    """A :class:`recording.foreign_call.ForeignCall`; its id is the recording's."""

    __tablename__ = "foreign_call"

    id: Mapped[str] = mapped_column(primary_key=True)
    client: Mapped[str]
    session_id: Mapped[str]
    calls: Mapped[list[str]]
    agent_aor: Mapped[str]
    agent_name: Mapped[str]


class ForeignCallName(Base, kw_only=True):
    """One of the names that a recording is found by."""

    __tablename__ = "foreign_call_name"

    id: Mapped[str] = mapped_column(primary_key=True)
    recording_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]


Index("ix_foreign_call_name_name", ForeignCallName.name, ForeignCallName.recording_id)


class ForeignCalls:
    """The stored ones. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, recordings: Sequence[Recording]) -> Mapping[str, ForeignCallRecord]:
        """By recording; nothing is asked where there is none of another PBX."""
        ids = [one.id for one in recordings if one.kind == SIPREC]
        if not ids:
            return {}
        query = select(ForeignCallRecord).where(ForeignCallRecord.id.in_(ids))
        return {one.id: one for one in await self._session.scalars(query)}

    async def forget(self, recording_ids: Sequence[str]) -> None:
        """They went with their recordings."""
        call, name = ForeignCallRecord, ForeignCallName
        await self._session.execute(delete(call).where(call.id.in_(recording_ids)))
        await self._session.execute(delete(name).where(name.recording_id.in_(recording_ids)))
