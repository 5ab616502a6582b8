"""
The archive's care: rounds each quiet hour, drills every few days, and whenever somebody asks.

What is to be done is a row of the database before it is begun, so a stop or a crash forgets none;
one that was cut is done from its beginning. The due timer only begins them: no store that is silent
holds up reminders.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from datetime import datetime, timedelta
from typing import Any

import structlog

from config.archive import ArchiveSettings, StoreSettings
from crm.retention import next_run
from cti_server.background import Background
from cti_server.metrics import Figures
from cti_server.store.archive_runs import DONE, DRILL, FAILED, ROUND, ArchiveRun, ArchiveRuns
from cti_server.store.changes import Changes
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.log import hears
from cti_server.store.recordings import Recordings
from cti_server.wire.events import Logged, RecordChanged
from recording.errors import RecordingError
from recording.rereading import Finding

from .drills import DrillOf
from .erased_list import ErasedList
from .errors import DrillImpossible, NoSecondStore
from .incidents import BackupIncidents
from .rounds import Rounds

log = structlog.get_logger()

SYSTEM = "system"
_TOLD = 100  # findings that a run's row names
_PAUSE = 30.0  # seconds after which what the database kept from being done is tried again
_LOOK_AGAIN = 3600.0  # seconds after which a store that was silent is told what was erased
_A_DAY = timedelta(days=1)


class ArchiveCare:
    """
    The due work that begins runs, and the task that does them, one at a time.

    ``quiet_hour`` in the time ``zone``. ``drill`` is a new drill each time.
    """

    name = "archive"
    records = frozenset({"archive_run"})

    def __init__(
        self,
        database: Database,
        changes: Changes,
        incidents: BackupIncidents,
        *,
        rounds: Rounds,
        drill: DrillOf,
        erased: ErasedList,
        settings: ArchiveSettings,
        stores: Mapping[str, StoreSettings],
        quiet_hour: int,
        zone: str,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._database = database
        self._changes = changes
        self._incidents = incidents
        self._rounds = rounds
        self._drill = drill
        self._erased = erased
        self._settings = settings
        self._stores = list(stores)
        self._quiet_hour = quiet_hour
        self._zone = zone
        self._now = now
        self._new_id = new_id
        self._wanted = asyncio.Event()
        self._running = Background("archive-care")
        self._figures: dict[str, float] = {}
        self._broken = self._mended = self._read = 0

    def start(self) -> None:
        self._running.start(self._run())

    async def close(self) -> None:
        """What is under way is done again at the next start."""
        await self._running.close()

    def wake(self) -> None:
        """Another process may have asked for a run in the database, or done one."""
        self._wanted.set()

    @hears(RecordChanged)
    def hear(self, logged: Logged) -> None:
        """For the event log: what was erased is noted in the stores at once."""
        match logged.event:
            case RecordChanged(record="erasure" | "retention_run"):
                self._wanted.set()

    # --- when -----------------------------------------------------------------------------------

    async def earliest(self) -> datetime | None:
        moments = [await self._next(kind) for kind in (ROUND, DRILL)]
        return min((each for each in moments if each is not None), default=None)

    async def do(self, now: datetime) -> None:
        for kind in (ROUND, DRILL):
            at = await self._next(kind)
            if at is not None and at <= now:
                await self.begin(kind, SYSTEM)

    async def begin(self, kind: str, asked_by: str, wanted: int | None = None) -> ArchiveRun:
        """A run, or the one of its kind that is under way. Raises NoSecondStore."""
        if kind == DRILL and len(self._stores) < 2:
            raise NoSecondStore
        async with self._changes.begin(asked_by) as change:
            stored = ArchiveRuns(change.session)
            if (running := await stored.running(kind)) is not None:
                return running
            run = ArchiveRun(
                id=self._new_id(),
                kind=kind,
                asked_by=asked_by,
                started_at=self._now(),
                wanted=self._usual(kind) if wanted is None else wanted,
                stores=self._stores,
            )
            stored.add(run)
            change.record("archive_run", run.id, "began")
        self.wake()
        return run

    def _usual(self, kind: str) -> int:
        return self._settings.drill.sample if kind == DRILL else self._settings.reread

    async def _next(self, kind: str) -> datetime | None:
        """None where there is nothing to look after."""
        if kind == DRILL and len(self._stores) < 2:
            return None
        async with self._database.readers() as session:
            latest = await ArchiveRuns(session).latest(kind)
            span = await Recordings(session).span()
        if span is None:
            return None
        since = span[0] if latest is None else latest.started_at
        if kind == DRILL and latest is not None:
            since += self._settings.drill.every - _A_DAY
        return next_run(since, self._quiet_hour, self._zone)

    # --- what -----------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            self._wanted.clear()
            await self._refresh()
            try:
                await self._erased.publish()
                for kind in (ROUND, DRILL):
                    await self._do_one(kind)
            except UNAVAILABLE as error:
                log.warning("archive.run_postponed", reason=str(error))
                await asyncio.sleep(_PAUSE)
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN):
                    await self._wanted.wait()

    async def _do_one(self, kind: str) -> None:
        async with self._database.readers() as session:
            run = await ArchiveRuns(session).running(kind)
            before = await ArchiveRuns(session).last_ended(kind)
        if run is None:
            return
        try:
            if kind == DRILL:
                findings = await self._do_drill(run)
            else:
                findings = await self._do_round(run, before)
        except (BrokenExecutor, RecordingError, DrillImpossible, NoSecondStore) as error:
            run.reason = str(error) or type(error).__name__
            findings = []
        await self._end(run, findings)

    async def _do_round(self, run: ArchiveRun, before: ArchiveRun | None) -> Sequence[Finding]:
        known = [] if before is None else before.stores
        reached = "" if before is None else before.reached
        outcome = await self._rounds.run(run.wanted, known=known, reached=reached)
        run.owed, run.reached = outcome.owed, outcome.reached
        run.sampled, run.size = outcome.sampled, outcome.size
        self._read += outcome.sampled
        self._broken += sum(each.broken for each in outcome.findings)
        self._mended += sum(each.mended for each in outcome.findings)
        await self._incidents.copies(outcome.findings, outcome.read)
        return outcome.findings

    async def _do_drill(self, run: ArchiveRun) -> Sequence[Finding]:
        outcome = await self._drill().run(run.wanted)
        run.sampled, run.size = outcome.sampled, outcome.size
        return outcome.findings

    async def _end(self, run: ArchiveRun, findings: Sequence[Finding]) -> None:
        conclude(run, findings, self._now())
        if run.kind == DRILL:
            await self._incidents.drill(run.id, failure(run))
        async with self._changes.begin(run.asked_by) as change:
            await change.session.merge(run)
            change.record("archive_run", run.id, "ended")
        await self._refresh()
        level = log.info if run.state == DONE else log.error
        level(
            "archive.run_ended", kind=run.kind, run=run.id, state=run.state, sampled=run.sampled,
            faults=run.failed, mended=run.mended, owed=run.owed, reason=run.reason,
        )  # fmt: skip

    # --- how it looks ---------------------------------------------------------------------------

    async def figures(self) -> Figures:
        """For ``/metrics``."""
        return self._figures | {
            "read_again_total": self._read,
            "copies_broken_total": self._broken,
            "copies_mended_total": self._mended,
        }

    async def _refresh(self) -> None:
        with contextlib.suppress(*UNAVAILABLE):
            async with self._database.readers() as session:
                stored = ArchiveRuns(session)
                good, drill = await stored.last_done(DRILL), await stored.last_ended(DRILL)
                last_round = await stored.last_ended(ROUND)
            self._figures = {
                "drill_last_success_timestamp_seconds": _ended(good),
                "drill_sampled": drill.sampled if drill else 0,
                "drill_failed": 0 if drill is None else drill.failed or drill.state == FAILED,
                "round_last_timestamp_seconds": _ended(last_round),
                "round_failed": last_round is not None and last_round.state == FAILED,
            }


def conclude(run: ArchiveRun, findings: Sequence[Finding], now: datetime) -> None:
    """What the row says of it at its end."""
    run.failed = len(findings)
    run.mended = sum(each.mended for each in findings)
    run.findings = [told(each) for each in findings[:_TOLD]]
    run.state = FAILED if run.reason or run.failed > run.mended else DONE
    run.ended_at = now


def told(finding: Finding) -> dict[str, Any]:
    return {
        "recording_id": finding.recording_id,
        "store": finding.store,
        "fault": "; ".join(filter(None, (finding.fault, finding.reason))),
        "mended": finding.mended,
    }


def failure(run: ArchiveRun) -> str:
    """Why a run failed, in words; empty if it did not."""
    if run.state != FAILED:
        return ""
    if run.reason:
        return run.reason
    first = run.findings[0]
    which = f"recording {first['recording_id']} in {first['store']!r} {first['fault']}"
    return f"{run.failed} of {run.sampled} recordings: {which}"


def _ended(run: ArchiveRun | None) -> float:
    return run.ended_at.timestamp() if run is not None and run.ended_at is not None else 0.0
