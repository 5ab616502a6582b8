"""The resources of tickets: what a client may send, and what it gets."""

from datetime import datetime
from typing import Any

from pydantic import Field

from crm.ticket_types import Priority

from .resource import Identifier, Line, Page, Resource, Text, Version, Word

Form = dict[Word, Any]
"""The fields of the type's form; which they are and what they may be is the form's to say."""


class TicketCreate(Resource):
    """What is not given is the type's: queue, team, risk."""

    type: Word
    subject: Line
    description: Text | None = None
    form: Form = Field(default={}, max_length=200)
    priority: Priority = "normal"
    risk: bool = False
    risk_note: Text | None = None
    customer_id: Identifier | None = None
    contact_id: Identifier | None = None
    queue: Identifier | None = None
    team: Identifier | None = None
    owner_id: Identifier | None = None
    reason_id: Word | None = None


class TicketEdit(Resource):
    """What is given is changed; null removes what may be missing."""

    version: Version
    subject: Line = Field(default="-")
    description: Text | None = None
    form: Form = Field(default={}, max_length=200)
    priority: Priority = "normal"
    risk: bool = False
    risk_note: Text | None = None
    customer_id: Identifier | None = None
    queue: Identifier | None = None
    team: Identifier | None = None
    owner_id: Identifier | None = None
    reason_id: Word | None = None
    cause_id: Word | None = None
    resolution: Text | None = None


class TicketMoveTo(Resource):
    """Into which state, by the type's flow; with what has to be known there."""

    version: Version
    state: Word
    note: Text | None = None
    reason_id: Word | None = None
    cause_id: Word | None = None
    resolution: Text | None = None


class TicketTake(Resource):
    version: Version


class TicketClockView(Resource):
    """
    ``target`` and ``spent``: seconds of opening hours. ``due_at`` is null while it stands still;
    ``spent`` is there when one ticket is read, not in lists.
    """

    kind: str
    target: int
    spent: int | None = None
    due_at: datetime | None
    met_at: datetime | None
    breached: bool


class TicketView(Resource):
    """
    ``may_become``: the states that it can be moved to now; ``recording_ids``: what the customer
    said of it when it was opened.
    """

    id: str
    number: str
    type: str
    state: str
    state_since: datetime
    may_become: list[str]
    subject: str
    description: str | None
    form: dict[str, Any]
    priority: str
    risk: bool
    risk_note: str | None
    customer_id: str | None
    contact_id: str | None
    recording_ids: list[str]
    queue: str | None
    owner_id: str | None
    team: str | None
    reason_id: str | None
    cause_id: str | None
    resolution: str | None
    opened_at: datetime
    opened_by: str
    responded_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    reopened: int
    clocks: list[TicketClockView]
    version: int
    updated_at: datetime


class TicketPage(Page[TicketView]):
    """The newest first; with ``order=due`` the most urgent first."""


class CommentCreate(Resource):
    """``to_customer``: the customer was told so; the first such is the response."""

    text: Text
    to_customer: bool = False


class CommentView(Resource):
    id: str
    at: datetime
    written_by: str
    text: str
    to_customer: bool


class CommentPage(Page[CommentView]):
    """The newest first."""


class ContactLink(Resource):
    contact_id: Identifier


class LinkedContact(Resource):
    contact_id: str
    linked_at: datetime


class TicketCallBackCreate(Resource):
    """The complainant was called: reached or not, and if so, whether our answer is enough."""

    reached: bool
    satisfied: bool | None = None
    contact_id: Identifier | None = None
    note: Text | None = None


class TicketCallBackView(Resource):
    id: str
    at: datetime
    called_by: str
    reached: bool
    satisfied: bool | None
    contact_id: str | None
    note: str | None


class TicketMoveView(Resource):
    at: datetime
    state: str
    moved_by: str
    note: str | None


class TicketEscalationView(Resource):
    """``due_at``: when the step was due; ``at``: when it was taken."""

    clock: str
    step: int
    due_at: datetime
    at: datetime
    told: list[str]


class TicketHistory(Resource):
    """What a ticket went through, each in its order."""

    moves: list[TicketMoveView]
    escalations: list[TicketEscalationView]
    call_backs: list[TicketCallBackView]
    contacts: list[LinkedContact]


class ParetoRow(Resource):
    """A reason's share of the tickets, and its and all greater ones' together, in percent."""

    reason_id: str | None
    labels: dict[str, str] | None
    tickets: int
    share: float
    cumulative: float


class ParetoGroup(Resource):
    """``key``: the week, type or queue; null for tickets that are in none."""

    key: str | None
    tickets: int
    rows: list[ParetoRow]


class Pareto(Resource):
    """The most frequent reasons first."""

    first_week: str
    last_week: str
    groups: list[ParetoGroup]


class OutcomeRow(Resource):
    """
    Tickets of one week, type or queue. ``late_responses`` and ``late_resolutions``: the target was
    missed. ``heard_back``: the complainant was reached after all; ``satisfied`` or not with it.
    """

    key: str | None
    tickets: int
    resolved: int
    closed: int
    reopened: int
    late_responses: int
    late_resolutions: int
    heard_back: int
    satisfied: int
    dissatisfied: int


class TicketOutcomes(Resource):
    """What became of the tickets that were opened in these weeks."""

    first_week: str
    last_week: str
    rows: list[OutcomeRow]
