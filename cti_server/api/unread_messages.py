"""What supervisors have written and agents have not read, at hand for their desktops."""

from collections import defaultdict, deque
from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from cti_server.store.agent_messages import COACHING, NUDGE, AgentMessages
from cti_server.store.database import Database
from cti_server.store.log import hears
from cti_server.wire.events import AgentMessageRead, AgentNudged, CoachingNoted, Logged
from cti_server.wire.stream import UnreadMessage

MOST = 20
"""Of one agent; the oldest are in the list of all only."""
KEPT = timedelta(days=7)


class UnreadMessages:
    """By agent, fed by the event log; at the start from the records."""

    def __init__(self) -> None:
        self._unread: defaultdict[str, deque[UnreadMessage]] = defaultdict(
            lambda: deque(maxlen=MOST)
        )

    async def load(self, database: Database, now: datetime) -> None:
        async with database.readers() as session:
            for one in await AgentMessages(session).unread(now - KEPT):
                message = UnreadMessage(
                    id=one.id,
                    kind=one.kind,
                    supervisor_id=one.supervisor_id,
                    contact_id=one.contact_id,
                    text=one.text,
                    sent_at=one.sent_at,
                )
                self._unread[one.agent_id].append(message)

    def of(self, agent_id: str) -> list[UnreadMessage]:
        """The oldest first."""
        return [*self._unread.get(agent_id, ())]

    def forget(self, contact_ids: Collection[str]) -> None:
        """Their customer is forgotten: that something was written stays, as in the records."""
        contacts = frozenset(contact_ids)
        for unread in self._unread.values():
            for place, one in enumerate(unread):
                if one.contact_id in contacts:
                    unread[place] = msgspec.structs.replace(one, text="")

    @hears(AgentNudged, CoachingNoted, AgentMessageRead)
    def hear(self, logged: Logged) -> None:
        """For the event log."""
        match logged.event:
            case AgentNudged(agent_id=agent_id) as sent:
                self._unread[agent_id].append(_message(logged, sent, NUDGE))
            case CoachingNoted(coached=agent_id) as noted:
                self._unread[agent_id].append(_message(logged, noted, COACHING))
            case AgentMessageRead(agent_id=agent_id, message_id=message_id):
                left = [one for one in self._unread.pop(agent_id, ()) if one.id != message_id]
                if left:
                    self._unread[agent_id].extend(left)


def _message(logged: Logged, sent: AgentNudged | CoachingNoted, kind: str) -> UnreadMessage:
    return UnreadMessage(
        id=str(logged.sequence),
        kind=kind,
        supervisor_id=sent.supervisor_id,
        contact_id=sent.contact_id,
        text=sent.text,
        sent_at=logged.at,
    )
