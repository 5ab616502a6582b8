"""
Rounds through the archive, each quiet hour.

Recordings from before a store was added become owed to it, and :mod:`cti_server.calls.owed_copies`
brings them. Then some recordings' copies are read again, by turns, in every store: what a disk has
lost or altered is found while another copy is whole.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from config.archive import StoreSettings
from cti_server.file_keys import FileKeys
from cti_server.store.database import Database
from cti_server.store.recordings import Recording, Recordings
from cti_server.wire.events import Event, RecordingOwed
from recording.errors import RecordingError
from recording.rereading import Finding, Kept, read_again
from recording.stores.opening import open_stores

from .kept import is_current, lies_sealed, with_keys

_ROWS = 500  # looked at in one query
_AT_ONCE = 8  # recordings of one job


@dataclass(slots=True)
class Outcome:
    """What a round did. ``read``: the recordings; ``reached``: the last one of them."""

    owed: int = 0
    read: set[str] = field(default_factory=set)
    size: int = 0  # bytes of sound
    reached: str = ""
    findings: list[Finding] = field(default_factory=list)

    @property
    def sampled(self) -> int:
        return len(self.read)


class Rounds:
    """Goes through the recordings by their ids, which are by chance as to time."""

    def __init__(
        self,
        database: Database,
        *,
        keys: FileKeys,
        stores: Mapping[str, StoreSettings],
        jobs: Executor,
        append: Callable[[Event], object],
        logged: Callable[[], Awaitable[None]],
    ) -> None:
        self._database = database
        self._keys = keys
        self._stores = stores
        self._jobs = jobs
        self._append = append
        self._logged = logged

    async def run(self, count: int, *, known: Sequence[str], reached: str) -> Outcome:
        """
        Read ``count`` recordings again. ``known``: the stores that all recordings are in, or owed
        to, since the round before, which ``reached`` this recording.

        Raises what the database raises, and BrokenExecutor.
        """
        outcome = Outcome(reached=reached)
        if set(self._stores) - set(known):
            outcome.owed = await self._fill_back()
        await self._read_again(count, outcome)
        return outcome

    async def _fill_back(self) -> int:
        """Owe what is there to the stores that came later; how many recordings those were."""
        owed, after = 0, ""
        while found := await self._page(after, _ROWS):
            for each in found:
                if lacking := missing(each, self._stores):
                    self._append(RecordingOwed(recording_id=each.id, stores=lacking))
                    owed += 1
            after = found[-1].id
            await self._logged()  # a page at a time: nothing piles up
        return owed

    async def _read_again(self, count: int, outcome: Outcome) -> None:
        begins, around = outcome.reached, not outcome.reached
        while outcome.sampled < count:
            left = count - outcome.sampled
            found = await self._page(outcome.reached, min(_AT_ONCE, left))
            if around and begins:
                found = [each for each in found if each.id <= begins]
            if not found:
                if around:
                    return  # each was read once
                around, outcome.reached = True, ""
                continue
            await self._read_some(found, outcome)
            outcome.reached = found[-1].id

    async def _read_some(self, found: Sequence[Recording], outcome: Outcome) -> None:
        sealed = [each for each in found if lies_sealed(each)]
        keys = dict[str, bytes]()
        for one in sealed:
            try:
                keys |= await self._keys.of([one.id])
            except RecordingError as error:
                fault = f"its key does not open: {error}"
                outcome.findings.append(Finding(one.id, one.stores[0], fault, broken=True))
        kept = with_keys(sealed, keys)
        results = await asyncio.get_running_loop().run_in_executor(
            self._jobs, read_again, kept, dict(self._stores)
        )
        for each, findings in zip(kept, results, strict=True):
            outcome.read.add(each.recording_id)
            outcome.size += each.sound.size
            if findings and not await is_current(each, self._database, self._keys):
                await asyncio.to_thread(self._remove, each)
                continue
            outcome.findings += findings

    def _remove(self, kept: Kept) -> None:
        for store in open_stores(self._stores):
            store.delete(kept.file)

    async def _page(self, after: str, limit: int) -> Sequence[Recording]:
        async with self._database.readers() as session:
            return await Recordings(session).after(after, limit)


def missing(recording: Recording, stores: Mapping[str, StoreSettings]) -> tuple[str, ...]:
    """The stores that neither have it nor are owed it; not those that it left for want of room."""
    if not lies_sealed(recording):
        return ()
    named = f"{recording.owed or ''} {recording.moved or ''}"
    known = {*recording.stores, *named.split()}
    return tuple(name for name in stores if name not in known)
