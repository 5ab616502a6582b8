"""Call-backs over REST: who is to be called, when, and what came of it so far."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from .resource import Identifier, Moment, Page, Resource


class CallBackCreate(Resource):
    """
    Whom to call back, by number or as a customer of ours (their first telephone), for which queue.

    ``wished_at``: not before then; who names no time waits from now on. Where one to this number is
    open for this queue already, it is that one, with the new time. Who will not be called at all
    is not (409, CustomerDeclines).
    """

    number: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    customer_id: Identifier | None = None
    queue: Identifier
    wished_at: Moment | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.number is None) == (self.customer_id is None):
            raise ValueError("either number or customer_id")
        return self


class CallBackReschedule(Resource):
    """Another time that the customer wishes; the place in the queue stays."""

    due_at: Moment


class CallBackAttempt(Resource):
    """
    One call to the customer.

    ``outcome``: "reached", "busy", "no_answer", "declined", "unreachable", "not_met" (they picked
    up, and were gone before an agent was there), "agent_left" or "cut" (by a failure of ours).
    """

    dialled_at: datetime
    ended_at: datetime
    agent_id: str | None
    contact_id: str | None
    outcome: str


class CallBackView(Resource):
    """
    A customer who is to be called back.

    ``state``: "waiting" (for an agent, at its place), "by_hand" (for an agent's click),
    "scheduled" (until ``due_at``), "dialling", or how it ended: "reached", "removed", "given_up",
    "expired", "served" (the customer called again), "duplicate", "refused" (see ``cause``).

    ``queued_at`` is since when they waited, ``reason`` why they are called: "asked", "requested",
    "abandoned", or why their call ended. ``attempts`` counts the calls to them, ``failed`` those
    that count against them; ``tried`` tells of the latest. ``hindrance``: why nobody is called
    though it is due, such as "no-trunk-for-number".
    """

    id: str
    number: str
    queue: str
    state: str
    queued_at: datetime
    wanted_at: datetime
    due_at: datetime
    wished_at: datetime | None
    reason: str
    priority: int
    customer_id: str | None
    attempts: int
    failed: int
    tried: list[CallBackAttempt]
    last_agent_id: str | None
    last_contact_id: str | None
    last_dialled_at: datetime | None
    hindrance: str | None
    closed_at: datetime | None
    closed_by: str | None
    cause: str | None


class CallBackPage(Page[CallBackView]):
    pass
