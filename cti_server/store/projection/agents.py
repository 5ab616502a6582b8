"""Agents' states, and each period in one."""

from datetime import datetime

from cti_server.wire import events

from ..agent_states import AgentStatePeriod, AgentStatus
from ..interactions import Interaction
from ..rows import Rows
from .fold import Fold

_OCCUPIED = {"ringing", "talking", "wrap_up"}


def _agent_state_changed(
    rows: Rows, event: events.AgentStateChanged, at: datetime, sequence: int
) -> None:
    before = rows.get(AgentStatus, event.agent_id)
    interaction_id = None
    if before is not None:
        if (period := rows.change(AgentStatePeriod, before["period_id"])) is not None:
            period["ended_at"] = event.since
        if before["state"] == "wrap_up" != event.state:
            interaction = rows.change(Interaction, before["interaction_id"])
            if interaction is not None:
                interaction["wrap_up_ended_at"] = event.since
        # A new offer made before the state's event is the one that rings.
        if event.state in _OCCUPIED:
            interaction_id = before["interaction_id"]
    rows.add(
        AgentStatus,
        event.agent_id,
        {
            "agent_id": event.agent_id,
            "state": event.state,
            "since": event.since,
            "reason": event.reason,
            "contact_id": event.contact_id,
            "interaction_id": interaction_id,
            "period_id": sequence,
        },
    )
    rows.add(
        AgentStatePeriod,
        sequence,
        {
            "id": sequence,
            "agent_id": event.agent_id,
            "state": event.state,
            "reason": event.reason,
            "contact_id": event.contact_id,
            "interaction_id": interaction_id,
            "started_at": event.since,
            "ended_at": None,
            "chosen_by": event.chosen_by,
        },
    )


FOLDS: dict[type, Fold] = {
    events.AgentStateChanged: _agent_state_changed,
}
