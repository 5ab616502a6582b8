"""What SMS centres have taken of texts, under which ids, and what they said became of it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from fax_sms_email.smpp.receipts import other_spellings

from .base import Base
from .inserts import insert_into
from .outbox import KEPT, OutboxJob

TAKEN: Final = "taken"
DELIVERED: Final = "delivered"
UNDELIVERED: Final = "undelivered"
Delivery = Literal["delivered", "undelivered"]


_KEY: Final = ("gateway", "gateway_id")


class TakenPart(NamedTuple):
    """What a centre took, under its id."""

    job_id: str
    part: int
    gateway: str
    gateway_id: str


class Receipted(NamedTuple):
    """What a centre says of a text to that number."""

    gateway: str
    gateway_id: str
    number: str
    state: Delivery
    reason: str


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

    @property
    def key(self) -> tuple[str, str]:
        return self.gateway, self.gateway_id


class SmsParts:
    """The stored parts. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def taken(self, parts: Sequence[TakenPart], now: datetime) -> None:
        """A receipt that is there already stays."""
        if not parts:
            return
        statement = insert_into(SmsPart, self._session.get_bind().dialect)
        known = {"job_id": statement.excluded.job_id, "part": statement.excluded.part}
        rows = [{**one._asdict(), "at": now, "state": TAKEN, "reason": ""} for one in parts]
        upsert = statement.on_conflict_do_update(index_elements=_KEY, set_=known)
        await self._session.execute(upsert, rows)

    async def receipted(self, receipts: Sequence[Receipted], now: datetime) -> Collection[str]:
        """
        The jobs whose parts they are of; not those of which the same was said before.

        Of a part that is not known yet the receipt waits for it.
        """
        ids = {one.gateway_id for one in receipts}
        before = {part.key: part.state for part in await self._among(ids)}
        rows = dict[tuple[str, str], dict[str, Any]]()
        for one in receipts:
            key = one.gateway, one.gateway_id
            if key not in before:
                key = one.gateway, await self._spelt_otherwise(one) or one.gateway_id
            told = {"state": one.state, "reason": one.reason}
            rows[key] = {"gateway": key[0], "gateway_id": key[1], "at": now, "part": 0, **told}
        statement = insert_into(SmsPart, self._session.get_bind().dialect)
        said = {"state": statement.excluded.state, "reason": statement.excluded.reason}
        # the centre's answer to one may be noted in this very moment
        upsert = statement.on_conflict_do_update(index_elements=_KEY, set_=said)
        await self._session.execute(upsert, [rows[key] for key in sorted(rows)])
        self._session.expire_all()
        now_known = await self._among({gateway_id for _, gateway_id in rows})
        return {
            part.job_id
            for part in now_known
            if part.job_id is not None and part.key in rows and before.get(part.key) != part.state
        }

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

    async def _among(self, gateway_ids: Collection[str]) -> Sequence[SmsPart]:
        query = select(SmsPart).where(SmsPart.gateway_id.in_(gateway_ids))
        return (await self._session.scalars(query)).all()

    async def _spelt_otherwise(self, one: Receipted) -> str | None:
        query = (
            select(SmsPart.gateway_id)
            .join(OutboxJob, OutboxJob.id == SmsPart.job_id)
            .where(
                SmsPart.gateway == one.gateway,
                SmsPart.gateway_id.in_(other_spellings(one.gateway_id)),
                OutboxJob.recipient == one.number,
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
