"""Routing, and the agents' day."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from .reasons import NOT_READY, ReasonSettings, labelled
from .section import Section

ChannelName = Literal["voice", "callback", "web", "chat", "sms", "email", "fax", "task"]
NotReadyReasons = Mapping[
    Annotated[str, Field(min_length=1, max_length=64)],  # as long as a change of state takes
    ReasonSettings,
]
Limit = Annotated[int, Field(ge=1, le=100)]
Pause = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(hours=1))]
Credit = Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(days=1))]


class ChannelSettings(Section):
    """
    One channel in agents' hands; what is left out is as shipped.

    Calls and call-backs are taken alone: nothing is offered beside them, whatever stands here.
    """

    capacity: int | None = Field(
        default=None,
        ge=0,
        le=100,
        description="How many at once, where neither the agent's settings nor the team's say so.",
    )
    interrupted_by: tuple[ChannelName, ...] | None = Field(
        default=None, description="Of which channels contacts are offered beside one in hand."
    )


class AcdSettings(Section):
    """Routing and the agents' day."""

    channels: Mapping[ChannelName, ChannelSettings] = Field(
        default={},
        description="How many contacts of a channel an agent has at once, and what comes beside.",
    )
    not_ready_reasons: Annotated[NotReadyReasons, BeforeValidator(labelled)] = Field(
        default=NOT_READY,
        description="Why agents are not ready: each name with what people read, or names alone.",
    )
    no_answer_limit: Limit | None = Field(
        default=1,
        description="Offers in a row left ringing that make an agent not ready; null: never.",
    )
    no_answer_backoff: Pause = Field(
        default=timedelta(seconds=30),
        description="Meanwhile the contact that an agent let ring is not offered to them again.",
    )
    decline_limit: Limit | None = Field(
        default=None, description="The same, of offers that an agent declines."
    )
    decline_backoff: Pause = timedelta(seconds=30)
    unreachable_limit: Limit | None = Field(
        default=3, description="The same, of offers for which the agent's phone cannot be rung."
    )
    unreachable_backoff: Pause = timedelta(seconds=5)
    seat_rest: Pause = Field(
        default=timedelta(seconds=10),
        description="How long a seat of a machine's then stays not ready.",
    )
    priority_credit: Credit = Field(
        default=timedelta(seconds=60),
        description="How much waiting one step of a contact's priority counts for.",
    )
    record_kept: timedelta = Field(
        default=timedelta(days=14),
        ge=timedelta(days=1),
        description=(
            "How long the days stay that `hotline routing replay` can let happen again; longer, "
            "where a later one goes on from them."
        ),
    )
