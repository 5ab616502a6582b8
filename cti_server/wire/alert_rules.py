"""Rules by which figures of the moment raise alerts, as supervisors define them."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from crm.labels import Labels

from .events.alerts import Severity
from .resource import Line, Resource, Version

RuleSubject = Literal["queue", "team", "centre", "trunk"]
RuleWindow = Literal["recent", "interval", "today"]
RuleMeasure = Literal[
    "waiting",
    "longest_wait",
    "service_level",
    "abandon_rate",
    "asa",
    "aht",
    "offered",
    "abandoned",
    "ready",
    "not_ready",
    "logged_in",
    "busy_share",
    "lines_busy",
    "line_occupancy",
    "blocked_rate",
]
Bound = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]

_STAFF = ("ready", "not_ready", "logged_in", "busy_share")
_NOW = ("waiting", "longest_wait", *_STAFF, "lines_busy", "line_occupancy")
_OF_QUEUES = (
    *("waiting", "longest_wait", "service_level", "abandon_rate", "asa", "aht"),
    *("offered", "abandoned", *_STAFF),
)
MEASURES: dict[str, tuple[str, ...]] = {
    "queue": _OF_QUEUES,
    "centre": (*_OF_QUEUES, "lines_busy", "blocked_rate"),
    "team": _STAFF,
    "trunk": ("lines_busy", "line_occupancy"),
}


class AlertRule(Resource):
    """
    While the measure is ``above`` (or ``below``) for ``lasts`` seconds there is an alert, until it
    has been back at ``over_at`` for ``over_for`` seconds: so it does not come and go.

    Of what: every queue (team, trunk) by itself, or the one with this ``name``; or the centre.
    A measure that says nothing (a rate of no contacts) raises no alert, and ends one.
    """

    labels: Labels = Field(description="What the alert says.")
    severity: Severity = "warning"
    subject: RuleSubject
    name: Line | None = Field(
        default=None, description="The queue's, team's or trunk's; null for each of them."
    )
    measure: RuleMeasure = Field(
        description="waiting, offered, abandoned: contacts. longest_wait, asa, aht: seconds. "
        "service_level, abandon_rate, blocked_rate: shares from 0 to 1. ready, not_ready, "
        "logged_in: agents who serve the queue, or are of the team. busy_share: of who is logged "
        "in, those who talk or wrap up. lines_busy: calls; line_occupancy: of the trunk's lines."
    )
    window: RuleWindow = Field(
        default="recent",
        description="Of what is counted: the last five minutes, the present interval, or today. "
        "blocked_rate has no recent one, and takes the interval.",
    )
    above: Bound | None = Field(default=None, description="More than this; or else below.")
    below: Bound | None = Field(default=None, description="Less than this; or else above.")
    over_at: Bound | None = Field(
        default=None, description="Where it is over; by default the bound itself."
    )
    lasts: Annotated[int, Field(ge=0, le=3600)] = Field(
        default=10, description="Seconds for which it must be so."
    )
    over_for: Annotated[int, Field(ge=0, le=3600)] = Field(
        default=10, description="Seconds for which it must be over."
    )
    at_least: Annotated[int, Field(ge=0, le=100_000)] = Field(
        default=0,
        description="Contacts in the window, without which a rate or a mean says nothing.",
    )
    enabled: bool = True

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("above: give either above or below")
        if self.measure not in MEASURES[self.subject]:
            known = ", ".join(MEASURES[self.subject])
            raise ValueError(f"measure: of a {self.subject} there are {known}")
        if self.subject == "centre" and self.name is not None:
            raise ValueError("name: the centre has none")
        if self.over_at is not None and not self._is_inside(self.over_at):
            raise ValueError("over_at: must be on the good side of the bound")
        return self

    def _is_inside(self, value: float) -> bool:
        return value <= self.above if self.above is not None else value >= (self.below or 0.0)

    @property
    def is_counted(self) -> bool:
        """In a window; else it is of this moment."""
        return self.measure not in _NOW


class AlertRuleEdit(Resource):
    """The rule as a whole."""

    version: Version
    definition: AlertRule


class AlertRuleView(Resource):
    """A rule as it is stored."""

    id: str
    version: int
    definition: AlertRule
    updated_at: datetime


class ThresholdCrossed(Resource):
    """What was measured when the alert was raised, by the rule ``rule_id``."""

    subject: RuleSubject
    name: str | None = Field(description="The queue's, team's or trunk's.")
    measure: RuleMeasure
    window: RuleWindow | None = Field(description="Null for what is of the moment.")
    value: float
    above: float | None
    below: float | None
