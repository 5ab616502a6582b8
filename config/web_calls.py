"""Calls from pages: which numbers may be called so, and how many calls at once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .section import Section
from .self_service import Title

WebNumber = Annotated[str, StringConstraints(min_length=1, max_length=32)]
Titles = Annotated[Mapping[Literal["zh", "en"], Title], Field(min_length=1)]
CallerNumber = Annotated[str, StringConstraints(pattern=r"^(\+?[0-9]{1,15})?$")]


class WebCallSettings(Section):
    """Open to everybody who can reach the API; without numbers there is nothing of it."""

    numbers: Mapping[WebNumber, Titles] = Field(
        default={},
        max_length=100,
        description="Which of `numbers` may be called, and what is reached there, by language.",
    )
    caller_number: CallerNumber = Field(
        default="",
        description="What all of these callers have for a number: all of them are that customer, "
        "to look-ups, rules and call-backs, as a demonstration wants it. By default it is "
        "withheld. A page cannot say one, since numbers are what customers are known by.",
    )
    at_once: int = Field(default=20, ge=1, le=5000, description="Calls at a time.")
    at_once_each: int = Field(
        default=2,
        ge=1,
        le=5000,
        description="The same, from one address (of IPv6: one /64 network); behind a proxy all "
        "have one.",
    )
    openings: int = Field(
        default=6, ge=1, le=10_000, description="How many one address may begin in a minute."
    )
    longest: timedelta = Field(
        default=timedelta(minutes=30),
        ge=timedelta(seconds=1),
        le=timedelta(hours=12),
        description="After which a call ends, whatever goes on in it.",
    )
