"""Parts of longer texts that came, until the others are there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, LargeBinary, UniqueConstraint, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base
from .inserts import insert_into

WAITED_FOR: Final = timedelta(hours=1)
"""After which a text is taken with the parts that it has."""
_TEXT: Final = ("gateway", "number", "our_number", "reference", "total")
_PLACE: Final = (*_TEXT, "part")


class SmsFragment(Base, kw_only=True):
    """One part: ``part`` of ``total``, of what the sender calls ``reference``."""

    __tablename__ = "sms_fragment"

    __table_args__ = (UniqueConstraint(*_PLACE),)

    id: Mapped[str] = mapped_column(primary_key=True)
    gateway: Mapped[str]
    number: Mapped[str]
    our_number: Mapped[str]
    reference: Mapped[int]
    total: Mapped[int]
    part: Mapped[int]
    data_coding: Mapped[int]
    octets: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(index=True)


class SmsFragments:
    """The stored parts. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, fragment: SmsFragment) -> None:
        """One that is there already, a repetition, changes nothing."""
        values = {
            column.key: getattr(fragment, column.key) for column in SmsFragment.__table__.columns
        }
        statement = insert_into(SmsFragment, self._session.get_bind().dialect).values(**values)
        await self._session.execute(statement.on_conflict_do_nothing(index_elements=_PLACE))

    async def of_same_text(self, fragment: SmsFragment) -> Sequence[SmsFragment]:
        """In their order."""
        query = select(SmsFragment).where(*_same_text(fragment)).order_by(SmsFragment.part)
        return (await self._session.scalars(query)).all()

    async def remove_text(self, fragment: SmsFragment) -> None:
        await self._session.execute(delete(SmsFragment).where(*_same_text(fragment)))

    async def forget(self, numbers: Sequence[str]) -> None:
        """What began to come from these."""
        await self._session.execute(delete(SmsFragment).where(SmsFragment.number.in_(numbers)))

    async def earliest(self) -> datetime | None:
        """When the next text has waited too long for its parts."""
        oldest = await self._session.scalar(select(func.min(SmsFragment.at)))
        return None if oldest is None else oldest + WAITED_FOR

    async def overdue(self, now: datetime) -> SmsFragment | None:
        """The first part of a text that has waited too long."""
        query = select(SmsFragment).where(SmsFragment.at <= now - WAITED_FOR)
        return await self._session.scalar(query.order_by(SmsFragment.at).limit(1))


def _same_text(fragment: SmsFragment) -> list[ColumnElement[bool]]:
    return [getattr(SmsFragment, key) == getattr(fragment, key) for key in _TEXT]
