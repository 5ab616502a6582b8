"""Campaigns: the resources."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from crm.campaigns import MemberState, Response, State
from crm.consents import Purpose

from .next_actions import ConditionPart
from .resource import Identifier, Line, Moment, Page, Resource, Text, Version, Word
from .tasks import TaskKind

Conditions = Annotated[list[ConditionPart], Field(max_length=20)]
Responses = Annotated[dict[Word, Response], Field(max_length=100)]
Attempts = Annotated[int, Field(ge=1, le=20)]
RetryAfter = Annotated[int, Field(ge=60, le=30 * 86_400)]


class Script(Resource):
    """What agents say, in both languages."""

    zh: Text
    en: Text


class CampaignCreate(Resource):
    """
    Customers who are to be called for one ``purpose``, on behalf of the ``queue``.

    ``conditions``: who is meant; beside ``attributes.<field>`` they may ask for tier, kind,
    language, company, tags, owner_id, team, open_tickets, contacts, days_since_contact and
    days_known. ``responses``: what a disposition's code means here; others are "neutral", "again"
    has the member called once more. ``retry_after`` in seconds.
    """

    name: Line
    purpose: Purpose
    channel: Literal["voice"] = "voice"
    queue: Identifier
    script: Script | None = None
    form_id: Word | None = None
    conditions: Conditions = Field(default=[])
    responses: Responses = Field(default={})
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    most_attempts: Attempts = 3
    retry_after: RetryAfter = 14_400
    team: Identifier | None = None


class CampaignEdit(Resource):
    """What is given is changed; null removes what may be missing."""

    version: Version
    name: Line = Field(default="-")
    queue: Identifier = "-"
    script: Script | None = None
    form_id: Word | None = None
    conditions: Conditions = Field(default=[])
    responses: Responses = Field(default={})
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    most_attempts: Attempts = 3
    retry_after: RetryAfter = 14_400


class CampaignStep(Resource):
    version: Version


class CampaignView(Resource):
    """``may``: the steps that can be taken now."""

    id: str
    version: int
    name: str
    purpose: str
    channel: str
    queue: str
    script: Script | None
    form_id: str | None
    conditions: list[ConditionPart]
    responses: dict[str, Response]
    starts_at: datetime | None
    ends_at: datetime | None
    most_attempts: int
    retry_after: int
    state: State
    state_since: datetime
    may: list[str]
    selected_at: datetime | None
    team: str | None
    created_by: str
    created_at: datetime
    updated_at: datetime


class CampaignPage(Page[CampaignView]):
    """The newest first."""


class MemberView(Resource):
    """
    ``cause``: why a member is refused or excluded, or is not due before ``next_at``
    ("quiet_hours"). Without ``next_at`` nobody calls any more.
    """

    campaign_id: str
    customer_id: str
    name: str
    tier: str
    state: MemberState
    cause: str | None
    next_at: datetime | None
    attempts: int
    agent_id: str | None
    taken_until: datetime | None
    response: Response | None
    code_id: str | None
    responded_at: datetime | None


class MemberPage(Page[MemberView]):
    """By the customers' ids."""


class MemberTask(Resource):
    """Something to do for the member beside calling now; ``kind`` "visit", for one."""

    title: Line
    kind: TaskKind = "call"
    assignee_id: Identifier | None = None
    due_at: Moment | None = None


class CampaignResults(Resource):
    """
    What came of it. ``members`` by state, ``refused`` by cause, ``responses`` by what was said and
    ``codes`` by disposition; ``won`` in the smallest unit by currency.
    """

    members: dict[str, int]
    refused: dict[str, int]
    responses: dict[str, int]
    codes: dict[str, int]
    attempts: int
    calls: int
    answered: int
    leads: int
    opportunities: int
    won: dict[str, int]
