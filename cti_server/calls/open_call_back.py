"""A customer who is to be called back: their place, and what becomes of it at this moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from acd.model import WaitingContact
from cti_server.store.call_backs import CallBack
from cti_server.wire.events import CallBackWanted


@dataclass(slots=True, kw_only=True)
class OpenCallBack:
    """
    One that is not closed.

    ``by_hand``: nothing becomes of it until somebody calls, or decides that it is to be called.
    ``contact_id`` is the contact under which it waits for an agent or is being called, ``request``
    as what the ACD knows that, ``agent_id`` who has it; ``dialling``: the customer is being rung.
    Its turn is looked at again at ``look_at``; None: when something happens to it. ``hindrance``:
    why nobody is called though it is due. ``lost_by``: the agent who gave up the last attempt.
    """

    id: str
    number: str
    line: str  # the number in its one form
    queue: str
    queued_at: datetime
    wanted_at: datetime
    reason: str
    due_at: datetime
    priority: int = 0
    requirements: Mapping[str, int] = field(default_factory=dict)
    language: str | None = None
    customer_id: str | None = None
    wished_at: datetime | None = None
    by_hand: bool = False
    failed: int = 0
    look_at: datetime | None = None
    contact_id: str | None = None
    request: WaitingContact | None = None
    agent_id: str | None = None
    dialling: bool = False
    lost_by: str | None = None
    hindrance: str | None = None

    @property
    def asked_at(self) -> datetime:
        """From when on it counts how old it is."""
        return self.wished_at or self.wanted_at

    @property
    def in_hand(self) -> bool:
        """An agent has it, or the customer is being rung."""
        return self.agent_id is not None or self.dialling

    @classmethod
    def wanted(cls, event: CallBackWanted, line: str, at: datetime) -> "OpenCallBack":
        """As somebody wants it, at this moment."""
        return cls(
            id=event.contact_id,
            number=event.number,
            line=line,
            queue=event.queue,
            queued_at=event.queued_at,
            wanted_at=at,
            reason=event.reason,
            due_at=event.due_at or at,
            priority=event.priority,
            requirements=event.requirements,
            language=event.language,
            customer_id=event.customer_id,
            wished_at=event.due_at if event.wished else None,
        )

    @classmethod
    def stored(cls, row: CallBack, line: str) -> "OpenCallBack":
        """As the records have it."""
        return cls(
            id=row.id,
            number=row.number,
            line=line,
            queue=row.queue,
            queued_at=row.queued_at,
            wanted_at=row.wanted_at,
            reason=row.reason,
            due_at=row.due_at,
            priority=row.priority,
            requirements=row.requirements,
            language=row.language,
            customer_id=row.customer_id,
            wished_at=row.wished_at,
            by_hand=row.by_hand,
            failed=row.failed,
        )
