"""The couriers of all webhooks: one task each, so that none of them waits for another's target."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy import func, select, update

from config.webhooks import WebhookSettings
from cti_server.background import Background
from cti_server.clock import Clock
from cti_server.store.changes import Changes
from cti_server.store.database import UNAVAILABLE, Database
from cti_server.store.log import EventLog
from cti_server.store.webhooks import DeadLetter, Webhook, WebhookProgress, Webhooks
from cti_server.wire.events import Logged, RecordChanged

from .courier import Courier, Errand
from .signing import Secrets, headers_of, message_id
from .target import Target

log = structlog.get_logger()

REST = 5.0  # seconds after which a database that was away is asked again

Unseal = Callable[[str, str], bytes]
"""A sealed secret and whose it is; raises what says that it cannot be read."""


class Couriers:
    """
    Follows the webhooks as they are edited. It is due work, too: the next attempts.

    That work only wakes couriers, for whoever else waits for the one timer must not wait for a
    target.
    """

    name = "webhook_attempts"
    records: frozenset[str] = frozenset()

    def __init__(
        self,
        settings: WebhookSettings,
        *,
        log: EventLog,
        database: Database,
        changes: Changes,
        clock: Clock,
        unseal: Unseal,
        due_changed: Callable[[], None],
    ) -> None:
        self.settings = settings
        self._log = log
        self._database = database
        self._changes = changes
        self._clock = clock
        self._unseal = unseal
        self._due_changed = due_changed
        self._couriers: dict[str, tuple[Courier, Background]] = {}
        self._edited = asyncio.Event()
        self._anew = False
        self._following = Background("webhooks")
        self._unsubscribe: Callable[[], None] = lambda: None

    def start(self) -> None:
        self._unsubscribe = self._log.subscribe(self._hear)
        self._edited.set()
        self._following.start(self._follow())

    async def close(self) -> None:
        self._unsubscribe()
        await self._following.close()
        for webhook_id in list(self._couriers):
            await self._dismiss(webhook_id)

    async def earliest(self) -> datetime | None:
        async with self._database.readers() as session:
            return await session.scalar(select(func.min(WebhookProgress.next_at)))

    async def do(self, now: datetime) -> None:
        due = WebhookProgress.next_at <= now
        async with self._database.sessions.begin() as session:
            query = select(WebhookProgress.webhook_id).where(due)
            webhook_ids = (await session.scalars(query)).all()
            await session.execute(update(WebhookProgress).where(due).values(next_at=None))
        for webhook_id in webhook_ids:
            if webhook_id in self._couriers:
                self._couriers[webhook_id][0].wake()

    async def resend(self, webhook: Webhook, letter: DeadLetter) -> None:
        """Send a dead letter now, signed anew, with the id that it had. Raises NotTaken."""
        now, message = self._clock.now(), message_id(letter.sequence)
        async with Target(webhook.url, self.settings) as target:
            secrets = self._secrets_of(webhook).valid_at(now)
            headers = headers_of(message, letter.body, secrets, now)
            await target.post(letter.body, headers)

    def read_anew(self) -> None:
        """Have every courier read the log again from where it is: the past was changed."""
        self._anew = True
        self._edited.set()

    def _secrets_of(self, webhook: Webhook) -> Secrets:
        owner, previous = owner_of(webhook.id), webhook.previous_sealed_secret
        return Secrets(
            self._unseal(webhook.sealed_secret, owner),
            None if previous is None else self._unseal(previous, owner),
            webhook.previous_secret_until,
        )

    def _hear(self, logged: Logged) -> None:
        match logged.event:
            case RecordChanged(record="webhook"):
                self._edited.set()
        for courier, _ in self._couriers.values():
            courier.hear(logged)

    async def _follow(self) -> None:
        while True:
            await self._edited.wait()
            self._edited.clear()
            try:
                await self._reconcile()
            except UNAVAILABLE as error:
                log.warning("webhooks.not_read", reason=type(error).__name__)
                self._edited.set()
                await asyncio.sleep(REST)

    async def _reconcile(self) -> None:
        """Send a courier for each enabled webhook as it is now, and no other."""
        async with self._database.readers() as session:
            versions = {one.id: one.version for one, _ in await Webhooks(session).enabled()}
        anew, self._anew = self._anew, False
        for webhook_id, (courier, _) in list(self._couriers.items()):
            if anew or versions.get(webhook_id) != courier.errand.version:
                await self._dismiss(webhook_id)
        async with self._database.readers() as session:  # what those who left have noted
            webhooks = await Webhooks(session).enabled()
        for webhook, progress in webhooks:
            if webhook.id not in self._couriers:
                self._send(webhook, progress)

    def _send(self, webhook: Webhook, progress: WebhookProgress) -> None:
        errand = Errand(
            id=webhook.id,
            version=webhook.version,
            url=webhook.url,
            names=tuple(webhook.names),
            secrets=self._secrets_of(webhook),
            position=progress.position,
            attempts=progress.attempts,
            failing_since=progress.failing_since,
            next_at=progress.next_at,
        )
        courier = Courier(
            errand,
            settings=self.settings,
            log=self._log,
            database=self._database,
            changes=self._changes,
            clock=self._clock,
            due_changed=self._due_changed,
        )
        running = Background(f"webhook {webhook.id}")
        running.start(courier.run())
        self._couriers[webhook.id] = courier, running

    async def _dismiss(self, webhook_id: str) -> None:
        _, running = self._couriers.pop(webhook_id)
        await running.close()


def owner_of(webhook_id: str) -> str:
    """For whom a webhook's secret is sealed."""
    return f"webhook {webhook_id}"
