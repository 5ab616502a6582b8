"""
The channel map: every leg of every running call, over REST and on the stream.

A stream whose hello says ``channels`` (needs ``channels.watch``) gets :class:`ChannelsShown` after
the snapshot, then :class:`ChannelsChanged` at most twice a second, and :class:`ChannelLevels` at
most five times a second for each media worker. None of it is an event, and none of it is kept: who
comes back gets all of it anew.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec
from pydantic import Field

from .resource import Resource

ChannelRole = Literal["customer", "agent", "expert", "supervisor"]
Recorded = Literal["none", "running", "masked"]
Level = tuple[int | None, int | None]
"""What a leg says, and what it hears, in dBFS."""


class ChannelView(Resource):
    """One leg of a running call, as it is now."""

    leg_id: str
    contact_id: str
    call_id: str
    role: ChannelRole
    direction: Literal["inbound", "outbound"] = Field(description="Of the call.")
    number: str = Field(description="The customer's; masked for who may not read contacts.")
    party: str | None = Field(
        description="The agent's id, or the number or URI of an expert, masked as the customer's."
    )
    queue: str | None
    state: str = Field(
        description="Customers: ringing, arriving, menu, waiting, talking, held. Agents: ringing, "
        "arriving, and what a running call says of them. Experts: ringing, talking, held. "
        "Supervisors: ringing, monitor, whisper, barge."
    )
    muted: bool
    began_at: datetime = Field(description="The call's beginning.")
    codec: str | None = Field(description="None until it is agreed on.")
    recording: Recorded = Field(description="Of the call.")
    listeners: list[str] = Field(
        description="The supervisors who hear the call; none, nor their legs, for who may not know."
    )
    loss: float | None = Field(None, description="Of what the leg has sent so far, 0 to 1.")
    jitter_ms: float | None = None
    mos: float | None = Field(None, description="By the E-model, 1 to 4.5.")


class ChannelNow(ChannelView):
    """
    The same with its levels, in dBFS: the mean power of 0.2 s against the largest sample.

    The loudest tone has -3, silence -127; null is a codec that would have to be decoded for it.
    """

    said: int | None
    heard: int | None


class ChannelsShown(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="channels"):
    """``channels`` has a :class:`ChannelView` by each leg's id, ``levels`` their levels."""

    channels: dict[str, dict[str, Any]]
    levels: dict[str, Level]


class ChannelsChanged(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="channels.changed"
):
    """``patch`` is a JSON merge patch (RFC 7396) to ``channels``; null: there is no such leg."""

    patch: dict[str, Any]


class ChannelLevels(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="channels.levels"
):
    """Of the legs whose level is another than before."""

    levels: dict[str, Level]
