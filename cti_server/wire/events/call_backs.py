"""Customers who are to be called back."""

from datetime import datetime

import msgspec

from .base import BaseEvent


class CallBackWanted(BaseEvent, frozen=True, kw_only=True, tag="call_back.wanted"):
    """
    A customer is to be called back.

    ``contact_id`` is the call-back's own id, and that of the contact which it is for: who asked by
    a key while waiting ("asked"), who hung up ("abandoned"), who lost their place by no fault of
    theirs (the reason of the call's end); for who was written down ("requested") there is none.
    ``queued_at`` is the moment that counts for the place. Nobody is called before ``due_at`` (none:
    at once), which is a time that the customer ``wished`` or one that the centre chose.
    """

    contact_id: str
    number: str
    queue: str
    queued_at: datetime
    reason: str
    priority: int = 0
    requirements: dict[str, int] = msgspec.field(default_factory=dict)
    language: str | None = None
    customer_id: str | None = None
    due_at: datetime | None = None
    wished: bool = False
    asked_by: str | None = None


class CallBackQueued(BaseEvent, frozen=True, kw_only=True, tag="call_back.queued"):
    """It waits for an agent, as the contact ``new_contact_id``: the one that its call will have."""

    contact_id: str
    new_contact_id: str


class CallBackDialled(BaseEvent, frozen=True, kw_only=True, tag="call_back.dialled"):
    """The customer is being rung; ``new_contact_id`` is the contact of that call."""

    contact_id: str
    new_contact_id: str
    dialled_by: str


class CallBackNotReached(BaseEvent, frozen=True, kw_only=True, tag="call_back.not_reached"):
    """
    The customer was rung and not spoken with.

    ``outcome``: "busy", "no_answer", "declined", "unreachable", "not_met" (they picked up, and were
    gone before an agent was there), "agent_left" or "cut" (by a failure of ours); the last two are
    not ``counted``. ``due_at`` is when the next attempt may be made; None: they are given up.
    """

    contact_id: str
    new_contact_id: str
    agent_id: str
    outcome: str
    counted: bool
    due_at: datetime | None


class CallBackRescheduled(BaseEvent, frozen=True, kw_only=True, tag="call_back.rescheduled"):
    """
    The customer is not to be called before ``due_at``.

    ``cause``: "wished" (by whom ``rescheduled_by`` names), "closed" (the hours in which customers
    are called are over) or "quiet_hours" (the customer's own).
    """

    contact_id: str
    due_at: datetime
    cause: str
    rescheduled_by: str


class CallBackAskedAgain(BaseEvent, frozen=True, kw_only=True, tag="call_back.asked_again"):
    """
    A customer who has one already asked for one now, by a key while waiting; or lost the place once
    more, where the first one was left to people by a release that dialled nobody by itself.

    It is due at once, its attempts count anew, and its place is the better one of the two:
    ``queued_at``, ``priority``.
    """

    contact_id: str
    queued_at: datetime
    priority: int
    reason: str


class CallBackClosed(BaseEvent, frozen=True, kw_only=True, tag="call_back.closed"):
    """
    It needs no further call.

    ``outcome``: "reached", "removed", "given_up" (after so many attempts), "expired", "served" (the
    customer called again), "duplicate" (one to this number waits in this queue already) or
    "refused" (the customer will not be called; ``cause`` says why).
    """

    contact_id: str
    outcome: str
    closed_by: str
    cause: str | None = None


AnyCallBackEvent = (
    CallBackWanted
    | CallBackQueued
    | CallBackDialled
    | CallBackNotReached
    | CallBackRescheduled
    | CallBackAskedAgain
    | CallBackClosed
)
