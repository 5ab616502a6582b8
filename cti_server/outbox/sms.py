"""Texts out of the outbox, by the gateway of the number that they are from."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

import msgspec
import structlog

from config.sms import SmsSettings
from cti_server.clock import Clock
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.outbox import OutboxJob
from cti_server.store.sms_parts import SmsParts, TakenPart
from fax_sms_email.attempts import Pace, Patience
from fax_sms_email.errors import NotSent

from .stopped import Stopped

log = structlog.get_logger()

SMS: Final = "sms"
LONGEST_WAIT: Final = timedelta(minutes=10)
_IN_TURN: Final = timedelta(minutes=5)
"""Within which a text that has begun gets its turn: a contract may allow one part a second."""


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """``after_stop``: the one that tells who wants no more texts that there will be none."""

    text: str
    gateway: str
    our_number: str
    after_stop: bool = False

    def as_content(self) -> Mapping[str, Any]:
        content: Mapping[str, Any] = msgspec.to_builtins(self)
        return content


class Way(Protocol):
    """One gateway, as texts leave by it."""

    async def submit(
        self,
        job_id: str,
        sender: str,
        recipient: str,
        text: str,
        done: Collection[int],
        took: Callable[[int, str], None],
    ) -> None:
        """
        Tell ``took`` the gateway's id of each part, if it has any, as soon as it has that part.

        Those that are ``done`` are not sent again; they count from 1. Raises NotSent.
        """


@dataclass(frozen=True, slots=True)
class Taken:
    """What a centre took of a text now: its ids, by part."""

    gateway: str
    ids: Mapping[int, str]


class SmsSender:
    """
    A :class:`.outbox.Sender`: at least once.

    Neither Kannel nor SMPP knows a key by which a gateway could tell that it has a text already:
    what it took in the moment that we died is sent again. Of a longer text the parts that a centre
    has confirmed are not.
    """

    def __init__(
        self,
        settings: SmsSettings,
        ways: Mapping[str, Way],
        database: Database,
        clock: Clock,
        key: bytes,
    ) -> None:
        """``ways``: by gateway; ``key``: of the digests of numbers."""
        self.at_once = settings.sent_at_once
        self.within = settings.timeout + _IN_TURN
        self.patience = Patience(Pace(settings.retry_after, LONGEST_WAIT), settings.give_up_after)
        self._ways = ways
        self._database = database
        self._clock = clock
        self._stopped = Stopped(database, key)

    async def send(self, job: OutboxJob) -> Taken:
        text = msgspec.convert(job.content, Text)
        if not text.after_stop and await self._stopped.has(job.recipient):
            raise NotSent("they want no texts any more", permanent=True)
        if (way := self._ways.get(text.gateway)) is None:
            raise NotSent(f"there is no gateway {text.gateway!r} any more", permanent=False)
        was_tried = job.attempts > 1 or job.failure is not None  # a person's retry counts anew
        done = await self._done(job) if was_tried else set()
        ids = dict[int, str]()
        took = ids.__setitem__
        try:
            await way.submit(job.id, text.our_number, job.recipient, text.text, done, took)
        except BaseException:  # whatever ends it, what the centre has is not sent to it again
            try:
                await self._note(job, text.gateway, ids)
            except UNAVAILABLE as error:  # then they are sent again: that is told, and no more
                log.warning("sms.parts_not_noted", job_id=job.id, reason=type(error).__name__)
            raise
        return Taken(text.gateway, ids)

    async def _done(self, job: OutboxJob) -> Collection[int]:
        """The parts that an earlier attempt has brought to the centre."""
        try:
            async with self._database.readers() as session:
                return {one.part for one in await SmsParts(session).of_job(job.id)}
        except UNAVAILABLE as error:
            reason = f"what was sent of it is not known: {type(error).__name__}"
            raise NotSent(reason, permanent=False) from error

    async def _note(self, job: OutboxJob, gateway: str, ids: Mapping[int, str]) -> None:
        if not ids:
            return
        async with self._database.sessions.begin() as session:
            taken = [TakenPart(job.id, part, gateway, one) for part, one in ids.items()]
            await SmsParts(session).taken(taken, self._clock.now())
