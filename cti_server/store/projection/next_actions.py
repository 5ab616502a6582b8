"""What became of the advice that agents were given."""

from datetime import datetime

from cti_server.wire import events

from ..next_action_answers import NextActionAnswer
from ..rows import Rows
from .fold import Fold


def _answered(rows: Rows, event: events.NextActionAnswered, at: datetime, _: int) -> None:
    """Who answers the same advice again has thought better of it."""
    row_id = f"{event.contact_id}.{event.rule_id}"
    rows.add(
        NextActionAnswer,
        row_id,
        {
            "id": row_id,
            "contact_id": event.contact_id,
            "customer_id": event.customer_id,
            "agent_id": event.agent_id,
            "rule_id": event.rule_id,
            "action": event.action,
            "accepted": event.accepted,
            "answered_at": at,
        },
    )


FOLDS: dict[type, Fold] = {events.NextActionAnswered: _answered}
