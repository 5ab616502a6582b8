"""Whose recordings somebody lists, plays and exports: by team, and by the queues of their right."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from cti_server.store.recording_rights import RecordingRights
from cti_server.store.recordings import Recording
from recording.access import Action, Queues, reach

from .contact_scope import in_sight
from .errors import NotPermitted
from .keys import ACTS_AS
from .permissions import Identity


class QueueNotPermitted(NotPermitted):
    """The role may, but not with recordings of this queue."""

    def __init__(self, action: Action, queue: str) -> None:
        super().__init__(f"recordings.{action}")
        self.args = (f"your recording rights do not let you {action} recordings of {queue!r}",)


async def queues_of(session: AsyncSession, who: Identity, action: Action) -> Queues:
    """Of which queues they may; None for every one."""
    own = who.agent_id if who.agent_id.startswith(ACTS_AS) else f"user:{who.agent_id}"
    roles = [f"role:{role}" for role in who.roles]
    rights = await RecordingRights(session).of([own, *roles])
    return reach(rights.get(own), [rights.get(role) for role in roles], action)


async def seen_by(
    session: AsyncSession, who: Identity, action: Action = "list"
) -> Sequence[ColumnElement[bool]]:
    """For a query's WHERE: the recordings with which they may do so."""
    seen = in_sight(who, Recording.contact_id)
    queues = await queues_of(session, who, action)
    return seen if queues is None else [*seen, Recording.queue.in_(sorted(queues))]


async def need_queue(
    session: AsyncSession, who: Identity, action: Action, recording: Recording
) -> None:
    """Raises QueueNotPermitted."""
    queues = await queues_of(session, who, action)
    if queues is not None and recording.queue not in queues:
        raise QueueNotPermitted(action, recording.queue)
