"""What was promised to customers, and what is at risk: the resources."""

from datetime import datetime
from typing import Literal

from pydantic import model_validator

from crm.labels import Labels
from crm.promises import Terms

from .customers import Tier
from .resource import Identifier, Moment, Resource, Version


class PromiseCreate(Resource):
    """
    One customer's contract (``customer_id``) or what a ``tier`` may expect; ``active_to`` is
    exclusive. It counts for waits that begin, and tickets that are opened, from now on.
    """

    labels: Labels
    tier: Tier | None = None
    customer_id: Identifier | None = None
    terms: Terms
    active_from: Moment | None = None
    active_to: Moment | None = None

    @model_validator(mode="after")
    def _is_somebodys(self) -> "PromiseCreate":
        if (self.tier is None) == (self.customer_id is None):
            raise ValueError("either tier or customer_id")
        return self


class PromiseEdit(Resource):
    """What is given is changed; null removes a bound of the time."""

    version: Version
    labels: Labels | None = None
    terms: Terms | None = None
    active_from: Moment | None = None
    active_to: Moment | None = None


class PromiseView(Resource):
    id: str
    version: int
    labels: Labels
    tier: str | None
    customer_id: str | None
    terms: Terms
    active_from: datetime | None
    active_to: datetime | None


class TicketRisk(Resource):
    """
    A ticket's clock that is not missed yet. ``probability`` that it will be, by how long such
    tickets took; null where too few of the type were solved. ``at_risk`` from ``risk_at`` on.
    """

    ticket_id: str
    number: str
    type: str
    priority: str
    customer_id: str | None
    owner_id: str | None
    team: str | None
    clock: Literal["response", "resolution"]
    spent: int
    target: int
    due_at: datetime | None
    risk_at: datetime | None
    at_risk: bool
    probability: float | None


class WaitRiskView(Resource):
    """Somebody who waits: ``probability`` that nobody serves them until ``promised_until``."""

    contact_id: str
    customer_ids: list[str]
    queue: str
    queued_at: datetime
    promised_until: datetime
    ahead: int
    probability: float
    at_risk: bool
