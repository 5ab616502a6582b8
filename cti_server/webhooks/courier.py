"""
One webhook's courier: takes the events to its target, in order, each until it is taken or dead.

What it sends comes from the log, after the number that the database has for it: nothing is left
out by a restart, and what was sent twice has the same id. Only what is safe on the disk is sent,
for a number that a crash took back is given again, to another event.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

import structlog
from sqlalchemy import insert, update

from config.webhooks import WebhookSettings
from cti_server.clock import Clock
from cti_server.store.changes import Changes
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.errors import EventsUnavailable
from cti_server.store.log import EventLog
from cti_server.store.webhooks import DeadLetter, WebhookProgress, Webhooks
from cti_server.wire.event_names import name_of, wanted
from cti_server.wire.events import AccessEvent, Event, Logged
from fax_sms_email.attempts import GiveUp, TryAgain

from .attempts import Disable, after_failure, retry_after_of
from .signing import Secrets, body_of, headers_of, message_id
from .target import NotTaken, Target

log = structlog.get_logger()

AT_ONCE = 200  # events from the log
GATHER = 0.1  # seconds in which the journal takes what came
NOTED_EVERY = 1.0  # seconds of deliveries that may come twice after a crash
REST = 5.0  # seconds after which a database that was away is asked again
REST_AFTER_FAULT = 60.0  # seconds
LATE = 5.0  # seconds that the timer may be late before a courier goes by itself
SYSTEM = "system"


class _Disabled(Exception):
    """The courier's work is over."""


@dataclass(slots=True)
class Errand:
    """A webhook as its courier knows it: what to take where, and how far it is."""

    id: str
    version: int
    url: str
    names: tuple[str, ...]
    secrets: Secrets
    position: int
    attempts: int
    failing_since: datetime | None
    next_at: datetime | None

    def wants(self, event: Event) -> bool:
        """Who comes in from where is the audit trail's alone."""
        return not isinstance(event, AccessEvent) and wanted(event, self.names)


