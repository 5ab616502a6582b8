"""The resources of field repairs."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from .resource import Identifier, Line, Moment, Page, Resource, Text


class WorkOrderCreate(Resource):
    """What a crew is sent for."""

    instructions: Text
    address: Line | None = None
    crew: Line | None = None
    not_before: Moment | None = None
    not_after: Moment | None = None

    @model_validator(mode="after")
    def _is_a_window(self) -> Self:
        if self.not_before and self.not_after and self.not_after < self.not_before:
            raise ValueError("not_after is before not_before")
        return self


class WorkOrderView(Resource):
    id: str
    number: str
    ticket_id: str
    state: str
    instructions: str
    address: str | None
    crew: str | None
    not_before: datetime | None
    not_after: datetime | None
    ordered_by: str
    created_at: datetime
    reported_at: datetime | None
    ended_at: datetime | None
    version: int


class WorkOrderPage(Page[WorkOrderView]):
    """The oldest first."""


class WorkOrderReportCreate(Resource):
    """
    A message of the crew's system. The same ``message_id`` again is the same message; one that was
    overtaken by a later one is kept and changes nothing.
    """

    message_id: Identifier = Field(description="The sender's own.")
    state: Literal["accepted", "refused", "en_route", "working", "done", "failed"]
    at: Moment
    note: Text | None = None
    crew: Line | None = None


class WorkOrderReportView(Resource):
    message_id: str
    state: str
    at: datetime
    received_at: datetime
    reported_by: str
    note: str | None


class WorkOrderReports(Resource):
    """Everything that was reported, in the order in which it came."""

    order: WorkOrderView
    reports: list[WorkOrderReportView]
