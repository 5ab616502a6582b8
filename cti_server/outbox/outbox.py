"""
Sends what is to be sent, each message until it is taken or given up.

Everything is in the database before it is sent, and what became of it at once after. In between a
crash leaves it open whether the next server on the way has it: it is sent again, under the same
id, so that a receiver can tell (at least once; see each :class:`Sender` for what that means there).
"""

import asyncio
import functools
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

import structlog

from cti_server.clock import Clock
from cti_server.metrics import Figures
from cti_server.store.changes import Change, Changes
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.outbox import DEAD, KEPT, SENDING, SENT, WAITING, OutboxJob, OutboxJobs
from cti_server.wire.events import MessageFailed, MessageSent
from fax_sms_email.attempts import GiveUp, Patience, TryAgain
from fax_sms_email.errors import NotSent

from .ends import Aftermath, Attempt, Concluded, Noting, by_channel

log = structlog.get_logger()

SYSTEM = "system"
MARGIN = timedelta(seconds=30)
"""Beyond what a sending may take, until it counts as one that nobody will hear of again."""
CLOSE_WITHIN = 5.0  # seconds
LONGEST_FAILURE = 500  # characters
_NO_WORD = "whoever sent it has died"


class Sender(Protocol):
    """One channel's way out. ``at_once``: how many messages may be on it at the same time."""

    at_once: int
    patience: Patience
    within: timedelta  # that one sending may take

    async def send(self, job: OutboxJob) -> object:
        """
        What there is to know of it besides, for the channel's :class:`Aftermath`.

        Raises NotSent; other errors are faults of ours, and it is tried again later.
        """


