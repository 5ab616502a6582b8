"""What an agent's screen shows of one customer (:mod:`crm.pop`), over REST."""

from datetime import datetime
from typing import Literal, Self

import msgspec

from crm.pop import Pop

from .resource import Identifier, Resource


class CustomerOnScreen(Resource):
    """As much of a customer as fits on a screen that just opened. ``kind``: person or company."""

    id: str
    kind: str
    name: str
    tier: str
    language: str | None
    company: str | None
    owner_id: str | None
    tags: list[str]
    team: str | None


class PastContactOnScreen(Resource):
    """An earlier contact that is over."""

    contact_id: str
    channel: str
    arrived_at: datetime
    ended_at: datetime | None
    queue: str | None
    agent_id: str | None
    outcome: str | None


class OpenTicketOnScreen(Resource):
    """What the customer still waits for."""

    ticket_id: str
    number: str
    type: str
    state: str
    subject: str
    priority: str
    opened_at: datetime


class AdviceOnScreen(Resource):
    """What the agent had best do; taken up or not by ``POST /contacts/{id}/next-actions``."""

    rule_id: str
    action: str
    labels: dict[str, str]


class CustomerPop(Resource):
    """
    The same as ``customer`` of a screen pop, of one customer.

    ``history`` is the newest first, ``open_tickets`` likewise; ``actions`` in the rules' order.
    """

    match: Literal["one", "several", "none", "unavailable"]
    confidence: float
    customers: list[CustomerOnScreen]
    history: list[PastContactOnScreen]
    open_tickets: list[OpenTicketOnScreen]
    actions: list[AdviceOnScreen]

    @classmethod
    def of(cls, pop: Pop) -> Self:
        return cls.model_validate(msgspec.to_builtins(pop, builtin_types=(datetime,)))


class NextActionAnswer(Resource):
    """What became of a piece of advice; the last answer of a contact counts."""

    rule_id: Identifier
    answer: Literal["accepted", "declined"]


class AnsweredAction(Resource):
    """Advice that was followed (the customer ``accepted``) or not, by whom and when."""

    rule_id: str
    action: str
    accepted: bool
    agent_id: str
    customer_id: str | None
    answered_at: datetime


class ActionFigures(Resource):
    """How often an action was accepted and declined, by the rule that advised it."""

    rule_id: str
    action: str
    accepted: int
    declined: int
