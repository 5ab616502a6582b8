"""What supervisors are to look at."""

from datetime import datetime

from cti_server.wire import events

from ..alerts import Alert
from ..rows import Rows
from .fold import Fold


def _alert_raised(rows: Rows, event: events.AlertRaised, at: datetime, _: int) -> None:
    rows.add(
        Alert,
        event.alert_id,
        {
            "id": event.alert_id,
            "kind": event.kind,
            "raised_at": at,
            "contact_id": event.contact_id,
            "about_agent": event.about_agent,
            "queue": event.queue,
            "interaction_id": event.interaction_id,
            "recording_id": event.recording_id,
            "ticket_number": event.ticket_number,
            "acknowledged_at": None,
            "acknowledged_by": None,
        },
    )


def _alert_acknowledged(rows: Rows, event: events.AlertAcknowledged, at: datetime, _: int) -> None:
    alert = rows.change(Alert, event.alert_id)
    if alert is not None and alert["acknowledged_at"] is None:
        alert["acknowledged_at"] = at
        alert["acknowledged_by"] = event.acknowledged_by


FOLDS: dict[type, Fold] = {
    events.AlertRaised: _alert_raised,
    events.AlertAcknowledged: _alert_acknowledged,
}