class Courier:
    def __init__(
        self,
        errand: Errand,
        *,
        settings: WebhookSettings,
        log: EventLog,
        database: Database,
        changes: Changes,
        clock: Clock,
        due_changed: Callable[[], None],
    ) -> None:
        """``due_changed`` is called when ``next_at`` in the database has become another."""
        self.errand = errand
        self._settings = settings
        self._log = log
        self._database = database
        self._changes = changes
        self._clock = clock
        self._due_changed = due_changed
        self._news = asyncio.Event()
        self._due = asyncio.Event()
        self._noted = errand.position
        self._noted_at = 0.0
        self._delivered_at: datetime | None = None

    def hear(self, logged: Logged) -> None:
        if self.errand.wants(logged.event):
            self._news.set()

    def wake(self) -> None:
        """The next attempt is due."""
        self.errand.next_at = None
        self._due.set()

    async def run(self) -> None:
        """Until it is cancelled, or the webhook is disabled."""
        async with Target(self.errand.url, self._settings) as target:
            try:
                await self._work(target)
            except _Disabled:
                return
            finally:
                await self._note_if_it_can_be()

    async def _work(self, target: Target) -> NoReturn:
        """
        The net is needed because a fault of ours with one event must not end all deliveries: it is
        told, and tried again after a rest. Raises _Disabled.
        """
        while True:
            try:
                await self._take_what_is_new(target)
            except _Disabled:
                raise
            except (*UNAVAILABLE, EventsUnavailable) as error:
                log.warning(
                    "webhooks.database_unavailable",
                    webhook_id=self.errand.id,
                    reason=type(error).__name__,
                )
                await asyncio.sleep(REST)
            except Exception as error:
                log.exception("webhooks.courier_failed", webhook_id=self.errand.id)
                await self._note_if_it_can_be(failure=f"a fault of ours: {type(error).__name__}")
                await asyncio.sleep(REST_AFTER_FAULT)

    async def _take_what_is_new(self, target: Target) -> None:
        self._news.clear()
        figures = self._log.figures()
        safe = max(figures.journalled, figures.stored)
        new = await self._log.since(self.errand.position, AT_ONCE)
        for logged in new:
            if logged.sequence > safe:
                break
            if self.errand.wants(logged.event):
                await self._deliver(target, logged)
            self.errand.position = logged.sequence
            await self._note_now_and_then()
        if not new:
            await self._wait_for_news()
        elif new[-1].sequence > safe:
            await asyncio.sleep(GATHER)

    async def _wait_for_news(self) -> None:
        if self._noted == self.errand.position:
            await self._news.wait()
            return
        try:
            async with asyncio.timeout(NOTED_EVERY):
                await self._news.wait()
        except TimeoutError:
            await self._note()

    async def _deliver(self, target: Target, logged: Logged) -> None:
        """Until it is taken or given up. Raises _Disabled."""
        body, message = body_of(logged), message_id(logged.sequence)
        while True:
            await self._until_due()
            now = self._clock.now()
            try:
                secrets = self.errand.secrets.valid_at(now)
                await target.post(body, headers_of(message, body, secrets, now))
            except NotTaken as refusal:
                if await self._failed(logged, body, refusal):
                    return
            else:
                await self._succeeded()
                return

    async def _until_due(self) -> None:
        """Until the timer says so; by itself if the database could not be told, or did not tell."""
        while (at := self.errand.next_at) is not None and at > (now := self._clock.now()):
            self._due.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout((at - now).total_seconds() + LATE):
                    await self._due.wait()

    async def _succeeded(self) -> None:
        errand, failed = self.errand, self.errand.failing_since is not None
        errand.attempts, errand.failing_since, errand.next_at = 0, None, None
        self._delivered_at = self._clock.now()
        if failed:
            await self._note(failure=None)

    async def _failed(self, logged: Logged, body: str, refusal: NotTaken) -> bool:
        """Whether the event is done with: it is a dead letter. Raises _Disabled."""
        errand, now = self.errand, self._clock.now()
        errand.attempts += 1
        errand.failing_since = errand.failing_since or now
        decision = after_failure(
            errand.attempts,
            errand.failing_since,
            now,
            gone=refusal.gone,
            disable_after=self._settings.disable_after,
            chance=random.random(),  # noqa: S311 - spreads attempts, guards nothing
            retry_after=retry_after_of(refusal.retry_after, now),
        )
        log.info(
            "webhooks.delivery_failed",
            webhook_id=errand.id,
            sequence=logged.sequence,
            attempts=errand.attempts,
            reason=str(refusal),
        )
        match decision:
            case TryAgain(at=at):
                errand.next_at = at
                await self._note(failure=str(refusal))
                self._due_changed()
                return False
            case GiveUp():
                await self._bury(logged, body, str(refusal), now)
                return True
            case Disable(reason=reason):
                await self._disable(reason, str(refusal))
                raise _Disabled

    async def _bury(self, logged: Logged, body: str, failure: str, now: datetime) -> None:
        errand = self.errand
        letter = {
            "webhook_id": errand.id,
            "sequence": logged.sequence,
            "name": name_of(logged.event),
            "body": body,
            "attempts": errand.attempts,
            "failure": failure,
            "failed_at": now,
        }
        errand.attempts, errand.next_at = 0, None
        async with self._changes.begin(SYSTEM) as change:
            await change.session.execute(insert(DeadLetter).values(letter))
            await change.session.execute(self._progress(logged.sequence, failure=failure))
            change.record("dead_letter", f"{errand.id}.{logged.sequence}", "created")
        self._noted = logged.sequence

    async def _disable(self, reason: str, failure: str) -> None:
        errand = self.errand
        errand.attempts, errand.failing_since, errand.next_at = 0, None, None
        async with self._changes.begin(SYSTEM) as change:
            webhook = await Webhooks(change.session).need(errand.id)
            webhook.enabled, webhook.disabled_reason = False, reason
            webhook.updated_at = self._clock.now()
            await change.session.execute(self._progress(errand.position, failure=failure))
            change.record("webhook", errand.id, "disabled", fields=["enabled"])
        log.warning("webhooks.disabled", webhook_id=errand.id, reason=reason)

    async def _note_now_and_then(self) -> None:
        if asyncio.get_running_loop().time() - self._noted_at >= NOTED_EVERY:
            await self._note()

    async def _note_if_it_can_be(self, **also: Any) -> None:
        try:
            await self._note(**also)
        except UNAVAILABLE as error:  # then some events come twice
            log.warning(
                "webhooks.not_noted", webhook_id=self.errand.id, reason=type(error).__name__
            )

    async def _note(self, **also: Any) -> None:
        """Have the database know how far we are."""
        position = self.errand.position
        async with self._database.sessions.begin() as session:
            await session.execute(self._progress(position, **also))
        self._noted, self._noted_at = position, asyncio.get_running_loop().time()

    def _progress(self, position: int, **also: Any) -> Any:
        errand = self.errand
        values: dict[str, Any] = {
            "position": position,
            "attempts": errand.attempts,
            "failing_since": errand.failing_since,
            "next_at": errand.next_at,
            **also,
        }
        if self._delivered_at is not None:
            values["delivered_at"] = self._delivered_at
        which = WebhookProgress.webhook_id == errand.id
        return update(WebhookProgress).where(which).values(values)
