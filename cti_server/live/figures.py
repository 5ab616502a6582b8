"""
The live figures of the running server: hears the log, and shows what follows within a second.

Who reads gets the last snapshot, or an agent's row made from the fold; nothing is asked of the
router. After a restart the figures go on from the last checkpoint and the log since then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import structlog

from acd.service_level import ServiceLevel
from cti_server.clock import Clock
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.errors import EventsUnavailable
from cti_server.store.log import EventLog
from cti_server.wire.events import Logged

from . import checkpoint
from .audience import Audience
from .beginning import begin
from .errors import FiguresNotReady
from .estimated_waits import EstimatedWaits
from .fold import Fold
from .ledger import Terms
from .periods import SLOT, Periods, in_ms
from .rows import Row, agent_row
from .shots import Shots, TrunkHealth, unwatched
from .snapshot import Snapshot
from .staff import Staff

log = structlog.get_logger()

EVERY = 0.9  # seconds between two snapshots, at least: none is a second old when it is shown
GATHER = 0.02  # seconds in which what belongs together comes
KEPT_EVERY = 60.0  # seconds between two checkpoints
READ_AT_ONCE = 500  # events
AGAIN = 5.0  # seconds until a database that is away is asked again

T = TypeVar("T")


class LiveFigures:
    """``lines``: how many each trunk has, None where nobody said; ``file``: of the checkpoint."""

    def __init__(
        self,
        event_log: EventLog,
        database: Database,
        clock: Clock,
        staff: Staff,
        terms: Terms,
        estimated: EstimatedWaits,
        *,
        lines: Mapping[str, int | None],
        health: TrunkHealth = unwatched,
        zone: str,
        interval: timedelta,
        file: Path,
        team_of: Callable[[str], str | None],
        every: float = EVERY,
    ) -> None:
        self._log = event_log
        self._database = database
        self._clock = clock
        self._staff = staff
        self._every = every
        self._file = file
        self._fold = Fold(Periods(zone, interval // timedelta(milliseconds=1)), terms)
        self._shots = Shots(self._fold, staff, estimated, lines, health)
        self._snapshot: Snapshot | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._shown_at = float("-inf")  # loop time
        self._kept_at = 0.0
        self._kept = 0  # the event of the last checkpoint
        self._tasks: set[asyncio.Task[None]] = set()
        self._unsubscribe: Callable[[], None] = lambda: None
        self._running = False
        self.audience = Audience(team_of)

    # --- its life -----------------------------------------------------------------------------

    def start(self) -> None:
        """Catch up with the log, beside everything else; from then on hear it."""
        self._running = True
        self._spawn(self._catch_up())

    async def close(self) -> None:
        self._running = False
        self._unsubscribe()
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._snapshot is not None:
            await self._write(checkpoint.encode(self._fold.state))

    async def _catch_up(self) -> None:
        await self._begin()
        begun, fold = self._fold.state.sequence, self._fold
        while fold.state.sequence < self._log.last_sequence:
            found = await self._patiently(
                lambda: self._log.since(fold.state.sequence, READ_AT_ONCE)
            )
            for logged in found:
                fold.take(logged)
            if not found:  # lost with a disk: what is known goes on from here
                fold.state.sequence = self._log.last_sequence
            await asyncio.sleep(0)
        # Nothing was awaited since the last event was taken: none is missed.
        self._unsubscribe = self._log.subscribe(self.hear)
        log.info("figures.caught_up", events=self._log.last_sequence - begun)
        self._kept_at = asyncio.get_running_loop().time()
        self._fold.touched.everything = True
        self._show()

    async def _begin(self) -> None:
        """Take up the last checkpoint, if it is of this log and counted as now, or else the day."""
        state = await asyncio.to_thread(checkpoint.read, self._file)
        wanted = self._fold.state.periods
        if (
            state is not None
            and state.sequence <= self._log.last_sequence
            and (state.periods.zone, state.periods.interval) == (wanted.zone, wanted.interval)
        ):
            self._fold.state = state
            return
        now = self._clock.now()
        await self._patiently(lambda: begin(self._database, self._fold, now))

    async def _patiently(self, read: Callable[[], Awaitable[T]]) -> T:
        """A database that is away is waited for: nothing but figures waits with it."""
        while True:
            try:
                return await read()
            except (*UNAVAILABLE, EventsUnavailable) as error:
                log.warning("figures.log_unavailable", reason=type(error).__name__)
                await asyncio.sleep(AGAIN)

    # --- hearing and showing ------------------------------------------------------------------

    def hear(self, logged: Logged) -> None:
        """For the event log."""
        self._fold.take(logged)
        if self._fold.touched:
            self._arm(GATHER)

    def _arm(self, wait: float) -> None:
        """Show in so many seconds, and not too soon after the last time."""
        loop = asyncio.get_running_loop()
        at = max(loop.time() + wait, self._shown_at + self._every)
        if self._timer is not None and self._timer.when() <= at:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(at, self._show)

    def _show(self) -> None:
        if not self._running:
            return
        loop = asyncio.get_running_loop()
        self._timer, self._shown_at = None, loop.time()
        now = in_ms(self._clock.now())
        self._fold.advance(now)
        self._snapshot = self._shots.take()
        self.audience.tell(self._snapshot)
        if loop.time() - self._kept_at >= KEPT_EVERY and self._kept < self._snapshot.sequence:
            self._keep(loop.time())
        self._arm((SLOT - now % SLOT) / 1000)  # the windows move on though nothing happens

    # --- reading ------------------------------------------------------------------------------

    @property
    def snapshot(self) -> Snapshot:
        """Raises FiguresNotReady."""
        if self._snapshot is None:
            raise FiguresNotReady
        return self._snapshot

    @property
    def levels(self) -> Mapping[str, ServiceLevel]:
        """The queues' targets, by name."""
        return {name: self._fold.terms.service_level(name) for name in self._staff.titles}

    def agent(self, agent_id: str) -> Row | None:
        """All that is known of an agent's day at this moment; None for who was not there."""
        self._fold.advance(in_ms(self._clock.now()))
        state = self._fold.state
        agent = state.agents.get(agent_id)
        return None if agent is None else agent_row(agent_id, agent, state.at)

    # --- checkpoints --------------------------------------------------------------------------

    def _keep(self, now: float) -> None:
        self._kept_at, self._kept = now, self._fold.state.sequence
        self._spawn(self._write(checkpoint.encode(self._fold.state)))

    async def _write(self, content: bytes) -> None:
        try:
            await asyncio.to_thread(checkpoint.write, self._file, content)
        except OSError as error:
            log.warning("figures.checkpoint_failed", reason=str(error))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="figures")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("figures.failed", exc_info=error)
