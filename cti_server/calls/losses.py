"""
What is lost when a media worker dies, as the log tells it: calls, and places in queues.

Whoever waited in a queue at that moment is to be called back; who was being spoken with knows whom
to call. Hears the log and appends to it, so it needs to know of no call.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from crm.numbers import NumberKind, normalise
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


@dataclass(slots=True)
class _Waiting:
    """What is known of a contact that may be in a queue."""

    number: str
    queue: str | None = None
    queued_at: datetime | None = None
    spoken_with: bool = False


class Losses:
    """Counts what was lost, and has those called back who waited."""

    def __init__(self, append: Callable[[Event], object], region: str) -> None:
        """``region`` is where national numbers are from."""
        self.workers = 0
        self.calls = 0
        self.call_backs = 0
        """Offered since the start."""
        self._append = append
        self._region = region
        self._contacts: dict[str, _Waiting] = {}

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
            case ContactEnded(contact_id=contact_id, reason=reason):
                contact = self._contacts.pop(contact_id, None)
                if contact is not None and reason == MEDIA_LOST.reason:
                    self._lost(contact_id, contact)
            case CallEnded(reason=MEDIA_LOST.reason):
                self.calls += 1
            case MediaWorkerDied():
                self.workers += 1

    def _queued(self, event: ContactQueued) -> None:
        if (contact := self._contacts.get(event.contact_id)) is not None:
            contact.queue, contact.queued_at = event.queue, event.queued_at
            contact.spoken_with = False  # back in a queue after a conversation

    def _lost(self, contact_id: str, contact: _Waiting) -> None:
        wanted = wanted_call_back(
            contact_id,
            contact.number,
            None if contact.spoken_with else contact.queue,
            contact.queued_at,
            MEDIA_LOST.reason,
            self._region,
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
) -> CallBackWanted | None:
    """The call-back of a caller who waited, if there is a number to call."""
    if queue is None or queued_at is None:
        return None
    if normalise(number, region).kind in {NumberKind.NAME, NumberKind.WITHHELD}:
        return None
    return CallBackWanted(
        contact_id=contact_id, number=number, queue=queue, queued_at=queued_at, reason=reason
    )
