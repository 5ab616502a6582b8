"""Drills: some recordings are restored as they would be if the first store were lost."""

import asyncio
import random
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from config.archive import StoreSettings
from cti_server.file_keys import FileKeys
from cti_server.store.database import Database
from cti_server.store.recordings import Recording, Recordings
from recording.drill import Trial, try_all
from recording.errors import KeysRefused, RecordingError
from recording.rereading import Finding

from .errors import DrillImpossible, NoSecondStore
from .kept import sound_of

_AT_ONCE = 4  # recordings of one job
_NEAR = 50  # recordings that are looked at for one that lies in a second store


@dataclass(slots=True)
class Outcome:
    """What a drill found; ``size`` in bytes of sound, ``by_store``: recordings."""

    sampled: int = 0
    size: int = 0
    by_store: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    first: datetime | None = None
    last: datetime | None = None


class Drill:
    """
    One drill, by what a restore has: the stores but the first, a database, a file of master keys.

    ``keys``: that file; it is read now, whatever a running server remembers of it. ``scratch``: a
    folder in which nothing is left.
    """

    def __init__(
        self,
        database: Database,
        stores: Mapping[str, StoreSettings],
        *,
        keys: Path,
        scratch: Path,
        jobs: Executor | None,
        chance: random.Random,
    ) -> None:
        """Raises NoSecondStore."""
        self._database = database
        self._backups = {name: stores[name] for name in list(stores)[1:]}
        if not self._backups:
            raise NoSecondStore
        self._key_file = keys
        self._scratch = scratch
        self._jobs = jobs
        self._chance = chance

    async def run(self, count: int) -> Outcome:
        """Raises DrillImpossible, and what the database raises."""
        try:
            keys = FileKeys(self._database, self._key_file)
        except KeysRefused as error:
            raise DrillImpossible(str(error)) from error
        chosen = await self._choose(count)
        if not chosen:
            raise DrillImpossible("no recording lies in another store than the first yet")
        outcome = Outcome()
        with self._folder() as scratch:
            for start in range(0, len(chosen), _AT_ONCE):
                await self._try(chosen[start : start + _AT_ONCE], keys, Path(scratch), outcome)
        return outcome

    def _folder(self) -> AbstractContextManager[str]:
        try:
            self._scratch.mkdir(parents=True, exist_ok=True)
            return tempfile.TemporaryDirectory(prefix="drill-", dir=self._scratch)
        except OSError as error:
            raise DrillImpossible(f"no folder to restore to: {error}") from error

    async def _choose(self, count: int) -> Sequence[Recording]:
        """Of all times alike, whenever most was recorded; different ones."""
        async with self._database.readers() as session:
            stored = Recordings(session)
            span = await stored.span()
            if span is None:
                return []
            chosen: dict[str, Recording] = {}
            for moment in moments(*span, count, self._chance):
                for later in (True, False):
                    near = await stored.around(moment, _NEAR, later=later, but=list(chosen))
                    found = next((each for each in near if self._stores_of(each)), None)
                    if found is not None:
                        chosen[found.id] = found
                        break
        return list(chosen.values())

    def _stores_of(self, recording: Recording) -> Sequence[str]:
        return [name for name in recording.stores if name in self._backups]

    async def _try(
        self, some: Sequence[Recording], keys: FileKeys, scratch: Path, outcome: Outcome
    ) -> None:
        trials = []
        for each in some:
            store = self._chance.choice(self._stores_of(each))
            try:
                opened = await keys.of([each.id])
            except RecordingError as error:
                await self._conclude(each, store, f"its key does not open: {error}", outcome)
                continue
            if each.id not in opened:
                await self._conclude(each, store, "its key was removed", outcome)
                continue
            trials.append((each, _trial(each, store, opened[each.id])))
        faults = await asyncio.get_running_loop().run_in_executor(
            self._jobs, try_all, [trial for _, trial in trials], self._backups, scratch
        )
        for (each, trial), fault in zip(trials, faults, strict=True):
            await self._conclude(each, trial.store, fault, outcome)

    async def _conclude(
        self, recording: Recording, store: str, fault: str, outcome: Outcome
    ) -> None:
        """What was erased, or encoded anew, while it was looked at is no fault."""
        if fault:
            async with self._database.readers() as session:
                now = await Recordings(session).get(recording.id)
            if now is None or now.state != "stored" or now.file != recording.file:
                return
            outcome.findings.append(Finding(recording.id, store, fault, broken=True))
        outcome.sampled += 1
        outcome.size += recording.size or 0
        outcome.by_store[store] = outcome.by_store.get(store, 0) + 1
        at = recording.started_at
        outcome.first = min(outcome.first or at, at)
        outcome.last = max(outcome.last or at, at)


def moments(
    first: datetime, last: datetime, count: int, chance: random.Random
) -> Sequence[datetime]:
    """One by chance in each of so many equal parts of the time, so that no part is left out."""
    part = (last - first) / count
    return [first + part * (number + chance.random()) for number in range(count)]


def _trial(recording: Recording, store: str, key: bytes) -> Trial:
    return Trial(
        recording_id=recording.id,
        store=store,
        file=recording.file or "",
        key=key,
        sound=sound_of(recording),
        duration=recording.duration or 0.0,
        channels=recording.channels,
    )


DrillOf = Callable[[], Drill]
"""A new one; raises NoSecondStore."""
