"""The outbox: what is to be sent, by whatever channel, and what became of it."""

from datetime import datetime
from typing import Literal

from .resource import Page, Resource


class OutboxJobView(Resource):
    """
    One message to one recipient, whose address is masked.

    ``state``: "waiting" until ``due_at``, "sending", "sent", or "dead": it was refused for good, or
    tried until patience was at its end, and is left to people. ``failure`` is why the last attempt
    failed; ``wanted_at``, since when it is to be sent, and ``attempts`` begin anew by a retry.
    ``held``: why one that waits is not sent, however long it is due: "no_sender", nothing in the
    configuration sends by its channel. It goes out as soon as something does. ``delivery``: what
    the network says of a text that was sent, as long as that is remembered (30 days).
    """

    id: str
    channel: str
    recipient: str
    state: Literal["waiting", "sending", "sent", "dead"]
    priority: int
    created_at: datetime
    wanted_at: datetime
    due_at: datetime | None
    attempts: int
    failure: str | None
    held: Literal["no_sender"] | None
    ended_at: datetime | None
    delivery: Literal["delivered", "undelivered"] | None
    contact_id: str | None
    customer_id: str | None


class OutboxPage(Page[OutboxJobView]):
    """Jobs, the newest first."""
