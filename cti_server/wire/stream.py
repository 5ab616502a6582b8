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

What an agent has in hand beside a call (chats, mails, tasks …) is ``beside`` in the snapshot's
``agent``: ``contact_id``, ``channel``, ``queue``, ``since``. It grows by each
``interaction.started`` of another ``channel`` than "voice", ``since`` the delta's ``at``, and
shrinks by that interaction's contact with ``interaction.ended``.

A stream with ``floor`` of somebody who is in a team hears no events of alerts: which of them they
may see is not known at once. ``alerts`` in the hello has those that they see, for everybody.

A stream whose hello names a ``desk`` can be the agent's phone; what is said about that is in
:mod:`.phone`.

The server closes with 4000 (another stream says hello as this desk: do not come back), 4400 (no
hello that it can use), 4401 (not logged in, not permitted, or not any more: the session expired or
was closed, the agent's roles changed), 4408 (too slow, or the agent's phone is of another kind now;
say hello with ``since``), 4429 (too many messages), 4503 (the events since then are not to be had;
say hello without ``since``). It takes a hello of 4 KiB, later messages of 16 KiB, and 100 frames in
ten seconds.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from .events import Event
from .phone import PhoneView, TalkView
from .screen import ScreenPop

__all__ = [
    "AlertsChanged",
    "AlertsShown",
    "Delta",
    "FiguresChanged",
    "FiguresShown",
    "Hello",
    "Pulse",
    "ScreenChanged",
    "ScreenPop",
    "Snapshot",
    "UnreadMessage",
]


class Hello(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    The desktop's first message.

    ``token`` may be left out if the HTTP request carried it. ``since``: the last sequence number
    seen, to get what was missed. ``floor``: every agent's events (needs ``floor.read``). ``desk``:
    this desktop can be the agent's phone; a random name of its own that a reload of the page keeps.
    ``figures``: the live figures, too; with ``floor`` everybody's, else the agent's own.
    ``channels``: the channel map, too (:mod:`.channels`; needs ``channels.watch``), with its
    ``levels`` unless those are not wanted. ``waiting``: who waits in which queue, too
    (:mod:`.waiting`; needs ``floor.read``). ``alerts``: the open alerts, too
    (:class:`AlertsShown`; needs ``alerts.read``).
    ``pulse``: how long the stream's round trip takes (:class:`Pulse`).
    ``wall``: the live figures of queues and centre alone, for a screen that everybody can read: no
    events, no agents, no trunks (needs ``wall.watch``). Nothing else is asked for beside it.
    ``together``: what comes after the snapshot within a tenth of a second comes in one frame, as a
    JSON array of messages; for who watches the floor, where a frame for each costs both sides more
    than all that is in them.
    """

    type: Literal["hello"] = "hello"
    token: str | None = None
    since: Annotated[int, msgspec.Meta(ge=0)] | None = None
    floor: bool = False
    figures: bool = False
    channels: bool = False
    levels: bool = True
    waiting: bool = False
    alerts: bool = False
    pulse: bool = False
    together: bool = False
    desk: Annotated[str, msgspec.Meta(min_length=8, max_length=64)] | None = None
    wall: bool = False

    def __post_init__(self) -> None:
        beside = (self.floor, self.figures, self.channels, self.waiting, self.alerts)
        if self.wall and (any(beside) or self.desk is not None or self.since is not None):
            raise ValueError("a wall screen is shown nothing beside it")


class UnreadMessage(msgspec.Struct, frozen=True, kw_only=True):
    """
    A supervisor's nudge ("nudge", as ``agent.nudged`` told it) or "coaching" (``coaching.noted``).

    ``id`` is the number of that event. Read: ``POST /api/v1/agents/{me}/messages/{id}/read``.
    """

    id: str
    kind: str
    supervisor_id: str
    contact_id: str | None
    text: str
    sent_at: datetime


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="snapshot"):
    """
    Everything the desktop needs to draw itself, as of ``sequence``.

    ``agent`` is as ``GET /api/v1/agents/{id}`` has it; ``agents``, on a stream of the floor, is
    everybody so. ``contacts`` is all that is on the agent's screen: the call first, then what rings
    and what is in hand of other channels (``agent.beside`` says which); ``contact`` is the call or,
    without one, what rings. ``messages``: what supervisors wrote to the agent and was not read yet.
    """

    sequence: int
    agent: dict[str, Any]
    agents: list[dict[str, Any]] | None = None
    contact: ScreenPop | None = None
    contacts: list[ScreenPop] = []
    phone: PhoneView | None = None
    talk: TalkView | None = None
    messages: list[UnreadMessage] = []


class Delta(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="delta"):
    """One event. ``pop`` comes with ``contact.offered`` and with nothing else."""

    sequence: int
    at: datetime
    data: Event
    pop: ScreenPop | None = None


class Pulse(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="pulse"):
    """
    How long the last round trip of this stream took, in milliseconds; about every five seconds.

    For a hello that asked for it. Of a stream without an answer it says nothing until there is one.
    """

    round_trip_ms: float


class ScreenChanged(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="screen"):
    """
    A contact on the agent's own screen is to be shown anew, or without an offer (a take-over).

    So it is when its customer was chosen or created, and when notes or attributes were added;
    ``pop`` takes the place of the one with the same ``contact_id``. It has no place in the
    sequence: the next snapshot has the same.
    """

    pop: ScreenPop


class FiguresShown(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="figures"):
    """
    The live figures, for a stream whose hello asked for them; then :class:`FiguresChanged`.

    ``figures`` has ``agents`` by id (today's figures) and, on a stream of the floor, ``queues``
    by name and ``centre``; what they say is in :mod:`.figures`. On a wall's there are no agents and
    no trunks. ``sequence`` is the event up to which they count, which may not have come on this
    stream yet; ``since`` takes that of deltas.
    """

    sequence: int
    at: datetime
    figures: dict[str, Any]


class FiguresChanged(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="figures.changed"
):
    """
    ``patch`` is a JSON merge patch (RFC 7396) to the figures; 0.9 s after the last one at least.

    Null says that there is no such value, or no such agent any more.
    """

    sequence: int
    at: datetime
    patch: dict[str, Any]


class AlertsShown(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="alerts"):
    """
    What is open, for a stream whose hello asked for it; then :class:`AlertsChanged`.

    By id, each as ``GET /api/v1/alerts`` has it (``AlertView``); the newest 500.
    """

    alerts: dict[str, dict[str, Any]]


class AlertsChanged(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="alerts.changed"
):
    """Alerts that were raised or acknowledged, as they are now; null for those no longer open."""

    alerts: dict[str, dict[str, Any] | None]
