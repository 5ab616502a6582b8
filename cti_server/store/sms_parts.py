"""What SMS centres have taken of texts, under which ids, and what they said became of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from fax_sms_email.smpp.receipts import Receipt, other_spellings

from .base import Base
from .inserts import insert_into
from .outbox import KEPT, OutboxJob

TAKEN: Final = "taken"
DELIVERED: Final = "delivered"
UNDELIVERED: Final = "undelivered"
Delivery = Literal["delivered", "undelivered"]


class SmsPart(Base, kw_only=True):
    """
    One part of a text, under the id that its centre gave it. ``part`` counts from 1.

    ``job_id``: None as long as its receipt is all that is known of it: that may come before the
    centre's answer is noted.
    """

    __tablename__ = "sms_part"

    gateway: Mapped[str] = mapped_column(primary_key=True)
    gateway_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    job_id: Mapped[str | None] = mapped_column(default=None, index=True)
    part: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(default=TAKEN)
    reason: Mapped[str] = mapped_column(default="")


class SmsParts:
    """The stored parts. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def taken(self, job_id: str, gateway: str, ids: Mapping[int, str], now: datetime) -> None:
        """``ids``: the centre's, by part. A receipt that is there already stays."""
        for part, gateway_id in ids.items():
            statement = insert_into(SmsPart, self._session.get_bind().dialect).values(
                gateway=gateway,
                gateway_id=gateway_id,
                at=now,
                job_id=job_id,
                part=part,
                state=TAKEN,
                reason="",
            )
            known = {"job_id": job_id, "part": part}
            unique = ["gateway", "gateway_id"]
            await self._session.execute(
                statement.on_conflict_do_update(index_elements=unique, set_=known)
            )

    async def receipted(
        self, gateway: str, receipt: Receipt, number: str, now: datetime
    ) -> str | None:
        """
        The job whose part it is of. None for one that is not known yet, or never will be, and for
        what was said before.
        """
        known = await self._session.get(SmsPart, (gateway, receipt.message_id))
        gateway_id = receipt.message_id
        if known is None:
            gateway_id = await self._spelt_otherwise(gateway, gateway_id, number) or gateway_id
        statement = insert_into(SmsPart, self._session.get_bind().dialect).values(
            gateway=gateway,
            gateway_id=gateway_id,
            at=now,
            part=0,
            state=receipt.state,
            reason=receipt.reason,
        )
        said = statement.on_conflict_do_update(  # the centre's answer is noted in this very moment
            index_elements=["gateway", "gateway_id"],
            set_={"state": receipt.state, "reason": receipt.reason},
            where=SmsPart.state != receipt.state,
        )
        return await self._session.scalar(said.returning(SmsPart.job_id))

    async def of_job(self, job_id: str) -> Sequence[SmsPart]:
        query = select(SmsPart).where(SmsPart.job_id == job_id).order_by(SmsPart.part)
        return (await self._session.scalars(query)).all()

    async def of_jobs(self, job_ids: Sequence[str]) -> Mapping[str, list[SmsPart]]:
        """Those without any are not there."""
        found: dict[str, list[SmsPart]] = {}
        query = select(SmsPart).where(SmsPart.job_id.in_(job_ids)).order_by(SmsPart.part)
        for part in await self._session.scalars(query):
            found.setdefault(part.job_id or "", []).append(part)
        return found

    async def forget(self, now: datetime) -> None:
        await self._session.execute(delete(SmsPart).where(SmsPart.at <= now - KEPT))

    async def _spelt_otherwise(self, gateway: str, message_id: str, number: str) -> str | None:
        query = (
            select(SmsPart.gateway_id)
            .join(OutboxJob, OutboxJob.id == SmsPart.job_id)
            .where(
                SmsPart.gateway == gateway,
                SmsPart.gateway_id.in_(other_spellings(message_id)),
                OutboxJob.recipient == number,
            )
        )
        others = (await self._session.scalars(query.limit(2))).all()
        return others[0] if len(others) == 1 else None


def delivery_of(parts: Sequence[SmsPart]) -> Delivery | None:
    """Of a whole text: as its worst part; None while a receipt is missing."""
    if any(part.state == UNDELIVERED for part in parts):
        return "undelivered"
    if parts and all(part.state == DELIVERED for part in parts):
        return "delivered"
    return None
