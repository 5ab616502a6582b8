"""Leads: the resources."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from crm.duplicates import ReasonCode
from crm.labels import Labels
from crm.leads import Definition, State

from .customers import Attributes, Language
from .next_actions import ConditionPart
from .opportunities import NewOpportunity
from .resource import Identifier, Line, Page, Resource, Text, Version, Word

Number = Annotated[Line, Field(max_length=64)]
Mail = Annotated[Line, Field(max_length=254)]


class LeadFields(Resource):
    """What there is to say of a lead; in an edit, what is not named stays as it is."""

    name: Line = Field(default="-")
    kind: Literal["person", "company"] = "person"
    company: Line | None = None
    language: Language = "zh"
    number: Number | None = None
    mail: Mail | None = None
    source: Word = "other"
    interest: Text | None = None
    notes: Text | None = None
    owner_id: Identifier | None = None
    team: Identifier | None = None


class LeadCreate(LeadFields):
    """Somebody who may become a customer. Without an owner the rules say whose it is."""

    name: Line
    source: Word
    campaign_id: Identifier | None = None
    contact_id: Identifier | None = None


class LeadEdit(LeadFields):
    version: Version


class LeadMove(Resource):
    """``reason``: why somebody is no lead any more."""

    version: Version
    state: Literal["new", "contacted", "qualified", "disqualified"]
    reason: Line | None = None


class LeadVersion(Resource):
    version: Version


class LeadDial(Resource):
    """``queue``: on whose behalf. To advertise needs a consent, which only customers can give."""

    queue: Identifier
    purpose: Literal["service", "survey"] = "service"


class LeadConvert(Resource):
    """
    ``customer_id``: who they are, if they are a customer already. Otherwise they become one, with
    the ``attributes`` that the centre wants of each; ``are_two`` says that those who look alike
    were looked at.
    """

    version: Version
    customer_id: Identifier | None = None
    attributes: Attributes = Field(default_factory=dict)
    are_two: bool = False
    opportunity: NewOpportunity | None = None


class LeadView(Resource):
    """``may_become``: where it can be moved now. ``number`` and ``mail`` masked but if revealed."""

    id: str
    version: int
    name: str
    kind: str
    company: str | None
    language: str
    number: str | None
    mail: str | None
    source: str
    interest: str | None
    notes: str | None
    state: State
    state_since: datetime
    may_become: list[str]
    reason: str | None
    score: int
    owner_id: str | None
    team: str | None
    campaign_id: str | None
    contact_id: str | None
    customer_id: str | None
    opportunity_id: str | None
    created_by: str
    created_at: datetime
    updated_at: datetime


class LeadPage(Page[LeadView]):
    """The newest first."""


class LikelyCustomer(Resource):
    """A customer whom the lead may be: how sure that is (0 to 1), and why."""

    customer_id: str
    name: str
    score: float
    reasons: list[ReasonCode]


class LeadRuleCreate(Resource):
    """Tried in the order of ``position``; holds where all conditions do."""

    id: Word
    position: Annotated[int, Field(ge=0, le=1_000_000)]
    labels: Labels
    conditions: Annotated[list[ConditionPart], Field(max_length=20)] = Field(default=[])
    definition: Definition
    enabled: bool = True


class LeadRuleEdit(Resource):
    version: Version
    position: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    labels: Labels | None = None
    conditions: Annotated[list[ConditionPart], Field(max_length=20)] | None = None
    definition: Definition | None = None
    enabled: bool | None = None


class LeadRuleView(Resource):
    id: str
    version: int
    position: int
    labels: Labels
    conditions: list[ConditionPart]
    definition: Definition
    enabled: bool
