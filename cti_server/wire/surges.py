"""Surges of arrivals: what is new about them, and what is usual at this time (SP-04)."""

from typing import Literal

from pydantic import Field

from crm.labels import Labels

from .resource import Resource

SurgeSubject = Literal["queue", "number"]
SurgeDimension = Literal["reason", "menu_path", "number", "queue", "region", "product"]


class SurgePart(Resource):
    """One value that those who arrive have in common."""

    dimension: SurgeDimension = Field(
        description="reason: a disposition's code, of those who were served; menu_path: flow: node "
        "> node …; number: ours; region: the caller's number's; product: what a flow or another "
        "system has as the contact's attribute of that name."
    )
    name: str
    labels: Labels | None = Field(description="Of regions.")
    count: int
    share: float = Field(description="Of those of whom the dimension is known; from 0 to 1.")
    share_before: float = Field(description="The same, of who usually arrives at this time.")


class SurgeFound(Resource):
    """More than chance, by the weeks before, when the alert was raised."""

    subject: SurgeSubject
    name: str = Field(description="The queue's, or our number.")
    window_minutes: int
    count: int = Field(description="Arrived in the window.")
    expected: float = Field(description="Usually arrive in it.")
    weeks: int = Field(description="Of which this is known.")
    parts: list[SurgePart] | None = Field(
        description="Of each dimension what grew most, first; null: not known yet."
    )


class ArrivalForecast(Resource):
    """What usually arrives at this time of the week."""

    subject: SurgeSubject
    name: str
    expected_per_hour: float | None = Field(description="Null: too few weeks are known.")
    weeks: int = Field(description="Known ones, of eight that are looked at.")
    weeks_needed: int
