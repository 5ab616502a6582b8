"""Alerts as they are shown. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crm.labels import Labels
from cti_server.store.alerts import Alert
from cti_server.wire.alerts import AlertView
from cti_server.wire.events import AlertRaised

COMPLAINT, UNHEARD_MESSAGE = "complaint", "unheard_message"
ONE_WAY_AUDIO, THRESHOLD, SURGE = "one_way_audio", "threshold", "surge"

_LABELS: Mapping[str, Labels] = {
    COMPLAINT: Labels(zh="客户投诉", en="Complaint"),
    UNHEARD_MESSAGE: Labels(zh="留言无人处理", en="Message that nobody dealt with"),
    ONE_WAY_AUDIO: Labels(zh="单通:听不到一方的声音", en="One-way audio: a party is not heard"),
}
_DETAILED = (ONE_WAY_AUDIO, THRESHOLD, SURGE)
"""Kinds whose details are shown, under the kind's own name."""


def view_of_event(event: AlertRaised, at: datetime) -> AlertView:
    return _view(event, event.alert_id, at)


def view_of_record(alert: Alert) -> AlertView:
    return _view(
        alert,
        alert.id,
        alert.raised_at,
        acknowledged_at=alert.acknowledged_at,
        acknowledged_by=alert.acknowledged_by,
        cleared_at=alert.cleared_at,
    )


def detailed(view: AlertView, details: Mapping[str, Any]) -> AlertView:
    """With these instead of what was known of it before."""
    shown = {view.kind: details} if view.kind in _DETAILED else {}
    return AlertView.model_validate(view.model_dump() | shown)


def _view(alert: AlertRaised | Alert, alert_id: str, at: datetime, **since: Any) -> AlertView:
    """``since``: what happened to it afterwards."""
    ends = {"acknowledged_at": None, "acknowledged_by": None, "cleared_at": None}
    return AlertView.model_validate(
        {
            "id": alert_id,
            "kind": alert.kind,
            "severity": alert.severity,
            "labels": alert.labels or _labels_of(alert.kind),
            "raised_at": at,
            "lasting": alert.lasting,
            "contact_id": alert.contact_id,
            "agent_id": alert.about_agent,
            "queue": alert.queue,
            "team": alert.team,
            "interaction_id": alert.interaction_id,
            "recording_id": alert.recording_id,
            "ticket_number": alert.ticket_number,
            "rule_id": alert.rule_id,
            **{kind: (alert.details or None) if alert.kind == kind else None for kind in _DETAILED},
            **ends,
            **since,
        }
    )


def _labels_of(kind: str) -> Labels:
    """A flow's own kind says itself what it is."""
    return _LABELS.get(kind) or Labels(zh=kind, en=kind)
