"""What the self-check came upon."""

from datetime import datetime

from cti_server.wire import events

from ..incidents import Incident
from ..rows import Rows
from .fold import Fold
from .peer_text import peer_text


def _incident_found(rows: Rows, event: events.IncidentFound, at: datetime, _: int) -> None:
    rows.add(
        Incident,
        event.incident_id,
        {
            "id": event.incident_id,
            "kind": event.kind,
            "subject": event.subject,
            "found_at": at,
            "healed_at": None,
            "action": "",
            "about_agent": event.about_agent,
            "contact_id": event.contact_id,
            "interaction_id": event.interaction_id,
            "leg_id": event.leg_id,
            "detail": peer_text(event.detail),
        },
    )


def _incident_healed(rows: Rows, event: events.IncidentHealed, at: datetime, _: int) -> None:
    incident = rows.change(Incident, event.incident_id)
    if incident is not None and incident["healed_at"] is None:
        incident["healed_at"] = at
        incident["action"] = event.action


FOLDS: dict[type, Fold] = {
    events.IncidentFound: _incident_found,
    events.IncidentHealed: _incident_healed,
}
