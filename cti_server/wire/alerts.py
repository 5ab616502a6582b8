"""Alerts: what a supervisor is to look at."""

from datetime import datetime

from .resource import Page, Resource


class AlertView(Resource):
    """
    Something that a supervisor is to look at; open until ``acknowledged_at``.

    ``agent_id`` and ``queue``: whom it is about; ``recording_id``: what the customer said of it.
    """

    id: str
    kind: str
    raised_at: datetime
    contact_id: str
    agent_id: str | None
    queue: str | None
    interaction_id: str | None
    recording_id: str | None
    ticket_number: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None


class AlertPage(Page[AlertView]):
    """Alerts, the newest first."""