class Outbox:
    """Due work (:mod:`cti_server.due`), which only begins: nobody waits for a server of others."""

    name = "outbox"
    records = frozenset({OutboxJob.__tablename__})

    def __init__(
        self,
        senders: Mapping[str, Sender],
        database: Database,
        changes: Changes,
        clock: Clock,
        due_changed: Callable[[], None],
        chance: Callable[[], float] = random.random,
        aftermaths: Mapping[str, Aftermath] = MappingProxyType({}),
    ) -> None:
        """
        ``senders``: by channel; what is for others waits until there is one. ``aftermaths``: by
        channel, too.
        """
        self._senders = senders
        self._database = database
        self._changes = changes
        self._clock = clock
        self._due_changed = due_changed
        self._chance = chance
        self._aftermaths = aftermaths
        self._running: dict[str, tuple[str, asyncio.Task[None]]] = {}
        self._noting = Noting(self._conclude)
        self.sent = self.failed = self.given_up = 0

    @property
    def channels(self) -> Collection[str]:
        """Those by which something is sent."""
        return self._senders.keys()

    @property
    def running(self) -> int:
        """How many are on their way."""
        return len(self._running)

    async def earliest(self) -> datetime | None:
        channels = [channel for channel in self._senders if self._places(channel)]
        async with self._database.readers() as session:
            return await OutboxJobs(session).earliest(channels, self._running)

    async def do(self, now: datetime) -> None:
        async with self._database.sessions.begin() as session:
            jobs = OutboxJobs(session)
            claimed = [
                one
                for channel, sender in self._senders.items()
                for one in await jobs.claim(
                    channel,
                    self._places(channel),
                    now,
                    now + sender.within + MARGIN,
                    self._running,
                )
            ]
            await jobs.forget_ended(now)
        for job, orphaned in claimed:
            task = asyncio.create_task(self._see_to(job, orphaned), name=f"outbox {job.id}")
            self._running[job.id] = job.channel, task
            task.add_done_callback(functools.partial(self._done, job.id))

    async def take_up(self) -> None:
        """After a start: what a dead server had on its way is sent again at once."""
        async with self._database.sessions.begin() as session:
            await OutboxJobs(session).take_up(self._clock.now())

    async def close(self, within: float = CLOSE_WITHIN) -> None:
        """What is on its way may arrive; what has not, so many seconds later, is sent again."""
        tasks = [task for _, task in self._running.values()]
        if tasks:
            await asyncio.wait(tasks, timeout=within)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._noting.close()

    async def figures(self) -> Figures:
        """For Prometheus; no counts where the database does not answer."""
        totals = {
            "sent_total": self.sent,
            "failed_total": self.failed,
            "given_up_total": self.given_up,
        }
        try:
            async with self._database.readers() as session:
                counts = await OutboxJobs(session).counts()
        except UNAVAILABLE:
            return totals
        return {**totals, **{state: counts.get(state, 0) for state in (WAITING, SENDING, DEAD)}}

    def _places(self, channel: str) -> int:
        busy = sum(1 for other, _ in self._running.values() if other == channel)
        return self._senders[channel].at_once - busy

    def _done(self, job_id: str, task: asyncio.Task[None]) -> None:
        """A fault of ours leaves the job to the end of its lease: it is told, and tried again."""
        del self._running[job_id]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("outbox.sending_failed", job_id=job_id, exc_info=error)
        self._due_changed()

    async def _see_to(self, job: OutboxJob, orphaned: bool) -> None:
        sender = self._senders[job.channel]
        failure: NotSent | None = None
        sent: object = None
        if orphaned and self._is_given_up(job, sender):
            failure = NotSent(_NO_WORD, permanent=False)  # it may be what they died of
        else:
            try:
                async with asyncio.timeout(sender.within.total_seconds()):
                    sent = await sender.send(job)
            except NotSent as error:
                failure = error
            except TimeoutError:
                failure = NotSent("it took too long", permanent=False)
        await self._noting.note(
            Attempt(job_id=job.id, patience=sender.patience, failure=failure, sent=sent)
        )

    def _is_given_up(self, job: OutboxJob, sender: Sender) -> bool:
        """Of what nobody has told the end: as after so many failures."""
        step = sender.patience.after_failure(
            job.attempts - 1, job.wanted_at, self._clock.now(), permanent=False, chance=1.0
        )
        return isinstance(step, GiveUp)

    async def _conclude(self, attempts: Sequence[Attempt]) -> None:
        now = self._clock.now()
        concluded = list[Concluded]()
        async with self._changes.begin(SYSTEM) as change:
            found = await OutboxJobs(change.session).to_change([one.job_id for one in attempts])
            for attempt in attempts:
                # whom it was about may have been erased meanwhile
                if (job := found.get(attempt.job_id)) is not None:
                    self._end(change, job, attempt, now)
                    concluded.append(Concluded(job=job, failure=attempt.failure, sent=attempt.sent))
            ended = [one for one in concluded if one.job.ended_at is not None]
            for channel, theirs in by_channel(ended).items():
                if (aftermath := self._aftermaths.get(channel)) is not None:
                    await aftermath.concluded(change, theirs, now)
            outcomes = [(one.job.id, one.job.state, one.job.failure) for one in concluded]
        for job_id, state, reason in outcomes:
            self._count(job_id, state, reason)

    def _end(self, change: Change, job: OutboxJob, attempt: Attempt, now: datetime) -> None:
        failure = attempt.failure
        if failure is None:
            job.state, job.failure, job.ended_at, job.due_at = SENT, None, now, now + KEPT
            change.tell(_sent(job, change.new_id()))
        elif isinstance(step := _step(job, attempt, failure, now, self._chance()), TryAgain):
            job.state, job.failure, job.due_at = WAITING, _told(failure, job), step.at
        else:
            job.state, job.failure, job.ended_at = DEAD, _told(failure, job), now
            job.due_at = None
            change.tell(_failed(job, failure, change.new_id()))

    def _count(self, job_id: str, state: str, reason: str | None) -> None:
        if state == SENT:
            self.sent += 1
            log.info("outbox.sent", job_id=job_id)
            return
        self.failed += 1
        self.given_up += state == DEAD
        log.warning("outbox.not_sent", job_id=job_id, state=state, reason=reason)


def _step(
    job: OutboxJob, attempt: Attempt, failure: NotSent, now: datetime, chance: float
) -> TryAgain | GiveUp:
    return attempt.patience.after_failure(
        job.attempts, job.wanted_at, now, permanent=failure.permanent, chance=chance
    )


def _sent(job: OutboxJob, change_id: str) -> MessageSent:
    return MessageSent(
        change_id=change_id,
        job_id=job.id,
        channel=job.channel,
        attempts=job.attempts,
        contact_id=job.contact_id,
        customer_id=job.customer_id,
    )


def _failed(job: OutboxJob, failure: NotSent, change_id: str) -> MessageFailed:
    return MessageFailed(
        change_id=change_id,
        job_id=job.id,
        channel=job.channel,
        attempts=job.attempts,
        permanent=failure.permanent,
        contact_id=job.contact_id,
        customer_id=job.customer_id,
    )


def _told(failure: NotSent, job: OutboxJob) -> str:
    """
    Why, without the address, which other servers like to repeat.

    What they say may be in any encoding: no database keeps what is no character, and the job would
    not leave its state.
    """
    told = str(failure).replace(job.recipient, "…")[:LONGEST_FAILURE]
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in told)
