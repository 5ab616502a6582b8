"""Calls and their legs: what came and went on the line."""

from datetime import datetime

import msgspec

from .base import BaseEvent


class CallArrived(BaseEvent, frozen=True, kw_only=True, tag="call.arrived"):
    """
    A customer's call was accepted from a trunk or phone, or from a page (``trunk`` is "web").

    ``original_number``: what was dialled at first, if the call was diverted to us since.
    """

    call_id: str
    contact_id: str
    sip_call_id: str
    caller_number: str
    dialled_number: str
    trunk: str
    original_number: str = ""


class CallPlaced(BaseEvent, frozen=True, kw_only=True, tag="call.placed"):
    """
    We call a customer: an agent's click, or somebody called back.

    ``shown_number`` is what the customer sees, empty where nobody is named. ``queued_at`` is given
    for a call-back: since when the customer has waited. ``masked``: agents do not see the number.
    ``interaction_id`` is the offer that began it, where the ACD found the agent.
    """

    call_id: str
    contact_id: str
    customer_number: str
    shown_number: str
    queue: str
    masked: bool = False
    call_back_of: str | None = None
    queued_at: datetime | None = None
    interaction_id: str | None = None


class CallsRefused(BaseEvent, frozen=True, kw_only=True, tag="call.refused"):
    """
    Calls of a trunk, a phone or pages ("web") that this server did not let in, with a 503.

    ``cause`` is "overload" (too many at once, too fast, or the server is behind) or "draining".
    Several within a second are told together: ``calls`` is how many.
    """

    trunk: str
    cause: str
    calls: int


class TrunkLineTaken(BaseEvent, frozen=True, kw_only=True, tag="trunk.line_taken"):
    """A call of ours begins to occupy a line of the trunk; one that comes in does so itself."""

    trunk: str


class TrunkLineFreed(BaseEvent, frozen=True, kw_only=True, tag="trunk.line_freed"):
    """``line``: the number of the event that took it; ``answered``: somebody picked up."""

    trunk: str
    line: int = 0
    answered: bool = False


class TrunkStateChanged(BaseEvent, frozen=True, kw_only=True, tag="trunk.state_changed"):
    """
    A trunk lives, or does not: "up" or "down", by its answers to our OPTIONS and by its calls.

    ``status``: of its last answer to an OPTIONS, if there was one.
    """

    trunk: str
    state: str
    status: int | None = None


class LegStarted(BaseEvent, frozen=True, kw_only=True, tag="leg.started"):
    """A party's part of a call began: an INVITE came in or went out."""

    call_id: str
    leg_id: str
    role: str  # "caller", "customer" (called by us), "agent" …
    party: str  # the number, or the agent's id
    address: str  # the SIP URI dialled, or the one that called; "web:" and the page's address
    agent_id: str | None = None


class LegAnswered(BaseEvent, frozen=True, kw_only=True, tag="leg.answered"):
    call_id: str
    leg_id: str
    codec: str


class LegEnded(BaseEvent, frozen=True, kw_only=True, tag="leg.ended"):
    """
    A leg is over.

    ``result`` and ``reason`` are from the closed list of :mod:`cti_server.calls.termination`.
    ``quality`` is the account of the leg: the figures of
    :class:`cti_server.media.worker_reports.LegQuality` (packets, loss, bursts, jitter, MOS, both
    ways) that are known, and how often and for how long it was silent. Empty if there was no media.
    """

    call_id: str
    leg_id: str
    result: str
    reason: str
    quality: dict[str, float] = msgspec.field(default_factory=dict)


class LegFellSilent(BaseEvent, frozen=True, kw_only=True, tag="leg.one_way_audio"):
    """
    Nothing comes from a party that should send, and has not for ``seconds``: one-way audio.

    The leg goes on; :class:`LegHeardAgain` ends the alarm, or the end of the leg. Whose leg of
    which contact it is, the alert of kind "one_way_audio" says that is raised for it.
    """

    call_id: str
    leg_id: str
    seconds: float


class LegHeardAgain(BaseEvent, frozen=True, kw_only=True, tag="leg.audio_resumed"):
    """
    After so many seconds of silence the party is heard again, or need not be: what they are to send
    was agreed on anew (hold, another address), and counts anew.
    """

    call_id: str
    leg_id: str
    seconds: float


class CallEnded(BaseEvent, frozen=True, kw_only=True, tag="call.ended"):
    call_id: str
    contact_id: str
    result: str
    reason: str


AnyCallEvent = (
    CallArrived
    | CallPlaced
    | CallsRefused
    | TrunkLineTaken
    | TrunkLineFreed
    | TrunkStateChanged
    | LegStarted
    | LegAnswered
    | LegEnded
    | LegFellSilent
    | LegHeardAgain
    | CallEnded
)
