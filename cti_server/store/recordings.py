"""Recordings: what was captured of whom, and where the file is."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    Select,
    func,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from recording.capture import SAMPLE_RATE
from recording.sound_file import OPUS

from .base import Base, by_bytes

RUNNING, STORED = "running", "stored"
ERASED = "erased"
"""The state of a recording that is no more; its row stays, for what was counted by it."""
MESSAGE = "message"
"""The kind of what a caller said to nobody."""
SIPREC = "siprec"
"""The kind of what another PBX has recorded here; there is no contact of its contact id."""


class Recording(Base, kw_only=True):
    """
    One recorded conversation, or a message (``kind``). ``file``, below the archive, and what
    describes it are there when ``state`` is "stored"; before that it is "running", or "failed" with
    a ``failure``. ``rule`` let it be made; on demand, somebody asked for it. The file lies sealed
    in the ``stores`` and is ``owed`` to those others (names with spaces between); in none, it is a
    plain one of a release that did not seal. Its size and hash are those of the sound, of these
    ``sides`` in this ``layout``; ``codec`` is "OPUS" or one of G.711. ``replaced``: an earlier file
    of it, which is to be removed from every store. For want of room it was ``moved`` out of those
    stores (names with spaces between); in the one that it is ``leaving`` the file has to be deleted
    yet. A stored one with a ``failure`` was cut short by it. ``last_digits``: of the caller's
    number (:data:`recording.search.LAST_DIGITS`).
    """

    __tablename__ = "recording"

    id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str]
    contact_id: Mapped[str] = mapped_column(index=True)
    interaction_id: Mapped[str]
    agent_id: Mapped[str]
    queue: Mapped[str]
    caller_number: Mapped[str] = mapped_column(by_bytes())
    dialled_number: Mapped[str] = mapped_column(by_bytes())
    started_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str]
    failure: Mapped[str | None] = mapped_column(default=None)
    duration: Mapped[float | None] = mapped_column(default=None)  # seconds
    file: Mapped[str | None] = mapped_column(default=None)
    size: Mapped[int | None] = mapped_column(BigInteger, default=None)  # bytes
    sha256: Mapped[str | None] = mapped_column(default=None)
    codec: Mapped[str | None] = mapped_column(default=None)
    recovered: Mapped[bool] = mapped_column(default=False)
    quality: Mapped[dict[str, float]] = mapped_column(default_factory=dict)
    kind: Mapped[str] = mapped_column(default="conversation")
    rule: Mapped[str] = mapped_column(default="")
    asked_by: Mapped[str | None] = mapped_column(default=None)
    stores: Mapped[list[str]] = mapped_column(default_factory=list)
    owed: Mapped[str | None] = mapped_column(default=None)
    last_digits: Mapped[str] = mapped_column(by_bytes(), default="")
    moved: Mapped[str | None] = mapped_column(default=None)
    leaving: Mapped[str | None] = mapped_column(default=None)
    sides: Mapped[str] = mapped_column(default="both")
    layout: Mapped[str] = mapped_column(default="stereo")
    replaced: Mapped[str | None] = mapped_column(default=None)

    @property
    def samples(self) -> int:
        """Of each channel."""
        return round((self.duration or 0.0) * SAMPLE_RATE)

    @property
    def channels(self) -> int:
        return 1 if self.layout == "mono" else 2


# Each in the order in which recordings are shown: a page costs what it shows.
Index("ix_recording_agent_id_started_at", Recording.agent_id, Recording.started_at)
Index("ix_recording_queue_started_at", Recording.queue, Recording.started_at)
Index("ix_recording_caller_number_started_at", Recording.caller_number, Recording.started_at)
Index("ix_recording_dialled_number_started_at", Recording.dialled_number, Recording.started_at)
Index("ix_recording_last_digits_started_at", Recording.last_digits, Recording.started_at)
_OWED = Recording.owed.is_not(None)
Index("ix_recording_owed", Recording.owed, sqlite_where=_OWED, postgresql_where=_OWED)
_LEAVING = Recording.leaving.is_not(None)
Index("ix_recording_leaving", Recording.leaving, sqlite_where=_LEAVING, postgresql_where=_LEAVING)
_WHOLE = text("state = 'stored' AND moved IS NULL")
"""In so many words, or neither database uses the index."""
Index(
    "ix_recording_unmoved",
    *(Recording.started_at, Recording.id),
    sqlite_where=_WHOLE,
    postgresql_where=_WHOLE,
)
_REPLACED = Recording.replaced.is_not(None)
Index(
    "ix_recording_replaced",
    Recording.replaced,
    sqlite_where=_REPLACED,
    postgresql_where=_REPLACED,
)


class Recordings:
    """The stored recordings. The caller owns the session and its transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(
        self,
        recording_id: str,
        seen: Sequence[ColumnElement[bool]] = (),
        *,
        locked: bool = False,
    ) -> Recording | None:
        query = select(Recording).where(Recording.id == recording_id, *seen)
        return await self._session.scalar(query.with_for_update() if locked else query)

    async def in_order(
        self,
        recording_ids: Sequence[str],
        seen: Sequence[ColumnElement[bool]] = (),
        *,
        locked: bool = False,
    ) -> Sequence[Recording]:
        """These, as far as they are there, and ``seen``."""
        query = select(Recording).where(Recording.id.in_(recording_ids), *seen)
        if locked:  # all in one order: of two who lock some neither waits for the other
            query = query.order_by(Recording.id).with_for_update()
        found = {one.id: one for one in await self._session.scalars(query)}
        return [found[one] for one in recording_ids if one in found]

    async def size_of(self, recording_ids: Sequence[str]) -> int:
        """Bytes of sound of all these together."""
        size = func.coalesce(func.sum(Recording.size), 0)
        return int(
            await self._session.scalar(select(size).where(Recording.id.in_(recording_ids))) or 0
        )

    async def of_contacts(self, contact_ids: Sequence[str]) -> Sequence[Recording]:
        """The recordings of these contacts, in order."""
        query = (
            select(Recording)
            .where(Recording.contact_id.in_(contact_ids))
            .order_by(Recording.started_at, Recording.id)
        )
        return (await self._session.scalars(query)).all()

    async def owed(self, limit: int, after: str) -> Sequence[Recording]:
        """The next by id that are not yet in every store."""
        query = select(Recording).where(_OWED, Recording.state == "stored", Recording.id > after)
        return (await self._session.scalars(query.order_by(Recording.id).limit(limit))).all()

    async def count_owed(self) -> int:
        query = select(func.count()).select_from(Recording).where(_OWED)
        return await self._session.scalar(query) or 0

    async def oldest(self, limit: int, after: tuple[datetime, str] | None) -> Sequence[Recording]:
        """The next by age that are in all the stores that they ever were in."""
        return await self._next_by_age(select(Recording).where(_WHOLE), limit, after)

    async def oldest_in_wav(
        self, limit: int, after: tuple[datetime, str] | None
    ) -> Sequence[Recording]:
        """Of the same the next that are not Opus."""
        query = select(Recording).where(_WHOLE, Recording.codec != OPUS)
        return await self._next_by_age(query, limit, after)

    async def leaving(self, limit: int) -> Sequence[Recording]:
        """Some that a store is to be rid of yet."""
        return (await self._session.scalars(select(Recording).where(_LEAVING).limit(limit))).all()

    async def left(self, recording_ids: Sequence[str]) -> None:
        """The store is rid of these."""
        which = update(Recording).where(Recording.id.in_(recording_ids))
        await self._session.execute(which.values(leaving=None))

    async def replaced(self, limit: int, after: str) -> Sequence[Recording]:
        """The next by id of which an earlier file may still be there."""
        query = select(Recording).where(_REPLACED, Recording.id > after)
        return (await self._session.scalars(query.order_by(Recording.id).limit(limit))).all()

    async def after(self, recording_id: str, limit: int) -> Sequence[Recording]:
        """All there are by id, page by page."""
        query = select(Recording).where(Recording.id > recording_id).order_by(Recording.id)
        return (await self._session.scalars(query.limit(limit))).all()

    async def span(self) -> tuple[datetime, datetime] | None:
        """When the first and the last of all began; None if there is none."""
        # SQLite looks each end up in the index, but reads all of it for both at once.
        first = select(func.min(Recording.started_at)).scalar_subquery()
        last = select(func.max(Recording.started_at)).scalar_subquery()
        began, ended = (await self._session.execute(select(first, last))).one()
        return None if began is None else (began, ended)

    async def around(
        self, moment: datetime, limit: int, *, later: bool, but: Sequence[str] = ()
    ) -> Sequence[Recording]:
        """Stored ones that began from then on, or before; the nearest first, without these."""
        at = Recording.started_at
        query = select(Recording).where(Recording.state == "stored", Recording.id.not_in(but))
        query = query.where(at >= moment) if later else query.where(at < moment)
        query = query.order_by(at if later else at.desc()).limit(limit)
        return (await self._session.scalars(query)).all()

    async def _next_by_age(
        self,
        query: Select[Recording],
        limit: int,
        after: tuple[datetime, str] | None,
    ) -> Sequence[Recording]:
        if after is not None:
            query = query.where(tuple_(Recording.started_at, Recording.id) > after)
        query = query.order_by(Recording.started_at, Recording.id).limit(limit)
        return (await self._session.scalars(query)).all()
