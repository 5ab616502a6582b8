"""Where messages go: each becomes a contact that waits in a queue for an agent who listens."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

from acd.model import Channel
from crm.pop import Pop
from cti_server.channels.work import NOBODY, About
from recording.capture import CaptureInfo

MESSAGE: Final = "message_id"
"""The attribute that names the recording to listen to."""


class Tray(Protocol):
    """All contacts that are no calls."""

    def receive(
        self,
        about: About,
        queue: str,
        received_from: str,
        *,
        priority: int = 0,
        requirements: Mapping[str, int] | None = None,
        customer: Pop = NOBODY,
        contact_id: str | None = None,
        since: datetime | None = None,
    ) -> str: ...


class Mailboxes:
    """The way of what callers leave to who sees to it. :meth:`open` comes before the first call."""

    def __init__(self) -> None:
        self._tray: Tray | None = None

    def open(self, tray: Tray) -> None:
        self._tray = tray

    def put(self, message: CaptureInfo, seconds: float, customer: Pop) -> None:
        """
        Have an agent of the message's queue listen, who is told what it was left for.

        It waits since its call began, and is not turned away. Raises UnknownQueue.
        """
        if self._tray is None:
            raise RuntimeError("no mailbox is open yet")
        if (left := message.left) is None:
            raise ValueError(f"nobody said what message {message.recording_id} is for")
        told = {"seconds": str(round(seconds)), MESSAGE: message.recording_id}
        self._tray.receive(
            About(
                channel=Channel.TASK,
                address=message.caller_number,
                subject=left.subject,
                attributes=left.attributes | told,
            ),
            message.queue,
            left.left_in,
            priority=left.priority,
            customer=customer if customer.customers else NOBODY,
            contact_id=message.contact_id,
            since=left.since,
        )
