"""How many recordings a retention run would destroy, by rule, before anybody wants it to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm.recording_retention import RecordingRule
from crm.retention import cutoff
from cti_server.store.legal_holds import Held
from cti_server.store.recordings import Recording

from .sweeps import kept_by, there

_AT_ONCE = 400  # ids of one query


@dataclass(frozen=True, slots=True)
class Going:
    """By one rule, or by the class where there is none; ``held`` ones stay, and are not counted."""

    rule: RecordingRule | None
    days: int | None
    recordings: int = 0
    bytes: int = 0
    held: int = 0
    oldest: datetime | None = None


async def going(
    session: AsyncSession,
    rules: Sequence[RecordingRule],
    days: int | None,
    held: Held,
    now: datetime,
) -> Sequence[Going]:
    """``days``: of the class; ``held``: what is under a legal hold."""
    return [
        await _going(session, rules, rule, days if rule is None else rule.days, held, now)
        for rule in (None, *rules)
    ]


async def _going(
    session: AsyncSession,
    rules: Sequence[RecordingRule],
    rule: RecordingRule | None,
    days: int | None,
    held: Held,
    now: datetime,
) -> Going:
    if days is None:
        return Going(rule, None)
    old = and_(there(), kept_by(rules, rule), Recording.started_at < cutoff(now, days))
    count, size, oldest = await _sum(session, old)
    stay = await _held(session, old, held)
    held_size = sum(stay.values())
    return Going(rule, days, count - len(stay), size - held_size, len(stay), oldest)


async def _sum(session: AsyncSession, old: ColumnElement[bool]) -> tuple[int, int, datetime | None]:
    query = select(
        func.count(), func.coalesce(func.sum(Recording.size), 0), func.min(Recording.started_at)
    ).where(old)
    count, size, oldest = (await session.execute(query)).one()
    return int(count), int(size or 0), oldest


async def _held(session: AsyncSession, old: ColumnElement[bool], held: Held) -> dict[str, int]:
    """The sizes of those that stay, by their ids."""
    found: dict[str, int] = {}
    for contact_ids in _slices(held.contact_ids):
        found |= await _sizes(session, and_(old, Recording.contact_id.in_(contact_ids)))
    for call_ids in _slices(held.call_ids):
        found |= await _sizes(session, and_(old, Recording.call_id.in_(call_ids)))
    return found


async def _sizes(session: AsyncSession, which: ColumnElement[bool]) -> dict[str, int]:
    rows = await session.execute(select(Recording.id, Recording.size).where(which))
    return {row.id: row.size or 0 for row in rows}


def _slices(ids: Collection[str]) -> Sequence[Sequence[str]]:
    every = sorted(ids)
    return [every[start : start + _AT_ONCE] for start in range(0, len(every), _AT_ONCE)]
