"""What a supervisor has to look at."""

from .base import BaseEvent


class AlertRaised(BaseEvent, frozen=True, kw_only=True, tag="alert.raised"):
    """
    A supervisor is to look at it; open until somebody has taken note of it.

    ``kind`` is a word, as "complaint", or "unheard_message": a server died before a flow had gone
    on with what the customer had said. ``about_agent`` and ``queue``: whom it is about.
    """

    alert_id: str
    kind: str
    contact_id: str
    about_agent: str | None = None
    queue: str | None = None
    interaction_id: str | None = None
    recording_id: str | None = None  # what the customer said of it
    ticket_number: str | None = None


class AlertAcknowledged(BaseEvent, frozen=True, kw_only=True, tag="alert.acknowledged"):
    """Somebody has taken note of it."""

    alert_id: str
    acknowledged_by: str


AnyAlertEvent = AlertRaised | AlertAcknowledged
