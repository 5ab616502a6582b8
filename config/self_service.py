"""What customers can do by themselves in writing: which flows, by which front ends."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .section import Section

ServiceName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Front = Literal["web", "chat"]


class ServiceSettings(Section):
    """One service: a flow that customers read."""

    flow: str = Field(description="A path, or shipped:fault.yaml; numbers may lead to the same.")
    title: Mapping[Literal["zh", "en"], Title] = Field(
        min_length=1, description="What customers call it, by language."
    )
    channels: frozenset[Front] = Field(
        default=frozenset({"web", "chat"}), description="By which front ends it can be had."
    )


class SelfServiceSettings(Section):
    """Open to everybody who can reach the API; without services there is nothing of it."""

    services: Mapping[ServiceName, ServiceSettings] = Field(default={}, max_length=50)
    idle: timedelta = Field(
        default=timedelta(minutes=10),
        ge=timedelta(seconds=1),
        le=timedelta(hours=2),
        description="Who answers nothing for so long has left.",
    )
    longest: timedelta = Field(
        default=timedelta(hours=1),
        ge=timedelta(seconds=1),
        le=timedelta(hours=12),
        description="After which a customer is taken to have left, whatever they do.",
    )
    at_once: int = Field(default=500, ge=1, le=20_000, description="Customers at a time.")
    openings: int = Field(
        default=20,
        ge=1,
        le=10_000,
        description="How many one address may begin in a minute; behind a proxy all have one.",
    )
