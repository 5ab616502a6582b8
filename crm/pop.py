"""The record that pops: what an agent learns of the caller before the phone rings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self

import msgspec

from .next_action import NextAction

Match = Literal["one", "several", "none", "unavailable"]


class CustomerSummary(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a customer as fits on a screen that just opened."""

    id: str
    kind: str  # "person" or "company"
    name: str
    tier: str
    language: str | None = None
    company: str | None = None
    owner_id: str | None = None  # the agent whose customer it is
    tags: list[str] = []
    team: str | None = None  # whose supervisors see it; None: everybody's


class PastContact(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier request for service, of this customer or from this number."""

    contact_id: str
    channel: str
    arrived_at: datetime
    ended_at: datetime | None = None
    queue: str | None = None
    agent_id: str | None = None
    outcome: str | None = None


class OpenTicket(msgspec.Struct, frozen=True, kw_only=True):
    """What the customer still waits for."""

    ticket_id: str
    number: str
    type: str
    state: str
    subject: str
    priority: str
    opened_at: datetime


class Pop(msgspec.Struct, frozen=True, kw_only=True):
    """
    Who is calling, as far as the records say.

    ``confidence`` (0 to 1) is how sure it is that the caller is among ``customers``: 1 is the very
    number. ``history`` is the newest first; of the customer if there is one, else of the number.
    "unavailable" means that nobody could look, which is not the same as finding nobody.
    ``open_tickets`` (the newest first) and ``actions`` are of the one customer that it is.
    """

    match: Match
    confidence: float = 0.0
    customers: list[CustomerSummary] = []
    history: list[PastContact] = []
    open_tickets: list[OpenTicket] = []
    actions: list[NextAction] = []

    @classmethod
    def of(
        cls,
        customers: Sequence[CustomerSummary],
        confidence: float,
        history: Sequence[PastContact] = (),
        *,
        open_tickets: Sequence[OpenTicket] = (),
        actions: Sequence[NextAction] = (),
    ) -> Self:
        """The pop for what was found."""
        match: Match = "none" if not customers else "one" if len(customers) == 1 else "several"
        return cls(
            match=match,
            confidence=confidence if customers else 0.0,
            customers=list(customers),
            history=list(history),
            open_tickets=list(open_tickets),
            actions=list(actions),
        )


UNAVAILABLE = Pop(match="unavailable")
