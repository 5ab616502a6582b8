"""
Who lost a place in a queue, as the log tells it: with a media worker that died, or by hanging up.

Whoever waited when a worker died is to be called back; who was being spoken with knows whom to
call. Who hung up is called back where the queue's settings say so. Hears the log and appends to
it, so it needs to know of no call.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from config.floor import QueueSettings
from crm.call_backs import abandoned_due
from crm.numbers import NumberKind, normalise
from cti_server.store.log import hears
from cti_server.wire.events import (
    CallArrived,
    CallBackWanted,
    CallEnded,
    CallPlaced,
    ContactEnded,
    ContactQueued,
    Event,
    InteractionStarted,
    Logged,
    MediaWorkerDied,
)

from .termination import MEDIA_LOST

ABANDONED = "abandoned"
"""Why a caller is called back who hung up."""


@dataclass(slots=True)
class _Waiting:
    """What is known of a contact that may be in a queue."""

    number: str
    queue: str | None = None
    queued_at: datetime | None = None
    priority: int = 0
    requirements: Mapping[str, int] = field(default_factory=dict)
    spoken_with: bool = False
    asked: bool = False  # for a call-back of their own


class Losses:
    """Counts what was lost, and has those called back who waited."""

    def __init__(
        self,
        append: Callable[[Event], object],
        region: str,
        queues: Mapping[str, QueueSettings] = MappingProxyType({}),
    ) -> None:
        """``region`` is where national numbers are from."""
        self.workers = 0
        self.calls = 0
        self.call_backs = 0
        """Offered since the start."""
        self._append = append
        self._region = region
        self._queues = queues
        self._contacts: dict[str, _Waiting] = {}

    @hears(
        CallArrived,
        CallPlaced,
        ContactQueued,
        InteractionStarted,
        CallBackWanted,
        ContactEnded,
        CallEnded,
        MediaWorkerDied,
    )
    def hear(self, logged: Logged) -> None:
        """For the log's subscribers."""
        match logged.event:
            case CallArrived(contact_id=contact_id, caller_number=number):
                self._contacts[contact_id] = _Waiting(number)
            case CallPlaced(contact_id=contact_id, customer_number=number):
                self._contacts[contact_id] = _Waiting(number)  # may be led to a queue later
            case ContactQueued(purpose="serve") as event:
                self._queued(event)
            case InteractionStarted(contact_id=contact_id):
                if (contact := self._contacts.get(contact_id)) is not None:
                    contact.spoken_with = True
            case CallBackWanted(contact_id=contact_id):
                if (contact := self._contacts.get(contact_id)) is not None:
                    contact.asked = True
            case ContactEnded(contact_id=contact_id) as event:
                if (contact := self._contacts.pop(contact_id, None)) is not None:
                    self._ended(event, contact, logged.at)
            case CallEnded(reason=MEDIA_LOST.reason):
                self.calls += 1
            case MediaWorkerDied():
                self.workers += 1

    def _queued(self, event: ContactQueued) -> None:
        if (contact := self._contacts.get(event.contact_id)) is not None:
            contact.queue, contact.queued_at = event.queue, event.queued_at
            contact.priority, contact.requirements = event.priority, event.requirements
            contact.spoken_with = False  # back in a queue after a conversation

    def _ended(self, event: ContactEnded, contact: _Waiting, at: datetime) -> None:
        if contact.asked:
            return
        if event.reason == MEDIA_LOST.reason:
            self._wanted(event.contact_id, contact, MEDIA_LOST.reason, None)
        elif event.outcome == "abandoned" and contact.queued_at is not None:
            due_at = self._abandoned_due(contact.queue or "", contact.queued_at, at)
            if due_at is not None:
                self._wanted(event.contact_id, contact, ABANDONED, due_at)

    def _abandoned_due(self, queue: str, queued_at: datetime, at: datetime) -> datetime | None:
        settings = self._queues.get(queue)
        return None if settings is None else abandoned_due(settings.call_backs, queued_at, at)

    def _wanted(
        self, contact_id: str, contact: _Waiting, reason: str, due_at: datetime | None
    ) -> None:
        wanted = wanted_call_back(
            contact_id,
            contact.number,
            None if contact.spoken_with else contact.queue,
            contact.queued_at,
            reason,
            self._region,
            priority=contact.priority,
            requirements=contact.requirements,
            due_at=due_at,
        )
        if wanted is not None:
            self.call_backs += 1
            # Not from within the telling of another event: all hear them in one order.
            asyncio.get_running_loop().call_soon(self._append, wanted)


def wanted_call_back(
    contact_id: str,
    number: str,
    queue: str | None,
    queued_at: datetime | None,
    reason: str,
    region: str,
    *,
    priority: int = 0,
    requirements: Mapping[str, int] = MappingProxyType({}),
    due_at: datetime | None = None,
    language: str | None = None,
) -> CallBackWanted | None:
    """The call-back of a caller who waited, if there is a number to call."""
    if queue is None or queued_at is None:
        return None
    if normalise(number, region).kind in {NumberKind.NAME, NumberKind.WITHHELD}:
        return None
    return CallBackWanted(
        contact_id=contact_id,
        number=number,
        queue=queue,
        queued_at=queued_at,
        reason=reason,
        priority=priority,
        requirements=dict(requirements),
        due_at=due_at,
        language=language,
    )
