"""Alerts: what a supervisor is to look at."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from crm.labels import Labels

from .alert_rules import ThresholdCrossed
from .events.alerts import Severity
from .resource import Page, Resource
from .surges import SurgeFound

__all__ = ["AlertPage", "AlertView", "OneWayAudio", "Severity"]


class OneWayAudio(Resource):
    """Whom nobody hears, though they should send."""

    leg_id: str
    party: Literal["customer", "agent", "expert", "supervisor"] = Field(
        description="Who is not heard; the others may be."
    )


class AlertView(Resource):
    """
    Something that a supervisor is to look at.

    It is open until ``cleared_at``; one that is not ``lasting`` until ``acknowledged_at``, if that
    is sooner. ``agent_id``, ``queue`` and ``team``: whom it is about; ``recording_id``: what the
    customer said of it. ``one_way_audio``, ``threshold`` and ``surge`` come with the kinds of these
    names.
    """

    id: str
    kind: str
    severity: Severity
    labels: Labels = Field(description="What it says, in Chinese and in English.")
    raised_at: datetime
    lasting: bool = Field(
        description="It is about something that goes on, and is over when that is."
    )
    contact_id: str | None
    agent_id: str | None
    queue: str | None
    team: str | None
    interaction_id: str | None
    recording_id: str | None
    ticket_number: str | None
    rule_id: str | None = Field(description="The alert rule that raised it.")
    one_way_audio: OneWayAudio | None
    threshold: ThresholdCrossed | None
    surge: SurgeFound | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    cleared_at: datetime | None = Field(description="When it was over by itself.")

    @property
    def open(self) -> bool:
        noted = not self.lasting and self.acknowledged_at is not None
        return self.cleared_at is None and not noted


class AlertPage(Page[AlertView]):
    """Alerts, the newest first."""
