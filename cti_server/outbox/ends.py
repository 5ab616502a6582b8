"""
How attempts ended, noted in the database: those that end while it is written to share the next
transaction, for texts end by the hundred a second, and each transaction costs as much as ten ends.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

import structlog

from cti_server.store.changes import Change
from cti_server.store.database import UNAVAILABLE
from cti_server.store.outbox import OutboxJob
from fax_sms_email.attempts import Patience
from fax_sms_email.errors import NotSent

log = structlog.get_logger()

REST: Final = 2.0  # seconds after which a database that was away is asked again
TOGETHER: Final = 100
"""Ends in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One that is over: not sent for that ``failure``, or sent, with the sender's word."""

    job_id: str
    patience: Patience
    failure: NotSent | None
    sent: object
    noted: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Concluded:
    """A message that was sent, or given up for that ``failure``; ``sent``: the sender's word."""

    job: OutboxJob
    failure: NotSent | None
    sent: object = None


class Aftermath(Protocol):
    """What a channel does with the end of messages, in the transaction that notes it."""

    async def concluded(self, change: Change, ended: Sequence[Concluded], now: datetime) -> None:
        """It is asked again where the transaction failed."""


class Noting:
    """``conclude`` notes some in one transaction, all or none."""

    def __init__(self, conclude: Callable[[Sequence[Attempt]], Awaitable[None]]) -> None:
        self._conclude = conclude
        self._waiting: list[Attempt] = []
        self._task: asyncio.Task[None] | None = None

    async def note(self, attempt: Attempt) -> None:
        """
        Until it is in the database, however long that is away: the job stays ours meanwhile.

        Raises what is wrong with this one alone.
        """
        self._waiting.append(attempt)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="outbox ends")
        await attempt.noted

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
            try:
                await self._conclude(some)
            except UNAVAILABLE as error:
                await self._later(some, error)
            except Exception as error:  # noqa: BLE001 - told to whoever waits for it
                await self._one_by_one(some, error)
            else:
                self._noted(some)

    async def _one_by_one(self, some: Sequence[Attempt], error: Exception) -> None:
        """A fault in one is no reason for the others to be tried again."""
        if len(some) == 1:
            if not some[0].noted.done():
                some[0].noted.set_exception(error)
            return
        for one in some:
            try:
                await self._conclude([one])
            except UNAVAILABLE as away:
                await self._later([one], away)
            except Exception as fault:  # noqa: BLE001 - likewise
                await self._one_by_one([one], fault)
            else:
                self._noted([one])

    async def _later(self, some: Sequence[Attempt], error: Exception) -> None:
        log.warning("outbox.not_noted", jobs=len(some), reason=type(error).__name__)
        self._waiting = [*some, *self._waiting]
        await asyncio.sleep(REST)

    def _noted(self, some: Sequence[Attempt]) -> None:
        for one in some:
            if not one.noted.done():  # whoever waited may be gone
                one.noted.set_result(None)


def by_channel(ended: Sequence[Concluded]) -> Mapping[str, list[Concluded]]:
    found: defaultdict[str, list[Concluded]] = defaultdict(list)
    for one in ended:
        found[one.job.channel].append(one)
    return found
