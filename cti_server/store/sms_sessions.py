"""Services by text that are under way: what was answered so far, from which each can go on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base
from .sms_messages import Sender


class SmsSession(Base, kw_only=True):
    """
    One, until it is over; its contact's id is that of the text that began it.

    ``steps``: what was typed and what was found out, in order. A flow in its ``flow_version`` that
    is walked through with the same steps comes to the same place.
    """

    __tablename__ = "sms_session"

    contact_id: Mapped[str] = mapped_column(primary_key=True)
    gateway: Mapped[str]
    number: Mapped[str]
    our_number: Mapped[str]
    service: Mapped[str]
    language: Mapped[str]
    flow_version: Mapped[int | None]
    began_at: Mapped[datetime]
    steps: Mapped[list[dict[str, Any]]] = mapped_column(default_factory=list)

    @property
    def sender(self) -> Sender:
        return Sender(self.number, self.our_number)


class SmsSessions:
    """The stored sessions. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, one: SmsSession) -> None:
        self._session.add(one)

    async def all(self) -> Sequence[SmsSession]:
        query = select(SmsSession).order_by(SmsSession.began_at, SmsSession.contact_id)
        return (await self._session.scalars(query)).all()

    async def keep(self, contact_id: str, steps: Sequence[dict[str, Any]]) -> None:
        kept = update(SmsSession).where(SmsSession.contact_id == contact_id)
        await self._session.execute(kept.values(steps=list(steps)))

    async def remove_all(self) -> None:
        await self._session.execute(delete(SmsSession))

    async def remove(self, contact_id: str) -> None:
        await self._session.execute(delete(SmsSession).where(SmsSession.contact_id == contact_id))
