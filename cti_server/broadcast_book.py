"""
Broadcasts as they are kept: put on by somebody, withdrawn by somebody, or over by themselves.

One is said to be on when its texts are there as sounds and its record is in the database; calls
hear it from then on (:class:`cti_server.calls.broadcasts.Broadcasts`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Container, Mapping
from datetime import datetime, timedelta

import structlog

from crm.errors import InvalidField, NotNow

from .calls.broadcasts import Broadcast, Broadcasts
from .speech.errors import SpeechError
from .store.broadcasts import BroadcastRecord, BroadcastRecords
from .store.changes import Changes
from .store.database import Database
from .tickets.edit import SYSTEM
from .wire.broadcasts import NewBroadcast

log = structlog.get_logger()

MOST_ON = 100
_RECORD = BroadcastRecord.__tablename__

Render = Callable[[str, str], Awaitable[object]]
"""Have a text there as a sound, in a language. Raises SpeechError."""


class BroadcastBook:
    """Due work, too: what has expired is over."""

    name = "broadcasts"
    records = frozenset({_RECORD})

    def __init__(
        self,
        database: Database,
        changes: Changes,
        on: Broadcasts,
        *,
        render: Render,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
        queues: Container[str],
        ours: Callable[[str], bool],
        line: Callable[[str], str],
    ) -> None:
        """``ours``: whether a number is the centre's own; ``line``: a number's one form."""
        self._database = database
        self._changes = changes
        self._on = on
        self._render = render
        self._now = now
        self._new_id = new_id
        self._queues = queues
        self._ours = ours
        self._line = line
        self._expires: dict[str, datetime] = {}

    async def load(self) -> None:
        """Those that were on when the server went down are on again, or over if unspeakable now."""
        async with self._database.readers() as session:
            found = await BroadcastRecords(session).on()
        for record in found:
            try:
                await self._rendered(record.texts)
            except SpeechError as error:  # a voice that is there no more
                log.warning("broadcast.not_spoken", broadcast_id=record.id, reason=str(error))
                await self._end(record.id, "unspoken", SYSTEM)
            else:
                self._put(record)

    def in_queue(self, queue: str) -> list[Broadcast]:
        return self._on.in_queue(queue)

    async def publish(
        self, wanted: NewBroadcast, texts: Mapping[str, str], published_by: str
    ) -> BroadcastRecord:
        """
        Put it on. ``texts``: what it says, by language.

        Raises InvalidField, SpeechError where it cannot be spoken, NotNow where too many are on.
        """
        self._check(wanted)
        await self._rendered(texts)
        async with self._changes.begin(published_by) as change:
            records, now = BroadcastRecords(change.session), self._now()
            if await records.count_on() >= MOST_ON:
                raise NotNow(f"{MOST_ON} broadcasts are on already; withdraw one first")
            record = BroadcastRecord(
                id=self._new_id(),
                queues=list(dict.fromkeys(wanted.queues)),
                numbers=list(dict.fromkeys(wanted.numbers)),
                texts=dict(texts),
                to_waiting=wanted.to_waiting,
                published_at=now,
                published_by=published_by,
                expires_at=_after(now, wanted.seconds),
            )
            records.add(record)
            change.record(_RECORD, record.id, "published")
        self._put(record)
        log.info("broadcast.published", broadcast_id=record.id, queues=record.queues)
        return record

    async def withdraw(self, broadcast_id: str, withdrawn_by: str) -> None:
        """Raises UnknownRecord, and NotNow for one that is over."""
        await self._end(broadcast_id, "withdrawn", withdrawn_by)

    # --- the clock ----------------------------------------------------------------------------

    async def earliest(self) -> datetime | None:
        return min(self._expires.values(), default=None)

    async def do(self, now: datetime) -> None:
        for broadcast_id in [one for one, at in self._expires.items() if at <= now]:
            try:
                await self._end(broadcast_id, "expired", SYSTEM)
            except NotNow:  # somebody withdrew it in this moment
                self._expires.pop(broadcast_id, None)

    # --- inside -------------------------------------------------------------------------------

    def _check(self, wanted: NewBroadcast) -> None:
        for queue in wanted.queues:
            if queue not in self._queues:
                raise InvalidField("queues", f"there is no queue {queue!r}")
        for number in wanted.numbers:
            if not self._ours(number):
                raise InvalidField("numbers", f"{number!r} is no number of the centre's")

    async def _rendered(self, texts: Mapping[str, str]) -> None:
        await asyncio.gather(*(self._render(text, language) for language, text in texts.items()))

    async def _end(self, broadcast_id: str, outcome: str, ended_by: str) -> None:
        async with self._changes.begin(ended_by) as change:
            record = await BroadcastRecords(change.session).need(broadcast_id)
            if record.ended_at is not None:
                raise NotNow(f"the broadcast {broadcast_id!r} is over: {record.outcome}")
            record.ended_at, record.ended_by, record.outcome = self._now(), ended_by, outcome
            change.record(_RECORD, broadcast_id, outcome)
        self._on.remove(broadcast_id)
        self._expires.pop(broadcast_id, None)
        log.info("broadcast.ended", broadcast_id=broadcast_id, outcome=outcome)

    def _put(self, record: BroadcastRecord) -> None:
        if record.expires_at is not None:
            self._expires[record.id] = record.expires_at
        self._on.put(
            Broadcast(
                id=record.id,
                queues=frozenset(record.queues),
                numbers=frozenset(map(self._line, record.numbers)),
                texts=dict(record.texts),
                to_waiting=record.to_waiting,
                published_at=record.published_at,
                expires_at=record.expires_at,
            )
        )


def _after(now: datetime, seconds: int | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)
