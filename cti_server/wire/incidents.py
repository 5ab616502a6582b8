"""Incidents: what the server's self-check came upon."""

from datetime import datetime

from .resource import Page, Resource


class IncidentView(Resource):
    """
    Something that was as it must not be; open until ``healed_at``.

    ``action`` is the verb that put it right, empty if it went by itself.
    """

    id: str
    kind: str
    subject: str
    found_at: datetime
    healed_at: datetime | None
    action: str
    agent_id: str | None
    contact_id: str | None
    interaction_id: str | None
    leg_id: str | None
    detail: str


class IncidentPage(Page[IncidentView]):
    """Incidents, the newest first."""
