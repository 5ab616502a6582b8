"""How customers are called back who asked for it, hung up in a queue or lost their place there."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from .section import Section

Pause = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=7))]


class PauseSettings(Section):
    """How long a customer is left alone after an attempt, by what came of it."""

    busy: Pause = timedelta(minutes=5)
    no_answer: Pause = timedelta(minutes=30)
    declined: Pause = Field(
        default=timedelta(hours=2), description="The customer pressed the call away."
    )
    unreachable: Pause = timedelta(hours=1)
    not_met: Pause = Field(
        default=timedelta(minutes=5),
        description="The customer picked up and was gone before an agent was there.",
    )


class CallBackSettings(Section):
    """Of one queue."""

    mode: Literal["agent_first", "customer_first", "by_hand"] = Field(
        default="agent_first",
        description=(
            "agent_first: the agent whose turn it is hears the customer being rung. "
            "customer_first: the agent is reserved, and rung once the customer has answered. "
            "by_hand: agents pick from the list."
        ),
    )
    attempts: int = Field(default=3, ge=1, le=20)
    pauses: PauseSettings = PauseSettings()
    expire_after: timedelta = Field(
        default=timedelta(days=3),
        gt=timedelta(0),
        le=timedelta(days=60),
        description="After it was asked for, or after the time that the customer wished.",
    )
    calendar: str | None = Field(
        default=None,
        description="The working calendar in whose hours customers are called; none: the queue's.",
    )
    offer_abandoned_after: timedelta | None = Field(
        default=None,
        ge=timedelta(0),
        le=timedelta(days=1),
        description="Call back who hung up after a wait of at least so long; null: nobody.",
    )
    abandoned_rest: timedelta = Field(
        default=timedelta(minutes=2),
        ge=timedelta(0),
        le=timedelta(days=1),
        description="Who hung up is left alone for so long: they may call again themselves.",
    )
