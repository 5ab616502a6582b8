"""The centre's own numbers, and where they lead."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from config.numbers import NumberSettings

from .resource import Resource, Version

OurNumber = Annotated[str, Field(pattern=r"^\+?[\w.*#-]{1,32}$")]


class LeadsTo(Resource):
    """
    Where a call is led: into a ``flow``, or without a menu into a ``queue``, or with ``fax`` to a
    fax machine, whose faxes are the queue's.

    ``languages``: that callers can hear, the first one at first. ``queues``: that it can end in;
    ``calendars``: the working calendars that the flow and these queues look at.
    """

    flow: str | None = Field(description="Its name, as in /flows; null where a queue is named.")
    flow_version: int | None
    source: str | None = Field(description="What the configuration calls the flow.")
    queue: str | None
    fax: bool
    languages: list[str]
    queues: list[str]
    calendars: list[str]


class NumberRule(Resource):
    """Who calls (a number's beginning, or "withheld") or what was dialled at first, if named."""

    caller: str | Literal["withheld"] | None
    original: str | None
    leads_to: LeadsTo


class NumberToday(Resource):
    """Calls since midnight in the centre's zone."""

    arrived: int
    answered: int = Field(description="The server picked up.")
    unavailable: int = Field(description="Let in, and refused for want of media.")


class NumberCreate(Resource):
    """``settings``: a ``flow`` as /flows names it or a ``queue``, and rules in ``when``."""

    number: OurNumber
    settings: NumberSettings


class NumberEdit(Resource):
    """Its ``settings`` are these from now on, as a whole."""

    version: Version
    settings: NumberSettings


class OurNumberView(Resource):
    """
    A number of ours. ``e164``: the same, complete; null for a short one. The first of the rules in
    ``when`` that fits leads on, else ``leads_to``.

    ``settings``: the same as it is edited; flows are named as in /flows. ``origin``: "file" while
    the configuration file says where the number leads, "edited" from the first edit on: what the
    file says afterwards is not looked at. ``in_force``: false where something that it leads to is
    gone, or where another release defined it as this one does not understand: ``settings`` are null
    then. Calls to it are turned away.
    """

    number: str
    version: int
    origin: Literal["file", "edited"]
    settings: NumberSettings | None
    in_force: bool
    updated_at: datetime
    e164: str | None
    leads_to: LeadsTo
    when: list[NumberRule]
    today: NumberToday | None = Field(description="Null while the day is still being counted.")
