"""Targets of key figures, how they stand, and what was done about them (KP-07)."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .opportunities import Day
from .resource import Line, Resource, Text, Version

TargetSubject = Literal["centre", "queue", "team"]
Kpi = Literal[
    "service_level",
    "asa",
    "abandon_rate",
    "aht",
    "occupancy",
    "csat",
    "complaint_rate",
    "quality_score",
    "blocked_rate",
]
Light = Literal["green", "yellow", "red", "none"]

_LESS_IS_BETTER = {"asa", "abandon_rate", "aht", "complaint_rate", "blocked_rate"}
_OF_AGENTS = ("aht", "csat", "complaint_rate", "quality_score")
_OF_WAITS = ("service_level", "asa", "abandon_rate")
KPIS: dict[str, tuple[str, ...]] = {
    "centre": (*_OF_WAITS, *_OF_AGENTS, "occupancy", "blocked_rate"),
    "queue": (*_OF_WAITS, *_OF_AGENTS),
    "team": (*_OF_AGENTS, "occupancy"),
}


class Target(Resource):
    """
    What a key figure is to be, on the days from ``valid_from`` to ``valid_until``.

    The light is green where the value is at ``green`` or better, yellow where it is at ``yellow``
    or better, and red else. Less is better of asa, abandon_rate, aht, complaint_rate and
    blocked_rate; of the others more is.
    """

    kpi: Kpi = Field(
        description="As docs/figures.md has them: asa and aht in seconds, the others shares from "
        "0 to 1."
    )
    subject: TargetSubject
    name: Line | None = Field(default=None, description="The queue's or team's; null: the centre.")
    green: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
    yellow: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
    valid_from: Day
    valid_until: Day | None = Field(default=None, description="The last day; null: until changed.")

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.kpi not in KPIS[self.subject]:
            raise ValueError(f"kpi: of a {self.subject} there are {', '.join(KPIS[self.subject])}")
        if (self.name is None) != (self.subject == "centre"):
            raise ValueError("name: a queue or a team has one, and the centre none")
        if not self._at_least(self.green, self.yellow):
            raise ValueError("green: must not be worse than yellow")
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise ValueError("valid_until: must not be before valid_from")
        return self

    def _at_least(self, value: float, bound: float) -> bool:
        return value <= bound if self.kpi in _LESS_IS_BETTER else value >= bound

    def light(self, value: float | None) -> Light:
        if value is None:
            return "none"
        if self._at_least(value, self.green):
            return "green"
        return "yellow" if self._at_least(value, self.yellow) else "red"

    def is_valid_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def overlaps(self, other: "Target") -> bool:
        """Both would say what the same figure is to be on some day."""
        same = (self.kpi, self.subject, self.name) == (other.kpi, other.subject, other.name)
        until, others = self.valid_until or date.max, other.valid_until or date.max
        return same and self.valid_from <= others and other.valid_from <= until


class TargetEdit(Resource):
    """The target as a whole."""

    version: Version
    definition: Target


class TargetView(Resource):
    """A target as it is stored."""

    id: str
    version: int
    definition: Target
    updated_at: datetime


class TargetReading(Resource):
    """Such a figure in one stretch of time."""

    value: float | None = Field(description="Null: nothing to say.")
    light: Light


class TargetStanding(TargetView):
    """With how it stands today, by the records, which follow what happens within seconds."""

    in_force: bool = Field(description="Today is one of its days.")
    value: float | None = Field(description="Today's so far; null: nothing to say.")
    light: Light = Field(description='"none" where there is no value, or it is not in force.')
    interval: TargetReading = Field(
        description="In the present interval, by the live figures; those have nothing to say of "
        "teams, occupancy, customers' ratings, complaints and reviews, nor where it is not in "
        "force."
    )
    recent: TargetReading = Field(
        description="In the last five minutes, likewise; nor of blocked_rate."
    )
    actions_open: int = Field(description="Actions without an outcome yet.")


class TargetPoint(Resource):
    begins_at: datetime
    value: float | None
    light: Light = Field(description="By the target as it is now.")


class TargetActionToAdd(Resource):
    """What is being done about a figure."""

    measure: Text = Field(description="What is done.")
    owner: Line = Field(description="Who does it.")
    begun_on: Day


class TargetActionEdit(Resource):
    """What is to be different; what is not named stays."""

    version: Version
    measure: Text | None = None
    owner: Line | None = None
    begun_on: Day | None = None
    ended_on: Day | None = None
    outcome: Text | None = Field(default=None, description="What came of it.")


class TargetActionView(Resource):
    """An action, with how the figure stood when it was noted."""

    id: str
    version: int
    target_id: str
    measure: str
    owner: str
    begun_on: date
    ended_on: date | None
    outcome: str | None
    value_before: float | None
    light_before: Light
    noted_by: str
    created_at: datetime
    updated_at: datetime


class TargetHistory(Resource):
    """
    The figure interval by interval, from the records, and the actions that touch the stretch.

    Intervals in which nothing happened are left out. The last one goes on.
    """

    target: TargetView
    by: str
    points: list[TargetPoint]
    actions: list[TargetActionView]
