"""The oldest recordings become smaller: how some room is made on the first store's disk."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from recording.sealing import sealed_size

from .calls.reencoding import Reencoding
from .disk_watch import DiskWatch
from .store.database import Database
from .store.legal_holds import LegalHolds
from .store.recordings import Recording, Recordings

log = structlog.get_logger()

AGAIN = timedelta(hours=1)
"""So often they are gone through while room is wanted: what could not be done may be now."""
BATCH = 4  # recordings a job: ten minutes of each are seconds of its process


class CompressedRecordings:
    """
    A way of making room before anything has to leave, where the settings want that.

    What is under a legal hold stays as it was recorded. ``compressed`` is how many became smaller
    since the start.
    """

    def __init__(
        self,
        database: Database,
        reencoding: Reencoding,
        *,
        store: str,
        watch: DiskWatch,
        now: Callable[[], datetime],
        batch: int = BATCH,
    ) -> None:
        self.compressed = 0
        self._database = database
        self._reencoding = reencoding
        self._store = store
        self._watch = watch
        self._now = now
        self._batch = batch
        self._place: tuple[datetime, str] | None = None
        """Up to which, by age, they were gone through since ``_begun_at``."""
        self._begun_at: datetime | None = None
        """When that was; nothing while no room is wanted."""

    async def begin(self) -> None:
        """Nothing is left undone: a recording is the one or the other."""

    def enough(self) -> None:
        self._begun_at = None

    async def make_some(self) -> bool:
        now = self._now()
        if self._begun_at is None:
            self._place, self._begun_at = None, now
        begun_at = self._begun_at
        async with self._database.readers() as session:
            found = await Recordings(session).oldest_in_wav(self._batch, self._place)
            held = (await LegalHolds(session).held(now)).contact_ids if found else ()
        if not found:
            if now - begun_at >= AGAIN:
                self._begun_at = None
            return False
        some = [one for one in found if self._store in one.stores and one.contact_id not in held]
        refused = await self._reencoding.reencode(some) if some else {}
        for recording_id, reason in refused.items():
            log.warning("recording.not_compressed", recording=recording_id, reason=reason)
        done = [one for one in some if one.id not in refused]
        await self._count(done)
        self._place = (found[-1].started_at, found[-1].id)
        return bool(done) or not some

    async def _count(self, done: Sequence[Recording]) -> None:
        """What they take no more is no sign that less is recorded."""
        async with self._database.readers() as session:
            smaller = await Recordings(session).in_order([one.id for one in done])
        before, after = (sum(map(_sealed, each)) for each in (done, smaller))
        self._watch.clear(self._store, before - after)
        self.compressed += len(done)


def _sealed(recording: Recording) -> int:
    return sealed_size(recording.size or 0, recording.id)
