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
            "team": event.team,
            "interaction_id": event.interaction_id,
            "recording_id": event.recording_id,
            "ticket_number": event.ticket_number,
            "severity": event.severity,
            "labels": event.labels,
            "rule_id": event.rule_id,
            "lasting": event.lasting,
            "details": event.details or None,
            "acknowledged_at": None,
            "acknowledged_by": None,
            "cleared_at": None,
        },
    )


def _alert_detailed(rows: Rows, event: events.AlertDetailed, at: datetime, _: int) -> None:
    alert = rows.change(Alert, event.alert_id)
    if alert is not None:
        alert["details"] = event.details


def _alert_acknowledged(rows: Rows, event: events.AlertAcknowledged, at: datetime, _: int) -> None:
    alert = rows.change(Alert, event.alert_id)
    if alert is not None and alert["acknowledged_at"] is None:
        alert["acknowledged_at"] = at
        alert["acknowledged_by"] = event.acknowledged_by


def _alert_cleared(rows: Rows, event: events.AlertCleared, at: datetime, _: int) -> None:
    alert = rows.change(Alert, event.alert_id)
    if alert is not None and alert["cleared_at"] is None:
        alert["cleared_at"] = at


FOLDS: dict[type, Fold] = {
    events.AlertRaised: _alert_raised,
    events.AlertDetailed: _alert_detailed,
    events.AlertAcknowledged: _alert_acknowledged,
    events.AlertCleared: _alert_cleared,
}
