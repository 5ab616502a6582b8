"""The calls by which a fax was, or was not, sent."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class FaxAttempt(Base, kw_only=True):
    """
    One call of a job of the outbox; its id is the call's.

    ``pages`` were confirmed by the receiving machine, which calls itself ``remote_ident``. It goes
    on until ``ended_at``. ``way``: "t38" or "audio", empty as long as that is open.
    """

    __tablename__ = "fax_attempt"

    id: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    trunk: Mapped[str] = mapped_column(default="")
    way: Mapped[str] = mapped_column(default="")
    answered: Mapped[bool] = mapped_column(default=False)
    pages: Mapped[int] = mapped_column(default=0)
    document_pages: Mapped[int | None] = mapped_column(default=None)
    sent: Mapped[bool] = mapped_column(default=False)
    cause: Mapped[str] = mapped_column(default="")
    remote_ident: Mapped[str] = mapped_column(default="")
    bit_rate: Mapped[int | None] = mapped_column(default=None)
    contact_id: Mapped[str | None] = mapped_column(default=None, index=True)
    customer_id: Mapped[str | None] = mapped_column(default=None, index=True)


class FaxAttempts:
    """The stored attempts. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_job(self, job_id: str) -> Sequence[FaxAttempt]:
        """The first first."""
        query = select(FaxAttempt).where(FaxAttempt.job_id == job_id)
        found = await self._session.scalars(query.order_by(FaxAttempt.at, FaxAttempt.id))
        return found.all()
