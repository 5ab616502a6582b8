"""
The desktops' WebSocket, message by message.

The server speaks first after ``hello``: a :class:`Snapshot`, then a :class:`Delta` for each event
that concerns the agent. Sequence numbers are the event log's: they only grow on a stream, and have
gaps where an event was not for this agent. A snapshot's number is below those of all deltas after
it, and may be below those of an earlier stream: a desktop goes on from it, whatever it had before.
A delta after it may tell what the snapshot shows already. Whoever was away says ``since`` and gets
what was missed, without the records, before the snapshot.

``contact.offered`` reaches the agent's own stream with the customer's record, and what follows it
comes after it. A stream with ``floor`` hears everything at once, and offers without the record; a
supervisor who serves contacts has a stream of their own beside it.

The server closes with 4400 (a message it cannot use), 4401 (not logged in, not permitted, or not
any more: the session expired or was closed, the agent's roles changed), 4408 (too slow; say hello
with ``since``), 4429 (too many messages), 4503 (the events since then are not to be had; say hello
without ``since``). It takes messages of 4 KiB, and 50 frames in ten seconds.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from crm.pop import Pop

from .events import Event


class ScreenPop(msgspec.Struct, frozen=True, kw_only=True):
    """What the agent sees before the phone rings."""

    interaction_id: str
    contact_id: str
    queue: str
    caller_number: str
    dialled_number: str
    language: str
    waiting_seconds: float
    menu_path: list[str]
    attributes: dict[str, str]
    expires_at: datetime
    customer: Pop


class Hello(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    The desktop's first message.

    ``token`` may be left out if the HTTP request carried it. ``since``: the last sequence number
    seen, to get what was missed. ``floor``: every agent's events (needs ``floor.read``).
    """

    type: Literal["hello"] = "hello"
    token: str | None = None
    since: Annotated[int, msgspec.Meta(ge=0)] | None = None
    floor: bool = False


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="snapshot"):
    """Everything the desktop needs to draw itself, as of ``sequence``."""

    sequence: int
    agent: dict[str, Any]
    contact: ScreenPop | None = None


class Delta(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="delta"):
    """One event. ``pop`` comes with ``contact.offered`` and with nothing else."""

    sequence: int
    at: datetime
    data: Event
    pop: ScreenPop | None = None
