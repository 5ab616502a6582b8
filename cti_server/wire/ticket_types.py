"""The resources of what tickets are made by: types, reasons, working calendars."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from crm.calendars import Hours
from crm.labels import Labels
from crm.ticket_types import Definition

from .resource import Resource, Version, Word


class WorkingCalendarCreate(Resource):
    id: Word
    hours: Hours


class WorkingCalendarEdit(Resource):
    version: Version
    hours: Hours


class WorkingCalendarView(Resource):
    id: str
    hours: Hours
    version: int
    updated_at: datetime


class WorkingTime(Resource):
    """``open_now``; how much of the given time is open, and when it will have been worked."""

    open_now: bool
    at: datetime | None = Field(description="When the minutes asked for have passed; None: never.")


class TicketTypeCreate(Resource):
    id: Word
    calendar_id: Word
    definition: Definition


class TicketTypeEdit(Resource):
    """The definition as a whole: it is checked as one."""

    version: Version
    calendar_id: Word
    active: bool = True
    definition: Definition


class TicketTypeView(Resource):
    id: str
    calendar_id: str
    active: bool
    definition: Definition
    version: int
    updated_at: datetime


class TicketReasonCreate(Resource):
    """``kind``: why a customer comes ("reason"), or what was wrong with us ("cause")."""

    id: Word
    kind: Literal["reason", "cause"]
    parent_id: Word | None = None
    labels: Labels
    types: tuple[Word, ...] = Field(default=(), max_length=100)
    position: int = Field(default=0, ge=0, le=10_000)


class TicketReasonEdit(Resource):
    """What does not stand here stays: the kind and the parent are what figures are added up by."""

    version: Version
    labels: Labels
    types: tuple[Word, ...] = Field(default=(), max_length=100)
    position: int = Field(default=0, ge=0, le=10_000)
    active: bool = True


class TicketReasonView(Resource):
    id: str
    kind: str
    parent_id: str | None
    labels: Labels
    types: list[str]
    position: int
    active: bool
    version: int
