"""What supervisors write to agents."""

from datetime import datetime

from cti_server.wire import events

from ..agent_messages import COACHING, NUDGE, AgentMessage
from ..rows import Row, Rows
from .fold import Fold


def _nudged(rows: Rows, event: events.AgentNudged, at: datetime, sequence: int) -> None:
    about = {"kind": NUDGE, "agent_id": event.agent_id, "contact_id": event.contact_id}
    _sent(rows, event, about, at, sequence)


def _coached(rows: Rows, event: events.CoachingNoted, at: datetime, sequence: int) -> None:
    about = {"kind": COACHING, "agent_id": event.coached, "contact_id": event.contact_id}
    _sent(rows, event, about, at, sequence)


def _sent(
    rows: Rows,
    event: events.AgentNudged | events.CoachingNoted,
    about: Row,
    at: datetime,
    sequence: int,
) -> None:
    told = {"supervisor_id": event.supervisor_id, "text": event.text}
    row = {"id": str(sequence), **about, **told, "sent_at": at, "read_at": None}
    rows.add(AgentMessage, str(sequence), row)


def _read(rows: Rows, event: events.AgentMessageRead, at: datetime, _: int) -> None:
    message = rows.change(AgentMessage, event.message_id)
    if message is not None and message["read_at"] is None:
        message["read_at"] = at


FOLDS: dict[type, Fold] = {
    events.AgentNudged: _nudged,
    events.CoachingNoted: _coached,
    events.AgentMessageRead: _read,
}
