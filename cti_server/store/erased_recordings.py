"""Which recordings went with an erasure: what its certificate is made of."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class ErasedRecording(Base, kw_only=True):
    """
    ``destroyed_at``: when its key was gone, and each of the ``stores`` had deleted its file.

    ``stores`` is empty for what never was sealed in one.
    """

    __tablename__ = "erased_recording"

    erasure_id: Mapped[str] = mapped_column(primary_key=True)
    recording_id: Mapped[str] = mapped_column(primary_key=True)
    stores: Mapped[list[str]]
    destroyed_at: Mapped[datetime]


class ErasedRecordings:
    """The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, erased: ErasedRecording) -> None:
        self._session.add(erased)

    async def of(self, erasure_id: str) -> Sequence[ErasedRecording]:
        query = select(ErasedRecording).where(ErasedRecording.erasure_id == erasure_id)
        return (await self._session.scalars(query.order_by(ErasedRecording.recording_id))).all()
