"""
The desktops' WebSocket, message by message.

The server speaks first after ``hello``: a :class:`Snapshot`, then a :class:`Delta` for each event
that concerns the agent. Sequence numbers are the event log's: they only grow, and have gaps where
an event was not for this agent. Whoever was away says ``since`` and gets what was missed.
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
