"""Texts that came in: kept before a gateway is told so, and seen to once."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Index, UniqueConstraint, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from fax_sms_email.texts import ReceivedText

from .base import Base
from .inserts import insert_into

RECEIVED: Final = "received"
SEEN_TO: Final = "seen_to"
PASSED_OVER: Final = "passed_over"
"""Not answered, by rule."""
FAILED: Final = "failed"
KEPT: Final = timedelta(days=30)
"""For which one is remembered that was seen to: a gateway may hand it over again."""
_AT_ONCE: Final = 1000


class Sender(NamedTuple):
    """Who writes to which number of ours."""

    number: str
    our_number: str


class SmsMessage(Base, kw_only=True):
    """
    One text, as ``gateway`` handed it over under its own ``gateway_id``.

    ``due_at``: "received", when it is seen to, or looked at once more if whoever did so said
    nothing; after that, when it is forgotten, and ``text`` is empty. The contact is that in which
    it was said; a text outside of any belongs to the customer, if the number is one's.
    """

    __tablename__ = "sms_message"
    __table_args__ = (UniqueConstraint("gateway", "gateway_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    gateway: Mapped[str]
    gateway_id: Mapped[str]
    number: Mapped[str]
    our_number: Mapped[str]
    text: Mapped[str]
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=RECEIVED)
    attempts: Mapped[int] = mapped_column(default=0)
    seen_to_at: Mapped[datetime | None] = mapped_column(default=None)
    contact_id: Mapped[str | None] = mapped_column(default=None, index=True)
    customer_id: Mapped[str | None] = mapped_column(default=None, index=True)

    @property
    def sender(self) -> Sender:
        return Sender(self.number, self.our_number)


Index("ix_sms_message_state_due_at", SmsMessage.state, SmsMessage.due_at)
Index("ix_sms_message_number_received_at", SmsMessage.number, SmsMessage.received_at)


class SmsMessages:
    """The stored texts. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def take(
        self, message_id: str, gateway: str, number: str, text: ReceivedText, now: datetime
    ) -> bool:
        """``number``: the sender's in the one form. False for one that is there already."""
        statement = insert_into(SmsMessage, self._session.get_bind().dialect).values(
            id=message_id,
            gateway=gateway,
            gateway_id=text.gateway_id,
            number=number,
            our_number=text.our_number,
            text=text.text,
            received_at=now,
            due_at=now,
            state=RECEIVED,
            attempts=0,
        )
        unique = ["gateway", "gateway_id"]
        made = statement.on_conflict_do_nothing(index_elements=unique).returning(SmsMessage.id)
        return await self._session.scalar(made) is not None

    async def next_of_each(self, but: Collection[Sender]) -> Sequence[SmsMessage]:
        """The oldest of each sender's that is not seen to; ``but``: of none of these."""
        query = (
            select(SmsMessage)
            .where(SmsMessage.state == RECEIVED)
            .order_by(SmsMessage.received_at, SmsMessage.id)
            .limit(_AT_ONCE)
        )
        first: dict[Sender, SmsMessage] = {}
        for message in await self._session.scalars(query):
            first.setdefault(message.sender, message)
        return [message for sender, message in first.items() if sender not in but]

    async def forget(self, now: datetime) -> None:
        over = (SmsMessage.state != RECEIVED, SmsMessage.due_at <= now)
        await self._session.execute(delete(SmsMessage).where(*over))

    async def take_up(self, now: datetime) -> None:
        """After a start: nobody sees to any of them now."""
        waiting = update(SmsMessage).where(SmsMessage.state == RECEIVED)
        await self._session.execute(waiting.values(due_at=now))

    async def lately(self, number: str, since: datetime) -> int:
        """How many came from that number."""
        query = select(func.count()).select_from(SmsMessage)
        return (
            await self._session.scalar(
                query.where(SmsMessage.number == number, SmsMessage.received_at > since)
            )
            or 0
        )

    async def said_in(self, message_id: str, contact_id: str) -> None:
        said = update(SmsMessage).where(SmsMessage.id == message_id)
        await self._session.execute(said.values(contact_id=contact_id))

    async def waiting_in(self) -> set[str]:
        """The contacts in which something was said that is not seen to."""
        said = SmsMessage.contact_id.is_not(None)
        query = select(SmsMessage.contact_id).where(SmsMessage.state == RECEIVED, said)
        return {each for each in await self._session.scalars(query) if each is not None}

    async def get(self, message_id: str) -> SmsMessage | None:
        return await self._session.get(SmsMessage, message_id, with_for_update=True)
