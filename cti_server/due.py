"""
Work that falls due at some moment: reminders, escalations, retries, what is kept no longer.

The database knows when: each kind of :class:`DueWork` is asked for its earliest moment, and one
timer waits for the earliest of all. Nothing polls: who changes what is due says so by
:meth:`DueTimer.wake`, or is heard through the event log. What fell due while the server was down is
simply due at the start; that it is done once is the work's own transaction's business.
"""

import asyncio
import contextlib
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from cti_server.store.log import hears

from .background import Background
from .clock import Clock
from .store.database import UNAVAILABLE
from .wire.events import Logged, RecordChanged

log = structlog.get_logger()

LONGEST_WAIT = timedelta(hours=1)
"""After which the clock is looked at again: somebody may have set it."""

REST = timedelta(seconds=30)
"""For which work that failed is left alone."""


class DueWork(Protocol):
    """
    One kind of work.

    ``records``: the tables of whose changes the log tells that mean a new earliest moment.
    """

    @property
    def name(self) -> str: ...

    @property
    def records(self) -> frozenset[str]: ...

    async def earliest(self) -> datetime | None:
        """When something is due next; in the past if it is due already."""
        ...

    async def do(self, now: datetime) -> None:
        """Do some of what is due, in transactions of its own; what is left is asked for again."""
        ...


class DueTimer:
    """Does each work when it is due, one thing after the other."""

    def __init__(self, clock: Clock) -> None:
        self._works: list[DueWork] = []
        self._clock = clock
        self._resting: dict[str, datetime] = {}
        self._changed = asyncio.Event()
        self._running = Background("due")

    def add(self, work: DueWork) -> None:
        self._works.append(work)
        self.wake()

    def start(self) -> None:
        self._running.start(self._run())

    async def close(self) -> None:
        await self._running.close()

    def wake(self) -> None:
        """Something may be due earlier than it was."""
        self._changed.set()

    @hears(RecordChanged)
    def hear(self, logged: Logged) -> None:
        """For the event log: wake for what concerns one of the works."""
        match logged.event:
            case RecordChanged(record=record) if any(record in w.records for w in self._works):
                self.wake()

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            next_at = await self._do_what_is_due()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._seconds_until(next_at)):
                    await self._changed.wait()

    async def _do_what_is_due(self) -> datetime | None:
        """Give each work one turn; return when the next is due, at once if something is left."""
        due = [await self._turn(work) for work in self._works]
        return min((at for at in due if at is not None), default=None)

    async def _turn(self, work: DueWork) -> datetime | None:
        """
        Do the work if it is due, and say when it is next.

        The net is needed because one kind of work that fails, whatever its reason, must not keep
        the others from being done; it comes again after a rest.
        """
        now = self._clock.now()
        if (until := self._resting.pop(work.name, None)) is not None and now < until:
            self._resting[work.name] = until
            return until
        try:
            at = await work.earliest()
            if at is None or at > now:
                return at
            await work.do(now)
            return await work.earliest()
        except UNAVAILABLE as error:
            log.warning("due.database_unavailable", work=work.name, reason=type(error).__name__)
        except Exception:
            log.exception("due.work_failed", work=work.name)
        self._resting[work.name] = now + REST
        return now + REST

    def _seconds_until(self, at: datetime | None) -> float:
        wait = LONGEST_WAIT if at is None else min(at - self._clock.now(), LONGEST_WAIT)
        return max(0.0, wait.total_seconds())
