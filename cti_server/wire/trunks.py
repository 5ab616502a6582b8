"""Trunks as they are configured and as they are now, and the routes of telephone numbers."""

from datetime import datetime

from pydantic import Field

from .figures import LineWindow, TrunkState
from .resource import Resource


class TrunkHealthView(Resource):
    """
    Whether a trunk lives, since this server's start.

    Any final answer to an OPTIONS is life, but 408 and 503; two that nobody answered are believed.
    A trunk that takes calls and answers no OPTIONS lives, until it fails to take one.
    """

    state: TrunkState
    since: datetime | None = Field(description="Of the state; null while it is unknown.")
    answers_options: bool | None = Field(
        description="False: its calls alone tell; null: it answered none yet."
    )
    status: int | None = Field(description="Of its last answer to an OPTIONS.")
    answered_at: datetime | None
    round_trip: float | None = Field(description="Of that answer, seconds.")
    asked: int
    unanswered: int = Field(description="Questions that nobody answered, or with 408 or 503.")
    failed_calls: int = Field(
        description="Calls of ours that it did not take itself: 401 to 403, 407, 408 and 5xx."
    )
    failed_status: int | None = Field(description="Of the last one of them.")
    failed_at: datetime | None


class TrunkOutboundView(Resource):
    """Calls to telephone numbers that it takes from us."""

    to: str = Field(description="A host, host:port or SIP URI.")
    username: str | None
    caller_id: str | None
    shows_caller: bool
    domain: str | None
    channels: int | None = Field(description="Calls of ours at once, at most; null: no bound.")
    busy: int = Field(description="Calls of ours that it carries now.")


class TrunkView(Resource):
    """A trunk: configuration, health, and what it carried today (null until that is counted)."""

    trunk: str
    addresses: list[str] = Field(description="IP addresses or networks that its calls come from.")
    username: str | None = Field(description="By which it authenticates its calls.")
    inband_digits: bool
    lines: int | None = Field(description="Calls in both directions at once, by its settings.")
    busy: int | None = Field(description="Lines that are busy now, in both directions.")
    outbound: TrunkOutboundView | None
    health: TrunkHealthView
    today: LineWindow | None


class RouteView(Resource):
    """The numbers that begin with ``prefix``; the longest one that fits decides."""

    prefix: str
    trunks: list[str] = Field(description="In the order in which they are tried.")
    dial_as: str | None = Field(description="What stands in the prefix's place; null: itself.")
    barred: bool = Field(description="No trunk: these numbers cannot be called.")
