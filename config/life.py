"""How the server is kept alive, and which one of several is at work."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from .section import Section

Span = Annotated[timedelta, Field(ge=timedelta(seconds=1), le=timedelta(hours=1))]


class LifeSettings(Section):
    """Who takes over from whom, and when a server counts as hung."""

    lease: Span = Field(
        default=timedelta(seconds=15),
        description="After so long without a sign of life in the database a server that stands by "
        "takes over from the one at work. Longer than the longest pause that the machine makes.",
    )
    hung_after: Span = Field(
        default=timedelta(seconds=10),
        description="`hotline serve --watched`: silence of the event loop after which the server "
        "is ended and started again. (systemd has its own: WatchdogSec.)",
    )
    restarts: int = Field(
        default=5,
        ge=0,
        le=100,
        description="`hotline serve --watched`: after so many restarts within `restarts_within` "
        "it gives up.",
    )
    restarts_within: Span = timedelta(minutes=10)
