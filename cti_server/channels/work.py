"""One contact that is no call: what it is about, who is rung for it, who has it."""

from dataclasses import dataclass, field
from datetime import datetime

from acd.model import Channel, Offer, WaitingContact
from crm.pop import Pop
from cti_server.wire.screen import Note, ScreenPop

NOBODY = Pop(match="none")
REACHED_AT = "reached_at"
"""The attribute with the number that a customer gave who came without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """
    As it was handed in. ``address``: the customer's; empty where nobody waits for an answer.

    ``path``: through a flow, of one that came that way.
    """

    channel: Channel
    address: str = ""
    subject: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    due_at: datetime | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holding:
    """An agent has it in hand, ``since`` then."""

    interaction_id: str
    agent_id: str
    queue: str
    since: datetime


@dataclass(slots=True)
class Work:
    """Open until somebody is done with it, or it is not wanted any more."""

    about: About
    waiting: WaitingContact  # as it waited last
    customer: Pop = NOBODY
    offer: Offer | None = None  # somebody is rung for it
    holding: Holding | None = None
    transferred_by: str | None = None
    notes: list[Note] = field(default_factory=list)  # of whoever had it
    served: bool = False  # somebody had it once
    stranded: bool = False  # its queue is not there any more: it waits nowhere

    @property
    def id(self) -> str:
        return self.waiting.id

    def pop(
        self, interaction_id: str, queue: str, expires_at: datetime, now: datetime, language: str
    ) -> ScreenPop:
        """What the agent is shown of it."""
        return ScreenPop(
            interaction_id=interaction_id,
            contact_id=self.id,
            queue=queue,
            caller_number=self.about.address,
            dialled_number="",
            language=language,
            waiting_seconds=(now - self.waiting.queued_at).total_seconds(),
            menu_path=list(self.about.path),
            attributes=dict(self.about.attributes),
            expires_at=expires_at,
            customer=self.customer,
            transferred_by=self.transferred_by,
            notes=list(self.notes),
            channel=self.about.channel.value,
            subject=self.about.subject,
            due_at=self.about.due_at,
        )
