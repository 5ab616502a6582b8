"""Opportunities and their pipelines. Money is in the smallest unit."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from crm.opportunities import Percent, Pipeline
from crm.orders import Amount, Currency

from .resource import Identifier, Line, Page, Resource, Text, Version, Word

Day = Annotated[date, Field(ge=date(1900, 1, 1), lt=date(2200, 1, 1))]


class NewOpportunity(Resource):
    """``probability`` is the stage's if it is not given; the first stage is where it begins."""

    title: Line
    pipeline_id: Word
    currency: Currency
    amount: Amount
    stage: Word | None = None
    probability: Percent | None = None
    expected_on: Day | None = None
    owner_id: Identifier | None = None
    campaign_id: Identifier | None = None
    notes: Text | None = None


class OpportunityCreate(NewOpportunity):
    customer_id: Identifier


class OpportunityEdit(Resource):
    """What is given is changed; null removes what may be missing."""

    version: Version
    title: Line = Field(default="-")
    currency: Currency = "CNY"
    amount: Amount = 0
    probability: Percent = 0
    expected_on: Day | None = None
    owner_id: Identifier | None = None
    notes: Text | None = None


class OpportunityMoveTo(Resource):
    """``lost_reason``: one of the pipeline's, for a stage where something is lost."""

    version: Version
    stage: Word
    lost_reason: Word | None = None
    note: Line | None = None


class OpportunityMoveView(Resource):
    at: datetime
    stage: str
    amount: int
    probability: int
    moved_by: str
    note: str | None


class OpportunityView(Resource):
    """``moves``, every stage that it was in, only where one is read."""

    id: str
    version: int
    title: str
    customer_id: str
    pipeline_id: str
    stage: str
    stage_since: datetime
    currency: str
    amount: int
    probability: int
    expected_on: date | None
    owner_id: str | None
    team: str | None
    lost_reason: str | None
    closed_at: datetime | None
    lead_id: str | None
    campaign_id: str | None
    notes: str | None
    moves: list[OpportunityMoveView]
    created_by: str
    created_at: datetime
    updated_at: datetime


class OpportunityPage(Page[OpportunityView]):
    """The newest first."""


class PipelineCreate(Resource):
    id: Word
    definition: Pipeline


class PipelineEdit(Resource):
    version: Version
    definition: Pipeline | None = None
    active: bool | None = None


class PipelineView(Resource):
    id: str
    version: int
    definition: Pipeline
    active: bool


class ForecastRow(Resource):
    """What is open in a stage for a month ("2026-11"; null: not said), in one currency."""

    stage: str
    currency: str
    month: str | None
    count: int
    amount: int
    weighted: int


class Forecast(Resource):
    """By stage and month; ``weighted``: amounts by their probability."""

    pipeline_id: str
    rows: list[ForecastRow]
