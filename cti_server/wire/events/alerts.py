"""What a supervisor has to look at."""

from typing import Any, Literal

import msgspec

from .base import BaseEvent

Severity = Literal["info", "warning", "critical"]


class AlertRaised(BaseEvent, frozen=True, kw_only=True, tag="alert.raised"):
    """
    A supervisor is to look at it; open until it is over, or somebody has taken note of it.

    ``kind`` is a word, as "complaint", or "unheard_message": a server died before a flow had gone
    on with what the customer had said. ``about_agent``, ``queue`` and ``team``: whom it is about;
    one of a ``team`` is shown to that team's supervisors alone, and to those of none. ``lasting``:
    it is about something that goes on, and ends with it (:class:`AlertCleared`), not when somebody
    takes note. ``labels``: in zh and en, where ``kind`` does not say it all. ``agent_id``: whose
    desktop hears of it as well. ``details`` are those of the alert's view, by its kind.
    """

    alert_id: str
    kind: str
    contact_id: str | None = None
    about_agent: str | None = None
    queue: str | None = None
    team: str | None = None
    interaction_id: str | None = None
    recording_id: str | None = None  # what the customer said of it
    ticket_number: str | None = None
    severity: Severity = "warning"
    labels: dict[str, str] | None = None
    rule_id: str | None = None
    lasting: bool = False
    agent_id: str | None = None
    details: dict[str, Any] = msgspec.field(default_factory=dict)


class AlertDetailed(BaseEvent, frozen=True, kw_only=True, tag="alert.detailed"):
    """More is known about it than when it was raised: these ``details`` take the others' place."""

    alert_id: str
    details: dict[str, Any]


class AlertAcknowledged(BaseEvent, frozen=True, kw_only=True, tag="alert.acknowledged"):
    """Somebody has taken note of it."""

    alert_id: str
    acknowledged_by: str


class AlertCleared(BaseEvent, frozen=True, kw_only=True, tag="alert.cleared"):
    """What it was about is over, or is looked for no more; nobody needs to look at it now."""

    alert_id: str
    contact_id: str | None = None
    agent_id: str | None = None


AnyAlertEvent = AlertRaised | AlertDetailed | AlertAcknowledged | AlertCleared
